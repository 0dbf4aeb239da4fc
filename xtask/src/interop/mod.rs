//! `cargo xtask interop`: the code that is written for other frameworks, run by those frameworks.
//!
//! `examples/export.rs` writes every preset and many random documents as programs, with our weights, predictions and the loss
//! of the first epoch. Here each framework that can be had loads the weights, predicts the same inputs and learns from the
//! same batches with the written code. A table says how far they are apart.

mod peer;
mod table;

use crate::{cargo, root, say, target};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

pub const HELP: &str = "\
cargo xtask interop [--all] [--random N] [NAME...]
                               run the code written for other frameworks in those frameworks, on the presets named (all by
                               default) and N random documents (50): the light ones always; with --all TensorFlow and Keras 2
                               too, and PyTorch (or the Python that has it, as WHISKER_TORCH)";

/// What is asked for.
struct Asked<'a> {
    all: bool,
    random: &'a str,
    names: Vec<&'a str>,
}

pub fn run(options: &[&str]) -> Result<()> {
    let mut asked = Asked { all: false, random: "50", names: Vec::new() };
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match *option {
            "--all" => asked.all = true,
            "--random" => match options.next() {
                Some(count) => asked.random = count,
                None => bail!("--random takes a number"),
            },
            name => asked.names.push(name),
        }
    }
    let tools = target()?.join("tools").join("interop");
    let work = target()?.join("interop");
    if work.exists() {
        std::fs::remove_dir_all(&work)?;
    }
    std::fs::create_dir_all(&tools)?;
    say("export", "programs, weights and our own numbers");
    let mut export = cargo();
    export.args(["run", "--quiet", "--profile", "serve", "--example", "export", "--"]).arg(&work);
    export.args(["--random", asked.random]).args(&asked.names);
    if !export.stdout(std::process::Stdio::null()).status()?.success() {
        bail!("the programs could not be written");
    }
    let mut folders: Vec<PathBuf> = std::fs::read_dir(&work)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    folders.sort();
    let mut table = table::Table::default();
    let mut failed = 0;
    for peer in peer::PEERS {
        match peer.ready(&tools, asked.all) {
            Ok(mut command) => {
                say(peer.id, format_args!("runs {} programs", folders.len()));
                table.add(peer.id, &peer::rows(command.args(&folders))?);
            }
            Err(why) => say("skipped", format_args!("{}: {why:#}", peer.id.to_uppercase())),
        }
    }
    let checks = [
        ("import", imports as Check),
        ("python", python),
        ("javascript", javascript),
        ("java", java),
        ("rust", rust),
        ("onnx", onnx_cases),
        ("onnx", onnx_strangers),
    ];
    for (what, check) in checks {
        match check(&tools, &work, &folders) {
            Ok(Some(line)) => say(what, line),
            Ok(None) => {}
            Err(why) => {
                failed += 1;
                say(what, format_args!("FAILED: {why:#}"));
            }
        }
    }
    println!("{table}");
    failed += table.failures();
    if failed > 0 {
        bail!("{failed} of these do not agree");
    }
    Ok(())
}

/// Models that Keras and TensorFlow.js write are opened here and answer as they do there.
fn imports(tools: &Path, work: &Path, _: &[PathBuf]) -> Result<Option<String>> {
    let made = work.join("made");
    let runners = tools.join("runners");
    let (python, python_2) = (tools.join("python/bin/python"), tools.join("keras-2/bin/python"));
    let keras = ("make_keras.py", include_str!("make_keras.py"));
    let script = ("make_tensorflowjs.mjs", include_str!("make_tensorflowjs.mjs"));
    let mut folders: Vec<PathBuf> = Vec::new();
    for (id, program, (name, text), has) in [
        ("keras", python.as_path(), keras, python.exists()),
        ("keras-2", python_2.as_path(), keras, python_2.exists()),
        ("tensorflowjs", Path::new("node"), script, work.join("node_modules/@tensorflow").exists()),
    ] {
        if !has {
            say("skipped", format_args!("IMPORT: {name} needs {} with the library that it runs", program.display()));
            continue;
        }
        std::fs::write(runners.join(name), text)?;
        let made = made.join(id);
        std::fs::create_dir_all(&made)?;
        run_quietly(Command::new(program).arg(runners.join(name)).arg(&made))?;
        for folder in std::fs::read_dir(&made)? {
            folders.push(folder?.path());
        }
    }
    folders.sort();
    if folders.is_empty() {
        return Ok(None);
    }
    let mut open = cargo();
    open.args(["run", "--quiet", "--profile", "serve", "--example", "import", "--"]).args(&folders);
    let rows = peer::rows(&mut open)?;
    let far = |row: &&serde_json::Value| !row["difference"].as_f64().is_some_and(|far| far <= 1e-5);
    if let Some(row) = rows.iter().find(far) {
        bail!("a model that others wrote is not what they say: {row}");
    }
    let most = rows.iter().filter_map(|row| row["difference"].as_f64()).fold(0.0, f64::max);
    Ok(Some(format!("{} models of Keras and TensorFlow.js open; answers are {most:.1e} apart at most", rows.len())))
}

