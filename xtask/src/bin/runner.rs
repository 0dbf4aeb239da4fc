//! Runs a wasm test binary in headless Chromium: what cargo calls as the wasm target's runner.
//!
//! It is wasm-bindgen's own test runner, linked as a library so that Cargo.lock pins it. Chromium's flags are in
//! `webdriver.json`.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
