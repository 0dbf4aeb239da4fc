//! Whisker's own engine in Rust: the crate's `Session`.

use super::{
    Framework, Network, Program,
    code::Writer,
    document::{self, Style},
    name::remark,
};
use crate::{nn::Target, spec::Stop};

pub static RUST: Framework = Framework { id: "rust", label: "Whisker for Rust", language: "rust", write };

fn write(network: &Network) -> Program {
    let mut p = Program::default();
    let own = network.data.set == Some("own");
    if own {
        p.note("Your own pictures are not in the program: it brings batches of them from x.bin and y.bin.");
    }
    let set = network.data.set.is_some() && !own;
    let mut w = Writer::new("    ");
    let w = &mut w;
    w.line(format!("//! {}, on Whisker's own engine.", remark(&network.title)));
    w.line("//!\n//! In Cargo.toml: whisker = { path = \"…\" } and pollster = \"0.4\".\n");
    w.line("use pollster::block_on;");
    if set {
        w.line("use whisker::data::{self, Request};\nuse whisker::device::{Device, cpu::Cpu};\nuse whisker::spec::{Data, Spec};");
    } else {
        w.line("use whisker::device::{Device, cpu::Cpu};\nuse whisker::spec::Spec;");
    }
    w.line("use whisker::train::Session;\n");
    // as many hashes as no text of the document has behind a quote
    let text = network.document.to_string();
    let hashes = (1..).map(|count| "#".repeat(count)).find(|hashes| !text.contains(&format!("\"{hashes}")));
    let hashes = hashes.expect("a count that the text does not have");
    document::write(w, network, Style::Json, &format!("const DOCUMENT: &str = r{hashes}\""), &format!("\"{hashes};"));
    w.blank();
    w.block("fn main() -> Result<(), String> {", |w| {
        w.line("let spec = Spec::parse(DOCUMENT).map_err(|error| error.to_string())?;");
        if set {
            on_set(w, network);
        } else {
            on_batches(w, network);
        }
        w.line("for weight in block_on(session.weights())? {\n    println!(\"{} {}\", weight.name, weight.shape);\n}\nOk(())");
    });
    w.line("}");
    if !set {
        w.line(
            "\nfn floats(name: &str) -> Result<Vec<f32>, String> {
    let bytes = std::fs::read(name).map_err(|error| format!(\"{name}: {error}\"))?;
    Ok(bytes.chunks_exact(4).map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect())
}",
        );
    }
    let whole = std::mem::replace(w, Writer::new(""));
    p.file("main.rs", whole);
    p
}

fn on_set(w: &mut Writer, network: &Network) {
    w.line("let Data::Set(set) = &spec.data else { return Err(\"The document names no set.\".into()) };");
    w.line("let noise = set.noise.map(|noise| noise as f32);");
    w.line("let request = Request { seed: spec.seed, size: set.size, train: set.train, test: set.test, noise };");
    w.line("let data = (data::find(set.set).ok_or(\"There is no such set.\")?.make)(&request);");
    w.line("let epochs = spec.epochs;");
    w.line("let mut session = block_on(Session::create(spec, Device::Cpu(Cpu::default()), Some(data)))?;");
    if let Some(Stop::Patience(_)) = network.stop {
        w.line("let (mut best, mut waited) = (f32::INFINITY, 0);");
    }
    w.block("for epoch in 1..=epochs {", |w| {
        w.line("while session.epoch() < epoch as f64 {\n    block_on(session.steps(64))?;\n}");
        w.line("let test = block_on(session.evaluate())?;");
        w.line("println!(\"epoch {epoch}: test loss {:.4}, accuracy {:.4}\", test.loss, test.accuracy());");
        match network.stop {
            Some(Stop::Accuracy(share)) => w.line(format!("if test.accuracy() >= {share:?} {{\n    break;\n}}")),
            Some(Stop::Patience(epochs)) => {
                w.line("(best, waited) = if test.loss < best { (test.loss, 0) } else { (best, waited + 1) };");
                w.line(format!("if waited >= {epochs} {{\n    break;\n}}"));
            }
            None => {}
        }
    });
    w.line("}");
}

fn on_batches(w: &mut Writer, network: &Network) {
    let (x, y) = (network.input.count(), network.target_shape().iter().product::<usize>());
    let what = if network.target == Target::Class { "classes" } else { "targets" };
    w.line("let (epochs, batch) = (spec.epochs, spec.batch);");
    w.line("let mut session = block_on(Session::create(spec, Device::Cpu(Cpu::default()), None))?;");
    w.line(format!("// x.bin: float32, {x} numbers a sample; y.bin: float32, {y} {what} a sample"));
    w.line("let (x, y) = (floats(\"x.bin\")?, floats(\"y.bin\")?);");
    w.block("for epoch in 1..=epochs {", |w| {
        w.line("let mut loss = f32::NAN;");
        w.block(format!("for (x, y) in x.chunks_exact(batch * {x}).zip(y.chunks_exact(batch * {y})) {{"), |w| {
            w.line("loss = block_on(session.train_batch(x, y))?;");
        });
        w.line("}\nprintln!(\"epoch {epoch}: loss {loss:.4}\");");
    });
    w.line("}");
}
