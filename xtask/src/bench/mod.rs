//! `cargo xtask bench`: how fast it is, in headless Chromium, beside other libraries where they are at hand.
//!
//! Our own figures come from the modules that `bench.html` runs for visitors (`www/bench`). Libraries to compare with come
//! from a folder that lies beside the repository and needs Node; where it is missing, that part is skipped and said so.
//! Every figure is the median of the rounds, and is held against its aim in `aim.rs`.

mod aim;
mod chromium;
mod peers;
mod record;

use crate::{dist, root, say, site, target};
use anyhow::{Context, Result, bail, ensure};
use chromium::Machine;
use record::Record;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use std::{fs, process::Command};

/// What can be asked for.
struct Options {
    only: Option<Vec<String>>,
    rounds: usize,
    peers: Option<String>,
    json: PathBuf,
    torch: Option<PathBuf>,
    install_torch: bool,
    publish: bool,
    site: Option<PathBuf>,
}

pub const HELP: &str = "\
cargo xtask bench [OPTION...]  build the site, measure it in headless Chromium, compare with other libraries:
    --only LIST      of cnn-32, cnn-64, lstm-text, mlp-digits, mlp-2d, points, product, launches, cold, memory, size
    --rounds N       how often everything is measured; the median counts [5]
    --peers LIST     of tfjs-cpu, tfjs-wasm, jax-wasm-1, jax-wasm, convnetjs, tfjs-webgpu, jax-webgpu; \"\" is none [all]
    --torch PYTHON   also native PyTorch, as this Python has it; --install-torch gets one into the target folder
    --profile serve  measure the quick build instead of the published one; --site DIR one that is built already
    --json FILE      where everything measured is written [target/bench.json]";

impl Options {
    fn parse(args: &[&str]) -> Result<Options> {
        let mut options = Options {
            only: None,
            rounds: 5,
            peers: None,
            json: target()?.join("bench.json"),
            torch: None,
            install_torch: false,
            publish: true,
            site: None,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().copied().with_context(|| format!("{arg} takes a value\n{HELP}"));
            match *arg {
                "--only" => options.only = Some(value()?.split(',').map(str::to_owned).collect()),
                "--rounds" => options.rounds = value()?.parse().context("--rounds takes a number from 1 on")?,
                "--peers" => options.peers = Some(value()?.to_owned()),
                "--json" => options.json = std::path::absolute(value()?)?,
                "--torch" => options.torch = Some(value()?.into()),
                "--install-torch" => options.install_torch = true,
                "--site" => options.site = Some(std::path::absolute(value()?)?),
                "--profile" => match value()? {
                    "serve" => options.publish = false,
                    "release" => options.publish = true,
                    other => bail!("--profile takes release or serve, not {other}"),
                },
                other => bail!("no such option: {other}\n{HELP}"),
            }
        }
        ensure!(options.rounds > 0, "--rounds takes a number from 1 on");
        Ok(options)
    }

    fn wants(&self, what: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|name| name == what))
    }
}

/// The networks, as www/bench/workload.js and the other libraries' folder both call them.
const NETWORKS: [&str; 5] = ["cnn-32", "cnn-64", "lstm-text", "mlp-digits", "mlp-2d"];

pub fn run(args: &[&str]) -> Result<()> {
    let mut options = Options::parse(args)?;
    let folder = built(&options)?;
    if options.install_torch {
        options.torch = Some(peers::install_torch()?);
    }
    let mut record = Record::new(machine(), load());
    if options.wants("size") {
        let sizes = dist::sizes(&folder)?;
        record.put("size page", "first visit", "bytes gzipped", sizes.page as f64);
        record.put("size engine", "engine alone", "bytes gzipped", sizes.engine as f64);
    }
    let compared = peers::run(&options.peers, options.torch.as_deref(), options.rounds, &folder, &networks(&options))?;
    let machine = Machine::new(folder, peers::folder()?)?;
    record.machine["chromium"] = machine.version().into();
    ours(&machine, &options, compared.is_some(), &mut record)?;
    record.finish(load());
    record.peers = compared;
    let text = aim::table(&record);
    println!("\n{text}");
    record.write(&options.json)?;
    say("bench", format_args!("everything measured is in {}", options.json.display()));
    Ok(())
}

fn networks(options: &Options) -> Vec<&'static str> {
    NETWORKS.into_iter().filter(|name| options.wants(name)).collect()
}

/// The site to measure.
fn built(options: &Options) -> Result<PathBuf> {
    if let Some(site) = &options.site {
        ensure!(site.join("bench/measure.js").exists(), "{} is not a site that can be measured", site.display());
        return Ok(site.clone());
    }
    let out = target()?.join("site-to-measure");
    match options.publish {
        true => dist::build(&out, false)?,
        false => drop(site::build(&site::Recipe { publish: false, relaxed: true, out: &out, extra: "" })?),
    }
    Ok(out)
}

/// One thing to measure: its name in the record, its unit, and the field of the result that holds it.
struct Task {
    name: String,
    unit: &'static str,
    field: &'static str,
    call: Value,
    /// It needs a browser that has done nothing yet.
    fresh: bool,
}

fn task(name: impl Into<String>, unit: &'static str, field: &'static str, call: Value) -> Task {
    Task { name: name.into(), unit, field, call, fresh: false }
}

