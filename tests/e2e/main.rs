//! The built page, driven from outside in headless Chromium as a person would: by role and name, mouse and keys.
//!
//! `cargo xtask test page` builds the site and runs these; `cargo xtask test page drop` only those whose name contains
//! "drop". To run them against a site that is being served, while working on it:
//!
//! ```sh
//! WHISKER_SITE=http://127.0.0.1:8080/ cargo test --test e2e -- drop
//! ```
//!
//! To add a test, write `pub fn what_is_true(browser: &Browser)` in the file of its topic and list it in `TESTS`. It opens
//! pages of its own (`browser.open("")`), looks for things by what a reader of the screen hears (`page.get("button",
//! "Play")`) or by CSS (`page.css("[data-layer]")`, which sees through shadow roots), and fails by panicking. Waiting is
//! always for a condition (`page.wait_for`), never for a time. `page.screenshot("name")` writes
//! `target/e2e/name.png`; a test that fails leaves one of each page that it had open. `browser.rs` speaks to Chromium,
//! `page.rs` has everything that a test can do to a page.

#[cfg(not(target_arch = "wasm32"))]
mod api;
#[cfg(not(target_arch = "wasm32"))]
mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod code;
#[cfg(not(target_arch = "wasm32"))]
mod embed;
#[cfg(not(target_arch = "wasm32"))]
mod figures;
#[cfg(not(target_arch = "wasm32"))]
#[path = "../goldens/mod.rs"]
#[allow(dead_code, reason = "the other tests use more of it")]
mod golden;
#[cfg(not(target_arch = "wasm32"))]
mod goldens;
#[cfg(not(target_arch = "wasm32"))]
mod measure;
#[cfg(not(target_arch = "wasm32"))]
mod network;
#[cfg(not(target_arch = "wasm32"))]
mod open;
#[cfg(not(target_arch = "wasm32"))]
mod own;
#[cfg(not(target_arch = "wasm32"))]
mod page;
#[cfg(not(target_arch = "wasm32"))]
mod training;

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    use browser::Browser;

    macro_rules! tests {
        ($($path:path,)*) => { &[$((stringify!($path), $path)),*] };
    }
    const TESTS: &[(&str, fn(&Browser))] = tests![
        open::loads_quietly,
        open::asks_no_other_host,
        open::fits_every_width,
        network::layers_are_added_moved_and_removed,
        network::every_change_is_undone_and_redone,
        network::a_mistake_is_told_and_mended_with_one_click,
        network::a_copied_link_opens_the_same_network,
        network::half_a_link_is_told_and_the_usual_network_opens,
        network::an_unknown_layer_is_told_with_what_there_is,
        training::opens_alive_and_learns_at_once,
        training::plays_pauses_steps_and_rewinds,
        training::settings_change_while_it_trains,
        training::another_device_takes_over_the_weights,
        training::the_page_stays_at_hand_while_it_trains,
        training::the_same_link_gives_the_same_numbers,
        code::the_code_follows_each_edit_within_50_ms,
        code::every_framework_has_a_tab_and_keys_reach_all,
        code::lines_and_cards_light_up_together,
        code::two_frameworks_stand_side_by_side_and_are_joined,
        code::files_are_given_and_an_experiment_comes_back,
        code::a_bundle_comes_back_as_it_was_given,
        code::weights_alone_are_matched_and_can_be_corrected,
        code::hostile_models_are_refused_in_a_sentence,
        own::broken_files_are_named_and_nothing_is_lost,
        measure::a_visitor_measures_stops_and_copies,
        embed::two_elements_train_and_one_goes_on_alone,
        api::a_program_trains_and_takes_the_weights_along,
        api::what_a_program_gets_wrong_is_said,
        api::the_reference_network_is_fast_and_the_same_everywhere,
        api::two_workers_share_a_step_and_repeat_themselves,
        goldens::training_runs_on_the_cpu,
        goldens::training_runs_on_webgpu,
        figures::the_default_network_reaches_95_percent_in_a_minute_and_97_in_the_end,
        figures::real_pictures_are_learnt_by_the_default_network,
        figures::real_pictures_are_learnt_best_by_the_deep_network,
    ];
    let filters: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let chosen: Vec<_> = TESTS
        .iter()
        .filter(|(name, _)| match filters.is_empty() {
            true => !name.starts_with("figures::"),
            false => filters.iter().any(|f| name.contains(f.as_str())),
        })
        .collect();
    let Ok(site) = std::env::var("WHISKER_SITE") else {
        println!("no page tests: WHISKER_SITE names no site to test; `cargo xtask test page` builds one");
        return;
    };
    println!("running {} tests", chosen.len());
    let browser = Browser::start(&site);
    let mut failed = 0;
    for (name, test) in &chosen {
        let start = std::time::Instant::now();
        let fine = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(&browser))).is_ok();
        failed += usize::from(!fine);
        println!("test {name} ... {} ({:.1} s)", if fine { "ok" } else { "FAILED" }, start.elapsed().as_secs_f32());
    }
    drop(browser);
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!("\ntest result: {verdict}. {} passed; {failed} failed; 0 ignored", chosen.len() - failed);
    if failed > 0 {
        std::process::exit(1);
    }
}

#[cfg(target_arch = "wasm32")]
fn main() {}
