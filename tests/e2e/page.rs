//! What a test can do to a page: look, wait, click, type, drop files, take a picture.

use crate::browser::{Answer, Log, Wire, decode};
use serde_json::{Value, json};
use std::cell::{Ref, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Modifiers of keys.
pub const ALT: u8 = 1;
pub const CONTROL: u8 = 2;
pub const SHIFT: u8 = 8;

/// A window of its own, closed when dropped.
pub struct Page {
    wire: Rc<RefCell<Wire>>,
    session: String,
    context: String,
    log: usize,
}

/// An element of a page, found once.
pub struct Element<'a> {
    page: &'a Page,
    object: String,
}

/// A task of the main thread, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Task {
    /// From its beginning to its end.
    pub wall: f64,
    /// On a processor: without the time when other programs had it.
    pub own: f64,
}

impl Page {
    pub(crate) fn new(wire: Rc<RefCell<Wire>>) -> Page {
        let (session, context, log) = {
            let mut wire = wire.borrow_mut();
            let mut call = |method, params| wire.call("", method, params).expect("Chromium opens windows");
            let context = call("Target.createBrowserContext", json!({}))["browserContextId"].clone();
            let target = call("Target.createTarget", json!({ "url": "about:blank", "browserContextId": context }));
            let target = json!({ "targetId": target["targetId"], "flatten": true });
            let session = string(&call("Target.attachToTarget", target)["sessionId"]);
            let log = wire.logs.len();
            wire.logs.push(Log::default());
            wire.owners.insert(session.clone(), log);
            (session, string(&context), log)
        };
        let page = Page { wire, session, context, log };
        for domain in ["Page", "Runtime", "Network", "Log", "DOM"] {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        page.call(
            "Target.setAutoAttach",
            json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true }),
        );
        page.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": PRELUDE }));
        page
    }

    /// Goes to an address and waits until its document has loaded.
    pub fn go(&self, address: &str) {
        let before = self.log().loads;
        let answer = self.call("Page.navigate", json!({ "url": address }));
        assert!(answer["errorText"].is_null(), "cannot open {address}: {}", answer["errorText"]);
        // A change after the # alone loads no new document.
        if answer["loaderId"].is_string() {
            self.wait_until(&format!("{address} has loaded"), 30, || self.log().loads > before);
        }
    }

    pub fn reload(&self) {
        let before = self.log().loads;
        self.call("Page.reload", json!({}));
        self.wait_until("the page has loaded again", 30, || self.log().loads > before);
    }

    /// Answers requests for an address with HTML, in the site's stead.
    pub fn answer(&self, address: &str, html: &str, isolated: bool) {
        let answer = Answer { html: html.to_owned(), isolated };
        self.wire.borrow_mut().logs[self.log].answers.insert(address.to_owned(), answer);
        let answers: Vec<Value> = self.log().answers.keys().map(|address| json!({ "urlPattern": address })).collect();
        self.call("Fetch.enable", json!({ "patterns": answers }));
    }

    /// Runs a JavaScript expression in the page and returns its value, awaited where it is a promise.
    pub fn eval(&self, expression: &str) -> Value {
        let params =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        value(&self.call("Runtime.evaluate", params), expression)
    }

    /// Waits until a JavaScript expression is true and says how long that took.
    pub fn wait_for(&self, expression: &str, seconds: u64) -> Duration {
        self.wait_until(expression, seconds, || truthy(&self.eval(expression)))
    }

    /// Waits, frame by frame and inside the page, until a JavaScript expression is true: the milliseconds since the document
    /// began to load.
    pub fn time(&self, expression: &str, seconds: u64) -> f64 {
        let at = self.eval(&format!(
            "new Promise(done => {{
                const look = () => ({expression}) ? done(performance.now())
                    : performance.now() > {seconds}000 ? done(null) : requestAnimationFrame(look);
                look();
            }})"
        ));
        at.as_f64().unwrap_or_else(|| panic!("waited {seconds} s in vain until {expression}"))
    }

    /// Waits until something is so and says how long that took.
    pub fn wait_until(&self, what: &str, seconds: u64, is_so: impl Fn() -> bool) -> Duration {
        let start = Instant::now();
        while !is_so() {
            assert!(start.elapsed() < Duration::from_secs(seconds), "waited {seconds} s in vain until {what}");
            std::thread::sleep(Duration::from_millis(20));
            // Lets events come in.
            self.call("Runtime.evaluate", json!({ "expression": "0" }));
        }
        start.elapsed()
    }

    /// The one element with this role whose accessible name is `name`; where `name` ends in `…`, whose name begins so.
    /// Waits for it.
    pub fn get(&self, role: &str, name: &str) -> Element<'_> {
        self.wait_until(&format!("there is a {role} {name:?}"), 10, || !self.all(role, name).is_empty());
        let mut found = self.all(role, name);
        assert_eq!(found.len(), 1, "there is more than one {role} {name:?}");
        found.remove(0)
    }

    /// All elements with this role and name, as `get` understands them, in the order of the page.
    pub fn all(&self, role: &str, name: &str) -> Vec<Element<'_>> {
        let root = self.call("DOM.getDocument", json!({ "depth": 0 }));
        self.query(json!({ "nodeId": root["root"]["nodeId"], "role": role }), name)
    }

    fn query(&self, question: Value, name: &str) -> Vec<Element<'_>> {
        let found = self.call("Accessibility.queryAXTree", question);
        let fits = |node: &&Value| {
            let heard = node["name"]["value"].as_str().unwrap_or_default();
            node["ignored"] != true && name.strip_suffix('…').map_or(heard == name, |start| heard.starts_with(start))
        };
        let nodes = found["nodes"].as_array().into_iter().flatten().filter(fits);
        let objects = nodes.filter_map(|node| {
            let id = json!({ "backendNodeId": node["backendDOMNodeId"] });
            // The element may have gone since the question.
            self.wire.borrow_mut().call(&self.session, "DOM.resolveNode", id).ok()
        });
        objects.map(|found| Element { page: self, object: string(&found["object"]["objectId"]) }).collect()
    }

    /// The first element that fits a CSS selector, inside shadow roots too. Waits for it.
    pub fn css(&self, selector: &str) -> Element<'_> {
        self.wait_until(&format!("there is a {selector}"), 10, || self.count(selector) > 0);
        let expression = format!("deepQueryAll({})[0]", json!(selector));
        let found = self.call("Runtime.evaluate", json!({ "expression": expression }));
        Element { page: self, object: string(&found["result"]["objectId"]) }
    }

    /// How many elements fit a CSS selector, inside shadow roots too.
    pub fn count(&self, selector: &str) -> usize {
        self.eval(&format!("deepQueryAll({}).length", json!(selector))).as_u64().expect("a length is a number") as usize
    }

    /// Presses a key (`"Enter"`, `"ArrowUp"`, `"z"`), with modifiers: `ALT | SHIFT`, 0 for none.
    pub fn press(&self, key: &str, modifiers: u8) {
        let text = if key.chars().count() == 1 && modifiers & !SHIFT == 0 { key } else { "" };
        let text = if key == "Enter" { "\r" } else { text };
        let code = match key {
            "Enter" => 13,
            "Tab" => 9,
            "Escape" => 27,
            " " => 32,
            "ArrowLeft" => 37,
            "ArrowUp" => 38,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            "Delete" => 46,
            "Backspace" => 8,
            other => other.chars().next().map_or(0, |c| c.to_ascii_uppercase() as u32),
        };
        let name = if key == " " {
            "Space".to_owned()
        } else if key.len() == 1 {
            format!("Key{}", key.to_uppercase())
        } else {
            key.to_owned()
        };
        for kind in [if text.is_empty() { "rawKeyDown" } else { "keyDown" }, "keyUp"] {
            let event = json!({
                "type": kind, "key": key, "code": name, "text": text, "modifiers": modifiers, "windowsVirtualKeyCode": code,
            });
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Writes `target/e2e/NAME.png` and returns its path.
    pub fn screenshot(&self, name: &str) -> PathBuf {
        let picture = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        save(name, &decode(picture["data"].as_str().expect("a picture comes as text")))
    }

    /// Sets the window's inner size in CSS pixels.
    pub fn resize(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// What happened so far.
    pub fn log(&self) -> Ref<'_, Log> {
        Ref::map(self.wire.borrow(), |wire| &wire.logs[self.log])
    }

    /// Watches the page's main thread while `during` runs: its longest tasks, longest first.
    pub fn tasks(&self, during: impl FnOnce()) -> Vec<Task> {
        self.call(
            "Tracing.start",
            json!({ "transferMode": "ReportEvents", "traceConfig": { "includedCategories": ["toplevel"] } }),
        );
        during();
        self.call("Tracing.end", json!({}));
        self.wait_until("the trace has come", 60, || self.log().traced);
        let mut wire = self.wire.borrow_mut();
        let log = &mut wire.logs[self.log];
        let events = std::mem::take(&mut log.trace);
        log.traced = false;
        let is_main = |event: &&Value| event["name"] == "thread_name" && event["args"]["name"] == "CrRendererMain";
        let mains: Vec<_> = events.iter().filter(is_main).map(|event| (&event["pid"], &event["tid"])).collect();
        let tasks = events.iter().filter(|event| event["ph"] == "X" && mains.contains(&(&event["pid"], &event["tid"])));
        let milliseconds = |value: &Value| value.as_f64().unwrap_or(0.0) / 1000.0;
        let mut tasks: Vec<Task> =
            tasks.map(|task| Task { wall: milliseconds(&task["dur"]), own: milliseconds(&task["tdur"]) }).collect();
        tasks.sort_by(|a, b| b.wall.total_cmp(&a.wall));
        tasks.dedup();
        tasks.truncate(10);
        tasks
    }

    fn call(&self, method: &str, params: Value) -> Value {
        self.wire.borrow_mut().call(&self.session, method, params).unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let mut wire = self.wire.borrow_mut();
        if std::thread::panicking() {
            if let Ok(picture) = wire.call(&self.session, "Page.captureScreenshot", json!({ "format": "png" })) {
                let path = save(&format!("failed-{}", self.log), &decode(picture["data"].as_str().unwrap_or_default()));
                eprintln!("the page as it was: {}", path.display());
            }
            wire.logs[self.log].errors.iter().for_each(|error| eprintln!("the page said: {error}"));
        }
        // The window may be gone already.
        drop(wire.call("", "Target.disposeBrowserContext", json!({ "browserContextId": self.context })));
    }
}

impl<'a> Element<'a> {
    /// Scrolls to the middle of the element and clicks there with the mouse.
    pub fn click(&self) {
        let (x, y) = self.middle();
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
            self.page.call("Input.dispatchMouseEvent", event);
        }
    }

    /// The one element inside this one with this role and name, as `Page::get` understands them.
    pub fn within(&self, role: &str, name: &str) -> Element<'a> {
        let mut found = self.page.query(json!({ "objectId": self.object, "role": role }), name);
        assert_eq!(found.len(), 1, "there is not exactly one {role} {name:?} inside");
        found.remove(0)
    }

    /// Drags the element by mouse, so many CSS pixels to the right and down.
    pub fn drag_by(&self, right: i32, down: i32) {
        let (x, y) = self.middle();
        let mouse = |kind: &str, part: f64| {
            let (x, y) = (x + f64::from(right) * part, y + f64::from(down) * part);
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
            self.page.call("Input.dispatchMouseEvent", event);
        };
        mouse("mouseMoved", 0.0);
        mouse("mousePressed", 0.0);
        (1..=10).for_each(|step| mouse("mouseMoved", f64::from(step) / 10.0));
        mouse("mouseReleased", 1.0);
    }

    /// Types a text into a field and stays in it.
    pub fn type_in(&self, text: &str) {
        self.focus();
        self.page.call("Input.insertText", json!({ "text": text }));
    }

    /// Puts a text in the place of what a field holds, and leaves the field.
    pub fn fill(&self, text: &str) {
        self.call("function() { this.focus(); this.select(); }", json!([]));
        self.page.call("Input.insertText", json!({ "text": text }));
        self.call("function() { this.blur(); }", json!([]));
    }

    /// Chooses an option of a select by its value or its label.
    pub fn choose(&self, option: &str) {
        let found = self.call(
            "function(wanted) {
                const option = [...this.options].find(o => o.value === wanted || o.label.trim() === wanted);
                if (!option) return false;
                this.value = option.value;
                this.dispatchEvent(new Event('input', { bubbles: true }));
                this.dispatchEvent(new Event('change', { bubbles: true }));
                return true;
            }",
            json!([{ "value": option }]),
        );
        assert_eq!(found, true, "there is no option {option:?}");
    }

    /// Hands files to an `<input type=file>`.
    pub fn set_files(&self, files: &[&Path]) {
        self.page.call("DOM.setFileInputFiles", json!({ "files": files, "objectId": self.object }));
    }

    /// Drops files onto the element.
    pub fn drop_files(&self, files: &[&Path]) {
        let (x, y) = self.middle();
        for kind in ["dragEnter", "dragOver", "drop"] {
            let data = json!({ "items": [], "files": files, "dragOperationsMask": 1 });
            self.page.call("Input.dispatchDragEvent", json!({ "type": kind, "x": x, "y": y, "data": data }));
        }
    }

    pub fn focus(&self) {
        self.call("function() { this.focus(); }", json!([]));
    }

    pub fn text(&self) -> String {
        string(&self.call("function() { return this.innerText ?? this.textContent; }", json!([])))
    }

    fn middle(&self) -> (f64, f64) {
        let middle = self.call(
            "async function() {
                this.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
                // Nobody hits what still moves.
                for (let last = '';;) {
                    const box = this.getBoundingClientRect(), now = [box.x + box.width / 2, box.y + box.height / 2];
                    if (last === (last = now.join())) return now;
                    await new Promise(requestAnimationFrame);
                }
            }",
            json!([]),
        );
        let number = |i: usize| middle[i].as_f64().expect("a box has a middle");
        (number(0), number(1))
    }

    fn call(&self, function: &str, arguments: Value) -> Value {
        let params = json!({
            "functionDeclaration": function, "objectId": self.object, "arguments": arguments,
            "returnByValue": true, "awaitPromise": true, "userGesture": true,
        });
        value(&self.page.call("Runtime.callFunctionOn", params), function)
    }
}

