//! Reads files that were dropped, pasted or chosen, folders and all, and hands them on some at a time.

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DataTransfer, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};
use yew::Callback;

use crate::{
    import::ENDINGS,
    ui::model::Action,
    worker::protocol::{Bytes, File},
};

/// Bytes that are handed on at once.
const PORTION: usize = 4 << 20;
/// Folders within folders that are looked into.
const DEPTH: usize = 8;

/// Reads what was dropped or pasted. Folders must be asked for before the event is over; they are read after it.
pub fn read_transfer(transfer: &DataTransfer, dispatch: Callback<Action>) {
    let items = transfer.items();
    let entries: Vec<FileSystemEntry> =
        (0..items.length()).filter_map(|i| items.get(i)?.webkit_get_as_entry().ok().flatten()).collect();
    let files = list(transfer.files());
    spawn_local(async move {
        let mut found = Vec::new();
        for entry in entries {
            collect(entry, &mut found).await;
        }
        // What is pasted may come as a file without an entry.
        if found.is_empty() {
            found = files;
        }
        hand_on(found, dispatch).await;
    });
}

/// Reads what was chosen in a dialog.
pub fn read_list(files: Option<FileList>, dispatch: Callback<Action>) {
    let files = list(files);
    spawn_local(hand_on(files, dispatch));
}

fn list(files: Option<FileList>) -> Vec<(String, web_sys::File)> {
    let Some(files) = files else { return Vec::new() };
    let name = |file: &web_sys::File| {
        let path = js_sys::Reflect::get(file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
        path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name())
    };
    (0..files.length()).filter_map(|i| files.get(i)).map(|file| (name(&file), file)).collect()
}

async fn hand_on(files: Vec<(String, web_sys::File)>, dispatch: Callback<Action>) {
    // Files that systems leave behind are no pictures.
    let files: Vec<_> = files
        .into_iter()
        .filter(|(name, _)| !name.rsplit('/').next().is_some_and(|name| name.starts_with('.')))
        .collect();
    dispatch.emit(Action::Reading(files.len()));
    if files.iter().any(|(name, _)| is_model(name)) {
        return hand_on_models(files, dispatch).await;
    }
    let (last, mut portion, mut size) = (files.len(), Vec::new(), 0);
    for (place, (name, file)) in files.into_iter().enumerate() {
        let bytes = match JsFuture::from(file.array_buffer()).await {
            Ok(buffer) => Uint8Array::new(&buffer).to_vec(),
            // A file that cannot be read is sent empty, and named with the broken ones.
            Err(_) => Vec::new(),
        };
        if last == 1 && names_model(&bytes) {
            return dispatch.emit(Action::Models(vec![File { name, bytes: Bytes(bytes) }]));
        }
        size += bytes.len();
        portion.push(File { name, bytes: Bytes(bytes) });
        let more = place + 1 < last;
        if size >= PORTION || !more {
            size = 0;
            dispatch.emit(Action::Files { files: std::mem::take(&mut portion), more });
        }
    }
}

/// Whether a file's name says that it holds a network; TensorFlow.js calls it so and puts its weights beside it.
pub fn is_model(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ENDINGS.contains(&ending) || name == "model.json"
}

/// Whether a zip's directory, at its end, names a file of a network.
fn names_model(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(1 << 16)..];
    let Some(start) = tail.windows(4).position(|four| four == b"PK\x01\x02") else { return false };
    let named = |ending: &&str| {
        tail[start..].windows(ending.len() + 1).any(|part| part[0] == b'.' && &part[1..] == ending.as_bytes())
    };
    let script = tail[start..].windows(10).any(|part| part == b"model.json");
    bytes.starts_with(b"PK") && (script || ENDINGS.iter().any(named))
}

/// Files of a network, all together: the desk reads them.
async fn hand_on_models(files: Vec<(String, web_sys::File)>, dispatch: Callback<Action>) {
    /// More than this is no network for a page, in bytes.
    const MOST: f64 = 268_435_456.0;
    if files.iter().map(|(_, file)| file.size()).sum::<f64>() > MOST {
        return dispatch.emit(Action::Trouble("These files have more than 256 MB: bring a smaller network.".into()));
    }
    let mut read = Vec::with_capacity(files.len());
    for (name, file) in files {
        let bytes = match JsFuture::from(file.array_buffer()).await {
            Ok(buffer) => Uint8Array::new(&buffer).to_vec(),
            // A file that cannot be read is sent empty, and named by the reader.
            Err(_) => Vec::new(),
        };
        read.push(File { name, bytes: Bytes(bytes) });
    }
    dispatch.emit(Action::Models(read));
}

