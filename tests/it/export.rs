//! Laws over every framework, every preset and many random documents; and files that others can read.

use crate::{documents::presets, experiment::random_document};
use whisker::export::{Code, FRAMEWORKS, Function, Kind, Network, Program, npy, npz, safetensors};
use whisker::nn::{ACTIVATIONS, LAYERS};
use whisker::spec::{Spec, check};
use whisker::tensor::Shape;
use whisker::train::Weight;

const RANDOM: u32 = 80;

fn network(spec: &Spec) -> Network {
    Network::new(spec, &check(spec).expect("a network")).expect("a description")
}

/// Every preset, and random documents by their seeds.
fn documents() -> Vec<(String, Spec)> {
    let random = (0..RANDOM).map(|seed| (format!("random {seed}"), random_document(seed)));
    presets().into_iter().map(|(id, spec)| (id.to_string(), spec)).chain(random).collect()
}

/// Runs a check on what every framework makes of every document.
fn on_all(check: impl Fn(&str, &Spec, &Network, &Program)) {
    for (name, spec) in documents() {
        let network = network(&spec);
        for framework in FRAMEWORKS {
            let program = (framework.write)(&network);
            check(&format!("{} of {name}", framework.id), &spec, &network, &program);
        }
    }
}

#[test]
fn random_documents_have_every_layer_and_function() {
    let networks: Vec<Network> = (0..RANDOM).map(|seed| network(&random_document(seed))).collect();
    let layers: Vec<_> = (0..RANDOM).flat_map(|seed| random_document(seed).layers).collect();
    for row in LAYERS {
        assert!(layers.iter().any(|layer| layer.kind.about.id == row.about.id), "no {}", row.about.id);
    }
    for row in ACTIVATIONS {
        let function = Function::read(row.word.id).expect("a description");
        let has = |network: &Network| network.layers.iter().any(|layer| layer.function == function);
        assert!(networks.iter().any(has), "no {}", row.word.id);
    }
}

#[test]
fn every_layer_is_a_line_or_a_note() {
    on_all(|what, spec, _, program| {
        for place in 0..spec.layers.len() {
            let lines = program.files.iter().flat_map(|file| &file.code.lines);
            let written = lines.filter(|line| line.layer == Some(place) && !line.text.trim().is_empty()).count();
            let noted = program.notes.iter().any(|note| note.layer == Some(place));
            assert!(written > 0 || noted, "{what}: layer {place} is neither written nor noted");
        }
        for file in &program.files {
            let last = file.code.lines.iter().filter_map(|line| line.layer).max();
            assert!(last.is_none_or(|last| last < spec.layers.len()), "{what}: a line of a layer that is not there");
        }
    });
}

#[test]
fn names_are_unique_and_plain() {
    for (name, spec) in documents() {
        let network = network(&spec);
        let mut ids: Vec<&str> = network.layers.iter().map(|layer| &layer.id[..]).collect();
        for id in &ids {
            let plain =
                id.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
            assert!(plain && id.starts_with(|first: char| first.is_ascii_lowercase()), "{name}: {id}");
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), spec.layers.len(), "{name}: two layers of one name");
    }
}

#[test]
fn the_same_document_is_the_same_code() {
    on_all(|what, spec, network, program| {
        let again = self::network(&Spec::parse(&spec.to_string()).expect("the same document"));
        assert_eq!(*network, again, "{what}");
        let framework =
            FRAMEWORKS.iter().find(|row| what.starts_with(&format!("{} of ", row.id))).expect("its framework");
        assert_eq!((framework.write)(&again), *program, "{what}");
    });
}

#[test]
fn brackets_close_and_nothing_is_empty() {
    on_all(|what, _, _, program| {
        assert!(!program.files.is_empty(), "{what} has no file");
        for file in &program.files {
            assert!(file.code.lines.len() > 3, "{what}: {} is empty", file.name);
            let hash = [".py", ".prototxt"].iter().any(|end| file.name.ends_with(end));
            let quotes = if file.name.ends_with("js") { "\"`'" } else { "\"`" };
            closes(&format!("{what}: {}", file.name), &file.code, if hash { '#' } else { '/' }, quotes);
        }
        for note in &program.notes {
            assert!(note.sentence.ends_with('.') && note.sentence.len() > 20, "{what}: {:?}", note.sentence);
        }
    });
}

