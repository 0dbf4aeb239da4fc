//! Configurations out of files, as JSON: bounded before they are read, so that no claim of theirs costs more than they are worth.

use crate::nn::json::Json;

/// The longest configuration, in bytes, and the most fields of one object, which are looked through one by one.
const MOST: usize = 16 << 20;
const FIELDS: usize = 2000;

/// The value that a text holds; `what` names it in the sentence that says why there is none.
pub fn json(bytes: &[u8], what: &str) -> Result<Json, String> {
    if bytes.len() > MOST {
        return Err(format!("{what} has more than {} MB, which is no network's: save the model again.", MOST >> 20));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| format!("{what} is no text in UTF-8: save the model again."))?;
    if widest(text) > FIELDS {
        return Err(format!("{what} has an object with more than {FIELDS} fields: save the model again."));
    }
    Json::parse(text).map_err(|why| format!("{what} is damaged: {why}. Save the model again."))
}

/// At least as many fields as any object of a text has.
fn widest(text: &str) -> usize {
    let (mut open, mut most, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' => open.push(0),
            b'}' => drop(open.pop()),
            b':' => {
                if let Some(fields) = open.last_mut() {
                    *fields += 1;
                    most = most.max(*fields);
                }
            }
            _ => {}
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_object_by_object() {
        assert_eq!(widest(r#"{"a:{": {"b": 1}, "c": [{"d": 2, "e": 3, "f": "\":"}]}"#), 3);
        let wide: String = (0..3000).map(|i| format!("\"{i}\": 0, ")).collect();
        assert!(json(format!("{{ {wide} \"z\": 0 }}").as_bytes(), "It").unwrap_err().contains("2000 fields"));
    }
}
