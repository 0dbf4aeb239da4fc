//! Pictures of the test split, each framed right (solid) or wrong (dashed) as it is now; a press looks at one.

use yew::prelude::*;

use crate::{
    paint::{Image, format},
    ui::{
        app::use_page,
        language::fill,
        model::{Action, GRID},
        part::{Raster, icon},
        shared::Shared,
    },
    worker::protocol::{Answer, Opened, Pictures, Subject},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub pictures: Shared<Pictures>,
    pub answers: Shared<Vec<Answer>>,
    pub subject: Option<u32>,
    pub opened: Option<Shared<Opened>>,
}

/// How many places are kept free until the pictures come.
const PLACES: usize = GRID as usize;

#[component]
pub fn Grid(props: &Props) -> Html {
    let page = use_page();
    let words = page.words;
    let images = use_memo(props.pictures.clone(), |pictures| images(pictures));
    let pictures = &props.pictures;
    if pictures.indices.is_empty() {
        return html! {
            <div class="pictures" aria-hidden="true">{ for (0..PLACES).map(|_| html! { <span class="picture"></span> }) }</div>
        };
    }
    let answer = |index: u32| props.answers.iter().find(|answer| answer.index == index);
    let classes = props.opened.as_ref().map_or(&[][..], |opened| &opened.classes);
    let more = props.opened.as_ref().is_some_and(|opened| opened.test as usize > pictures.indices.len());
    html! {
        <>
            <div class="pictures" role="group" aria-label={words.pictures}>
                { for pictures.indices.iter().zip(&pictures.labels).zip(images.iter()).map(|((index, label), image)| draw!(*index =>
                    <Picture index={*index} label={*label} image={image.clone()} answer={answer(*index).copied()}
                        truth={name(classes, *label)} said={answer(*index).map(|answer| name(classes, answer.said))}
                        looked={props.subject == Some(*index)} />
                )) }
            </div>
            if more {
                <button type="button" class="more-pictures" onclick={page.act.reform(|_| Action::MorePictures)}>
                    { icon("dice") }{ words.more_pictures }
                </button>
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct PictureProps {
    index: u32,
    label: u32,
    image: Shared<Image>,
    answer: Option<Answer>,
    truth: AttrValue,
    said: Option<AttrValue>,
    looked: bool,
}

#[component]
fn Picture(props: &PictureProps) -> Html {
    let page = use_page();
    let (words, index) = (page.words, props.index);
    let (state, title) = match (&props.answer, &props.said) {
        (Some(answer), Some(said)) => {
            let right = answer.said == props.label;
            let (state, sentence) = if right { ("right", words.picture_right) } else { ("wrong", words.picture_wrong) };
            let share = format::percent(answer.probability);
            (Some(state), fill(sentence, &[("class", &props.truth), ("said", said), ("share", &share)]))
        }
        _ => (None, props.truth.to_string()),
    };
    html! {
        <button type="button" class="picture" data-answer={state} aria-current={props.looked.then_some("true")}
            aria-label={title.clone()} {title} onclick={page.act.reform(move |_| Action::Look(Subject::Sample(index)))}>
            { draw!(<Raster image={props.image.clone()} />) }
        </button>
    }
}

/// The pictures, taken apart.
pub fn images(pictures: &Pictures) -> Vec<Shared<Image>> {
    let side = pictures.size as usize;
    let image = |rgba: &[u8]| Shared::new(Image { width: side, height: side, rgba: rgba.to_vec() });
    pictures.rgba.0.chunks_exact((side * side * 4).max(1)).map(image).collect()
}

/// A class by its name, or by its number where it has none.
pub fn name(classes: &[String], class: u32) -> AttrValue {
    classes.get(class as usize).map_or_else(|| class.to_string().into(), |name| name.clone().into())
}
