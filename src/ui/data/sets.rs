//! The sets as cards, each with a look at what is in it.

use yew::prelude::*;

use crate::{
    data::{DATASETS, Request, Source, Values, points::EXTENT},
    paint::{Image, Theme, boundary, colour},
    spec::{Data, Spec},
    ui::{
        app::use_page,
        model::{Action, Edit},
        part::{Raster, Row, icon},
        shared::Shared,
    },
    worker::protocol::Pictures,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub spec: Shared<Spec>,
    /// A look at what is in the sets of pictures, by their names.
    pub covers: Shared<Vec<(String, Shared<Pictures>)>>,
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
            { for DATASETS.iter().filter(|source| source.id != "own" || chosen == Some("own")).map(|source| draw!(source.id =>
                <Card source={Row(*source)} chosen={chosen == Some(source.id)} cover={cover(&props.covers, source.id)} />
            )) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct CardProps {
    source: Row<Source>,
    chosen: bool,
    cover: Shared<Pictures>,
}

#[component]
fn Card(props: &CardProps) -> Html {
    let page = use_page();
    let source = props.source.0;
    let covers = use_memo((page.theme, props.cover.clone()), |(theme, cover)| {
        let images = if source.pictures { pictures(cover) } else { vec![points(source, *theme)] };
        images.into_iter().map(Shared::new).collect::<Vec<_>>()
    });
    html! {
        <button type="button" class="set" aria-pressed={props.chosen.to_string()} title={source.help}
            onclick={page.act.reform(move |_| Action::Edit(Edit::Set(source.id)))}>
            <span class="set-picture">
                { for covers.iter().map(|image| draw!(<Raster image={image.clone()} />)) }
                if covers.is_empty() { { icon("picture") } }
            </span>
            { source.label }
        </button>
    }
}

fn cover(covers: &[(String, Shared<Pictures>)], id: &str) -> Shared<Pictures> {
    covers.iter().find(|(set, _)| set == id).map(|(_, pictures)| pictures.clone()).unwrap_or_default()
}

fn pictures(cover: &Pictures) -> Vec<Image> {
    let side = cover.size as usize;
    let image = |rgba: &[u8]| Image { width: side, height: side, rgba: rgba.to_vec() };
    cover.rgba.0.chunks_exact((side * side * 4).max(1)).map(image).collect()
}

/// The points of a set, some of them.
fn points(source: &Source, theme: Theme) -> Image {
    const SIDE: usize = 88;
    const COUNT: usize = 160;
    let set = (source.make)(&Request { seed: 7, train: COUNT, test: 0, ..Request::default() });
    let Values::Floats(places) = &set.values else { unreachable!("points are numbers") };
    let colours = colour::classes(&set.classes, theme);
    let dots = boundary::dots(places, &set.labels, EXTENT, SIDE as f32);
    boundary::scatter(&dots, SIDE, 2.4, &colours, theme)
}
