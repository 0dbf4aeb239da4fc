//! Play, Pause, Step, Rewind; another device in mid-training; a page that stays at hand meanwhile.

use crate::browser::Browser;
use crate::page::{Page, Task};
use serde_json::Value;
use std::time::Duration;

/// The page shows the network's guesses for pictures or points.
const ALIVE: &str = "deepQueryAll('.picture[data-answer], .answer output, .plane canvas').length > 0";

/// Gathers what `whisker-step` tells into `told`.
const LISTEN: &str = "window.told = []; void addEventListener('whisker-step', event => told.push(event.detail))";

/// A page on the CPU that has shown its first guesses.
fn alive(browser: &Browser, address: &str) -> Page {
    let page = browser.open(address);
    page.wait_for(ALIVE, 20);
    page.eval(LISTEN);
    page
}

/// The step that the page tells.
fn step(page: &Page) -> u64 {
    let counts = page.eval("deepQueryAll('.count').find(count => count.innerText.includes('steps'))?.innerText ?? '0'");
    let digits: String = counts.as_str().unwrap_or("0").chars().filter(char::is_ascii_digit).collect();
    digits.parse().expect("steps are counted in digits")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

pub fn opens_alive_and_learns_at_once(browser: &Browser) {
    let page = browser.blank();
    page.go(&browser.site);
    let alive = page.time(ALIVE, 20);
    println!("open to alive: {:.2} s", alive / 1000.0);
    let points =
        "deepQueryAll('.chart-line[data-line=train]').some(line => line.getAttribute('d').split(/[MLC]/).length > 2)";
    page.get("button", "Play").click();
    let clicked = number(&page.eval("lastClick"));
    let learnt = page.time(points, 20) - clicked;
    println!("Play to the second point of the curve: {:.2} s", learnt / 1000.0);
    page.screenshot("training");
    // Twice the aim, since a test machine does other things meanwhile.
    assert!(alive < 4000.0, "open to alive took {alive:.0} ms");
    assert!(learnt < 2000.0, "the second point took {learnt:.0} ms");
}

pub fn plays_pauses_steps_and_rewinds(browser: &Browser) {
    let page = alive(browser, "#cat-or-dog");
    page.get("button", "Play").click();
    page.wait_until("ten steps are done", 20, || step(&page) >= 10);
    page.get("button", "Pause").click();
    page.get("button", "Play");
    page.wait_for("deepQueryAll('.play')[0].dataset.state === 'paused'", 5);
    let paused = settled(&page);
    page.get("button", "Step one batch").click();
    page.wait_until("one step more is done", 5, || step(&page) == paused + 1);
    page.get("button", "Rewind to the same initial weights").click();
    page.wait_until("the steps are back at none", 5, || step(&page) == 0);
    page.press("s", 0);
    page.wait_until("a key makes a step", 5, || step(&page) == 1);
    // The button that was pressed last would take the space bar for its own.
    page.eval("deepQueryAll(':focus').forEach(element => element.blur())");
    page.press(" ", 0);
    page.get("button", "Pause");
    assert_eq!(page.log().errors, [""; 0]);
}

/// The step that training stands still at.
fn settled(page: &Page) -> u64 {
    still(|| step(page))
}

pub fn another_device_takes_over_the_weights(browser: &Browser) {
    let page = alive(browser, "#cat-or-dog");
    let choose = |device: &str| {
        page.get("button", "Device: …").click();
        page.get("dialog", "Device").within("button", &format!("{device}…")).click();
        page.wait_for("deepQueryAll('.dot')[0].dataset.state === 'running'", 20);
    };
    let look_at = |picture: usize| {
        page.css(&format!(".pictures .picture:nth-child({picture})")).click();
        page.wait_for(&format!("deepQueryAll('.pictures .picture')[{picture} - 1].ariaCurrent === 'true'"), 5);
    };
    let answer = || {
        let shares = page.eval("deepQueryAll('.answer output').map(share => parseFloat(share.value))");
        shares.as_array().into_iter().flatten().map(number).collect::<Vec<f64>>()
    };
    choose("CPU");
    page.get("button", "Play").click();
    page.wait_until("some steps are done", 60, || step(&page) >= 10);
    page.get("button", "Pause").click();
    let paused = settled(&page);
    look_at(3);
    let before = still(answer);
    look_at(4);
    choose("WebGPU");
    look_at(3);
    page.wait_until(&format!("the answer is {before:?} again"), 30, || {
        answer().iter().zip(&before).all(|(now, before)| (now - before).abs() <= 1.0)
    });
    assert_eq!(step(&page), paused);
    page.get("button", "Play").click();
    page.wait_until("training goes on", 60, || step(&page) > paused);
    choose("CPU");
    let moved = step(&page);
    page.wait_until("training goes on", 60, || step(&page) > moved);
    assert_eq!(page.log().errors, [""; 0]);
}

pub fn settings_change_while_it_trains(browser: &Browser) {
    let page = alive(browser, "#cat-or-dog");
    page.get("button", "Play").click();
    page.wait_until("training runs", 60, || step(&page) >= 3);
    page.get("textbox", "Learning rate").fill("0.002");
    page.get("combobox", "Optimizer").choose("sgd");
    let before = step(&page);
    assert!(before >= 3, "an optimizer's change starts nothing over");
    page.wait_until("training goes on", 60, || step(&page) > before + 2);
    page.get("button", "Pause").click();
}

/// A value once it has stood still for a while.
fn still<T: PartialEq>(value: impl Fn() -> T) -> T {
    loop {
        let before = value();
        std::thread::sleep(Duration::from_millis(300));
        if value() == before {
            return before;
        }
    }
}

pub fn the_page_stays_at_hand_while_it_trains(browser: &Browser) {
    let page = alive(browser, "#cat-or-dog");
    page.get("button", "Play").click();
    page.wait_until("training runs", 20, || step(&page) >= 5);
    let tasks = page.tasks(|| {
        page.eval("new Promise(wake => setTimeout(wake, 5000))");
    });
    println!("longest tasks in 5 s of training, ms (on a processor): {}", told(&tasks));
    page.css("[data-layer] .layer-head").click();
    let answered = page.time("deepQueryAll('.layer-body').length > 0", 5) - number(&page.eval("lastClick"));
    println!("a click is answered in {answered:.0} ms");
    page.screenshot("layer-open");
    assert!(answered < 200.0, "the click was answered after {answered:.0} ms");
    assert!(tasks.iter().all(|task| task.own < 50.0), "the page was held up: {}", told(&tasks));
}

fn told(tasks: &[Task]) -> String {
    tasks.iter().map(|task| format!("{:.0} ({:.0})", task.wall, task.own)).collect::<Vec<_>>().join(", ")
}

pub fn the_same_link_gives_the_same_numbers(browser: &Browser) {
    let losses = || {
        let page = alive(browser, "#moons");
        for wanted in 1..=5 {
            page.get("button", "Step one batch").click();
            page.wait_until("the step is done", 10, || step(&page) == wanted);
        }
        page.wait_for("told.length >= 5", 5);
        page.eval("told.map(event => event.loss)")
    };
    let (first, again) = (losses(), losses());
    assert_eq!(first, again);
}
