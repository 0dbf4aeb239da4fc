//! Builds the site: one cargo run for all binaries, wasm-bindgen on each, the files that `index.html` links.

use crate::page::{Link, Page, file_name};
use crate::{cargo, root, say, setup};
use anyhow::{Context, Result, bail, ensure};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;
use std::{fs, io};
use wasm_bindgen_cli_support::Bindgen;

/// How a site is built.
pub struct Recipe<'a> {
    /// Cargo's profile: `serve` rebuilds in seconds, `release` is small and fast to load.
    pub profile: &'a str,
    /// Where the site goes.
    pub out: &'a Path,
    /// HTML that goes before `</body>`.
    pub extra: &'a str,
}

/// Builds the site and returns the names of its wasm binaries.
pub fn build(recipe: &Recipe) -> Result<Vec<String>> {
    setup::wasm_target()?;
    let html = fs::read_to_string(root().join("index.html")).context("index.html is what the site is built from")?;
    let page = Page::parse(&html)?;
    let wasm = compile(&page, recipe.profile)?;

    let start = Instant::now();
    fs::create_dir_all(recipe.out).with_context(|| format!("cannot make {}", recipe.out.display()))?;
    let mut bins = Vec::new();
    for link in page.links() {
        match link {
            Link::Main { bin } | Link::Worker { bin } => {
                let worker = matches!(link, Link::Worker { .. });
                bindgen(&wasm[bin], bin, worker, recipe)?;
                if worker {
                    let loader = format!("import init from './{bin}.js';await init();");
                    fs::write(recipe.out.join(format!("{bin}_loader.js")), loader)?;
                }
                bins.push(bin.clone());
            }
            Link::Css { href } | Link::Icon { href } | Link::Copy { href } => {
                copy(&root().join(href), &recipe.out.join(file_name(href)))
                    .with_context(|| format!("index.html links {href}, which cannot be copied"))?;
            }
        }
    }
    fs::write(recipe.out.join("index.html"), page.finish(recipe.extra))?;
    say(
        "bind",
        format_args!("{} in {}: {:.1} s", bins.join(", "), recipe.out.display(), start.elapsed().as_secs_f32()),
    );
    Ok(bins)
}

/// Compiles all binaries of the page in one go: the path of each one's wasm file, by name.
fn compile(page: &Page, profile: &str) -> Result<HashMap<String, PathBuf>> {
    let start = Instant::now();
    let mut command = cargo();
    command.args([
        "build",
        "--target",
        setup::WASM,
        "--profile",
        profile,
        "--message-format",
        "json-render-diagnostics",
    ]);
    if !io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    let bins: Vec<&str> = page
        .links()
        .filter_map(|link| match link {
            Link::Main { bin } | Link::Worker { bin } => Some(bin.as_str()),
            Link::Css { .. } | Link::Icon { .. } | Link::Copy { .. } => None,
        })
        .collect();
    ensure!(!bins.is_empty(), "index.html has no <link data-trunk rel=\"rust\" data-bin=\"…\">");
    for bin in &bins {
        command.args(["--bin", bin]);
    }
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;

    let mut wasm = HashMap::new();
    for line in BufReader::new(child.stdout.take().expect("stdout is piped")).lines() {
        let message: serde_json::Value = serde_json::from_str(&line?)?;
        if let (Some(bin), Some(file)) = (message["target"]["name"].as_str(), message["executable"].as_str()) {
            wasm.insert(bin.to_owned(), PathBuf::from(file));
        }
    }
    if !child.wait()?.success() {
        bail!("the page does not compile; the compiler's words are above");
    }
    if let Some(bin) = bins.iter().find(|bin| !wasm.contains_key(**bin)) {
        bail!("cargo built no binary {bin}");
    }
    say("compile", format_args!("{} with profile {profile}: {:.1} s", bins.join(", "), start.elapsed().as_secs_f32()));
    Ok(wasm)
}

/// Writes `BIN.js` and `BIN_bg.wasm`, and for the page, whose exports are an API, `BIN.d.ts`.
fn bindgen(wasm: &Path, bin: &str, worker: bool, recipe: &Recipe) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .out_name(bin)
        .web(true)?
        .omit_default_module_path(false)
        .typescript(!worker)
        .remove_name_section(recipe.profile == "release")
        .remove_producers_section(recipe.profile == "release")
        .generate(recipe.out)
        .with_context(|| format!("wasm-bindgen cannot read {}", wasm.display()))?;
    let raw_types = recipe.out.join(format!("{bin}_bg.wasm.d.ts"));
    if raw_types.exists() {
        fs::remove_file(raw_types)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
