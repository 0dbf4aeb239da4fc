//! The handle by which a card is dragged to another place, by mouse, pen or finger.
//!
//! While it is held the card follows the pointer and the others make room; the document changes when it is let go.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, PointerEvent};
use yew::prelude::*;

use crate::{
    paint::format,
    spec,
    ui::{
        app::use_page,
        model::{Action, Edit},
        part::icon,
    },
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub place: usize,
    pub label: AttrValue,
}

/// A drag under way.
struct Drag {
    stack: Element,
    from: usize,
    to: usize,
    /// Where on the page it was taken.
    start: f64,
    cards: Vec<HtmlElement>,
    /// The middle of each card when it was taken, on the page.
    middles: Vec<f64>,
    /// How much room the card takes, with the join below it.
    room: f64,
}

#[component]
pub fn Grip(props: &Props) -> Html {
    let act = use_page().act;
    let drag = use_mut_ref(|| None::<Drag>);
    let place = props.place;

    let onpointerdown = {
        let drag = drag.clone();
        Callback::from(move |event: PointerEvent| {
            let target = event.target_dyn_into::<Element>();
            let Some(grip) = target.and_then(|target| target.closest(".layer-grip").ok().flatten()) else { return };
            if event.button() == 0 {
                event.prevent_default();
                let _ = grip.set_pointer_capture(event.pointer_id());
                *drag.borrow_mut() = Drag::begin(&grip, &event, place);
            }
        })
    };
    let onpointermove = {
        let drag = drag.clone();
        Callback::from(move |event: PointerEvent| {
            if let Some(drag) = &mut *drag.borrow_mut() {
                drag.follow(f64::from(event.page_y()));
            }
        })
    };
    let end = move |dropped: bool| {
        if let Some(drag) = drag.borrow_mut().take() {
            let (from, to) = (drag.from, drag.to);
            drag.end();
            if dropped && from != to {
                act.emit(Action::Edit(Edit::Plain(spec::Edit::Move { from, to })));
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
            {onpointercancel}>{ icon("grip") }</span>
    }
}

impl Drag {
    fn begin(grip: &Element, event: &PointerEvent, from: usize) -> Option<Drag> {
        let stack = grip.closest(".stack").ok()??;
        let list = stack.query_selector_all("[data-layer]").ok()?;
        let cards: Vec<HtmlElement> = (0..list.length()).filter_map(|i| list.item(i)?.dyn_into().ok()).collect();
        let scroll = f64::from(event.page_y()) - f64::from(event.client_y());
        let middle = |card: &HtmlElement| {
            let frame = card.get_bounding_client_rect();
            frame.top() + frame.height() / 2.0 + scroll
        };
        let join = grip.closest(".layer").ok()??.next_element_sibling();
        let height = |element: &Element| element.get_bounding_client_rect().height();
        let room = height(cards.get(from)?) + join.map_or(0.0, |join| height(&join));
        cards[from].set_attribute("data-dragged", "true").ok()?;
        stack.set_attribute("data-dragging", "true").ok()?;
        let middles = cards.iter().map(middle).collect();
        Some(Drag { stack, from, to: from, start: f64::from(event.page_y()), cards, middles, room })
    }

    fn follow(&mut self, y: f64) {
        let moved = y - self.start;
        let middle = self.middles[self.from] + moved;
        // A card gives way when the dragged one has covered half of it.
        self.to = self.middles.iter().enumerate().filter(|(other, y)| *other != self.from && **y < middle).count();
        for (place, card) in self.cards.iter().enumerate() {
            let shift = match place {
                _ if place == self.from => moved,
                _ if self.from < place && place <= self.to => -self.room,
                _ if self.to <= place && place < self.from => self.room,
                _ => 0.0,
            };
            let _ = card.style().set_property("transform", &format!("translateY({}px)", format::fixed(shift, 1)));
        }
    }

    fn end(self) {
        let _ = self.stack.remove_attribute("data-dragging");
        for card in &self.cards {
            let _ = card.remove_attribute("data-dragged");
            let _ = card.style().remove_property("transform");
        }
    }
}
