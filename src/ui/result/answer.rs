//! What the network says of the picture, or the point, that is looked at.

use yew::prelude::*;

use crate::{
    paint::{Image, colour, format},
    tensor::sorted::{order, sort_by_key},
    ui::{app::use_page, language::fill, part::Raster, shared::Shared},
    worker::protocol::{Look, Opened},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub opened: Shared<Opened>,
    pub look: Option<Shared<Look>>,
    pub plane: bool,
}

/// With more classes than these, only the likeliest are told.
const MOST: usize = 5;

#[component]
pub fn AnswerCard(props: &Props) -> Html {
    let page = use_page();
    let words = page.words;
    let image = use_memo(props.look.clone(), |look| {
        let look = look.as_ref().filter(|look| look.size > 0)?;
        let side = look.size as usize;
        Some(Shared::new(Image { width: side, height: side, rgba: look.rgba.0.clone() }))
    });
    let classes = &props.opened.classes;
    let Some(look) = &props.look else { return html! {} };
    let mut shares: Vec<(usize, f32)> = look.probabilities.iter().copied().enumerate().collect();
    let said = shares.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(class, _)| *class);
    if shares.len() > MOST {
        sort_by_key(&mut shares, |share| std::cmp::Reverse(order(share.1)));
        shares.truncate(MOST);
    }
    let colours = colour::classes(classes, page.theme);
    let name = |class: usize| classes.get(class).cloned().unwrap_or_else(|| class.to_string());
    let truth = look.label.map(|label| label as usize);
    let state = match (truth, said) {
        (Some(truth), Some(said)) => Some(if truth == said { "right" } else { "wrong" }),
        _ => None,
    };
    html! {
        <div class="card">
            <h3 class="card-title">{ if props.plane { words.this_point } else { words.this_picture } }</h3>
            <div class="look" data-plain={image.is_none().to_string()}>
                if let Some(image) = &*image {
                    <div class="picture" data-answer={state}>{ draw!(<Raster image={image.clone()} label={truth.map_or(words.this_picture.to_string(), name)} />) }</div>
                }
                <div>
                    { for shares.into_iter().map(|(class, share)| html! {
                        <div class="answer" key={class}>
                            <span>{ name(class) }</span>
                            <span class="track"><i style={format!("width:{}%;background:{}", format::pixels(share * 100.0), colour::hex(colours.get(class).copied().unwrap_or_default()))}></i></span>
                            <output>{ format::percent(share) }</output>
                        </div>
                    }) }
                    if let Some(truth) = truth {
                        <p class="say">{ verdict(words.is_right, words.is_wrong, state == Some("right"), &name(truth)) }</p>
                    }
                </div>
            </div>
        </div>
    }
}

fn verdict(right: &str, wrong: &str, is_right: bool, class: &str) -> String {
    fill(if is_right { right } else { wrong }, &[("class", class)])
}
