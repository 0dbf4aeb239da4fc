//! One headless Chromium, spoken to over its DevTools protocol: a WebSocket with a JSON message per command and event.

use crate::page::Page;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;
use tungstenite::{Message, WebSocket};

/// A running Chromium, and the site that it looks at.
pub struct Browser {
    /// The site's address, ending in a slash.
    pub site: String,
    wire: Rc<RefCell<Wire>>,
    process: Child,
    profile: PathBuf,
}

impl Browser {
    /// Starts Chromium with the flags of `webdriver.json`; the environment variable `CHROMIUM` may name another program.
    pub fn start(site: &str) -> Browser {
        let flags: Value = serde_json::from_str(include_str!("../../webdriver.json")).expect("webdriver.json is JSON");
        let flags =
            flags["goog:chromeOptions"]["args"].as_array().expect("webdriver.json lists Chromium's flags").clone();
        let profile = std::env::temp_dir().join(format!("whisker-e2e-{}", std::process::id()));
        let program = std::env::var_os("CHROMIUM").unwrap_or("chromium".into());
        let mut process = Command::new(&program)
            .args(flags.iter().filter_map(Value::as_str))
            .args(["--remote-debugging-port=0", "--window-size=1440,900", "--no-first-run"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()));

        let mut stderr = BufReader::new(process.stderr.take().expect("stderr is piped")).lines();
        let address = stderr
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.split_once("DevTools listening on ").map(|(_, address)| address.trim().to_owned()))
            .expect("Chromium says where it listens");
        // Chromium stops at a full pipe; what it writes from here on is of no interest.
        std::thread::spawn(move || stderr.for_each(drop));

        let host = address.trim_start_matches("ws://").split('/').next().expect("an address has a host");
        let stream = TcpStream::connect(host).expect("Chromium listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("60 s is a legal timeout");
        let (socket, _) = tungstenite::client(&address, stream).expect("Chromium speaks WebSocket");
        let wire = Wire { socket, commands: 0, logs: Vec::new(), owners: HashMap::new() };
        Browser {
            site: format!("{}/", site.trim_end_matches('/')),
            wire: Rc::new(RefCell::new(wire)),
            process,
            profile,
        }
    }

    /// Opens an address below the site, `""` for the page itself, in a window that shares nothing with other windows.
    pub fn open(&self, address: &str) -> Page {
        let page = self.blank();
        page.go(&format!("{}{address}", self.site));
        page
    }

    /// An empty window, to be prepared before it goes somewhere.
    pub fn blank(&self) -> Page {
        Page::new(self.wire.clone())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromium may be gone already; its profile is then removed all the same.
        drop(self.process.kill());
        drop(self.process.wait());
        drop(std::fs::remove_dir_all(&self.profile));
    }
}

/// What is answered in the site's stead; isolated from other origins, a page may share memory with its workers.
#[derive(Clone)]
pub struct Answer {
    pub html: String,
    pub isolated: bool,
}

/// What happened in a window and its workers so far.
#[derive(Default)]
pub struct Log {
    /// Addresses asked for, in order.
    pub requests: Vec<String>,
    /// Errors: exceptions, `console.error`, files that did not load.
    pub errors: Vec<String>,
    /// How many documents have loaded.
    pub loads: usize,
    /// Answers given in the site's stead: HTML by address.
    pub answers: HashMap<String, Answer>,
    /// Events of a trace, and whether it is complete.
    pub trace: Vec<Value>,
    pub traced: bool,
}

/// The connection. Commands wait for their reply; events that come meanwhile go to the log of their window.
pub struct Wire {
    socket: WebSocket<TcpStream>,
    commands: u64,
    pub logs: Vec<Log>,
    /// Which log a session (a window, or a worker in it) writes to.
    pub owners: HashMap<String, usize>,
}