/// Everything that our own modules measure once a round.
fn tasks(options: &Options, compared: bool) -> Vec<Task> {
    let mut tasks = vec![
        task("peak mul, add", "GFLOP/s", "mulAdd", json!(["measure", "peak"])),
        task("peak relaxed", "GFLOP/s", "relaxed", json!(["measure", "peak"])),
    ];
    for name in networks(options) {
        let mut on = |what: &str, how: Value| {
            tasks.push(task(format!("{name} {what}"), "ms", "ms", json!(["measure", "step", name, how])));
        };
        // Where others are compared with, their driver has measured these in turn with them.
        if !compared {
            on("cpu", json!({ "device": "cpu", "workers": 1 }));
            on("webgpu", json!({ "device": "webgpu" }));
            if name == "cnn-32" {
                on("cpu 2", json!({ "device": "cpu", "workers": 2 }));
            }
        }
    }
    if options.wants("cnn-32") {
        tasks.push(task("cnn-32 side by side", "times", "times", json!(["measure", "sideBySide", "cnn-32"])));
    }
    if options.wants("points") {
        tasks.push(task("points cpu", "ms", "ms", json!(["measure", "points", { "device": "cpu" }])));
    }
    if options.wants("product") {
        for n in [512, 1024] {
            tasks.push(task(
                format!("product {n} cpu"),
                "GFLOP/s",
                "gflops",
                json!(["measure", "product", n, { "device": "cpu" }]),
            ));
        }
        tasks.push(task(
            "product 1024 webgpu",
            "ms",
            "ms",
            json!(["measure", "product", 1024, { "device": "webgpu" }]),
        ));
        if peers::has("jax-webgpu", &options.peers) && compared {
            tasks.push(task(
                "product 1024 jax-webgpu",
                "ms",
                "ms",
                json!(["jax", "product", 1024, { "device": "webgpu" }]),
            ));
        }
    }
    if options.wants("launches") {
        for (field, unit) in [
            ("launches", "a step"),
            ("passes", "a step"),
            ("submissions", "a step"),
            ("bytes", "bytes a step"),
            ("buffers", "a step"),
            ("recording", "ms a step"),
        ] {
            tasks.push(task(format!("{field} cnn-32"), unit, field, json!(["count", "perStep", "cnn-32"])));
        }
        for id in ["points", "cnn-32"] {
            for (field, unit) in [
                ("launches", "a step"),
                ("passes", "a step"),
                ("submissions", "a step"),
                ("bytes", "bytes a step"),
                ("recording", "ms a step"),
            ] {
                let call = json!(["count", "perStepOfMany", id]);
                tasks.push(task(format!("{field} {id} in train(n)"), unit, field, call));
            }
        }
    }
    if options.wants("cold") {
        for device in ["cpu", "webgpu"] {
            let call = json!(["measure", "cold", "cnn-32", { "device": device }]);
            tasks.push(Task { fresh: true, ..task(format!("cold {device}"), "ms", "ms", call) });
        }
    }
    tasks
}

/// Measures what our own modules can, round by round, and memory once.
fn ours(machine: &Machine, options: &Options, compared: bool, record: &mut Record) -> Result<()> {
    const PATIENCE: Duration = Duration::from_secs(120);
    let tasks = tasks(options, compared);
    // Tasks that differ in the field alone are one call.
    let mut calls: Vec<(&Value, bool)> = Vec::new();
    for task in &tasks {
        if !calls.iter().any(|(call, _)| *call == &task.call) {
            calls.push((&task.call, task.fresh));
        }
    }
    for round in 0..options.rounds {
        let start = Instant::now();
        let mut hear = |call: &Value, told: Result<Value>| {
            for task in tasks.iter().filter(|task| task.call == *call) {
                match &told {
                    Ok(result) => record.hear(&task.name, task.unit, &result[task.field]),
                    Err(error) => record.fail(&task.name, task.unit, error),
                }
            }
        };
        let together: Vec<Value> = calls.iter().filter(|(_, fresh)| !fresh).map(|(call, _)| (*call).clone()).collect();
        machine.run(&together, PATIENCE, |place, told| hear(&together[place], told))?;
        for (call, _) in calls.iter().filter(|(_, fresh)| *fresh) {
            machine.run(std::slice::from_ref(*call), PATIENCE, |_, told| hear(call, told))?;
        }
        say("round", format_args!("{} of {}: {:.0} s", round + 1, options.rounds, start.elapsed().as_secs_f32()));
    }
    if options.wants("memory") {
        for (device, times) in [("cpu", 500), ("webgpu", 40)] {
            let call = json!(["count", "memory", device, { "times": times }]);
            let name = |what: &str| format!("memory {device} {what}");
            machine.run(&[call], Duration::from_secs(900), |_, told| match told {
                Ok(told) => {
                    for field in
                        ["times", "before", "after", "buffersBefore", "buffersAfter", "longBefore", "longAfter"]
                    {
                        record.hear(&name(field), "", &told[field]);
                    }
                }
                Err(error) => record.fail(&name("after"), "", &error),
            })?;
        }
    }
    Ok(())
}

fn machine() -> Value {
    let cpu = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split(": ").nth(1)?.to_owned())
    });
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let commit = Command::new("git").args(["rev-parse", "--short", "HEAD"]).current_dir(root()).output();
    let commit = commit.map(|told| String::from_utf8_lossy(&told.stdout).trim().to_owned()).unwrap_or_default();
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    json!({ "cpu": cpu, "cores": cores, "commit": commit, "seconds": seconds })
}

/// How busy the machine is: the figures of a busy one are worth little.
fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

/// Whether a program can be started.
fn there(program: &Path) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|told| told.status.success())
}
