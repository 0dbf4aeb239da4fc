//! Figures that take minutes: how soon and how well the default network learns. Run by name alone, on a quiet machine:
//! `cargo xtask test page figures`.

use crate::browser::Browser;
use crate::page::Page;
use std::cell::Cell;
use std::path::Path;
use std::time::Instant;

/// The share of test pictures that the page says are right, in percent; 0 before it says any.
fn right(page: &Page) -> f64 {
    let told = page.eval("deepQueryAll('.figure').find(figure => figure.innerText.includes('right'))?.innerText ?? ''");
    let digits: String = told.as_str().unwrap_or("").chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    digits.parse().unwrap_or(0.0)
}

fn epochs(page: &Page) -> String {
    let told = page.eval("deepQueryAll('.count').map(count => count.innerText.replace('\\n', ' ')).join(', ')");
    told.as_str().unwrap_or("").to_string()
}

/// Plays until training ends by itself; tells when 95 % was reached, and what came of it.
fn train(page: &Page, limit: u64) -> (Option<f64>, f64) {
    page.get("button", "Play").click();
    let start = Instant::now();
    page.wait_for("deepQueryAll('.play')[0].dataset.state !== 'paused'", 20);
    let (reached, five_minutes) = (Cell::new(None), Cell::new(false));
    page.wait_until("training ends by itself", limit, || {
        if reached.get().is_none() && right(page) >= 95.0 {
            reached.set(Some(start.elapsed().as_secs_f64()));
        }
        if start.elapsed().as_secs() >= 300 && !five_minutes.replace(true) {
            println!("{} after five minutes: {} % of the test pictures are right", epochs(page), right(page));
        }
        page.eval("deepQueryAll('.play')[0].dataset.state === 'paused'") == true
    });
    println!(
        "{} after {:.0} s: {} % of the test pictures are right",
        epochs(page),
        start.elapsed().as_secs_f64(),
        right(page)
    );
    (reached.get(), right(page))
}

pub fn the_default_network_reaches_95_percent_in_a_minute_and_97_in_the_end(browser: &Browser) {
    let page = browser.open("");
    page.wait_for("deepQueryAll('.picture[data-answer]').length > 0", 20);
    let (reached, end) = train(&page, 900);
    println!("Play to 95 %: {reached:?} s");
    page.screenshot("trained");
    assert!(reached.is_some_and(|seconds| seconds < 60.0));
    assert!(end >= 97.0);
}

pub fn real_pictures_are_learnt_by_the_default_network(browser: &Browser) {
    // a linear classifier on pixels gets 63 %
    learn_real_pictures(browser, "", 65.0);
}

/// At least 80 % within five minutes of a quiet machine.
pub fn real_pictures_are_learnt_best_by_the_deep_network(browser: &Browser) {
    learn_real_pictures(browser, "#deep", 80.0);
}

/// Trains the network of this address on the real pictures, to the end of its document.
fn learn_real_pictures(browser: &Browser, address: &str, least: f64) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    // A browser takes no path that leads upwards.
    let Ok(files) = ["catdog_train.bin", "catdog_test.bin"]
        .iter()
        .map(|name| folder.join(name).canonicalize())
        .collect::<Result<Vec<_>, _>>()
    else {
        return println!("skipped: {} has no pictures", folder.display());
    };
    let page = browser.open(address);
    page.wait_for("deepQueryAll('.picture[data-answer]').length > 0", 20);
    page.css(".drop").drop_files(&[&files[0], &files[1]]);
    page.wait_for("deepQueryAll('*').some(e => e.innerText?.includes('10,000 train'))", 60);
    let (_, end) = train(&page, 1800);
    println!("real pictures, the network {address:?}: {end} % of the test pictures are right");
    page.screenshot("real");
    assert!(end >= least);
}