impl Wire {
    /// Runs a command and returns its result, or the error's text.
    pub fn call(&mut self, session: &str, method: &str, params: Value) -> Result<Value, String> {
        let id = self.send(session, method, params);
        loop {
            let message = self.receive(method)?;
            if message["id"] == id {
                return match message["error"]["message"].as_str() {
                    Some(error) => Err(format!("{method}: {error}")),
                    None => Ok(message["result"].clone()),
                };
            }
            self.note(&message);
        }
    }

    fn send(&mut self, session: &str, method: &str, params: Value) -> u64 {
        self.commands += 1;
        let mut command = json!({ "id": self.commands, "method": method, "params": params });
        if !session.is_empty() {
            command["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(command.to_string())).expect("Chromium listens");
        self.commands
    }

    fn receive(&mut self, waiting_for: &str) -> Result<Value, String> {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => return serde_json::from_str(&text).map_err(|error| error.to_string()),
                Ok(_) => {}
                Err(error) => return Err(format!("no answer to {waiting_for}: {error}")),
            }
        }
    }

    fn note(&mut self, event: &Value) {
        let session = event["sessionId"].as_str().unwrap_or_default().to_owned();
        let Some(&owner) = self.owners.get(&session) else { return };
        let (log, params) = (&mut self.logs[owner], &event["params"]);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match event["method"].as_str().unwrap_or_default() {
            "Tracing.dataCollected" => log.trace.extend(params["value"].as_array().into_iter().flatten().cloned()),
            "Tracing.tracingComplete" => log.traced = true,
            "Page.loadEventFired" => log.loads += 1,
            "Network.requestWillBeSent" => log.requests.push(text(&params["request"]["url"])),
            "Runtime.exceptionThrown" => {
                let thrown = &params["exceptionDetails"];
                let what = thrown["exception"]["description"].as_str().or(thrown["text"].as_str());
                log.errors.push(what.unwrap_or("an exception without words").to_owned());
            }
            "Runtime.consoleAPICalled" if params["type"] == "error" => {
                let words = params["args"].as_array().into_iter().flatten();
                let words = words
                    .map(|word| text(if word["value"].is_string() { &word["value"] } else { &word["description"] }));
                log.errors.push(words.collect::<Vec<_>>().join(" "));
            }
            "Log.entryAdded" if params["entry"]["level"] == "error" => {
                log.errors.push(format!("{} {}", text(&params["entry"]["text"]), text(&params["entry"]["url"])));
            }
            "Fetch.requestPaused" => {
                let body = log.answers.get(params["request"]["url"].as_str().unwrap_or_default()).cloned();
                let request = &params["requestId"];
                match body {
                    Some(Answer { html, isolated }) => {
                        let mut headers = vec![("Content-Type", "text/html; charset=utf-8")];
                        if isolated {
                            headers.push(("Cross-Origin-Opener-Policy", "same-origin"));
                            headers.push(("Cross-Origin-Embedder-Policy", "require-corp"));
                        }
                        let headers = headers.into_iter().map(|(name, value)| json!({ "name": name, "value": value }));
                        self.send(
                            &session,
                            "Fetch.fulfillRequest",
                            json!({
                                "requestId": request, "responseCode": 200, "body": encode(html.as_bytes()),
                                "responseHeaders": headers.collect::<Vec<_>>(),
                            }),
                        )
                    }
                    None => self.send(&session, "Fetch.continueRequest", json!({ "requestId": request })),
                };
            }
            // A worker starts, and waits until its events are heard.
            "Target.attachedToTarget" => {
                let worker = text(&params["sessionId"]);
                self.owners.insert(worker.clone(), owner);
                for method in ["Runtime.enable", "Network.enable", "Runtime.runIfWaitingForDebugger"] {
                    self.send(&worker, method, json!({}));
                }
            }
            _ => {}
        }
    }
}

/// Base64, as the protocol carries bytes.
pub fn encode(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The bytes of a Base64 text.
pub fn decode(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).expect("Chromium sends valid Base64")
}
