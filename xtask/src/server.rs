//! A static file server on this machine: relative addresses, right media types, nothing cached.

use anyhow::{Result, anyhow};
use std::fs::File;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tiny_http::{Header, Request, Response, Server, StatusCode};

/// The address, below the site's, that answers with the build's number as soon as it is not the one asked with.
pub const RELOAD: &str = "__build";

/// A site being served until the process ends.
pub struct Site {
    /// Where it is: `http://127.0.0.1:PORT/PREFIX`.
    pub url: String,
    /// The number of the build being served; raising it reloads the pages that watch it.
    pub build: Arc<AtomicU64>,
}

/// Serves `folder` at `http://127.0.0.1:PORT/PREFIX` from threads of its own. `prefix` is empty or ends in a slash; port
/// 0 takes any free one.
pub fn start(folder: PathBuf, prefix: &'static str, port: u16) -> Result<Site> {
    let server = Server::http(("127.0.0.1", port)).map_err(|error| anyhow!("cannot listen on port {port}: {error}"))?;
    let port = server.server_addr().to_ip().expect("an IP address was asked for").port();
    let build = Arc::new(AtomicU64::new(1));
    let site = Site { url: format!("http://127.0.0.1:{port}/{prefix}"), build: build.clone() };
    thread::spawn(move || {
        for request in server.incoming_requests() {
            let (folder, build) = (folder.clone(), build.clone());
            thread::spawn(move || answer(request, &folder, prefix, &build));
        }
    });
    Ok(site)
}

fn answer(request: Request, folder: &Path, prefix: &str, build: &AtomicU64) {
    let path = request.url().split(['?', '#']).next().unwrap_or_default().trim_start_matches('/').to_owned();
    let sent = match path.strip_prefix(prefix) {
        Some(RELOAD) => {
            let seen = request.url().split_once('?').and_then(|(_, seen)| seen.parse().ok());
            request.respond(Response::from_string(wait_for_build(build, seen).to_string()))
        }
        Some(path) => match open(folder, path) {
            Some((file, kind)) => request.respond(
                Response::from_file(file)
                    .with_header(header("Content-Type", kind))
                    .with_header(header("Cache-Control", "no-store")),
            ),
            None => request.respond(Response::from_string("no such file").with_status_code(StatusCode(404))),
        },
        None => request.respond(Response::from_string("outside the site").with_status_code(StatusCode(404))),
    };
    // A browser that hangs up in the middle is its own affair.
    drop(sent);
}

/// Waits, half a minute at most, until there is another build than the one already `seen`.
fn wait_for_build(build: &AtomicU64, seen: Option<u64>) -> u64 {
    let start = Instant::now();
    loop {
        let now = build.load(Ordering::Relaxed);
        if seen != Some(now) || start.elapsed() > Duration::from_secs(30) {
            return now;
        }
        thread::sleep(Duration::from_millis(100));
    }
}

fn open(folder: &Path, path: &str) -> Option<(File, &'static str)> {
    let path = Path::new(path);
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let mut path = folder.join(path);
    if path.is_dir() {
        path.push("index.html");
    }
    Some((File::open(&path).ok()?, media_type(&path)))
}

fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "zip" => "application/zip",
        "ts" | "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("names and values above are plain ASCII")
}
