//! The camera: while it is open, the network looks at what it sees.

use gloo_timers::callback::Interval;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlVideoElement, MediaStream, MediaStreamConstraints};
use yew::prelude::*;

use crate::{
    ui::{
        app::use_page,
        hooks::window,
        language::fill,
        model::Action,
        part::{Pop, icon},
    },
    worker::protocol::{Bytes, Subject},
};

/// How often the network looks, in milliseconds, and at how many pixels a side.
const EVERY: u32 = 400;
const SIDE: u32 = 128;

#[component]
pub fn Camera() -> Html {
    let page = use_page();
    let words = page.words;
    let video = use_node_ref();
    let open = use_state_eq(|| false);
    {
        let (video, act) = (video.clone(), page.act.clone());
        use_effect_with(*open, move |open| {
            let stream = std::rc::Rc::new(std::cell::RefCell::new(None::<MediaStream>));
            let looking = open.then(|| {
                start(video.clone(), stream.clone(), words.camera_none, act.clone());
                Interval::new(EVERY, move || {
                    if let Some(subject) =
                        video.cast::<HtmlVideoElement>().and_then(|video| look(&video).ok().flatten())
                    {
                        act.emit(Action::Look(subject));
                    }
                })
            });
            move || {
                drop(looking);
                if let Some(stream) = stream.take() {
                    stop(&stream);
                }
            }
        });
    }
    let on_toggle = {
        let open = open.clone();
        Callback::from(move |now| open.set(now))
    };
    html! {
        <>
            <button type="button" class="tool" data-plain="" popovertarget="camera" title={words.camera} aria-label={words.camera}>
                { icon("camera") }
            </button>
            { draw!(<Pop id="camera" class="camera" label={words.camera} {on_toggle}>
                <video ref={video} autoplay=true muted=true playsinline=true></video>
            </Pop>) }
        </>
    }
}

type Held = std::rc::Rc<std::cell::RefCell<Option<MediaStream>>>;

fn start(video: NodeRef, held: Held, sorry: &'static str, act: Callback<Action>) {
    // Once nobody else holds the place for the stream, the camera was closed before it opened.
    let held = std::rc::Rc::downgrade(&held);
    spawn_local(async move {
        match ask().await {
            Ok(stream) => match (held.upgrade(), video.cast::<HtmlVideoElement>()) {
                (Some(held), Some(video)) => {
                    video.set_src_object(Some(&stream));
                    *held.borrow_mut() = Some(stream);
                }
                _ => stop(&stream),
            },
            Err(error) => {
                let why =
                    error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message())).unwrap_or_default();
                act.emit(Action::Trouble(fill(sorry, &[("why", &why)])));
            }
        }
    });
}

async fn ask() -> Result<MediaStream, JsValue> {
    let constraints = MediaStreamConstraints::new();
    constraints.set_video(&JsValue::TRUE);
    let promise = window().navigator().media_devices()?.get_user_media_with_constraints(&constraints)?;
    Ok(JsFuture::from(promise).await?.unchecked_into())
}

fn stop(stream: &MediaStream) {
    for track in stream.get_tracks().iter() {
        track.unchecked_into::<web_sys::MediaStreamTrack>().stop();
    }
}

/// The middle square of what the camera sees; `None` while it sees nothing.
fn look(video: &HtmlVideoElement) -> Result<Option<Subject>, JsValue> {
    let (width, height) = (f64::from(video.video_width()), f64::from(video.video_height()));
    let side = width.min(height);
    if side == 0.0 {
        return Ok(None);
    }
    let document = window().document().expect("the window has a document");
    let canvas = document.create_element("canvas")?.unchecked_into::<HtmlCanvasElement>();
    canvas.set_width(SIDE);
    canvas.set_height(SIDE);
    let context =
        canvas.get_context("2d")?.expect("a canvas can be drawn on").unchecked_into::<CanvasRenderingContext2d>();
    let full = f64::from(SIDE);
    context.draw_image_with_html_video_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
        video,
        (width - side) / 2.0,
        (height - side) / 2.0,
        side,
        side,
        0.0,
        0.0,
        full,
        full,
    )?;
    let rgba = context.get_image_data(0.0, 0.0, full, full)?.data().0;
    Ok(Some(Subject::Own { width: SIDE, height: SIDE, rgba: Bytes(rgba) }))
}
