//! The sets as cards, each with a look at what is in it.

use yew::prelude::*;

use crate::{
    data::{DATASETS, Request, Source, Values, points},
    paint::{Image, Theme, boundary, colour},
    spec::{Data, Spec},
    ui::{
        app::use_page,
        model::{Action, Edit},
        part::{Icon, Raster, Row},
        shared::Shared,
    },
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub spec: Shared<Spec>,
}

#[component]
pub fn Sets(props: &Props) -> Html {
    let words = use_page().words;
    let chosen = match &props.spec.data {
        Data::Set(set) => Some(set.set),
        Data::Given { .. } => None,
    };
    html! {
        <div class="sets" role="group" aria-label={words.sets}>
            { for DATASETS.iter().filter(|source| source.id != "own" || chosen == Some("own")).map(|source| html! {
                <Card key={source.id} source={Row(*source)} chosen={chosen == Some(source.id)} />
            }) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct CardProps {
    source: Row<Source>,
    chosen: bool,
}

#[component]
fn Card(props: &CardProps) -> Html {
    let page = use_page();
    let source = props.source.0;
    let covers = use_memo(page.theme, |theme| covers(source, *theme).into_iter().map(Shared::new).collect::<Vec<_>>());
    html! {
        <button type="button" class="set" aria-pressed={props.chosen.to_string()} title={source.help}
            onclick={page.act.reform(move |_| Action::Edit(Edit::Set(source.id)))}>
            <span class="set-picture">
                { for covers.iter().map(|image| html! { <Raster image={image.clone()} /> }) }
                if covers.is_empty() { <Icon name="picture" /> }
            </span>
            { source.label }
        </button>
    }
}

/// The side of a cover, and how many points it shows.
const SIDE: usize = 88;
const POINTS: usize = 160;
/// The pictures that are looked through for one of each class.
const PICTURES: usize = 8;

/// A picture of each of a set's first two classes, or its points; none where there is nothing to see yet.
fn covers(source: &Source, theme: Theme) -> Vec<Image> {
    let train = if source.pictures { PICTURES } else { POINTS };
    let mut set = (source.make)(&Request { seed: 7, size: SIDE, train, test: 0, ..Request::default() });
    if set.is_empty() {
        return Vec::new();
    }
    if let Values::Floats(places) = &set.values {
        let colours = colour::classes(&set.classes, theme);
        let dots = boundary::dots(places, &set.labels, points::EXTENT, SIDE as f32);
        return vec![boundary::scatter(&dots, SIDE, 2.4, &colours, theme)];
    }
    let mut found = Vec::new();
    for class in 0..2 {
        let first = (0..PICTURES).find(|index| {
            set.ensure(&[*index]);
            set.labels[*index] == class
        });
        found.extend(first.and_then(|index| set.thumbnail(index, SIDE)));
    }
    found.into_iter().map(|rgba| Image { width: SIDE, height: SIDE, rgba }).collect()
}
