//! `cargo xtask serve`: build, serve, and on every change build again and reload the open pages.

use crate::server::{self, Site};
use crate::{root, say, setup, site, target};
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

const PORT: u16 = 8080;

/// What is watched. A change anywhere in these builds the site again.
const WATCHED: [&str; 7] = ["src", "engine", "shaders", "www", "index.html", "Cargo.toml", "Cargo.lock"];

/// Reloads the page once the build that it came from is no longer the newest.
const RELOADER: &str = "<script type=\"module\">
  let seen = '';
  for (;;) {
    try {
      const build = await (await fetch('__build?' + seen)).text();
      if (seen && build !== seen) location.reload();
      seen = build;
    } catch { await new Promise(wake => setTimeout(wake, 1000)); }
  }
</script>
";

/// Serves the page until interrupted.
pub fn run(port: Option<u16>) -> Result<()> {
    let out = target()?.join("site");
    setup::wasm_target()?;
    say("compile", "the page and the engine; some minutes the first time, seconds after a change");
    let mut before = stamps();
    build(&out)?;
    let site = listen(&out, port)?;
    say("serve", format_args!("{} (Ctrl-C stops)", site.url));
    loop {
        thread::sleep(Duration::from_millis(300));
        let now = stamps();
        let Some((path, _)) =
            now.iter().find(|stamp| !before.contains(stamp)).or(before.iter().find(|stamp| !now.contains(stamp)))
        else {
            continue;
        };
        let start = Instant::now();
        say("change", path.strip_prefix(root()).unwrap_or(path).display());
        before = now;
        match build(&out) {
            Ok(()) => {
                site.build.fetch_add(1, Ordering::Relaxed);
                say("reload", format_args!("{:.1} s after the change", start.elapsed().as_secs_f32()));
            }
            Err(error) => eprintln!("error: {error:#}"),
        }
    }
}

fn build(out: &Path) -> Result<()> {
    site::build(&site::Recipe { publish: false, relaxed: false, out, extra: RELOADER }).map(drop)
}

/// Takes the port asked for; where none was asked for, the usual one or, that being taken, any.
fn listen(out: &Path, port: Option<u16>) -> Result<Site> {
    match port {
        Some(port) => server::start(out.to_owned(), "", port),
        None => server::start(out.to_owned(), "", PORT).or_else(|_| server::start(out.to_owned(), "", 0)),
    }
}

/// Every watched file with the time of its last change, in a fixed order.
fn stamps() -> Vec<(PathBuf, SystemTime)> {
    fn walk(path: PathBuf, found: &mut Vec<(PathBuf, SystemTime)>) {
        if let Ok(entries) = fs::read_dir(&path) {
            entries.flatten().for_each(|entry| walk(entry.path(), found));
        } else if let Ok(time) = fs::metadata(&path).and_then(|data| data.modified()) {
            found.push((path, time));
        }
    }
    let mut found = Vec::new();
    WATCHED.iter().for_each(|path| walk(root().join(path), &mut found));
    found.sort();
    found
}
