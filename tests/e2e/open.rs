//! The page opens, quickly, quietly and on its own.

use crate::browser::Browser;

/// Nothing that a programmer would find in the console, and nothing that the page says in place of starting.
pub fn loads_quietly(browser: &Browser) {
    let page = browser.open("");
    page.wait_for("customElements.get('whisker-playground')", 10);
    assert_eq!(page.log().errors, [""; 0]);
    assert_eq!(page.all("alert", "…").len(), 0, "the page says that it could not start");
}

/// Whatever the page and its workers ask for lies beside the page.
pub fn asks_no_other_host(browser: &Browser) {
    let page = browser.open("");
    page.wait_for("customElements.get('whisker-playground')", 10);
    for request in &page.log().requests {
        let own = ["data:", "blob:", &browser.site].iter().any(|start| request.starts_with(start));
        assert!(own, "{request} is not below {}", browser.site);
    }
}

/// Nothing sticks out sideways, from a phone to a projector.
pub fn fits_every_width(browser: &Browser) {
    let page = browser.open("");
    for (width, height) in [(360, 740), (768, 1024), (1920, 1080)] {
        page.resize(width, height);
        page.wait_for(&format!("innerWidth === {width} && deepQueryAll('.layer').length > 0"), 10);
        page.screenshot(&format!("width-{width}"));
        let needed = page.eval("document.documentElement.scrollWidth").as_u64().expect("a width is a number");
        assert!(needed <= width.into(), "the page needs {needed} pixels of {width}");
    }
}
