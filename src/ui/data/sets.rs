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
    let cover = use_memo(page.theme, |theme| cover(source, *theme).map(Shared::new));
    html! {
        <button type="button" class="set" aria-pressed={props.chosen.to_string()} title={source.help}
            onclick={page.act.reform(move |_| Action::Edit(Edit::Set(source.id)))}>
            <span class="set-picture" data-kind={if source.pictures { "pictures" } else { "points" }}>
                if let Some(image) = &*cover { <Raster image={image.clone()} /> } else { <Icon name="picture" /> }
            </span>
            { source.label }
        </button>
    }
}

/// The side of a cover, and how many points it shows.
const SIDE: usize = 96;
const POINTS: usize = 160;

/// A set's first picture, or its points; `None` where there is nothing to see yet.
fn cover(source: &Source, theme: Theme) -> Option<Image> {
    let train = if source.pictures { 1 } else { POINTS };
    let mut set = (source.make)(&Request { seed: 7, size: SIDE, train, test: 0, ..Request::default() });
    if set.is_empty() {
        return None;
    }
    if let Values::Floats(places) = &set.values {
        let colours = colour::classes(&set.classes, theme);
        let dots = boundary::dots(places, &set.labels, points::EXTENT, SIDE as f32);
        return Some(boundary::scatter(&dots, SIDE, 2.2, &colours, theme));
    }
    set.ensure(&[0]);
    Some(Image { width: SIDE, height: SIDE, rgba: set.thumbnail(0, SIDE)? })
}
