//! The handle by which a card is dragged to another place, by mouse, pen or finger.
//!
//! While it is held the card follows the pointer; where it would go is told as a gap: 0 above the first layer.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, PointerEvent};
use yew::prelude::*;

use crate::ui::part::Icon;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub place: usize,
    pub label: AttrValue,
    /// The gap that the card would go to; `None` when it is let go.
    pub on_aim: Callback<Option<usize>>,
    /// (place, gap): the card was let go over another gap.
    pub on_drop: Callback<(usize, usize)>,
}

/// A drag under way.
struct Drag {
    card: HtmlElement,
    start: f64,
    /// The middle of each layer's card when the drag began, on the page.
    middles: Vec<f64>,
    gap: usize,
}

#[component]
pub fn Grip(props: &Props) -> Html {
    let drag = use_mut_ref(|| None::<Drag>);
    let place = props.place;

    let onpointerdown = {
        let drag = drag.clone();
        Callback::from(move |event: PointerEvent| {
            let Some(grip) =
                event.target_dyn_into::<Element>().and_then(|target| target.closest(".layer-grip").ok().flatten())
            else {
                return;
            };
            if event.button() != 0 {
                return;
            }
            event.prevent_default();
            let _ = grip.set_pointer_capture(event.pointer_id());
            *drag.borrow_mut() = begin(&grip, &event, place);
        })
    };
    let onpointermove = {
        let (drag, on_aim) = (drag.clone(), props.on_aim.clone());
        Callback::from(move |event: PointerEvent| {
            if let Some(drag) = &mut *drag.borrow_mut() {
                let moved = page_y(&event) - drag.start;
                let _ = drag.card.style().set_property("transform", &format!("translateY({moved}px)"));
                let middle = drag.middles[place] + moved;
                drag.gap = drag.middles.iter().enumerate().filter(|(other, y)| *other != place && **y < middle).count();
                // Counted with the card itself taken out; the gaps below it are one further.
                drag.gap += usize::from(drag.gap >= place && drag.gap != place);
                on_aim.emit((drag.gap != place && drag.gap != place + 1).then_some(drag.gap));
            }
        })
    };
    let end = {
        let (drag, on_aim, on_drop) = (drag.clone(), props.on_aim.clone(), props.on_drop.clone());
        move |dropped: bool| {
            if let Some(drag) = drag.borrow_mut().take() {
                let _ = drag.card.style().remove_property("transform");
                let _ = drag.card.remove_attribute("data-dragged");
                on_aim.emit(None);
                if dropped && drag.gap != place && drag.gap != place + 1 {
                    on_drop.emit((place, drag.gap));
                }
            }
        }
    };
    let onpointerup = {
        let end = end.clone();
        Callback::from(move |_: PointerEvent| end(true))
    };
    let onpointercancel = Callback::from(move |_: PointerEvent| end(false));

    html! {
        <span class="layer-grip" title={&props.label} aria-hidden="true" {onpointerdown} {onpointermove} {onpointerup}
            {onpointercancel}><Icon name="grip" /></span>
    }
}

fn begin(grip: &Element, event: &PointerEvent, place: usize) -> Option<Drag> {
    let card = grip.closest(".layer").ok()??.unchecked_into::<HtmlElement>();
    let cards = grip.closest(".stack").ok()??.query_selector_all("[data-layer]").ok()?;
    let scroll = page_y(event) - f64::from(event.client_y());
    let middle = |card: Element| {
        let frame = card.get_bounding_client_rect();
        frame.top() + frame.height() / 2.0 + scroll
    };
    let middles = (0..cards.length()).filter_map(|i| Some(middle(cards.item(i)?.unchecked_into()))).collect();
    let _ = card.set_attribute("data-dragged", "true");
    Some(Drag { card, start: page_y(event), middles, gap: place })
}

fn page_y(event: &PointerEvent) -> f64 {
    f64::from(event.page_y())
}
