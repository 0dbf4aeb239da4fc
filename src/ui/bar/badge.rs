//! Where it is computed and why, and the switch between devices.

use yew::prelude::*;

use crate::{
    ui::{
        app::use_page,
        model::{Action, Engine},
        part::{MenuItem, Pop},
    },
    worker::protocol::{Choice, Device},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub engine: Engine,
}

#[component]
pub fn Badge(props: &Props) -> Html {
    let page = use_page();
    let (words, act, engine) = (page.words, page.act, &props.engine);
    let name = match engine.device {
        None => words.device_waiting,
        Some(Device::Cpu) => words.device_cpu,
        Some(Device::WebGpu) => words.device_webgpu,
    };
    let state = if engine.device.is_some() && !engine.moving { "running" } else { "waiting" };
    // The processor's own name says more than its kind.
    let plain = engine.name == name || engine.name.is_empty();
    let choose = |choice: Choice| act.reform(move |()| Action::Device(choice));
    let webgpu_help = if engine.webgpu { words.device_webgpu_help } else { words.device_none };
    html! {
        <>
            <button type="button" class="pill" data-kind="device" popovertarget="device" title={engine.reason.clone()}
                aria-label={format!("{}: {name}", words.device)}>
                <span class="dot" data-state={state}></span><span>{ name }</span>
            </button>
            { draw!(<Pop id="device" label={words.device} side="end">
                if !plain { <p class="menu-title">{ &engine.name }</p> }
                if !engine.reason.is_empty() { <p class="menu-note">{ &engine.reason }</p> }
                if engine.device == Some(Device::WebGpu) { <p class="menu-note">{ &engine.name }</p> }
                { draw!(<MenuItem label={words.device_auto} note={words.device_auto_help}
                    chosen={engine.choice == Choice::Auto} on_choose={choose(Choice::Auto)} />) }
                { draw!(<MenuItem label={words.device_webgpu} note={webgpu_help} disabled={!engine.webgpu}
                    chosen={engine.choice == Choice::WebGpu} on_choose={choose(Choice::WebGpu)} />) }
                { draw!(<MenuItem label={words.device_cpu} note={words.device_cpu_help}
                    chosen={engine.choice == Choice::Cpu} on_choose={choose(Choice::Cpu)} />) }
            </Pop>) }
        </>
    }
}
