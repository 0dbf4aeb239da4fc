//! Chores of this repository: serve, test, build the site. `cargo xtask` lists them.
//!
//! Everything that a chore needs it fetches itself, and what it cannot fetch it names in one line.

mod bench;
mod binary;
mod dist;
mod index;
mod interop;
mod lean;
mod order;
mod serve;
mod server;
mod setup;
mod short;
mod site;
mod test;

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

const HELP: &str = "\
cargo xtask serve [--port N]   build the page, serve it, rebuild and reload it when a file changes
cargo xtask dist [--names] [--out DIR]
                               build the site for publishing, print its sizes; with --names its binaries tell
                               whose functions they are, for those who look for what weighs much
cargo xtask test [WORD...]     run the tests of the stages named (native, browser, page; all by default)
                               whose names contain one of the other words";

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args.as_slice() {
        ["serve"] => serve::run(None),
        ["serve", "--port", port] => number(port).and_then(|port| serve::run(Some(port))),
        ["dist"] => dist::run(&root().join("dist"), false),
        ["dist", "--out", out] => dist::run(Path::new(out), false),
        ["dist", "--names", "--out", out] | ["dist", "--out", out, "--names"] => dist::run(Path::new(out), true),
        ["bench", options @ ..] => bench::run(options),
        ["interop", options @ ..] => interop::run(options),
        ["test", stages @ ..] => test::run(stages),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}\n{}\n{}", bench::HELP, interop::HELP);
            Ok(())
        }
        _ => Err(anyhow::anyhow!("no such task: {}\n{HELP}", args.join(" "))),
    };
    if let Err(error) = result {
        eprintln!("error: {error:#}");
        std::process::exit(1);
    }
}

/// Says what a stage does or did: one aligned line.
pub fn say(stage: &str, text: impl std::fmt::Display) {
    println!("{stage:<9} {text}");
}

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository")
}

/// Cargo's target directory, found from where this very program lies: TARGET/PROFILE/xtask.
pub fn target() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    match program.ancestors().nth(2) {
        Some(target) => Ok(target.to_owned()),
        None => bail!("{} does not lie in a target directory; start it with `cargo xtask`", program.display()),
    }
}

/// The cargo that started this program, in the repository's root.
pub fn cargo() -> std::process::Command {
    let mut cargo = std::process::Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(root());
    cargo
}

fn number(text: &str) -> Result<u16> {
    text.parse().map_err(|_| anyhow::anyhow!("--port takes a number from 1 to 65535, not {text:?}"))
}
