//! Reads files that were dropped, pasted or chosen, folders and all, and hands them on some at a time.

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DataTransfer, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};
use yew::Callback;

use crate::{
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
    let (last, mut portion, mut size) = (files.len(), Vec::new(), 0);
    for (place, (name, file)) in files.into_iter().enumerate() {
        let bytes = match JsFuture::from(file.array_buffer()).await {
            Ok(buffer) => Uint8Array::new(&buffer).to_vec(),
            // A file that cannot be read is sent empty, and named with the broken ones.
            Err(_) => Vec::new(),
        };
        size += bytes.len();
        portion.push(File { name, bytes: Bytes(bytes) });
        let more = place + 1 < last;
        if size >= PORTION || !more {
            size = 0;
            dispatch.emit(Action::Files { files: std::mem::take(&mut portion), more });
        }
    }
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

/// Offers a text as a file to be kept.
pub fn download(name: &str, text: &str) -> Result<(), JsValue> {
    let document = super::window().document().expect("the window has a document");
    let kind = web_sys::BlobPropertyBag::new();
    kind.set_type("application/json");
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &kind)?;
    let address = web_sys::Url::create_object_url_with_blob(&blob)?;
    let anchor = document.create_element("a")?.unchecked_into::<web_sys::HtmlAnchorElement>();
    anchor.set_href(&address);
    anchor.set_download(name);
    anchor.click();
    // The browser has taken hold of the file by the time that the next task runs.
    let revoke = Closure::once_into_js(move || web_sys::Url::revoke_object_url(&address));
    super::window().set_timeout_with_callback_and_timeout_and_arguments_0(revoke.unchecked_ref(), 1000)?;
    Ok(())
}
