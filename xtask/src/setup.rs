//! What a bare machine lacks: looked for, fetched where that is possible, named where it is not.

use crate::{root, say, target};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub const WASM: &str = "wasm32-unknown-unknown";

/// The npm package that carries wasm-opt, for machines with Node and without wasm-opt.
const BINARYEN: &str = "132.0.0";
/// The npm package that makes JavaScript small.
const TERSER: &str = "5.51.4";

/// Makes sure that Rust can compile to WebAssembly.
pub fn wasm_target() -> Result<()> {
    let output =
        Command::new("rustc").args(["--print", "target-libdir", "--target", WASM]).current_dir(root()).output()?;
    if Path::new(String::from_utf8_lossy(&output.stdout).trim()).exists() {
        return Ok(());
    }
    say("target", format_args!("rustup target add {WASM}"));
    let added = Command::new("rustup").args(["target", "add", WASM]).current_dir(root()).stdout(Stdio::null()).status();
    if !added.is_ok_and(|status| status.success()) {
        bail!(
            "Rust cannot compile to {WASM}; install Rust through https://rustup.rs, or that target as your system does"
        );
    }
    Ok(())
}

/// Chromium and its driver.
pub struct Browser {
    pub chromium: PathBuf,
    pub driver: PathBuf,
}

/// Finds Chromium and its driver, or installs them where apt is there and may.
pub fn browser() -> Result<Browser> {
    if let Some(browser) = find_browser() {
        return Ok(browser);
    }
    const HOW: &str = "the browser tests need Chromium and its driver: apt-get install chromium chromium-driver";
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if !root || find("apt-get").is_none() {
        bail!("{HOW}, or put `chromium` and `chromedriver` on the path");
    }
    say("browser", "apt-get install chromium chromium-driver");
    for args in [
        &["update"][..],
        &["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver", "fonts-dejavu-core"],
    ] {
        let status = Command::new("apt-get")
            .args(args)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null())
            .status()?;
        if !status.success() {
            bail!("apt-get {} failed; {HOW}", args[0]);
        }
    }
    find_browser().context(HOW)
}

fn find_browser() -> Option<Browser> {
    let chromium = ["chromium", "chromium-browser", "google-chrome", "chrome"].iter().find_map(|name| find(name))?;
    Some(Browser { chromium, driver: find("chromedriver")? })
}

/// The command that runs wasm-opt, or why there is none.
pub fn wasm_opt() -> Result<Command> {
    match find("wasm-opt") {
        Some(found) => Ok(Command::new(found)),
        None => npm("binaryen", BINARYEN, "wasm-opt"),
    }
}

/// The command that runs terser, or why there is none.
pub fn terser() -> Result<Command> {
    npm("terser", TERSER, "terser")
}

/// The command that runs a program of an npm package, which is fetched where it is not there yet.
fn npm(package: &str, version: &str, program: &str) -> Result<Command> {
    let (Some(node), Some(npm)) = (find("node"), find("npm")) else {
        bail!("Node, for {program} of the npm package {package}, is not on the path");
    };
    let tools = target()?.join("tools").join(format!("{package}-{version}"));
    let script = tools.join("node_modules").join(package).join("bin").join(program);
    if !script.exists() {
        std::fs::create_dir_all(&tools)?;
        say(program, format_args!("npm install {package}@{version}"));
        let status = Command::new(npm)
            .args(["install", "--silent", "--no-save", "--no-audit", "--no-fund", "--prefix"])
            .arg(&tools)
            .arg(format!("{package}@{version}"))
            .stdout(Stdio::null())
            .status()?;
        if !status.success() || !script.exists() {
            bail!("npm install {package}@{version} failed");
        }
    }
    let mut command = Command::new(node);
    command.arg(script);
    Ok(command)
}

/// A program on the path.
fn find(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}
