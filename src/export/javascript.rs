//! Whisker's own `Session` in JavaScript: `www/whisker.js`.

use super::{
    Framework, Network, Program,
    code::Writer,
    document::{self, Style},
    name::remark,
};
use crate::{nn::Target, spec::Stop};

pub static JAVASCRIPT: Framework =
    Framework { id: "javascript", label: "Whisker for JavaScript", language: "javascript", write };

fn write(network: &Network) -> Program {
    let mut p = Program::default();
    let mut w = Writer::new("  ");
    let w = &mut w;
    w.line(format!("// {}, with Whisker's own engine: serve this file beside whisker.js.\n", remark(&network.title)));
    w.line("import init, { Session } from './whisker.js';\n\nawait init();");
    document::write(w, network, Style::Script, "const session = await Session.create(", ");");
    w.blank();
    match network.data.set {
        Some("own") => {
            p.note("Your own pictures are not in the program: it brings batches of them from x.bin and y.bin.");
            batches(w, network);
        }
        Some(_) => epochs(w, network),
        None => batches(w, network),
    }
    w.line("\nconst weights = await session.weights();\nconsole.log(Object.keys(weights));\nsession.dispose();");
    let whole = std::mem::replace(w, Writer::new(""));
    p.file("train.js", whole);
    p
}

fn epochs(w: &mut Writer, network: &Network) {
    if let Some(Stop::Patience(_)) = network.stop {
        w.line("let best = Infinity, waited = 0;");
    }
    w.block(format!("for (let epoch = 1; epoch <= {}; epoch++) {{", network.epochs), |w| {
        w.line(format!("await session.train({});", network.data.steps));
        w.line("const { loss, accuracy } = await session.evaluate();");
        w.line("console.log(`epoch ${epoch}: test loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`);");
        match network.stop {
            Some(Stop::Accuracy(share)) => w.line(format!("if (accuracy >= {share:?}) break;")),
            Some(Stop::Patience(epochs)) => {
                w.line("[best, waited] = loss < best ? [loss, 0] : [best, waited + 1];");
                w.line(format!("if (waited >= {epochs}) break;"));
            }
            None => {}
        }
    });
    w.line("}");
}

fn batches(w: &mut Writer, network: &Network) {
    let (x, y) = (network.input.count(), network.target_shape().iter().product::<usize>());
    let what = if network.target == Target::Class { "classes" } else { "targets" };
    w.line(format!("// x.bin: float32, {x} numbers a sample; y.bin: float32, {y} {what} a sample"));
    w.line("const read = async name => new Float32Array(await (await fetch(name)).arrayBuffer());");
    w.line("const [x, y] = [await read('x.bin'), await read('y.bin')];");
    w.line(format!("const batch = {}, samples = x.length / {x};", network.batch));
    w.block(format!("for (let epoch = 1; epoch <= {}; epoch++) {{", network.epochs), |w| {
        w.line("let loss;");
        w.block("for (let i = 0; i + batch <= samples; i += batch) {", |w| {
            w.line(format!(
                "loss = await session.trainBatch(x.slice(i * {x}, (i + batch) * {x}), y.slice(i * {y}, (i + batch) * {y}));"
            ));
        });
        w.line("}\nconsole.log(`epoch ${epoch}: loss ${loss.toFixed(4)}`);");
    });
    w.line("}");
}
