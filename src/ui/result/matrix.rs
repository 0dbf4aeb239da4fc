//! Which classes are taken for which; a press on a cell shows its pictures.

use yew::prelude::*;

use crate::{
    paint::{colour, format, matrix},
    ui::{
        app::use_page,
        data::{images, name},
        language::fill,
        model::{Action, Cell},
        part::{Raster, icon},
        shared::Shared,
    },
    worker::protocol::{Evaluation, Opened, Subject},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub opened: Shared<Opened>,
    pub evaluation: Option<Shared<Evaluation>>,
    pub cell: Option<Cell>,
    pub plane: bool,
}

#[component]
pub fn Matrix(props: &Props) -> Html {
    let page = use_page();
    let words = page.words;
    let classes = &props.opened.classes;
    let count = classes.len();
    if count == 0 {
        return html! {};
    }
    let fits = |evaluation: &&Shared<Evaluation>| evaluation.confusion.len() == count * count;
    let known = props.evaluation.as_ref().filter(fits);
    let counts = known.map_or_else(|| vec![0; count * count], |evaluation| evaluation.confusion.clone());
    let cells = matrix::cells(&counts, count, page.theme);
    let open = props.cell.as_ref().map(|cell| (cell.truth as usize, cell.said as usize));
    let cell = |cell: &matrix::Cell| {
        let (truth, said) = (cell.truth, cell.said);
        let shown = open == Some((truth, said));
        let label = fill(
            words.cell,
            &[("n", &format::count(cell.count.into())), ("truth", &classes[truth]), ("said", &classes[said])],
        );
        let [r, g, b, _] = cell.fill;
        let style = format!("background:{}", colour::hex([r, g, b]));
        let onclick = page.act.reform(move |_| Action::Cell((!shown).then_some((truth as u32, said as u32))));
        html! {
            <td>
                <button type="button" class="matrix-cell" {style} aria-label={label} disabled={props.plane || cell.count == 0}
                    aria-expanded={shown.to_string()} data-right={(truth == said).to_string()} {onclick}>
                    { if known.is_some() { format::count(cell.count.into()) } else { words.no_figure.to_string() } }
                </button>
            </td>
        }
    };
    html! {
        <div class="card">
            <h3 class="card-title">{ words.right_and_wrong }</h3>
            <div class="matrix-frame">
                <table class="matrix" data-size={if count > 4 { "large" } else { "small" }}>
                    <thead><tr>
                        <td></td>
                        { for classes.iter().map(|class| html! { <th scope="col">{ fill(words.said, &[("class", class)]) }</th> }) }
                    </tr></thead>
                    <tbody>{ for cells.chunks(count).enumerate().map(|(truth, row)| html! {
                        <tr><th scope="row">{ &classes[truth] }</th>{ for row.iter().map(cell) }</tr>
                    }) }</tbody>
                </table>
            </div>
            if let Some(cell) = &props.cell { { draw!(<CellPictures cell={cell.clone()} opened={props.opened.clone()} />) } }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct CellProps {
    cell: Cell,
    opened: Shared<Opened>,
}

#[component]
fn CellPictures(props: &CellProps) -> Html {
    let page = use_page();
    let words = page.words;
    let images = use_memo(props.cell.pictures.clone(), |pictures| pictures.as_ref().map(|pictures| images(pictures)));
    let classes = &props.opened.classes;
    let (truth, said) = (name(classes, props.cell.truth), name(classes, props.cell.said));
    let title = fill(words.cell_title, &[("truth", &truth), ("said", &said)]);
    let answer = if props.cell.truth == props.cell.said { "right" } else { "wrong" };
    html! {
        <div class="cell-pictures" role="group" aria-label={title.clone()}>
            <div class="cell-head">
                <span>{ title }</span>
                <button type="button" class="tool" data-plain="" title={words.close_cell} aria-label={words.close_cell}
                    onclick={page.act.reform(|_| Action::Cell(None))}>{ icon("close") }</button>
            </div>
            if let (Some(pictures), Some(images)) = (&props.cell.pictures, &*images) {
                <div class="pictures">
                    { for pictures.indices.iter().zip(images).map(|(index, image)| {
                        let index = *index;
                        html! {
                            <button type="button" class="picture" data-answer={answer} key={index} aria-label={truth.clone()}
                                onclick={page.act.reform(move |_| Action::Look(Subject::Sample(index)))}>{ draw!(<Raster image={image.clone()} />) }</button>
                        }
                    }) }
                </div>
            }
        </div>
    }
}
