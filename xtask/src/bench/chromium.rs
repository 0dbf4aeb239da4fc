//! Chromium as the machine that is measured: it opens the desk's page, which does tasks and reports each.

use crate::server::{self, DESK, Desk, Site};
use crate::setup;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// A site, and a browser to look at it with.
pub struct Machine {
    site: Site,
    reports: Receiver<String>,
    browser: setup::Browser,
    flags: Vec<String>,
    profile: PathBuf,
}

/// Ends Chromium and removes what it wrote.
struct Window {
    process: Child,
    profile: PathBuf,
}

impl Drop for Window {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
        drop(std::fs::remove_dir_all(&self.profile));
    }
}

impl Machine {
    /// `more` is served below `__more/`.
    pub fn new(folder: PathBuf, more: PathBuf) -> Result<Machine> {
        let (sender, reports) = channel();
        let desk = Desk { html: include_str!("desk.html").into(), reports: sender, more };
        let flags: Value = serde_json::from_str(include_str!("../../../webdriver.json"))?;
        let flags = flags["goog:chromeOptions"]["args"].as_array().context("webdriver.json lists Chromium's flags")?;
        Ok(Machine {
            site: server::start_with_desk(folder, desk)?,
            reports,
            browser: setup::browser()?,
            flags: flags.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            profile: std::env::temp_dir().join(format!("whisker-bench-{}", std::process::id())),
        })
    }

    /// What Chromium calls itself.
    pub fn version(&self) -> String {
        let told = Command::new(&self.browser.chromium).arg("--version").output();
        told.map(|told| String::from_utf8_lossy(&told.stdout).trim().to_owned()).unwrap_or_default()
    }

    /// Does tasks in one fresh browser, one after the other; `heard` gets what each gave. A task that takes longer than
    /// `patience` ends the browser and leaves the others undone.
    pub fn run(&self, tasks: &[Value], patience: Duration, mut heard: impl FnMut(usize, Result<Value>)) -> Result<()> {
        while self.reports.try_recv().is_ok() {}
        let words: String = serde_json::to_string(tasks)?.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let process = Command::new(&self.browser.chromium)
            .args(&self.flags)
            .args(["--no-first-run", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", self.profile.display()))
            .arg(format!("{}{DESK}#{words}", self.site.url))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", self.browser.chromium.display()))?;
        let _window = Window { process, profile: self.profile.clone() };
        for place in 0..tasks.len() {
            let report = match self.reports.recv_timeout(patience) {
                Ok(report) => serde_json::from_str::<Value>(&report)?,
                Err(RecvTimeoutError::Timeout) => {
                    heard(place, Err(anyhow::anyhow!("no answer after {} s", patience.as_secs())));
                    return Ok(());
                }
                Err(RecvTimeoutError::Disconnected) => bail!("the server has ended"),
            };
            heard(
                place,
                match report["error"].as_str() {
                    Some(error) => Err(anyhow::anyhow!("{error}")),
                    None => Ok(report["result"].clone()),
                },
            );
        }
        Ok(())
    }
}
