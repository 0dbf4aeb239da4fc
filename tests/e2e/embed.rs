//! The custom element among others on a page that is not ours.

use crate::browser::Browser;

pub fn two_elements_train_and_one_goes_on_alone(browser: &Browser) {
    let page = browser.blank();
    let address = format!("{}two.html", browser.site);
    page.answer(
        &address,
        "<!doctype html><title>Two</title><link rel=icon href='data:,'>
        <whisker-playground id=one preset=cat-or-dog></whisker-playground>
        <whisker-playground id=two preset=by-heart></whisker-playground>
        <script type=module>
          import init from './whisker.js';
          window.steps = { one: 0, two: 0 };
          addEventListener('whisker-step', event => steps[event.target.id] = event.detail.step);
          await init();
        </script>",
        false,
    );
    page.go(&address);
    page.wait_for("customElements.get('whisker-playground')", 10);
    page.eval("void ['one', 'two'].forEach(id => document.getElementById(id).play())");
    page.wait_for("steps.one > 3 && steps.two > 3", 60);
    page.screenshot("two");
    page.eval("document.getElementById('one').remove()");
    let after = page.eval("[steps.one, steps.two]");
    page.wait_for(&format!("steps.two > {} + 5", after[1]), 30);
    let one = page.eval("steps.one");
    page.wait_for(&format!("steps.two > {} + 10", after[1]), 30);
    assert_eq!(page.eval("steps.one"), one, "the removed one stands still");
    page.eval("document.getElementById('two').pause()");
    assert_eq!(page.log().errors, [""; 0]);
}