/// All files below an entry, with their paths.
async fn collect(root: FileSystemEntry, found: &mut Vec<(String, web_sys::File)>) {
    let mut ahead = vec![(root, 0)];
    while let Some((entry, depth)) = ahead.pop() {
        let path = entry.full_path().trim_start_matches('/').to_string();
        if entry.is_file() {
            let entry = entry.unchecked_into::<FileSystemFileEntry>();
            let file =
                promise(|ok, bad| entry.file_with_callback_and_callback(ok.unchecked_ref(), bad.unchecked_ref())).await;
            if let Ok(file) = file {
                found.push((path, file.unchecked_into()));
            }
        } else if depth < DEPTH {
            let reader = entry.unchecked_into::<FileSystemDirectoryEntry>().create_reader();
            // A reader gives some entries at a time and none at the end.
            loop {
                let read = promise(|ok, bad| {
                    let _ = reader.read_entries_with_callback_and_callback(ok.unchecked_ref(), bad.unchecked_ref());
                });
                let Ok(entries) = read.await else { break };
                let entries = entries.unchecked_into::<Array>();
                if entries.length() == 0 {
                    break;
                }
                ahead.extend(entries.iter().map(|entry| (entry.unchecked_into::<FileSystemEntry>(), depth + 1)));
            }
        }
    }
}

/// Waits for a function that answers to one of two callbacks.
async fn promise(start: impl FnOnce(&js_sys::Function, &js_sys::Function)) -> Result<JsValue, JsValue> {
    let mut start = Some(start);
    let promise = Promise::new(&mut |ok, bad| {
        if let Some(start) = start.take() {
            start(&ok, &bad);
        }
    });
    JsFuture::from(promise).await
}

/// Reads one file as text.
pub fn read_text(file: &web_sys::File, then: impl FnOnce(Option<String>) + 'static) {
    let text = file.text();
    spawn_local(async move { then(JsFuture::from(text).await.ok().and_then(|text| text.as_string())) });
}

/// Offers bytes as a file to be kept.
pub fn download(name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    keep(name, &blob(bytes, "application/octet-stream")?)
}

fn blob(bytes: &[u8], kind: &str) -> Result<web_sys::Blob, JsValue> {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    web_sys::Blob::new_with_u8_array_sequence_and_options(&Array::of1(&Uint8Array::from(bytes)), &options)
}

fn keep(name: &str, blob: &web_sys::Blob) -> Result<(), JsValue> {
    let document = super::window().document().expect("the window has a document");
    let address = web_sys::Url::create_object_url_with_blob(blob)?;
    let anchor = document.create_element("a")?.unchecked_into::<web_sys::HtmlAnchorElement>();
    anchor.set_href(&address);
    anchor.set_download(name);
    anchor.click();
    // The browser has taken hold of the file by the time that the next task runs.
    let revoke = Closure::once_into_js(move || web_sys::Url::revoke_object_url(&address));
    super::window().set_timeout_with_callback_and_timeout_and_arguments_0(revoke.unchecked_ref(), 1000)?;
    Ok(())
}

/// Offers a drawing as a picture of pixels, twice as many each way as the drawing says.
pub async fn draw(name: &str, svg: &str, width: u32, height: u32) -> Result<(), JsValue> {
    let address = web_sys::Url::create_object_url_with_blob(&blob(svg.as_bytes(), "image/svg+xml")?)?;
    let image = web_sys::HtmlImageElement::new()?;
    image.set_src(&address);
    let decoded = JsFuture::from(image.decode()).await;
    let drawn = decoded.and_then(|_| {
        let document = super::window().document().expect("the window has a document");
        let canvas = document.create_element("canvas")?.unchecked_into::<web_sys::HtmlCanvasElement>();
        canvas.set_width(2 * width);
        canvas.set_height(2 * height);
        let context = canvas.get_context("2d")?.expect("a canvas can be drawn on");
        context
            .unchecked_into::<web_sys::CanvasRenderingContext2d>()
            .draw_image_with_html_image_element_and_dw_and_dh(
                &image,
                0.0,
                0.0,
                f64::from(2 * width),
                f64::from(2 * height),
            )?;
        Ok(canvas)
    });
    let _ = web_sys::Url::revoke_object_url(&address);
    let canvas = drawn?;
    let promise = Promise::new(&mut |ok, bad| {
        if let Err(error) = canvas.to_blob(&ok) {
            let _ = bad.call1(&JsValue::NULL, &error);
        }
    });
    keep(name, &JsFuture::from(promise).await?.dyn_into()?)
}
