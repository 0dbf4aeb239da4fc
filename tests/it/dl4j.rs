//! Deeplearning4j's model zip: computed here as the library lays its numbers out, it answers as ours does.

use std::io::{Cursor, Read};

use crate::{
    documents::presets,
    keras::{answers, network, weights, written},
};
use whisker::nn::json::Json;
use whisker::spec::Spec;

/// The configuration and the numbers of a model zip.
fn unzipped(bytes: Vec<u8>) -> (Json, Vec<f32>) {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let mut part = |name: &str| {
        let mut bytes = Vec::new();
        zip.by_name(name).expect(name).read_to_end(&mut bytes).expect("its bytes");
        bytes
    };
    let text = String::from_utf8(part("configuration.json")).expect("text");
    let bytes = part("coefficients.bin");
    let mut rest = &bytes[..];
    let length = buffer(&mut rest, "LONG");
    let (shape, mut rest) = rest.split_at(8 * length);
    let shape: Vec<i64> =
        shape.chunks_exact(8).map(|eight| i64::from_be_bytes(eight.try_into().expect("eight"))).collect();
    let length = buffer(&mut rest, "FLOAT");
    assert_eq!(shape, [2, 1, length as i64, length as i64, 1, 8192, 1, i64::from(b'c')]);
    let numbers: Vec<f32> =
        rest.chunks_exact(4).map(|four| f32::from_be_bytes(four.try_into().expect("four"))).collect();
    assert_eq!(numbers.len(), length);
    (Json::parse(&text).expect("JSON"), numbers)
}

/// Passes over the head of a buffer of such numbers; gives how many there are.
fn buffer(rest: &mut &[u8], kind: &str) -> usize {
    let head = [&[0, 16], &b"MIXED_DATA_TYPES"[..]].concat();
    let kind = [&(kind.len() as u16).to_be_bytes(), kind.as_bytes()].concat();
    let (own, after) = rest.split_at(head.len() + 8 + kind.len());
    *rest = after;
    assert_eq!((&own[..head.len()], &own[head.len() + 8..]), (&head[..], &kind[..]));
    u64::from_be_bytes(own[head.len()..head.len() + 8].try_into().expect("eight")) as usize
}

#[test]
fn numbers_stand_where_the_library_reads_them() {
    let text = r#"{ "data": { "input": [4, 5, 2], "target": "class" }, "layers": [
        { "type": "conv2d", "filters": 3, "kernel": [2, 3], "padding": "valid" }, { "type": "flatten" }, { "type": "dense", "units": 2 } ] }"#;
    let spec = Spec::parse(text).expect("a document");
    let own = weights(&network(&spec), 5);
    let x: Vec<f32> = (0..40).map(|i| (i as f32 * 0.7).sin()).collect();
    let ours = answers(&spec, own.clone(), &x);
    let zip = written("deeplearning4j", &spec, &own).remove(1);
    let (configuration, numbers) = unzipped(zip.bytes);
    let layers = configuration.field("confs").and_then(Json::as_array).expect("layers");
    assert_eq!(layers.len(), 2);
    // a convolution has its bias first, then [out, in, h, w]; pictures are [c, h, w]
    let (bias, rest) = numbers.split_at(3);
    let (kernel, rest) = rest.split_at(3 * 2 * 2 * 3);
    let at = |c: usize, h: usize, w: usize| x[(h * 5 + w) * 2 + c];
    let mut flat = Vec::new();
    for out in 0..3 {
        for (h, w) in (0..3).flat_map(|h| (0..3).map(move |w| (h, w))) {
            let taps = (0..2).flat_map(|c| (0..2).flat_map(move |i| (0..3).map(move |j| (c, i, j))));
            let sum: f32 = taps.map(|(c, i, j)| at(c, h + i, w + j) * kernel[((out * 2 + c) * 2 + i) * 3 + j]).sum();
            flat.push(sum + bias[out]);
        }
    }
    // a dense layer has its matrix column by column, then its bias
    let (matrix, bias) = rest.split_at(27 * 2);
    for unit in 0..2 {
        let sum: f32 = flat.iter().zip(&matrix[27 * unit..]).map(|(x, w)| x * w).sum();
        assert!((sum + bias[unit] - ours[unit]).abs() < 1e-5, "{} for {}", sum + bias[unit], ours[unit]);
    }
}

#[test]
fn chains_of_plain_layers_have_a_zip_and_others_a_note() {
    for (name, spec) in presets() {
        let network = network(&spec);
        let files = written("deeplearning4j", &spec, &weights(&network, 1));
        assert_eq!(files.len(), if name == "residual" { 1 } else { 2 }, "{name}");
        if let Some(zip) = files.into_iter().nth(1) {
            let (_, numbers) = unzipped(zip.bytes);
            let count: usize =
                network.layers.iter().flat_map(|layer| &layer.parameters).map(|one| one.shape.count()).sum();
            assert_eq!(numbers.len(), count, "{name}");
        }
    }
}
