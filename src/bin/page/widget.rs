//! The custom element `<whisker-playground>`: mount, update, destroy. It knows no other element on the page.
//!
//! | attribute | |
//! |---|---|
//! | `preset` | the name of an experiment to start from |
//! | `src` | the address of a document; or a link, from its `#` on |
//! | `device` | `auto`, `cpu` or `webgpu` |
//! | `theme` | `auto`, `light` or `dark` |
//! | `page` | the element is the whole page, and keeps its experiment in the page's address |
//!
//! It has the methods `play()` and `pause()`, and fires `whisker-step` with `{ step, epoch, loss, accuracy, samplesPerSecond }`.

use crate::style::SHEET;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{CustomEvent, CustomEventInit, Element, HtmlElement, ShadowRootInit, ShadowRootMode, window};
use whisker::{
    share,
    spec::{PRESETS, Spec},
    ui::{
        app::{App, Start},
        hooks::Remote,
        model::{Action, ThemeChoice},
    },
    worker::protocol::{Choice, Progress},
};
use yew::{AppHandle, Callback, Renderer};

#[wasm_bindgen(raw_module = "./element.js")]
extern "C" {
    fn arrive(mount: &Closure<dyn Fn(HtmlElement) -> Mounted>);
}

/// Makes the element known to the browser; a second time changes nothing.
pub fn register() {
    let mount = Closure::<dyn Fn(HtmlElement) -> Mounted>::new(mount);
    arrive(&mount);
    // The element may be made as long as the window stands.
    mount.forget();
}

/// What an element holds while it stands in a page. Freed with it, and with it its page and its engine.
#[wasm_bindgen]
pub struct Mounted {
    host: HtmlElement,
    app: Option<AppHandle<App>>,
    remote: Remote,
}

#[wasm_bindgen]
impl Mounted {
    pub fn play(&self) {
        self.remote.act(Action::Play);
    }

    pub fn pause(&self) {
        self.remote.act(Action::Pause);
    }

