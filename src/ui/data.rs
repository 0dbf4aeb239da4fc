//! The data column: the set, its pictures as the network judges them, the user's own, and how training goes about it.

use yew::prelude::*;

use super::shared::Shared;
use crate::{
    data,
    paint::format,
    spec::{Data, Spec, Survey},
    ui::{app::use_page, language::fill},
    worker::protocol::{Answer, Opened, Pictures},
};

mod augment;
mod camera;
mod grid;
mod own;
mod points;
mod rate;
mod rest;
mod sets;
mod training;

pub use grid::{images, name};

use grid::Grid;
use own::Own;
use points::PointsPlot;
use sets::Sets;
use training::Training;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub spec: Shared<Spec>,
    pub survey: Shared<Survey>,
    pub opened: Option<Shared<Opened>>,
    pub pictures: Shared<Pictures>,
    /// What augmentation makes of the picture that is looked at.
    pub augmented: Shared<Pictures>,
    /// A look at what is in the sets of pictures, by their names.
    pub covers: Shared<Vec<(String, Shared<Pictures>)>>,
    pub answers: Shared<Vec<Answer>>,
    pub subject: Option<u32>,
    pub preparing: Option<(u32, u32)>,
    /// Files are being held over the page.
    pub dropping: bool,
    /// Whether a phone shows this column.
    pub shown: bool,
}

#[component]
pub fn DataColumn(props: &Props) -> Html {
    let words = use_page().words;
    let pictures = match &props.spec.data {
        Data::Set(set) => data::find(set.set).is_none_or(|source| source.pictures),
        Data::Given { .. } => false,
    };
    html! {
        <section class="column" data-column="data" data-shown={props.shown.to_string()} aria-label={words.data}>
            <div class="column-head">
                <h2 class="column-title">{ words.data }</h2>
                <span class="column-note">{ note(props, words.data_note, words.preparing) }</span>
            </div>
            { draw!(<Sets spec={props.spec.clone()} covers={props.covers.clone()} />) }
            if pictures {
                { draw!(<Grid pictures={props.pictures.clone()} answers={props.answers.clone()} subject={props.subject}
                    opened={props.opened.clone()} />) }
            } else if let Some(opened) = &props.opened {
                { draw!(<PointsPlot opened={opened.clone()} />) }
            }
            { draw!(<Own dropping={props.dropping} />) }
            { draw!(<Training spec={props.spec.clone()} augmented={props.augmented.clone()} {pictures} />) }
        </section>
    }
}

/// How many samples there are, or how far drawing them has come.
fn note(props: &Props, plain: &str, preparing: &str) -> String {
    let count = |n: u32| format::count(u64::from(n));
    if let Some((done, of)) = props.preparing {
        return fill(preparing, &[("done", &count(done)), ("of", &count(of))]);
    }
    let (train, test) = match (&props.opened, &props.spec.data) {
        (Some(opened), _) => (opened.train, opened.test),
        (None, Data::Set(set)) => (set.train as u32, set.test as u32),
        (None, Data::Given { .. }) => return String::new(),
    };
    fill(plain, &[("train", &count(train)), ("test", &count(test))])
}
