//! Builds the site: one cargo run for all binaries, wasm-bindgen on each, the files that `index.html` links.

use crate::page::{Bin, Link, Page, file_name};
use crate::{cargo, root, say, setup};
use anyhow::{Context, Result, bail, ensure};
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;
use std::{fs, io};
use wasm_bindgen_cli_support::Bindgen;

/// How a site is built.
pub struct Recipe<'a> {
    /// For publishing, each binary with its own profile and without its functions' names; else with profile `serve`, which
    /// rebuilds in seconds.
    pub publish: bool,
    /// Keeps the functions' names all the same, for those who look for what weighs much.
    pub names: bool,
    /// Where the site goes.
    pub out: &'a Path,
    /// HTML that goes before `</body>`.
    pub extra: &'a str,
}

/// Builds the site and returns its binaries.
pub fn build(recipe: &Recipe) -> Result<Vec<Bin>> {
    setup::wasm_target()?;
    let html = fs::read_to_string(root().join("index.html")).context("index.html is what the site is built from")?;
    let page = Page::parse(&html)?;
    let wasm = compile(&page, recipe.publish)?;

    let start = Instant::now();
    fs::create_dir_all(recipe.out).with_context(|| format!("cannot make {}", recipe.out.display()))?;
    for link in page.links() {
        match link {
            Link::Main(bin) | Link::Worker(bin) => bindgen(&wasm[&bin.name], &bin.name, recipe)?,
            Link::Css { href } | Link::Icon { href } | Link::Copy { href } => {
                copy(&root().join(href), &recipe.out.join(file_name(href)))
                    .with_context(|| format!("index.html links {href}, which cannot be copied"))?;
            }
        }
    }
    fs::write(recipe.out.join("index.html"), page.finish(recipe.extra))?;
    let bins: Vec<Bin> = page.bins().cloned().collect();
    say("bind", format_args!("{} in {}: {}", names(&bins), recipe.out.display(), seconds(start)));
    Ok(bins)
}

/// Compiles all binaries of the page, those of one profile in one go: the path of each one's wasm file, by name.
fn compile(page: &Page, publish: bool) -> Result<HashMap<String, PathBuf>> {
    let mut profiles: BTreeMap<&str, Vec<Bin>> = BTreeMap::new();
    for bin in page.bins() {
        profiles.entry(if publish { &bin.profile } else { "serve" }).or_default().push(bin.clone());
    }
    ensure!(!profiles.is_empty(), "index.html has no <link data-trunk rel=\"rust\" data-bin=\"…\">");
    let mut wasm = HashMap::new();
    for (profile, bins) in profiles {
        let start = Instant::now();
        run_cargo(profile, &bins, &mut wasm)?;
        say("compile", format_args!("{} with profile {profile}: {}", names(&bins), seconds(start)));
    }
    Ok(wasm)
}

fn run_cargo(profile: &str, bins: &[Bin], wasm: &mut HashMap<String, PathBuf>) -> Result<()> {
    let mut command = cargo();
    command.args([
        "build",
        "--target",
        setup::WASM,
        "--message-format",
        "json-render-diagnostics",
        "--profile",
        profile,
    ]);
    if !io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    for bin in bins {
        command.args(["--bin", &bin.name]);
    }
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    for line in BufReader::new(child.stdout.take().expect("stdout is piped")).lines() {
        let message: serde_json::Value = serde_json::from_str(&line?)?;
        if let (Some(bin), Some(file)) = (message["target"]["name"].as_str(), message["executable"].as_str()) {
            wasm.insert(bin.to_owned(), PathBuf::from(file));
        }
    }
    if !child.wait()?.success() {
        bail!("the page does not compile; the compiler's words are above");
    }
    match bins.iter().find(|bin| !wasm.contains_key(&bin.name)) {
        Some(bin) => bail!("cargo built no binary {}", bin.name),
        None => Ok(()),
    }
}

/// Writes `NAME.js` and `NAME_bg.wasm`.
fn bindgen(wasm: &Path, name: &str, recipe: &Recipe) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .out_name(name)
        .web(true)?
        .omit_default_module_path(false)
        .typescript(false)
        .remove_name_section(recipe.publish && !recipe.names)
        .remove_producers_section(recipe.publish)
        .generate(recipe.out)
        .with_context(|| format!("wasm-bindgen cannot read {}", wasm.display()))
}

fn names(bins: &[Bin]) -> String {
    bins.iter().map(|bin| bin.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn seconds(start: Instant) -> String {
    format!("{:.1} s", start.elapsed().as_secs_f32())
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
