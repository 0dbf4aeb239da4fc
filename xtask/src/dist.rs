//! `cargo xtask dist`: the site for publishing, as small as it gets, with its sizes.

use crate::{root, say, setup, site};
use anyhow::{Context, Result, bail, ensure};
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What everything that a first visit loads may weigh, gzipped, in bytes: 700 KB of 1,024.
const BUDGET: usize = 700 * 1024;

/// The WebAssembly features that the site asks of a browser; wasm-opt may use no others.
const FEATURES: [&str; 7] = [
    "--enable-simd",
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
    let bins = site::build(&site::Recipe { publish: true, names, out: &out, extra: "" })?;
    for bin in bins {
        shrink(&out.join(format!("{}_bg.wasm", bin.name)), &bin.level, names)?;
    }
    Ok(())
}

/// Runs wasm-opt on a binary, or says why it stays as it is.
fn shrink(wasm: &Path, level: &str, names: bool) -> Result<()> {
    let start = Instant::now();
    let name = wasm.file_name().expect("a wasm file has a name").display();
    let mut command = match setup::wasm_opt() {
        Ok(command) => command,
        Err(why) => {
            say("wasm-opt", format_args!("{name} is left unoptimised: {why:#}"));
            return Ok(());
        }
    };
    let small = wasm.with_extension("small");
    let status = command
        .args(FEATURES)
        .arg(format!("-O{level}"))
        .args(names.then_some("-g"))
        .arg(wasm)
        .arg("-o")
        .arg(&small)
        .status()
        .context("cannot start wasm-opt")?;
    if !status.success() {
        bail!("wasm-opt failed on {name}");
    }
    fs::rename(&small, wasm)?;
    say("wasm-opt", format_args!("{name}: {:.1} s", start.elapsed().as_secs_f32()));
    Ok(())
}

/// Prints each file's size, raw and gzipped, and holds the sum of what a first visit loads against the budget.
fn weigh(out: &Path) -> Result<()> {
    let mut files = Vec::new();
    list(out, &mut files)?;
    files.sort();
    let mut total = 0;
    println!("{:>12} {:>12}", "bytes", "gzipped");
    for file in &files {
        let bytes = fs::read(file)?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&bytes)?;
        let gzipped = gzip.finish()?.len();
        let name = file.strip_prefix(out).unwrap_or(file).display().to_string();
        // Types are for editors: no visit loads them.
        let loaded = !name.ends_with(".d.ts");
        total += if loaded { gzipped } else { 0 };
        println!("{:>12} {gzipped:>12}  {name}{}", bytes.len(), if loaded { "" } else { " (not loaded)" });
    }
    println!("{:>12} {total:>12}  everything the first visit loads, of {BUDGET}", "");
    if total > BUDGET {
        say(
            "size",
            format_args!("the first visit is to load {BUDGET} bytes at most; it loads {} more", total - BUDGET),
        );
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
