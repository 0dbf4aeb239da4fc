//! Deflate (RFC 1951) for texts of a few kilobytes: [`unpack`] reads all of it, [`pack`] writes blocks with the fixed codes.
//!
//! A library's packer makes a link some letters shorter and weighs as much as the whole network editor.

/// How long a match may be and how far back, and the shortest that is worth it.
const LONGEST: usize = 258;
const REACH: usize = 2048;
const SHORTEST: usize = 3;

/// The first length of each length code from 257 on, and how many further bits follow it.
const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// The first distance of each distance code, and how many further bits follow it: each pair twice as far as the last.
fn distance(code: usize) -> (usize, u8) {
    match code {
        0..4 => (code + 1, 0),
        _ => {
            let bits = code / 2 - 1;
            ((2 + code % 2 << bits) + 1, bits as u8)
        }
    }
}

/// Packs bytes into one block with the fixed codes.
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut out = Writer { bytes: Vec::new(), held: 0, count: 0 };
    // the last block, with fixed codes
    out.bits(0b011, 3);
    let mut at = 0;
    while at < bytes.len() {
        let (length, back) = longest(bytes, at);
        if length < SHORTEST {
            out.symbol(bytes[at].into());
            at += 1;
            continue;
        }
        let code = LENGTHS.iter().rposition(|(first, _)| usize::from(*first) <= length).expect("3 is the first");
        let (first, more) = LENGTHS[code];
        out.symbol(257 + code);
        out.bits(length - usize::from(first), more);
        let code = (0..30).rev().find(|&code| distance(code).0 <= back).expect("1 is the first");
        let (first, more) = distance(code);
        out.code(code, 5);
        out.bits(back - first, more);
        at += length;
    }
    out.symbol(256);
    out.bits(0, 7);
    out.bytes
}

/// The longest run before this place that the text goes on with, and how far back it begins.
fn longest(bytes: &[u8], at: usize) -> (usize, usize) {
    let ahead = &bytes[at..bytes.len().min(at + LONGEST)];
    let mut best = (0, 0);
    for start in (at.saturating_sub(REACH)..at).rev() {
        let same = bytes[start..].iter().zip(ahead).take_while(|(a, b)| a == b).count();
        if same > best.0 {
            best = (same, at - start);
        }
    }
    best
}

struct Writer {
    bytes: Vec<u8>,
    held: usize,
    count: u8,
}

impl Writer {
    /// So many bits of a number, the lowest first.
    fn bits(&mut self, number: usize, count: u8) {
        self.held |= number << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.held as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// A code, its highest bit first.
    fn code(&mut self, code: usize, length: u8) {
        (0..length).rev().for_each(|bit| self.bits(code >> bit & 1, 1));
    }

    /// A byte, the end, or a length, in the fixed code.
    fn symbol(&mut self, symbol: usize) {
        match symbol {
            0..144 => self.code(0x30 + symbol, 8),
            144..256 => self.code(0x190 + symbol - 144, 9),
            256..280 => self.code(symbol - 256, 7),
            _ => self.code(0xc0 + symbol - 280, 8),
        }
    }
}

/// What was packed, of `most` bytes at most; `None` for anything else.
pub fn unpack(bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut from = Bits { bytes, at: 0 };
    let mut out = Vec::new();
    loop {
        let last = from.take(1)? == 1;
        match from.take(2)? {
            0 => {
                from.at = from.at.div_ceil(8) * 8;
                let (length, check) = (from.take(16)?, from.take(16)?);
                if length != !check & 0xffff {
                    return None;
                }
                for _ in 0..length {
                    out.push(from.take(8)? as u8);
                }
            }
            1 => {
                let mut lengths = [8; 288];
                lengths[144..256].fill(9);
                lengths[256..280].fill(7);
                block(&mut from, &mut out, most, &Code::new(&lengths), &Code::new(&[5; 30]))?;
            }
            2 => {
                let [symbols, distances] = codes(&mut from)?;
                block(&mut from, &mut out, most, &symbols, &distances)?;
            }
            _ => return None,
        }
        if out.len() > most {
            return None;
        }
        if last {
            // What fills the last byte is nothing, and nothing follows.
            let fill = (8 - from.at % 8) % 8;
            let is_end = from.take(fill as u8)? == 0 && from.at == bytes.len() * 8;
            return is_end.then_some(out);
        }
    }
}

/// One block's bytes and repetitions.
fn block(from: &mut Bits, out: &mut Vec<u8>, most: usize, symbols: &Code, distances: &Code) -> Option<()> {
    while out.len() <= most {
        match symbols.read(from)? {
            symbol @ 0..256 => out.push(symbol as u8),
            256 => return Some(()),
            symbol => {
                let (first, more) = *LENGTHS.get(symbol - 257)?;
                let length = usize::from(first) + from.take(more)?;
                let (first, more) = distance(Some(distances.read(from)?).filter(|code| *code < 30)?);
                let start = out.len().checked_sub(first + from.take(more)?)?;
                (0..length).for_each(|place| out.push(out[start + place]));
            }
        }
    }
    None
}

/// The codes that a block brings along: their lengths, which are packed themselves.
fn codes(from: &mut Bits) -> Option<[Code; 2]> {
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let (symbols, distances, count) = (from.take(5)? + 257, from.take(5)? + 1, from.take(4)? + 4);
    let mut lengths = [0; 19];
    for place in &ORDER[..count] {
        lengths[*place] = from.take(3)? as u8;
    }
    let packed = Code::new(&lengths);
    let mut lengths: Vec<u8> = Vec::new();
    while lengths.len() < symbols + distances {
        let (value, times) = match packed.read(from)? {
            length @ 0..16 => (length as u8, 1),
            16 => (*lengths.last()?, from.take(2)? + 3),
            17 => (0, from.take(3)? + 3),
            _ => (0, from.take(7)? + 11),
        };
        lengths.extend((0..times).map(|_| value));
    }
    let distances = lengths.get(symbols..symbols + distances)?;
    Some([Code::new(&lengths[..symbols]), Code::new(distances)])
}

/// A canonical code: how many codes have each length, and their symbols in order.
struct Code {
    counts: [usize; 16],
    symbols: Vec<usize>,
}

impl Code {
    fn new(lengths: &[u8]) -> Code {
        let mut counts = [0; 16];
        lengths.iter().for_each(|length| counts[usize::from(*length)] += 1);
        counts[0] = 0;
        let of = |length: usize| lengths.iter().enumerate().filter(move |(_, other)| usize::from(**other) == length);
        Code { counts, symbols: (1..16).flat_map(|length| of(length).map(|(symbol, _)| symbol)).collect() }
    }