#[test]
fn lines_are_short_where_the_language_lets_them() {
    on_all(|what, _, _, program| {
        // documents in Whisker's own programs stand a layer a line; a docstring and a name cannot be broken
        if ["rust of", "javascript of"].iter().any(|own| what.starts_with(own)) {
            return;
        }
        for line in program.files.iter().flat_map(|file| &file.code.lines) {
            let can =
                line.text.contains(['(', '[', '{']) && !line.text.contains("\"\"\"") && !line.text.contains("/**");
            assert!(line.text.chars().count() <= 100 || !can, "{what}: {}", line.text);
        }
    });
}

/// Every bracket outside strings and comments closes, in order.
fn closes(what: &str, code: &Code, remark: char, quotes: &str) {
    let mut open = Vec::new();
    for line in &code.lines {
        assert!(!line.text.ends_with(' ') && !line.text.contains('\t'), "{what}: space at an end: {:?}", line.text);
        assert!(!line.text.contains('\n'), "{what}: two lines in one: {:?}", line.text);
        let mut quote = None;
        // what a raw string of Rust holds is a document
        let text = line.text.replace("r#\"", "").replace("\"#;", ";");
        if text.trim_start().starts_with("/**") {
            continue;
        }
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            match (quote, letter) {
                (Some(_), '\\') => drop(letters.next()),
                (Some(own), _) if own == letter => quote = None,
                (Some(_), _) => {}
                (None, _) if quotes.contains(letter) => quote = Some(letter),
                (None, '#') if remark == '#' => break,
                (None, '/') if remark == '/' && letters.peek() == Some(&'/') => break,
                (None, '(' | '[' | '{') => open.push(letter),
                (None, ')' | ']' | '}') => {
                    let wanted = match letter {
                        ')' => '(',
                        ']' => '[',
                        _ => '{',
                    };
                    assert_eq!(open.pop(), Some(wanted), "{what}: {}", line.text);
                }
                (None, _) => {}
            }
        }
    }
    assert!(open.is_empty(), "{what}: {open:?} stay open");
}

#[test]
fn every_kind_says_what_its_parameters_axes_are() {
    for (name, spec) in documents() {
        for layer in network(&spec).layers {
            for one in &layer.parameters {
                assert_eq!(one.axes.len(), one.shape.len(), "{name}: {}", one.full);
            }
        }
    }
}

#[test]
fn padding_is_what_the_shapes_say() {
    for (name, spec) in documents() {
        for layer in network(&spec).layers {
            let (Kind::Conv2d { window, .. } | Kind::DepthwiseConv2d { window, .. } | Kind::MaxPool2d { window }) =
                layer.kind
            else {
                continue;
            };
            for axis in 0..2 {
                let whole = layer.shapes[0][axis] + window.before[axis] + window.after[axis];
                let reach = (window.size[axis] - 1) * window.dilation[axis] + 1;
                assert_eq!((whole - reach) / window.stride[axis] + 1, layer.shape[axis], "{name}: {}", layer.name);
            }
        }
    }
}

fn weights() -> Vec<Weight> {
    let weight = |name: &str, sizes: &[usize]| {
        let shape = Shape::from(sizes);
        let data = (0..shape.count()).map(|i| i as f32 * 0.5 - 1.0).collect();
        Weight { name: name.into(), shape, data }
    };
    vec![weight("dense-1/kernel", &[2, 3]), weight("dense-1/bias", &[3]), weight("ein \"Name\"/gamma", &[1])]
}

#[test]
fn safetensors_are_read_by_the_crate_of_that_name() {
    let (weights, bytes) = (weights(), safetensors(&weights()));
    let read = ::safetensors::SafeTensors::deserialize(&bytes).expect("a file");
    assert_eq!(read.len(), weights.len());
    for weight in weights {
        let tensor = read.tensor(&weight.name).expect("an array");
        assert_eq!(tensor.shape(), &weight.shape[..]);
        let data: Vec<u8> = weight.data.iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(tensor.data(), data);
    }
}

#[test]
fn npz_is_a_zip_of_arrays() {
    let weights = weights();
    let bytes = npz(&weights).expect("a file");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a zip");
    for weight in &weights {
        let mut file = zip.by_name(&format!("{}.npy", weight.name)).expect("an array");
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut bytes).expect("its bytes");
        assert_eq!(bytes, npy(&weight.shape, &weight.data));
        // the numbers begin at a multiple of 64, behind a header that ends a line
        let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        assert_eq!((start % 64, bytes[start - 1]), (0, b'\n'));
        assert_eq!(bytes.len() - start, weight.data.len() * 4);
    }
    let header = npy(&[3], &[0.0; 3]);
    assert!(String::from_utf8_lossy(&header[..64]).contains("'shape': (3,)"));
}
