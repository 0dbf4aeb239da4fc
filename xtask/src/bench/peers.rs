//! Other libraries, in the same browser and in turn with ours: a driver beside the repository runs them with Node.

use super::there;
use crate::{root, say, target};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the libraries' packages are kept, and what is served of them.
pub fn folder() -> Result<PathBuf> {
    let folder = target()?.join("bench-peers");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("product.js"), include_str!("jax_product.js"))?;
    Ok(folder)
}

/// Whether a library is among those asked for.
pub fn has(name: &str, asked: &Option<String>) -> bool {
    asked.as_ref().is_none_or(|list| list.split(',').any(|asked| asked == name))
}

/// Runs the driver on the networks and the product of 512 × 512 matrices: what it wrote, or `None` where it cannot run.
pub fn run(
    asked: &Option<String>,
    torch: Option<&Path>,
    rounds: usize,
    site: &Path,
    networks: &[&str],
) -> Result<Option<Value>> {
    let skipped = |why: String| {
        say("skipped", format_args!("THE COMPARISON WITH OTHER LIBRARIES: {why}"));
        Ok(None)
    };
    let driver = root().join("../shared/peers/bench.mjs");
    if networks.is_empty() || (asked.as_deref() == Some("") && torch.is_none()) {
        return Ok(None);
    }
    if !driver.exists() {
        return skipped(format!("there is no {}", driver.display()));
    }
    if !there(Path::new("node")) || !there(Path::new("npm")) {
        return skipped("it needs Node and npm on the path".into());
    }
    let json = folder()?.join("result.json");
    drop(fs::remove_file(&json));
    let mut command = Command::new("node");
    command.arg(&driver).arg("--work").arg(folder()?).arg("--ours").arg(site).arg("--json").arg(&json);
    command.args(["--rounds", &rounds.to_string(), "--only", &format!("{},matmul-512", networks.join(","))]);
    if let Some(asked) = asked {
        command.args(["--peers", asked]);
    }
    match torch {
        Some(python) if there(python) => drop(command.arg("--torch").arg(python)),
        Some(python) => say("skipped", format_args!("PYTORCH: {} does not start", python.display())),
        None => say("skipped", "PYTORCH: name a Python that has it (--torch), or let one be made (--install-torch)"),
    }
    let status = command.stdout(Stdio::null()).status().context("cannot start node")?;
    if !status.success() || !json.exists() {
        return skipped("its driver failed; its words are above".into());
    }
    Ok(Some(serde_json::from_str(&fs::read_to_string(&json)?)?))
}

/// A Python with PyTorch for the CPU, made below the target folder: its path.
pub fn install_torch() -> Result<PathBuf> {
    let folder = target()?.join("torch");
    let python = folder.join("bin/python");
    let has_torch = || Command::new(&python).args(["-c", "import torch"]).status().is_ok_and(|status| status.success());
    if python.exists() && has_torch() {
        return Ok(python);
    }
    say("torch", format_args!("a virtual environment in {}", folder.display()));
    let step = |program: &Path, args: &[&str]| -> Result<()> {
        let status = Command::new(program).args(args).status();
        if !status.is_ok_and(|status| status.success()) {
            bail!("{} {} failed", program.display(), args.join(" "));
        }
        Ok(())
    };
    step(Path::new("python3"), &["-m", "venv", &folder.display().to_string()])?;
    step(&python, &["-m", "pip", "install", "--quiet", "torch", "numpy"])?;
    Ok(python)
}