    fn read(&self, from: &mut Bits) -> Option<usize> {
        // code: what was read; first: the first code of this length; before: symbols with shorter codes
        let (mut code, mut first, mut before) = (0, 0, 0);
        for count in &self.counts[1..] {
            code |= from.take(1)?;
            if code < first + count {
                return self.symbols.get(before + code.checked_sub(first)?).copied();
            }
            before += count;
            first = first + count << 1;
            code <<= 1;
        }
        None
    }
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u8) -> Option<usize> {
        let mut number = 0;
        for bit in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            number |= usize::from(byte >> (self.at % 8) & 1) << bit;
            self.at += 1;
        }
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec};

    fn texts() -> Vec<Vec<u8>> {
        let json = crate::spec::PRESETS.iter().map(|preset| preset.document.as_bytes().to_vec());
        let noise = (0..5000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        json.chain([vec![], b"a".to_vec(), vec![7; 1000], noise, (0..=255).collect()]).collect()
    }

    #[test]
    fn what_is_packed_here_is_read_by_others_and_the_other_way_round() {
        for text in texts() {
            assert_eq!(decompress_to_vec(&pack(&text)).ok().as_ref(), Some(&text));
            for level in [0, 1, 9] {
                assert_eq!(unpack(&compress_to_vec(&text, level), 10_000), Some(text.clone()), "level {level}");
            }
            assert_eq!(unpack(&pack(&text), 10_000), Some(text));
        }
    }

    #[test]
    fn a_document_becomes_nearly_as_short_as_with_the_best_packer() {
        for preset in crate::spec::PRESETS {
            let (ours, best) =
                (pack(preset.document.as_bytes()).len(), compress_to_vec(preset.document.as_bytes(), 9).len());
            assert!(ours * 4 < best * 5, "{}: {ours} bytes, {best} with the best", preset.id);
        }
    }

    #[test]
    fn damage_and_excess_are_refused_and_nothing_breaks() {
        let text = &texts()[0];
        let packed = compress_to_vec(text, 9);
        assert_eq!(unpack(&packed, text.len() - 1), None);
        for cut in 0..packed.len() {
            assert_eq!(unpack(&packed[..cut], 10_000), None, "cut at {cut}");
        }
        for place in 0..packed.len() * 8 {
            let mut damaged = packed.clone();
            damaged[place / 8] ^= 1 << (place % 8);
            // Whatever comes out, it comes out.
            unpack(&damaged, 10_000);
        }
    }
}