/// Runs in every document before its own scripts.
const PRELUDE: &str = "
    // All elements that fit a selector, inside open shadow roots too.
    // What has the focus, in whichever shadow.
    globalThis.deepActive = () => {
        let active = document.activeElement;
        while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
        return active;
    };
    globalThis.deepQueryAll = selector => {
      const search = root => [
        ...root.querySelectorAll(selector),
        ...[...root.querySelectorAll('*')].flatMap(element => element.shadowRoot ? search(element.shadowRoot) : []),
      ];
      return search(document);
    };
    addEventListener('click', () => globalThis.lastClick = performance.now(), { capture: true });
";

/// The value in an answer, or a panic with what was thrown.
fn value(answer: &Value, code: &str) -> Value {
    let thrown = &answer["exceptionDetails"];
    assert!(thrown.is_null(), "{code} threw {}", thrown["exception"]["description"]);
    answer["result"]["value"].clone()
}

fn truthy(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && *value != 0 && *value != ""
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn save(name: &str, png: &[u8]) -> PathBuf {
    scratch(&format!("{name}.png"), png)
}

/// Writes a file of a test's own, below `target/e2e`.
pub fn scratch(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("e2e");
    std::fs::create_dir_all(&folder).expect("the target directory can be written");
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("the target directory can be written");
    path
}
