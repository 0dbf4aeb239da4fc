//! The style sheets in one text, without what only their readers need: comments, indentation, the ends of lines.
//!
//! All of it happens while the program is compiled.

/// What every element is dressed in.
pub const SHEET: &str = {
    const LENGTH: usize = squeezed(SOURCE, &mut [0; SOURCE.len()]);
    const BYTES: [u8; LENGTH] = {
        let mut all = [0; SOURCE.len()];
        squeezed(SOURCE, &mut all);
        let (mut bytes, mut at) = ([0; LENGTH], 0);
        while at < LENGTH {
            bytes[at] = all[at];
            at += 1;
        }
        bytes
    };
    match std::str::from_utf8(&BYTES) {
        Ok(text) => text,
        Err(_) => panic!("only whole letters are left out"),
    }
};

const SOURCE: &[u8] = concat!(
    include_str!("../../../www/tokens.css"),
    include_str!("../../../www/page.css"),
    include_str!("../../../www/components.css")
)
.as_bytes();

/// Copies a style sheet without comments, and of blanks only one where one is needed; says how long it is then.
const fn squeezed(from: &[u8], out: &mut [u8]) -> usize {
    let (mut at, mut end) = (0, 0);
    // the quotation mark that a text in quotes began with
    let mut quoted = 0;
    let mut blank = false;
    while at < from.len() {
        let byte = from[at];
        if quoted == 0 && byte == b'/' && at + 1 < from.len() && from[at + 1] == b'*' {
            at += 2;
            while from[at] != b'*' || from[at + 1] != b'/' {
                at += 1;
            }
            at += 2;
            blank = true;
            continue;
        }
        at += 1;
        if quoted == 0 && matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
            blank = true;
            continue;
        }
        let before = if end == 0 { b'}' } else { out[end - 1] };
        // A blank before a colon parts a selector, and those around plus and minus belong to them.
        let parts = !matches!(before, b'{' | b'}' | b';' | b',' | b':') && !matches!(byte, b'{' | b'}' | b';' | b',');
        if blank && parts {
            out[end] = b' ';
            end += 1;
        }
        blank = false;
        if quoted == byte {
            quoted = 0;
        } else if quoted == 0 && (byte == b'"' || byte == b'\'') {
            quoted = byte;
        }
        out[end] = byte;
        end += 1;
    }
    end
}