type Check = fn(&Path, &Path, &[PathBuf]) -> Result<Option<String>>;

/// Every file with this ending that was written.
fn files(folders: &[PathBuf], ending: &str) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for folder in folders {
        for framework in std::fs::read_dir(folder)?.flatten().filter(|entry| entry.path().is_dir()) {
            let own = std::fs::read_dir(framework.path())?.flatten().map(|entry| entry.path());
            all.extend(own.filter(|path| path.extension().is_some_and(|end| end == ending)));
        }
    }
    Ok(all)
}

/// Python's own compiler, and ruff.
fn python(tools: &Path, work: &Path, folders: &[PathBuf]) -> Result<Option<String>> {
    let all = files(folders, "py")?;
    let bin = tools.join("python/bin");
    if !bin.join("ruff").exists() {
        say("skipped", "PYTHON: it needs the environment that is fetched for Keras");
        return Ok(None);
    }
    run_quietly(Command::new(bin.join("python")).args(["-m", "py_compile"]).args(&all))?;
    // elsewhere, folders of the same names would count as the programs' own modules
    let mut ruff = Command::new(bin.join("ruff"));
    ruff.args(["check", "--no-cache", "--isolated", "--quiet"]).args(&all).current_dir(work);
    run_quietly(&mut ruff)?;
    Ok(Some(format!("{} files pass py_compile and ruff check", all.len())))
}

/// Node's parser. Programs with `import` must be modules by their name.
fn javascript(_: &Path, work: &Path, folders: &[PathBuf]) -> Result<Option<String>> {
    if Command::new("node").arg("--version").output().is_err() {
        say("skipped", "JAVASCRIPT: it needs Node");
        return Ok(None);
    }
    let all = [files(folders, "js")?, files(folders, "mjs")?].concat();
    let module = work.join("check.mjs");
    for file in &all {
        std::fs::copy(file, &module)?;
        run_quietly(Command::new("node").arg("--check").arg(&module))?;
    }
    std::fs::remove_file(&module)?;
    Ok(Some(format!("{} files pass node --check", all.len())))
}

/// The signature that the written programs use.
const KERAS_IMPORT: &str = "package org.deeplearning4j.nn.modelimport.keras;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
public class KerasModelImport {
    public static MultiLayerNetwork importKerasSequentialModelAndWeights(String file, boolean training)
        throws java.io.IOException { return null; }
}
";

