//! `draw!(<Grid … />)`: a component among others in `html!`.
//!
//! Yew compiles the life of a component (being made, compared, drawn, taken away) once for each type of component: for the
//! fifty of the page 60 kB, 15 gzipped. Here every component is drawn by one type, [`Part`], which is told what to draw. It
//! behaves as the component itself would: it is drawn anew only when its properties changed, and its hooks are its own.

use std::{
    any::{Any, TypeId},
    rc::Rc,
};

use yew::{
    functional::{FunctionComponent, FunctionProvider, HookContext},
    html::{BaseComponent, HtmlResult},
    prelude::*,
    virtual_dom::{Key, VChild, VComp},
};

/// Draws a component, with a key where it is one of a list that changes: `draw!(id => <Card … />)`.
macro_rules! draw {
    (< $($tag:tt)*) => { $crate::ui::draw::part(yew::html_nested! { < $($tag)* }, None) };
    ($key:expr => $($tag:tt)*) => { $crate::ui::draw::part(yew::html_nested! { $($tag)* }, Some($key.into())) };
}

/// What `draw!` comes to.
pub fn part<T: BaseComponent<Properties = P> + FunctionProvider<Properties = P>, P: PartialEq + 'static>(
    component: VChild<T>,
    key: Option<Key>,
) -> Html {
    let run = |context: &mut HookContext, given: &dyn Any| {
        T::run(context, given.downcast_ref().expect("a component and its properties stay together"))
    };
    let props = Props { what: TypeId::of::<T>(), run, given: component.props };
    VComp::new::<Part>(Rc::new(props), key).into()
}

/// A component and what it is given.
#[derive(Properties)]
pub struct Props {
    what: TypeId,
    run: fn(&mut HookContext, &dyn Any) -> HtmlResult,
    given: Rc<dyn Given>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Props) -> bool {
        self.what == other.what && self.given.same(&*other.given)
    }
}

/// Properties of any component.
trait Given: Any {
    fn same(&self, other: &dyn Any) -> bool;
}

impl<P: PartialEq + 'static> Given for P {
    fn same(&self, other: &dyn Any) -> bool {
        other.downcast_ref().is_some_and(|other| self == other)
    }
}

/// The component that is any of them.
pub struct Part {
    function: FunctionComponent<Part>,
}

impl FunctionProvider for Part {
    type Properties = Props;

    fn run(context: &mut HookContext, props: &Props) -> HtmlResult {
        (props.run)(context, &*props.given)
    }
}

impl BaseComponent for Part {
    type Message = ();
    type Properties = Props;

    fn create(context: &Context<Part>) -> Part {
        Part { function: FunctionComponent::new(context) }
    }

    fn update(&mut self, _: &Context<Part>, _: ()) -> bool {
        true
    }

    fn changed(&mut self, context: &Context<Part>, before: &Props) -> bool {
        // Another component in the same place begins with hooks of its own.
        if context.props().what != before.what {
            self.function.destroy();
            self.function = FunctionComponent::new(context);
        }
        true
    }

    fn view(&self, context: &Context<Part>) -> HtmlResult {
        self.function.render(context.props())
    }

    fn rendered(&mut self, _: &Context<Part>, _: bool) {
        self.function.rendered();
    }

    fn destroy(&mut self, _: &Context<Part>) {
        self.function.destroy();
    }

    fn prepare_state(&self) -> Option<String> {
        None
    }
}
