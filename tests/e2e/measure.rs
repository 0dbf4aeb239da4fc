//! `bench.html`: a visitor measures, stops, and takes the figures along.

use crate::browser::Browser;

pub fn a_visitor_measures_stops_and_copies(browser: &Browser) {
    let page = browser.open("bench.html");
    page.get("checkbox", "WebGPU").click();
    page.get("button", "Measure").click();
    // The first network's figure, in the row for this machine.
    page.wait_for("/\\d/.test(document.querySelector('tr[data-device=cpu] td:last-child').textContent)", 60);
    page.get("button", "Cancel").click();
    page.wait_for("/Stopped/.test(document.querySelector('#say').textContent)", 30);
    page.screenshot("bench");
    page.eval("navigator.clipboard.writeText = async text => { window.copied = text; }; 0");
    page.get("button", "Copy as text").click();
    page.wait_for("window.copied !== undefined", 10);
    let copied = page.eval("copied");
    let copied = copied.as_str().expect("a text");
    assert!(copied.contains("cnn-32\n  here, CPU"), "{copied}");
    assert!(copied.contains("PyTorch, one core") && copied.contains("(there)"), "{copied}");
    assert_eq!(page.log().errors, [""; 0]);
    for request in &page.log().requests {
        assert!(request.starts_with(&browser.site) || request.starts_with("data:"), "{request} is elsewhere");
    }
}
