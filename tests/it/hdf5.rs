//! HDF5: what is written is read, what h5py writes is read, and damaged files are refused without a panic.

use whisker::hdf5::{Array, Attribute, File, Group, Node, Value, write};
use whisker::tensor::random::Stream;

/// A file that h5py 3.16 made: texts, twelve members in a fractal heap, packed chunks.
const H5PY: &[u8] = include_bytes!("hdf5/h5py.h5");

fn ours() -> Vec<u8> {
    let mut root = Group::default();
    root.attributes.push(("names".into(), Attribute::Texts(vec!["a".into(), "bcü".into()])));
    root.attributes.push(("config".into(), Attribute::Text("ü<b>".repeat(30_000))));
    for i in 0..400 {
        let data = (0..6).map(|j| (i * 6 + j) as f32).collect();
        root.put(&format!("layers/l{i}/vars/0"), Node::Array { shape: vec![2, 3], data });
    }
    root.group("empty");
    root.put("scalar", Node::Array { shape: vec![], data: vec![7.0] });
    write(&root)
}

fn array(file: &File, path: &str) -> Array {
    file.array(&file.get(path).expect("a file").expect("an array")).expect("numbers")
}

#[test]
fn what_is_written_is_read() {
    let bytes = ours();
    let file = File::open(&bytes).expect("a file");
    let root = file.get("").expect("a file").expect("a root");
    assert_eq!(root.texts("names"), Some(vec!["a".to_string(), "bcü".to_string()]));
    assert_eq!(root.text("config"), Some(&"ü<b>".repeat(30_000)[..]));
    assert_eq!(file.get("layers").expect("a file").expect("a group").members.len(), 400);
    for i in [0, 7, 399] {
        let data = (0..6).map(|j| (i * 6 + j) as f32).collect();
        assert_eq!(array(&file, &format!("layers/l{i}/vars/0")), Array { shape: vec![2, 3], data });
    }
    assert_eq!(array(&file, "scalar"), Array { shape: vec![], data: vec![7.0] });
    assert!(file.get("empty").expect("a file").expect("a group").members.is_empty());
    assert!(file.get("layers/l400").expect("a file").is_none());
}

#[test]
fn what_h5py_writes_is_read() {
    let file = File::open(H5PY).expect("a file");
    let root = file.get("/").expect("a file").expect("a root");
    assert_eq!(root.attribute("text"), Some(&Value::Text("grüße".into())));
    assert_eq!(root.texts("list"), Some(vec!["a".to_string(), "bcd".to_string()]));
    for i in 0..12 {
        assert_eq!(array(&file, &format!("g/m{i}")).data, [i as f32]);
    }
    let data = (0..35).map(|i| i as f32).collect();
    assert_eq!(array(&file, "packed"), Array { shape: vec![5, 7], data });
    assert_eq!(array(&file, "half").data, [1.0, -0.5]);
}

/// Looks at everything in a file, as far as it goes.
fn walk(bytes: &[u8]) -> Result<(), String> {
    let file = File::open(bytes)?;
    let mut stack = vec![(file.get("")?.expect("a root"), 0)];
    while let Some((object, depth)) = stack.pop() {
        if object.is_array() {
            file.array(&object)?;
        }
        for (_, address) in object.members.iter().take(20).filter(|_| depth < 6) {
            stack.push((file.object(*address)?, depth + 1));
        }
    }
    Ok(())
}

#[test]
fn damaged_files_are_refused_in_a_sentence() {
    let mut small = Group::default();
    small.attributes.push(("text".into(), Attribute::Text("x".into())));
    small.put("a/b", Node::Array { shape: vec![4], data: vec![1.0; 4] });
    for (name, good) in [("ours", write(&small)), ("h5py", H5PY.to_vec())] {
        assert_eq!(walk(&good), Ok(()), "{name}");
        for seed in 0..3000 {
            let mut stream = Stream::new(seed, 11);
            let mut bad = good.clone();
            for _ in 0..1 + stream.below(4) {
                let at = stream.below(bad.len());
                match stream.below(4) {
                    0 => bad.truncate(at.max(8)),
                    1 => bad[at] = 255,
                    2 => bad[at] ^= 1 << stream.below(8),
                    // ten billion, or an address from elsewhere in the file
                    _ => {
                        let number =
                            if stream.below(2) == 0 { 10_000_000_000 } else { stream.below(good.len()) as u64 };
                        let end = (at + 8).min(bad.len());
                        bad[at..end].copy_from_slice(&number.to_le_bytes()[..end - at]);
                    }
                }
            }
            if let Err(sentence) = walk(&bad) {
                assert!(sentence.ends_with('.') && sentence.len() > 20, "{name}, seed {seed}: {sentence:?}");
            }
        }
    }
}
