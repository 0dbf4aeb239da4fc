//! The network is assembled by hand: layers go in, move, go out; mistakes are told and mended; nothing is lost.

use crate::browser::Browser;
use crate::page::{ALT, CONTROL, Page, SHIFT};

/// The titles of the layers, top to bottom.
pub fn layers(page: &Page) -> Vec<String> {
    let titles = page.eval("deepQueryAll('[data-layer] .layer-title').map(title => title.textContent)");
    titles.as_array().into_iter().flatten().filter_map(|title| title.as_str().map(str::to_owned)).collect()
}

/// Waits until the layers are these.
fn expect(page: &Page, wanted: &[&str]) {
    page.wait_until(&format!("the layers are {wanted:?}"), 5, || layers(page) == wanted);
}

/// The address's part from `#` on, once it has stopped following the changes.
fn link(page: &Page) -> String {
    let hash = page.eval(
        "new Promise(done => {
            let [last, since] = ['', 0];
            const look = () => {
                if (location.hash !== last) [last, since] = [location.hash, performance.now()];
                performance.now() - since > 600 ? done(last) : requestAnimationFrame(look);
            };
            look();
        })",
    );
    hash.as_str().expect("a hash is text").to_owned()
}

/// A page with a network of known layers.
fn assembled(browser: &Browser) -> Page {
    let page = browser.open("#exclusive-or");
    expect(&page, &["Dense", "Dense"]);
    page.wait_for("deepQueryAll('.dot')[0].dataset.state === 'running'", 20);
    page
}

pub fn layers_are_added_moved_and_removed(browser: &Browser) {
    let page = assembled(browser);

    // By searching in the palette.
    page.get("button", "Add a layer at the end").click();
    page.get("searchbox", "Search layers").type_in("dropout");
    page.press("Enter", 0);
    expect(&page, &["Dense", "Dense", "Dropout"]);

    // By choosing from it.
    page.get("button", "Add a layer after Input").click();
    page.get("button", "Layer normalisation…").click();
    expect(&page, &["Layer normalisation", "Dense", "Dense", "Dropout"]);

    // By keys.
    page.css("[data-layer='3'] .layer-head").focus();
    page.press("ArrowUp", ALT);
    expect(&page, &["Layer normalisation", "Dense", "Dropout", "Dense"]);

    // By buttons.
    page.css("[data-layer='0'] .layer-head").click();
    page.get("button", "Move down").click();
    expect(&page, &["Dense", "Layer normalisation", "Dropout", "Dense"]);

    // By dragging.
    page.css("[data-layer='2'] .layer-grip").drag_by(0, -400);
    expect(&page, &["Dropout", "Dense", "Layer normalisation", "Dense"]);

    // Out again.
    page.css("[data-layer='0'] .layer-head").focus();
    page.press("Delete", 0);
    expect(&page, &["Dense", "Layer normalisation", "Dense"]);
    assert_eq!(page.log().errors, [""; 0]);
}

pub fn every_change_is_undone_and_redone(browser: &Browser) {
    let page = assembled(browser);
    page.css("[data-layer='0'] .layer-head").focus();
    page.press("Delete", 0);
    expect(&page, &["Dense"]);
    page.css("[data-layer='0'] .layer-head").focus();
    page.press("Delete", 0);
    expect(&page, &[]);
    page.press("z", CONTROL);
    expect(&page, &["Dense"]);
    page.press("z", CONTROL);
    expect(&page, &["Dense", "Dense"]);
    page.press("Z", CONTROL | SHIFT);
    expect(&page, &["Dense"]);
    page.get("button", "Redo").click();
    expect(&page, &[]);
    page.get("button", "Undo").click();
    page.get("button", "Undo").click();
    expect(&page, &["Dense", "Dense"]);
}

pub fn a_mistake_is_told_and_mended_with_one_click(browser: &Browser) {
    let page = browser.open("#cat-or-dog");
    page.wait_until("the network is drawn", 5, || layers(&page).len() > 3);
    let before = layers(&page);
    let flatten = before.iter().position(|layer| layer == "Flatten").expect("a picture network flattens somewhere");
    page.css(&format!("[data-layer='{flatten}'] .layer-head")).focus();
    page.press("Delete", 0);
    let told = page.css(".layer-mend[data-grave='true']").text();
    assert!(told.contains("latten"), "the sentence names the mend: {told}");
    page.css(".layer-mend[data-grave='true'] button").click();
    page.wait_until("nothing is left to mend", 5, || page.count(".layer-mend[data-grave='true']") == 0);
    assert_eq!(layers(&page).iter().filter(|layer| *layer == "Flatten").count(), 1);
}

pub fn a_copied_link_opens_the_same_network(browser: &Browser) {
    let page = assembled(browser);
    page.css("[data-layer='0'] .layer-head").click();
    page.get("textbox", "Units").fill("7");
    page.get("button", "Add a layer at the end").click();
    page.get("searchbox", "Search layers").type_in("dropout");
    page.press("Enter", 0);
    expect(&page, &["Dense", "Dense", "Dropout"]);
    let other = browser.open(&link(&page));
    expect(&other, &["Dense", "Dense", "Dropout"]);
    let told = other.css("[data-layer='0'] .layer-summary").text();
    assert!(told.contains('7'), "the first layer has 7 units: {told}");
    other.reload();
    expect(&other, &["Dense", "Dense", "Dropout"]);
}

pub fn half_a_link_is_told_and_the_usual_network_opens(browser: &Browser) {
    let page = assembled(browser);
    page.css("[data-layer='0'] .layer-head").focus();
    page.press("Delete", 0);
    let hash = link(&page);

    let other = browser.open(&hash[..hash.len() / 2]);
    other.wait_until("a sentence tells what is wrong", 5, || other.count(".notice") > 0);
    let told = other.css(".notice p").text();
    assert!(told.contains("link"), "the sentence speaks of the link: {told}");
    assert!(layers(&other).len() > 1, "a network is there all the same");
}

pub fn an_unknown_layer_is_told_with_what_there_is(browser: &Browser) {
    let file = crate::page::scratch(
        "unknown.json",
        br#"{ "data": { "set": "moons" }, "layers": [{ "type": "dens", "units": 2 }] }"#,
    );
    let page = assembled(browser);
    page.css("input[accept*=json]").set_files(&[&file]);
    page.wait_until("a sentence tells what is wrong", 5, || page.count(".notice") > 0);
    let told = page.css(".notice p").text();
    assert!(told.contains("dens") && told.contains("dense"), "the sentence names the mistake and the way out: {told}");
    expect(&page, &["Dense", "Dense"]);
}
