//! Shorter words between a program and its JavaScript: the names of what it imports end in sixteen random letters each, of
//! which no packer makes less. Comments and indentation of generated JavaScript go as well.

use crate::binary::{Reader, section, sections, write};
use anyhow::{Context, Result};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// The section of a binary that says what it imports.
const IMPORT: u8 = 2;

/// Shortens `NAME.js` and `NAME_bg.wasm`.
pub fn shorten(folder: &Path, name: &str) -> Result<()> {
    let (js, wasm) = (folder.join(format!("{name}.js")), folder.join(format!("{name}_bg.wasm")));
    let read = |path: &Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let (shorter, names) = imports(&read(&wasm)?, &format!("./{name}_bg.js"))?;
    fs::write(&wasm, shorter)?;
    fs::write(&js, script(&String::from_utf8(read(&js)?)?, &names))?;
    Ok(())
}

/// The binary with short names for what it imports from `module`, and the short name of each.
fn imports(wasm: &[u8], module: &str) -> Result<(Vec<u8>, HashMap<String, String>)> {
    let (mut out, mut names) = (wasm[..8].to_vec(), HashMap::new());
    for part in sections(wasm)? {
        if part.id != IMPORT {
            section(&mut out, part.id, &wasm[part.whole]);
            continue;
        }
        let mut reader = Reader::new(wasm, part.whole);
        let mut body = Vec::new();
        let count = reader.number()?;
        write(&mut body, count);
        for place in 0..count {
            let (from, name) = (reader.text()?, reader.text()?);
            let short = if from == module { format!("i{place}") } else { name.clone() };
            for text in [&from, &short] {
                write(&mut body, text.len());
                body.extend(text.as_bytes());
            }
            let start = reader.at;
            reader.imported()?;
            body.extend(&wasm[start..reader.at]);
            names.insert(name, short);
        }
        section(&mut out, IMPORT, &body);
    }
    Ok((out, names))
}

/// JavaScript without comments of whole lines and without indentation, its names of imports shortened.
fn script(text: &str, names: &HashMap<String, String>) -> String {
    let (mut out, mut comment) = (String::new(), false);
    for line in text.lines().map(str::trim) {
        comment |= line.starts_with("/*");
        if !comment && !line.is_empty() && !line.starts_with("//") {
            // An import is a field of an object: NAME: function(…) {
            let short = line.split_once(':').and_then(|(name, rest)| Some((names.get(name)?, rest)));
            match short {
                Some((name, rest)) => out += &format!("{name}:{rest}\n"),
                None => out += &format!("{line}\n"),
            }
        }
        comment &= !line.ends_with("*/");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_agree_on_short_names() {
        // (module (import "./a_bg.js" "__wbg_now_0123" (func)) (import "env" "memory" (memory 1)))
        let mut wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0".to_vec();
        let body =
            [&[2, 9][..], b"./a_bg.js", &[14], b"__wbg_now_0123", &[0, 0, 3], b"env", &[6], b"memory", &[2, 0, 1]]
                .concat();
        section(&mut wasm, IMPORT, &body);
        let (short, names) = imports(&wasm, "./a_bg.js").expect("a binary with imports");
        assert_eq!(
            (short.len(), names["__wbg_now_0123"].as_str(), names["memory"].as_str()),
            (wasm.len() - 12, "i0", "memory")
        );
        let js = "/**\n * Words.\n */\nconst a = {\n    __wbg_now_0123: function() {\n        // now\n        return b;\n    },\n};\n";
        assert_eq!(script(js, &names), "const a = {\ni0: function() {\nreturn b;\n},\n};\n");
    }
}
