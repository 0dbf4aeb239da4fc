//! A picture of eight bits a channel as a `.png` file: a header, one deflated run of rows, an end.

use flate2::{Compression, Crc, write::ZlibEncoder};
use std::io::Write;

/// Rows of RGB bytes, width × height × 3.
pub fn png(width: usize, height: usize, rgb: &[u8]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = Vec::new();
    head.extend((width as u32).to_be_bytes());
    head.extend((height as u32).to_be_bytes());
    // eight bits a channel, red green blue, the usual packing, no interlace
    head.extend([8, 2, 0, 0, 0]);
    chunk(&mut file, b"IHDR", &head);
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    for row in rgb.chunks_exact(width * 3) {
        // a row that is not predicted from others
        packed.write_all(&[0]).and_then(|()| packed.write_all(row)).expect("memory takes what is written");
    }
    chunk(&mut file, b"IDAT", &packed.finish().expect("memory takes what is written"));
    chunk(&mut file, b"IEND", &[]);
    file
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], body: &[u8]) {
    file.extend((body.len() as u32).to_be_bytes());
    let mut sum = Crc::new();
    sum.update(kind);
    sum.update(body);
    file.extend(kind);
    file.extend(body);
    file.extend(sum.sum().to_be_bytes());
}
