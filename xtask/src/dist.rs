//! `cargo xtask dist`: the site for publishing, as small as it gets, with its sizes.

use crate::index::Bin;
use crate::{order, root, say, setup, site};
use anyhow::{Context, Result, bail, ensure};
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What everything that a first visit loads may weigh, gzipped, in bytes.
const BUDGET: usize = 600 * 1024;
/// The same for a program that uses the engine alone.
const ENGINE: usize = 250 * 1024;

/// The WebAssembly features that the site may ask of a browser; wasm-opt keeps to those that a binary uses already.
const FEATURES: [&str; 8] = [
    "--enable-simd",
    "--enable-relaxed-simd",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Builds the site into `out`, which must be empty, absent, or a site.
pub fn run(out: &Path, names: bool) -> Result<()> {
    build(out, names)?;
    weigh(out)
}

/// Builds the site for publishing and shrinks its binaries.
pub fn build(out: &Path, names: bool) -> Result<()> {
    let out = std::path::absolute(out)?;
    if out.exists() {
        let empty = fs::read_dir(&out)?.next().is_none();
        ensure!(
            empty || (out.join("index.html").exists() && !root().starts_with(&out)),
            "{} holds something that is not a site; choose another folder",
            out.display()
        );
        fs::remove_dir_all(&out)?;
    }
    let bins = site::build(&site::Recipe { publish: true, relaxed: true, out: &out, extra: "" })?;
    for bin in bins {
        shrink(&out.join(format!("{}_bg.wasm", bin.name)), &bin, names)?;
    }
    minify(&out)
}

/// What wasm-opt is asked between two rounds of its level, the second of which finds what the first has laid bare. Nothing of
/// ours lies in the first kilobyte of memory, which is the far end of the stack; a function that one other calls stays by
/// itself, since alike ones compress better than what they are put into; and no browser heeds what a load says of its
/// alignment.
const ASKED: [&str; 3] = ["--low-memory-unused", "--one-caller-inline-max-function-size=0", "--dealign"];

/// Has wasm-opt make a binary small and put its functions in order, or says why it stays as it is.
fn shrink(wasm: &Path, bin: &Bin, names: bool) -> Result<()> {
    let start = Instant::now();
    let name = wasm.file_name().expect("a wasm file has a name").display();
    if let Err(why) = setup::wasm_opt() {
        say("wasm-opt", format_args!("{name} is left unoptimised: {why:#}"));
        return Ok(());
    }
    let level = format!("-O{}", bin.level);
    let mut options = vec![level.as_str()];
    options.extend(ASKED);
    options.push(&level);
    if names {
        options.push("-g");
    }
    optimise(wasm, &options)?;
    // With their own names, functions stay where they are.
    if !names {
        fs::write(wasm, order::named(&fs::read(wasm)?)?)?;
        optimise(wasm, &["-g", "--reorder-functions-by-name"])?;
        optimise(wasm, &["--strip-debug"])?;
    }
    say("wasm-opt", format_args!("{name}: {:.1} s", start.elapsed().as_secs_f32()));
    Ok(())
}

/// Makes the scripts of a site small, those that measure left out, or says why they stay as they are.
fn minify(out: &Path) -> Result<()> {
    if let Err(why) = setup::terser() {
        say("terser", format_args!("scripts are left as they are: {why:#}"));
        return Ok(());
    }
    for entry in fs::read_dir(out)? {
        let script = entry?.path();
        if script.extension().is_some_and(|extension| extension == "js") {
            let options = ["--module", "--compress", "passes=2", "--mangle", "--output"];
            let status = setup::terser()?.arg(&script).args(options).arg(&script).status();
            ensure!(status.context("cannot start terser")?.success(), "terser failed on {}", script.display());
        }
    }
    Ok(())
}

/// Puts what wasm-opt makes of a binary in its place.
fn optimise(wasm: &Path, options: &[&str]) -> Result<()> {
    let small = wasm.with_extension("small");
    let status = (setup::wasm_opt()?.args(FEATURES).args(options).arg(wasm).arg("-o").arg(&small))
        .status()
        .context("cannot start wasm-opt")?;
    if !status.success() {
        bail!("wasm-opt failed on {}", wasm.display());
    }
    fs::rename(&small, wasm).map_err(Into::into)
}

/// What is downloaded, in bytes, gzipped.
pub struct Sizes {
    /// By the first visit of the page.
    pub page: usize,
    /// By a program that uses `Session` alone.
    pub engine: usize,
}

/// A browser loads one of two builds; the larger one counts.
const ENGINES: [&str; 2] = ["engine_bg.wasm", "engine_relaxed_bg.wasm"];
const SESSIONS: [&str; 2] = ["session_bg.wasm", "session_relaxed_bg.wasm"];

/// What the page loads beside an engine, and a program beside a session.
const PAGE: [&str; 8] = [
    "index.html",
    "page.js",
    "page_bg.wasm",
    "element.js",
    "engine_worker.js",
    "engine.js",
    "artist.js",
    "artist_bg.wasm",
];
const PROGRAM: [&str; 4] = ["whisker.js", "element.js", "engine_worker.js", "session.js"];

/// What is downloaded of a site.
pub fn sizes(out: &Path) -> Result<Sizes> {
    let weight = |name: &&str| -> Result<usize> {
        Ok(match out.join(name) {
            file if file.exists() => gzipped(&fs::read(file)?)?,
            _ => 0,
        })
    };
    let sum = |names: &[&str]| names.iter().map(weight).sum::<Result<usize>>();
    let larger = |builds: [&str; 2]| -> Result<usize> { Ok(weight(&builds[0])?.max(weight(&builds[1])?)) };
    Ok(Sizes { page: sum(&PAGE)? + larger(ENGINES)?, engine: sum(&PROGRAM)? + larger(SESSIONS)? })
}

fn gzipped(bytes: &[u8]) -> Result<usize> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    Ok(gzip.finish()?.len())
}

/// Prints each file's size, raw and gzipped, and holds what is downloaded against the budgets.
fn weigh(out: &Path) -> Result<()> {
    let mut files = Vec::new();
    list(out, &mut files)?;
    files.sort();
    println!("{:>12} {:>12}", "bytes", "gzipped");
    for file in &files {
        let bytes = fs::read(file)?;
        let name = file.strip_prefix(out).unwrap_or(file).display().to_string();
        println!("{:>12} {:>12}  {name}", bytes.len(), gzipped(&bytes)?);
    }
    let sizes = sizes(out)?;
    for (what, size, budget) in
        [("everything the first visit loads", sizes.page, BUDGET), ("the engine for a program", sizes.engine, ENGINE)]
    {
        println!("{:>12} {size:>12}  {what}, of {budget}", "");
        if size > budget {
            say("size", format_args!("{what}: {} bytes more than the budget", size - budget));
        }
    }
    Ok(())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { list(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
