//! Builds the site: one cargo run for all binaries, wasm-bindgen on each, the files that `index.html` links.

use crate::index::{Bin, Link, Page, file_name};
use crate::{cargo, lean, root, say, setup, short, target};
use anyhow::{Context, Result, bail, ensure};
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{fs, io};
use wasm_bindgen_cli_support::Bindgen;

/// The binaries that are built a second time for browsers with relaxed SIMD, as `NAME_relaxed`. A visitor loads one of the
/// two: `www/engine_worker.js` chooses.
const RELAXED: [&str; 2] = ["engine", "session"];

/// The WebAssembly feature that it is built with.
pub const RELAXED_SIMD: &str = "relaxed-simd";

/// What published programs are compiled with. `lean` reads the relocations. What is compiled for speed says itself what must be
/// inlined, so the compiler need not guess as freely as it does: the engine is a tenth smaller for it, and all reference networks
/// are as fast but for the smallest, whose step takes a twentieth longer. (The limit holds for what is compiled for size too,
/// which grows with it: at 75 the engine is larger than without any.)
const PUBLISHED: [&str; 2] = ["link-arg=--emit-relocs", "llvm-args=-inline-threshold=15"];

/// How a site is built.
pub struct Recipe<'a> {
    /// For publishing, each binary with its own profile; else with profile `serve`, which
    /// rebuilds in seconds.
    pub publish: bool,
    /// Builds the engines for relaxed SIMD as well; without it, all browsers get the plain ones.
    pub relaxed: bool,
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
    let mut bins: Vec<Bin> = page.bins().cloned().collect();
    let mut wasm = compile(&bins, recipe.publish, None)?;
    if recipe.relaxed {
        let fast: Vec<Bin> = bins.iter().filter(|bin| RELAXED.contains(&bin.name.as_str())).cloned().collect();
        let twins = compile(&fast, recipe.publish, Some(RELAXED_SIMD))?;
        for bin in fast {
            let name = format!("{}_relaxed", bin.name);
            wasm.insert(name.clone(), twins[&bin.name].clone());
            bins.push(Bin { name, ..bin });
        }
    }

    let start = Instant::now();
    fs::create_dir_all(recipe.out).with_context(|| format!("cannot make {}", recipe.out.display()))?;
    for link in page.links() {
        match link {
            Link::Main(_) | Link::Worker(_) => {}
            Link::Css { href } | Link::Icon { href } | Link::Copy { href } => {
                copy(&root().join(href), &recipe.out.join(file_name(href)))
                    .with_context(|| format!("index.html links {href}, which cannot be copied"))?;
            }
        }
    }
    for bin in &bins {
        bindgen(&wasm[&bin.name], &bin.name, recipe)?;
    }
    fs::write(recipe.out.join("index.html"), page.finish(recipe.extra))?;
    say("bind", format_args!("{} in {}: {}", names(&bins), recipe.out.display(), seconds(start)));
    Ok(bins)
}

/// Compiles binaries, those of one profile in one go: the path of each one's wasm file, by name. A further WebAssembly
/// feature makes a build of its own beside the usual one.
fn compile(bins: &[Bin], publish: bool, feature: Option<&str>) -> Result<HashMap<String, PathBuf>> {
    let mut profiles: BTreeMap<(&str, &str), Vec<Bin>> = BTreeMap::new();
    for bin in bins {
        let how = if publish { (bin.profile.as_str(), bin.features.as_str()) } else { ("serve", "") };
        profiles.entry(how).or_default().push(bin.clone());
    }
    ensure!(!profiles.is_empty(), "index.html has no <link data-trunk rel=\"rust\" data-bin=\"…\">");
    let mut wasm = HashMap::new();
    for ((profile, features), bins) in profiles {
        let start = Instant::now();
        run_cargo(profile, features, &bins, publish, feature, &mut wasm)?;
        let with = feature.map(|feature| format!(" and {feature}")).unwrap_or_default();
        say("compile", format_args!("{} with profile {profile}{with}: {}", names(&bins), seconds(start)));
    }
    Ok(wasm)
}

fn run_cargo(
    profile: &str,
    features: &str,
    bins: &[Bin],
    publish: bool,
    feature: Option<&str>,
    wasm: &mut HashMap<String, PathBuf>,
) -> Result<()> {
    let mut command = cargo();
    command.args([
        "build",
        "--target",
        setup::WASM,
        "--message-format",
        "json-render-diagnostics",
        "--profile",
        profile,
        "--features",
        features,
    ]);
    let mut options: Vec<String> = Vec::new();
    if publish {
        options.extend(PUBLISHED.map(|option| format!("-C{option}")));
        // No path of the machine that builds stands in what is published.
        options.push(format!("--remap-path-prefix={}=", cargo_home().display()));
    }
    with(&mut command, &options, feature)?;
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

/// Where Cargo keeps what it fetched.
fn cargo_home() -> PathBuf {
    let home = std::env::home_dir().unwrap_or_default().join(".cargo");
    std::env::var_os("CARGO_HOME").map_or(home, PathBuf::from)
}

/// Has a cargo compile for the browser with further options of the compiler, or a further WebAssembly feature.
pub fn with(cargo: &mut Command, options: &[String], feature: Option<&str>) -> Result<()> {
    let mut flags = options.to_vec();
    if let Some(feature) = feature {
        flags.push(format!("-Ctarget-feature=+{feature}"));
        cargo.arg("--target-dir").arg(target()?.join(feature));
    }
    if !flags.is_empty() {
        // Joined by Cargo with the flags of .cargo/config.toml.
        let list: Vec<String> = flags.iter().map(|flag| format!("{flag:?}")).collect();
        cargo.args(["--config", &format!("target.{}.rustflags = [{}]", setup::WASM, list.join(", "))]);
    }
    Ok(())
}

/// Writes `NAME.js` and `NAME_bg.wasm`.
fn bindgen(wasm: &Path, name: &str, recipe: &Recipe) -> Result<()> {
    let bytes = fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let bytes = match recipe.publish {
        true => lean::lean(&bytes).with_context(|| format!("cannot make {} lean", wasm.display()))?,
        false => bytes,
    };
    Bindgen::new()
        .input_bytes(name, bytes)
        .out_name(name)
        .web(true)?
        .omit_default_module_path(false)
        .typescript(false)
        .remove_producers_section(recipe.publish)
        .generate(recipe.out)
        .with_context(|| format!("wasm-bindgen cannot read {}", wasm.display()))?;
    if recipe.publish { short::shorten(recipe.out, name) } else { Ok(()) }
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
