//! `cargo xtask test`: every test there is, in three stages, summed in the last line.
//!
//! - `native`: plain `cargo test`, and the tests of xtask itself
//! - `browser`: `tests/web.rs` compiled to wasm, in headless Chromium with WebGPU
//! - `page`: the built site driven from outside by `tests/e2e`
//!
//! All of them print libtest's `test result:` lines, which are added up. A test that cannot run prints a line that starts
//! with `skipped` and passes; it is counted as skipped.

use crate::{cargo, root, say, server, setup, site, target};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// A stage gets the filters: parts of the names of the tests to run, or none for all.
type Stage = fn(&[&str]) -> Result<Count>;

const STAGES: [(&str, Stage); 3] = [("native", native), ("browser", browser), ("page", page)];

/// The page is served from below the root, so that an address with a leading slash shows.
const PREFIX: &str = "some/where/";

/// Runs the stages named, or all; words that name no stage are filters.
pub fn run(words: &[&str]) -> Result<()> {
    let (stages, filters): (Vec<_>, Vec<_>) =
        words.iter().partition(|word| STAGES.iter().any(|(name, _)| name == *word));
    let mut total = Count::default();
    for (name, stage) in STAGES {
        if !stages.is_empty() && !stages.contains(&name) {
            continue;
        }
        let start = Instant::now();
        let count = stage(&filters).unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Count { failed: 1, ..Count::default() }
        });
        say(name, format_args!("{count}, in {:.0} s", start.elapsed().as_secs_f32()));
        total.add(&count);
    }
    println!("{total}");
    if total.failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

fn native(filters: &[&str]) -> Result<Count> {
    let mut count = run_tests(cargo().args(["test", "--no-fail-fast", "--", "--show-output"]).args(filters))?;
    count.add(&run_tests(cargo().args(["test", "--package", "xtask", "--profile", "xtask", "--"]).args(filters))?);
    Ok(count)
}

fn browser(filters: &[&str]) -> Result<Count> {
    setup::wasm_target()?;
    let browser = setup::browser()?;
    say("compile", "the test runner");
    // Builds what the wasm target's runner in .cargo/config.toml starts, which would do so in silence.
    if !cargo()
        .args(["build", "--profile", "xtask", "--package", "xtask", "--features", "runner", "--bin", "runner"])
        .status()?
        .success()
    {
        bail!("the test runner does not compile");
    }
    lay_goldens().context("the goldens cannot be laid where the browser finds them")?;
    let run = |relaxed: bool, filters: &[&str]| {
        let mut command = cargo();
        command.args(["test", "--profile", "serve", "--target", setup::WASM, "--test", "web"]);
        site::with(&mut command, &[], relaxed.then_some(site::RELAXED_SIMD))?;
        run_tests(command.args(["--", "--nocapture"]).args(filters).env("CHROMEDRIVER", &browser.driver))
    };
    let mut count = run(false, filters)?;
    // The graphics card does not know the difference.
    say("browser", "again with relaxed SIMD: what the CPU computes");
    count.add(&run(true, if filters.is_empty() { &["on_the_cpu"] } else { filters })?);
    Ok(count)
}

/// Copies the folder `GOLDENS`, or `../shared/goldens`, to `target/goldens`: the test's server gives out what lies below the
/// project. Without that folder nothing is left there, and the tests say that they are skipped.
fn lay_goldens() -> Result<()> {
    let to = root().join("target/goldens");
    if to.exists() {
        std::fs::remove_dir_all(&to)?;
    }
    let from = std::env::var_os("GOLDENS").map_or_else(|| root().join("../shared/goldens"), PathBuf::from);
    if !from.is_dir() {
        say("goldens", format_args!("there is no {}", from.display()));
        return Ok(());
    }
    std::fs::create_dir_all(&to)?;
    for entry in std::fs::read_dir(&from)? {
        let path = entry?.path();
        if let Some(name) =
            path.file_name().filter(|_| path.extension().is_some_and(|end| end == "json" || end == "safetensors"))
        {
            std::fs::write(to.join(name), std::fs::read(&path)?)?;
        }
    }
    say("goldens", format_args!("from {}", from.display()));
    Ok(())
}

fn page(filters: &[&str]) -> Result<Count> {
    let browser = setup::browser()?;
    let out = target()?.join("site-under-test");
    site::build(&site::Recipe { publish: false, relaxed: true, out: &out, extra: "" })?;
    let site = server::start(out, PREFIX, 0)?;
    run_tests(
        cargo()
            .args(["test", "--test", "e2e", "--"])
            .args(filters)
            .env("RUST_BACKTRACE", "0")
            .env("WHISKER_SITE", site.url)
            .env("CHROMIUM", browser.chromium),
    )
}

/// Results of tests.
#[derive(Default)]
struct Count {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Count {
    fn add(&mut self, other: &Count) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Counts one line of a test binary's output.
    fn read(&mut self, line: &str) {
        if line.trim_start().starts_with("skipped") {
            self.skipped += 1;
            return;
        }
        let Some(result) = line.strip_prefix("test result:") else { return };
        let number = |what: &str| {
            let (before, _) = result.split_once(what)?;
            before.trim_end().rsplit(' ').next()?.parse::<usize>().ok()
        };
        self.passed += number("passed").unwrap_or(0);
        self.failed += number("failed").unwrap_or(0);
        self.skipped += number("ignored").unwrap_or(0);
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// Runs a command that prints libtest's results, shows its output, and counts. What fails without saying which test did
/// counts as one failure.
fn run_tests(command: &mut Command) -> Result<Count> {
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let (mut count, mut announced) = (Count::default(), 0);
    for line in BufReader::new(child.stdout.take().expect("stdout is piped")).lines() {
        let line = line?;
        announced += usize::from(line.trim_start().starts_with("skipped"));
        count.read(&line);
        println!("{line}");
    }
    // A test that said "skipped" ended as passed.
    count.passed = count.passed.saturating_sub(announced);
    if !child.wait()?.success() && count.failed == 0 {
        count.failed = 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_added_up() {
        let mut count = Count::default();
        count.read("test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s");
        count.read("running 3 tests");
        count.read("test result: ok. 3 passed; 0 failed; 0 ignored; 0 filtered out");
        assert_eq!(count.to_string(), "15 passed, 2 failed, 1 skipped");
    }
}