    /// An attribute has changed.
    pub fn update(&self, name: &str) {
        match name {
            "theme" => self.remote.act(Action::Theme(theme(&self.host))),
            "device" => self.remote.act(Action::Device(device(&self.host))),
            "preset" => match preset(&self.host) {
                Some(Ok(spec)) => self.remote.act(Action::Open(Box::new(spec))),
                Some(Err(sentence)) => self.remote.act(Action::Trouble(sentence)),
                None => {}
            },
            "src" => open_source(&self.host, &self.remote),
            _ => {}
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if let Some(app) = self.app.take() {
            app.destroy();
        }
    }
}

fn mount(host: HtmlElement) -> Mounted {
    let page = host.has_attribute("page");
    let (spec, trouble) = first(&host, page);
    let remote = Remote::default();
    let start = Start {
        spec,
        page,
        device: device(&host),
        theme: theme(&host),
        trouble,
        remote: remote.clone(),
        on_progress: on_progress(&host),
        host: host.clone(),
    };
    let root = root(&host).expect("an element takes a shadow root");
    let app = Renderer::<App>::with_root_and_props(root, start).render();
    let mounted = Mounted { host, app: Some(app), remote };
    if !linked(page) {
        open_source(&mounted.host, &mounted.remote);
    }
    mounted
}

/// What the element opens with, and what to say if that is not what was asked for.
fn first(host: &HtmlElement, page: bool) -> (Spec, Option<String>) {
    let asked = match linked(page) {
        true => Some(share::read(&fragment())),
        false => preset(host),
    };
    match asked {
        Some(Ok(spec)) => (spec, None),
        Some(Err(sentence)) => (usual(), Some(sentence)),
        None => (usual(), None),
    }
}

fn usual() -> Spec {
    Spec::parse(PRESETS[0].document).expect("a preset is a document")
}

fn preset(host: &HtmlElement) -> Option<Result<Spec, String>> {
    host.get_attribute("preset").map(|name| share::read(&name))
}

fn fragment() -> String {
    let hash = window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.trim_start_matches('#').to_string()
}

fn linked(page: bool) -> bool {
    page && !fragment().is_empty()
}

fn theme(host: &HtmlElement) -> ThemeChoice {
    match host.get_attribute("theme").as_deref() {
        Some("light") => ThemeChoice::Light,
        Some("dark") => ThemeChoice::Dark,
        Some(_) | None => ThemeChoice::Auto,
    }
}

fn device(host: &HtmlElement) -> Choice {
    match host.get_attribute("device").as_deref() {
        Some("cpu") => Choice::Cpu,
        Some("webgpu") => Choice::WebGpu,
        Some(_) | None => Choice::Auto,
    }
}

/// Opens the document that `src` names, as soon as it is here.
fn open_source(host: &HtmlElement, remote: &Remote) {
    let Some(source) = host.get_attribute("src").filter(|source| !source.is_empty()) else { return };
    let remote = remote.clone();
    spawn_local(async move {
        let action = match source.split_once('#') {
            Some((_, link)) if !link.is_empty() => match share::read(link) {
                Ok(spec) => Action::Open(Box::new(spec)),
                Err(sentence) => Action::Trouble(sentence),
            },
            _ => match fetch(&source).await {
                Ok(text) => Action::Read { text, from: Some(source) },
                Err(why) => Action::Trouble(format!("The experiment at {source} could not be loaded: {why}.")),
            },
        };
        remote.act(action);
    });
}

async fn fetch(address: &str) -> Result<String, String> {
    let window = window().expect("an element is in a window");
    let failed = |_: JsValue| String::from("the address does not answer");
    let response =
        JsFuture::from(window.fetch_with_str(address)).await.map_err(failed)?.unchecked_into::<web_sys::Response>();
    if !response.ok() {
        return Err(format!("the server answers {}", response.status()));
    }
    let text = JsFuture::from(response.text().map_err(failed)?).await.map_err(failed)?;
    Ok(text.as_string().unwrap_or_default())
}

fn on_progress(host: &HtmlElement) -> Callback<Progress> {
    let host = host.clone();
    Callback::from(move |progress: Progress| {
        let detail = js_sys::Object::new();
        let set = |name: &str, value: JsValue| drop(js_sys::Reflect::set(&detail, &name.into(), &value));
        set("step", progress.step.into());
        set("epoch", progress.epoch.into());
        set("samplesPerSecond", progress.samples_per_second.into());
        if let Some(point) = progress.train.last() {
            set("loss", point.loss.into());
            set("accuracy", point.accuracy.map_or(JsValue::UNDEFINED, JsValue::from));
        }
        let init = CustomEventInit::new();
        init.set_bubbles(true);
        init.set_composed(true);
        init.set_detail(&detail);
        if let Ok(event) = CustomEvent::new_with_event_init_dict("whisker-step", &init) {
            let _ = host.dispatch_event(&event);
        }
    })
}

/// A fresh root in the element's shadow, dressed in the page's style sheets.
fn root(host: &HtmlElement) -> Result<Element, JsValue> {
    let shadow = match host.shadow_root() {
        Some(shadow) => shadow,
        None => host.attach_shadow(&ShadowRootInit::new(ShadowRootMode::Open))?,
    };
    shadow.set_inner_html("");
    let sheet = web_sys::CssStyleSheet::new()?;
    js_sys::Reflect::get(&sheet, &"replaceSync".into())?
        .unchecked_into::<js_sys::Function>()
        .call1(&sheet, &SHEET.into())?;
    js_sys::Reflect::set(&shadow, &"adoptedStyleSheets".into(), &js_sys::Array::of1(&sheet))?;
    let root = host.owner_document().expect("an element has a document").create_element("div")?;
    root.set_class_name("root");
    shadow.append_child(&root)?;
    Ok(root)
}
