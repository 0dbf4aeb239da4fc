//! Frameworks that run what is written for them: where each comes from, and how its runner is started.

use crate::{say, target};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Every framework with a runner.
pub const PEERS: &[Peer] = &[
    Peer { id: "keras", runner: ("run_keras.py", include_str!("run_keras.py")), find: |tools, _| light(tools) },
    Peer {
        id: "keras-file",
        runner: ("run_keras_file.py", include_str!("run_keras_file.py")),
        find: |tools, _| light(tools),
    },
    Peer {
        id: "keras-h5",
        runner: ("run_keras_h5.py", include_str!("run_keras_file.py")),
        find: |tools, _| light(tools),
    },
    // Keras 2 came with TensorFlow up to 2.15, which wants a Python of its time: 3.9 to 3.11.
    Peer {
        id: "keras-2",
        runner: ("run_keras_2.py", include_str!("run_keras_file.py")),
        find: |tools, all| heavy(tools, all, "keras-2", &["tensorflow-cpu==2.15.1"]),
    },
    Peer { id: "onnx", runner: ("run_onnx.py", include_str!("run_onnx.py")), find: |tools, _| light(tools) },
    Peer { id: "caffe", runner: ("run_caffe.py", include_str!("run_caffe.py")), find: |tools, _| light(tools) },
    Peer {
        id: "tensorflow",
        runner: ("run_tensorflow.py", include_str!("run_tensorflow.py")),
        find: |tools, all| heavy(tools, all, "tensorflow", &["tensorflow-cpu"]),
    },
    Peer {
        id: "tensorflowjs",
        runner: ("run_tensorflowjs.mjs", include_str!("run_tensorflowjs.mjs")),
        find: |tools, _| node(tools),
    },
    Peer {
        id: "tensorflowjs-file",
        runner: ("run_tensorflowjs_file.mjs", include_str!("run_tensorflowjs_file.mjs")),
        find: |tools, _| node(tools),
    },
    Peer {
        id: "pytorch",
        runner: ("run_pytorch.py", include_str!("run_pytorch.py")),
        find: |tools, all| match std::env::var_os("WHISKER_TORCH") {
            Some(python) => Ok(python.into()),
            None => heavy(tools, all, "torch", &["torch", "numpy"]),
        },
    },
];

/// One framework.
pub struct Peer {
    pub id: &'static str,
    /// The runner's name and text.
    runner: (&'static str, &'static str),
    /// (the tools' folder, whether large ones may be fetched) → the program that starts the runner.
    find: fn(&Path, bool) -> Result<PathBuf>,
}

impl Peer {
    /// The command that runs programs, to be given folders; an error says why there is none.
    pub fn ready(&self, tools: &Path, all: bool) -> Result<Command> {
        let program = (self.find)(tools, all)?;
        let folder = tools.join("runners");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("common.py"), include_str!("common.py"))?;
        let (name, text) = self.runner;
        std::fs::write(folder.join(name), text)?;
        let mut command = Command::new(program);
        command.arg(folder.join(name));
        Ok(command)
    }
}

/// What a runner says, a line for each program.
pub fn rows(command: &mut Command) -> Result<Vec<Value>> {
    let log = target()?.join("interop.log");
    let errors = std::fs::File::create(&log)?;
    let output = command.stderr(Stdio::from(errors)).output().context("the runner does not start")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rows: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    if !output.status.success() || rows.is_empty() {
        bail!("the runner failed; its words are in {}", log.display());
    }
    Ok(rows)
}

/// The Python with everything that is light: always made.
fn light(tools: &Path) -> Result<PathBuf> {
    const PACKAGES: &[&str] =
        &["numpy", "onnxruntime", "onnx", "safetensors", "keras", "jax", "h5py", "opencv-python-headless<5", "ruff"];
    environment(tools, "python", PACKAGES)
}

/// Node, with TensorFlow.js where the written programs find it.
fn node(tools: &Path) -> Result<PathBuf> {
    let folder = tools.join("node");
    let modules = folder.join("node_modules");
    if !modules.join("@tensorflow/tfjs/package.json").exists() {
        say("fetch", format_args!("npm install @tensorflow/tfjs"));
        std::fs::create_dir_all(&folder)?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
        run(npm.arg(&folder).arg("@tensorflow/tfjs@4.22"))?;
    }
    let beside = target()?.join("interop/node_modules");
    if !beside.exists() {
        #[cfg(unix)]
        std::os::unix::fs::symlink(&modules, &beside)?;
        #[cfg(windows)]
        std::os::windows::fs::symlink_dir(&modules, &beside)?;
    }
    Ok("node".into())
}

/// A Python with something large: used where it is, made where that was asked for.
fn heavy(tools: &Path, all: bool, name: &str, packages: &[&str]) -> Result<PathBuf> {
    if !all && !tools.join(name).join("complete").exists() {
        bail!("it is large; `cargo xtask interop --all` fetches it");
    }
    environment(tools, name, packages)
}

/// A virtual environment with these packages.
fn environment(tools: &Path, name: &str, packages: &[&str]) -> Result<PathBuf> {
    let folder = tools.join(name);
    let (python, complete) = (folder.join("bin/python"), folder.join("complete"));
    if complete.exists() {
        return Ok(python);
    }
    say("fetch", format_args!("pip install {}", packages.join(" ")));
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(packages))?;
    std::fs::write(complete, "")?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.stdout(Stdio::null()).status().with_context(|| format!("{name} does not start"))?;
    if !status.success() {
        bail!("{name} failed");
    }
    Ok(())
}
