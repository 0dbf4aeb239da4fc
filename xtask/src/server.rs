//! A static file server on this machine: relative addresses, right media types, nothing cached.

use anyhow::{Result, anyhow};
use std::fs::File;
use std::io::Read;
use std::net::TcpStream;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};
use tiny_http::{Header, Method, Request, Response, Server, StatusCode};

/// The address, below the site's, that answers with the build's number as soon as it is not the one asked with.
pub const RELOAD: &str = "__build";

/// A site being served until the process ends.
pub struct Site {
    /// Where it is: `http://127.0.0.1:PORT/PREFIX`.
    pub url: String,
    /// The number of the build being served; raising it reloads the pages that watch it.
    pub build: Arc<AtomicU64>,
}

/// What a site that is being measured has besides its files.
#[derive(Clone)]
pub struct Desk {
    /// The page at `__desk`.
    pub html: String,
    /// Where reports go: what is posted to `__desk`.
    pub reports: Sender<String>,
    /// Another folder, below `__more/`.
    pub more: PathBuf,
}

/// The address of a [`Desk`], below the site's.
pub const DESK: &str = "__desk";

/// Serves `folder` at `http://127.0.0.1:PORT/PREFIX` from threads of its own. `prefix` is empty or ends in a slash; port
/// 0 takes any free one.
pub fn start(folder: PathBuf, prefix: &'static str, port: u16) -> Result<Site> {
    listen(folder, prefix, port, None)
}

/// The same with a desk. Its pages are isolated from other origins, which makes their clocks finer.
pub fn start_with_desk(folder: PathBuf, desk: Desk) -> Result<Site> {
    listen(folder, "", 0, Some(desk))
}

fn listen(folder: PathBuf, prefix: &'static str, port: u16, desk: Option<Desk>) -> Result<Site> {
    let server = Server::http(("127.0.0.1", port)).map_err(|error| anyhow!("cannot listen on port {port}: {error}"))?;
    let port = server.server_addr().to_ip().expect("an IP address was asked for").port();
    let build = Arc::new(AtomicU64::new(1));
    let site = Site { url: format!("http://127.0.0.1:{port}/{prefix}"), build: build.clone() };
    // Of connections that come at once tiny_http may leave one without a thread for as long as all others stay open: its pool
    // counts a thread as free until that has woken. A further connection, closed at once, brings a thread that takes it on.
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_millis(250));
            drop(TcpStream::connect(("127.0.0.1", port)));
        }
    });
    thread::spawn(move || {
        for request in server.incoming_requests() {
            let (folder, build, desk) = (folder.clone(), build.clone(), desk.clone());
            thread::spawn(move || answer(request, &folder, prefix, &build, desk.as_ref()));
        }
    });
    Ok(site)
}

fn answer(mut request: Request, folder: &Path, prefix: &str, build: &AtomicU64, desk: Option<&Desk>) {
    let path = request.url().split(['?', '#']).next().unwrap_or_default().trim_start_matches('/').to_owned();
    let sent = match path.strip_prefix(prefix) {
        Some(RELOAD) => {
            let seen = request.url().split_once('?').and_then(|(_, seen)| seen.parse().ok());
            request.respond(Response::from_string(wait_for_build(build, seen).to_string()))
        }
        Some(DESK) if desk.is_some() => {
            let desk = desk.expect("it was looked at");
            let mut report = String::new();
            if *request.method() == Method::Post && request.as_reader().read_to_string(&mut report).is_ok() {
                drop(desk.reports.send(report));
            }
            request.respond(isolated(Response::from_string(&desk.html), "text/html; charset=utf-8"))
        }
        Some(path) => match find(folder, path, desk) {
            Some((file, kind)) if desk.is_some() => request.respond(isolated(Response::from_file(file), kind)),
            Some((file, kind)) => request.respond(plain(Response::from_file(file), kind)),
            None => request.respond(Response::from_string("no such file").with_status_code(StatusCode(404))),
        },
        None => request.respond(Response::from_string("outside the site").with_status_code(StatusCode(404))),
    };
    // A browser that hangs up in the middle is its own affair.
    drop(sent);
}

fn find(folder: &Path, path: &str, desk: Option<&Desk>) -> Option<(File, &'static str)> {
    match (desk, path.strip_prefix("__more/")) {
        (Some(desk), Some(path)) => open(&desk.more, path),
        _ => open(folder, path),
    }
}

/// A page that is isolated starts only workers that are, so what a worker may be made of always says so.
fn plain<R: Read>(response: Response<R>, kind: &str) -> Response<R> {
    with_kind(response, kind, kind.starts_with("text/javascript"))
}

fn isolated<R: Read>(response: Response<R>, kind: &str) -> Response<R> {
    with_kind(response, kind, true).with_header(header("Cross-Origin-Opener-Policy", "same-origin"))
}

fn with_kind<R: Read>(response: Response<R>, kind: &str, apart: bool) -> Response<R> {
    let response = response.with_header(header("Content-Type", kind)).with_header(header("Cache-Control", "no-store"));
    if apart { response.with_header(header("Cross-Origin-Embedder-Policy", "require-corp")) } else { response }
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
