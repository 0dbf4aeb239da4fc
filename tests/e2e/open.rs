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
