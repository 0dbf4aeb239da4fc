//! The bar: what the experiment is, how training goes, where it is computed, and what can be done with the document.

use yew::prelude::*;

use super::{
    model::{Engine, Run, ThemeChoice},
    shared::Shared,
};
use crate::spec::Spec;

mod badge;
mod brand;
mod controls;
mod counts;
mod diagram;
mod more;
mod side;

use brand::Brand;
use controls::Controls;
use counts::Counts;
use side::Side;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub spec: Shared<Spec>,
    pub run: Run,
    pub engine: Engine,
    /// Whether the document can be trained.
    pub works: bool,
    pub undo: bool,
    pub redo: bool,
    pub plane: bool,
    pub theme: ThemeChoice,
    pub page: bool,
    /// Whether code and files are open.
    pub panel: bool,
}

#[component]
pub fn Bar(props: &Props) -> Html {
    let run = props.run;
    let fresh = run.step == 0 && !run.playing;
    html! {
        <header class="bar">
            { draw!(<Brand spec={props.spec.clone()} page={props.page} />) }
            <div class="deck">
                { draw!(<Controls playing={run.playing} {fresh} seed={props.spec.seed} works={props.works} />) }
                { draw!(<Counts step={run.step} epoch={run.epoch} speed={run.samples_per_second} {fresh} plane={props.plane} />) }
            </div>
            { draw!(<Side engine={props.engine.clone()} undo={props.undo} redo={props.redo} theme={props.theme} page={props.page}
                panel={props.panel} />) }
        </header>
    }
}