/// Java's compiler over signatures of Deeplearning4j, where these and the compiler are at hand.
fn java(tools: &Path, _: &Path, folders: &[PathBuf]) -> Result<Option<String>> {
    // classes of the library that the signatures leave out
    const UNKNOWN: &[&str] = &["ComputationGraph", "DepthwiseConvolution2D", "LossLayer", "Upsampling2D"];
    let maker = root().join("../shared/interop/dl4j_api_stubs.py");
    if !maker.exists() || Command::new("javac").arg("-version").output().is_err() {
        say(
            "skipped",
            "JAVA: it needs javac, and ../shared/interop/dl4j_api_stubs.py for the signatures of Deeplearning4j",
        );
        return Ok(None);
    }
    let own = tools.join("java");
    std::fs::create_dir_all(&own)?;
    run_quietly(Command::new("python3").arg(&maker).current_dir(&own))?;
    // and the import of Keras models, as its documentation has it
    let import = own.join("stubs/org/deeplearning4j/nn/modelimport/keras/KerasModelImport.java");
    std::fs::create_dir_all(import.parent().expect("a folder"))?;
    std::fs::write(import, KERAS_IMPORT)?;
    let (mut count, mut unknown) = (0, 0);
    for program in files(folders, "java")? {
        let text = std::fs::read_to_string(&program)?;
        if UNKNOWN.iter().any(|word| text.contains(word)) {
            unknown += 1;
            continue;
        }
        let mut javac = Command::new("javac");
        javac.args(["-nowarn", "-sourcepath", "stubs", "-d", "classes"]).arg(&program).current_dir(&own);
        run_quietly(&mut javac)?;
        count += 1;
    }
    Ok(Some(format!("{count} programs pass javac; {unknown} use classes whose signatures are not at hand")))
}

/// Every program in Rust, as a package that uses the crate.
fn rust(_: &Path, work: &Path, folders: &[PathBuf]) -> Result<Option<String>> {
    let package = work.join("rust-check");
    std::fs::create_dir_all(package.join("src/bin"))?;
    let manifest = format!(
        "[package]\nname = \"written\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         whisker = {{ path = {:?} }}\npollster = \"0.4\"\n",
        root()
    );
    std::fs::write(package.join("Cargo.toml"), manifest)?;
    std::fs::copy(root().join("Cargo.lock"), package.join("Cargo.lock"))?;
    let mut count = 0;
    for folder in folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().to_string();
        std::fs::copy(folder.join("rust/main.rs"), package.join(format!("src/bin/{name}.rs")))?;
        count += 1;
    }
    let mut check = cargo();
    check.args(["check", "--quiet", "--bins", "--manifest-path"]).arg(package.join("Cargo.toml"));
    run_quietly(check.env("CARGO_TARGET_DIR", target()?))?;
    Ok(Some(format!("{count} programs pass cargo check")))
}

/// ONNX's own node tests, computed by the meanings that its reader folds with.
fn onnx_cases(tools: &Path, _: &Path, _: &[PathBuf]) -> Result<Option<String>> {
    let maker = root().join("../shared/interop/onnx_node_cases.py");
    let python = tools.join("python/bin/python");
    if !maker.exists() || !python.exists() {
        say(
            "skipped",
            "ONNX'S NODE TESTS: they need Python, and ../shared/interop/onnx_node_cases.py, which writes them",
        );
        return Ok(None);
    }
    let cases = tools.join("onnx-cases");
    if !cases.join("index.json").exists() {
        std::fs::create_dir_all(&cases)?;
        run_quietly(Command::new(&python).arg(&maker).arg(&cases))?;
    }
    example("onnx_cases", &cases).map(Some)
}

/// Files in the ways of other exporters, opened and held against ONNX Runtime.
fn onnx_strangers(tools: &Path, work: &Path, _: &[PathBuf]) -> Result<Option<String>> {
    let python = tools.join("python/bin/python");
    if !python.exists() {
        say("skipped", "ONNX FILES OF OTHER EXPORTERS: they need Python");
        return Ok(None);
    }
    let script = tools.join("runners/make_onnx.py");
    std::fs::write(&script, include_str!("make_onnx.py"))?;
    let folder = work.join("strangers");
    run_quietly(Command::new(&python).arg(&script).arg(&folder))?;
    example("onnx_open", &folder).map(Some)
}

/// Runs an example on a folder; the last line that it prints.
fn example(name: &str, folder: &Path) -> Result<String> {
    let mut run = cargo();
    run.args(["run", "--quiet", "--profile", "serve", "--example", name, "--"]).arg(folder);
    let output = run.output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("{}{}", said, String::from_utf8_lossy(&output.stderr).lines().take(20).collect::<Vec<_>>().join("\n"));
    }
    Ok(said.lines().last().unwrap_or_default().to_string())
}

/// Runs a command; what it said is the error.
fn run_quietly(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("{}", String::from_utf8_lossy(&said).lines().take(40).collect::<Vec<_>>().join("\n"));
    }
    Ok(())
}
