//! The network column: the layers from the data to the answer, with a "+" between any two.

use web_sys::{Element, ScrollBehavior, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::prelude::*;

use super::{
    model::arc::{self, Arc},
    shared::Shared,
};
use crate::{
    paint::format,
    spec::{Piece, Spec, Survey},
    ui::{app::use_page, language::fill, model::edit::title, part::icon},
    worker::protocol::{Look, Opened},
};

mod card;
mod fields;
mod grip;
mod inputs;
mod join;
mod maps;
mod mend;
mod palette;
mod source;

use card::Card;
use join::Join;
use mend::Mend;
use palette::Palette;
use source::InputCard;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub spec: Shared<Spec>,
    pub survey: Shared<Survey>,
    pub opened: Option<Shared<Opened>>,
    /// The picture that is looked at, on its way through the layers.
    pub look: Option<Shared<Look>>,
    /// The layer whose fields are open.
    pub open: Option<usize>,
    /// Where the palette puts its layer.
    pub place: usize,
    /// Whether a phone shows this column.
    pub shown: bool,
}

#[component]
pub fn NetworkColumn(props: &Props) -> Html {
    let page = use_page();
    let words = page.words;
    let (spec, survey) = (&props.spec, &props.survey);
    let count: usize = survey.pieces.iter().flatten().map(Piece::count).sum();
    let last = spec.layers.len();
    let general = survey.mistakes.iter().filter(|mistake| mistake.layer.is_none()).map(|mistake| (mistake, true));
    let advice = survey.advice.iter().filter(|mistake| mistake.layer.is_none()).map(|mistake| (mistake, false));
    let arcs = arc::arcs(survey);
    let lanes = arcs.iter().map(|arc| arc.lane).max().unwrap_or(0);

    html! {
        <section class="column" data-column="network" data-shown={props.shown.to_string()} aria-label={words.network}>
            <div class="column-head">
                <h2 class="column-title">{ words.network }</h2>
                <span class="column-note">{ fill(words.parameters, &[("n", &format::count(count as u64))]) }</span>
                if !survey.mistakes.is_empty() {
                    <button type="button" class="to-mend" onclick={Callback::from(show_mistake)}>
                        { icon("warning") }{ fill(words.to_mend, &[("n", &survey.mistakes.len().to_string())]) }
                    </button>
                }
            </div>
            { for general.chain(advice).map(|(mistake, grave)| html! {
                <div class="layer" data-state={grave.then_some("wrong")}>{ draw!(<Mend mistake={mistake.clone()} {grave} />) }</div>
            }) }
            <div class="stack" style={format!("--lanes:{lanes}")} role="group" aria-label={words.layers}>
                { for arcs.iter().map(draw) }
                { draw!(<InputCard sample={survey.sample.clone()} look={props.look.clone()} />) }
                { draw!(<Join place={0} name={words.input} linked={last == 0 || arc::linked(survey, 0)} end={last == 0} />) }
                { for spec.layers.iter().enumerate().map(|(place, layer)| html! {
                    <>
                        { draw!(<Card {place} {last} layer={layer.clone()} name={survey.names[place].clone()}
                            piece={survey.pieces[place].clone()} earlier={survey.names[..place].to_vec()}
                            mistakes={survey.mistakes.iter().filter(|m| m.layer == Some(place)).cloned().collect::<Vec<_>>()}
                            advice={survey.advice.iter().filter(|m| m.layer == Some(place)).cloned().collect::<Vec<_>>()}
                            classes={(place + 1 == last).then(|| props.opened.clone()).flatten()}
                            look={props.look.clone()} open={props.open == Some(place)} />) }
                        { draw!(<Join place={place + 1} name={title(spec, place)} end={place + 1 == last}
                            linked={place + 1 < last && arc::linked(survey, place + 1)} />) }
                    </>
                }) }
            </div>
            { draw!(<Palette place={props.place} />) }
        </section>
    }
}

/// The row of the stack's grid that a card is in; the joins are between.
fn row(card: usize) -> usize {
    1 + 2 * card
}

fn draw(arc: &Arc) -> Html {
    let style = format!("grid-row:{}/{};--lane:{}", row(arc.from), row(arc.to), arc.lane);
    html! { <div class="arc" {style} aria-hidden="true"></div> }
}

/// Brings the first mistake into sight.
fn show_mistake(event: MouseEvent) {
    let column = event.target_dyn_into::<Element>().and_then(|button| button.closest(".column").ok().flatten());
    let mistake = column.and_then(|column| column.query_selector(".layer-mend[data-grave=\"true\"]").ok().flatten());
    if let Some(mistake) = mistake {
        let how = ScrollIntoViewOptions::new();
        how.set_block(ScrollLogicalPosition::Center);
        how.set_behavior(ScrollBehavior::Smooth);
        mistake.scroll_into_view_with_scroll_into_view_options(&how);
    }
}
