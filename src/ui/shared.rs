//! A value that many parts of the page hold; two are equal when they are the same one.
//!
//! Comparing is one look at an address, so that a part of the page whose numbers did not change is not drawn again.

use std::{fmt, ops::Deref, rc::Rc};

pub struct Shared<T>(Rc<T>);

impl<T> Shared<T> {
    pub fn new(value: T) -> Shared<T> {
        Shared(Rc::new(value))
    }
}

impl<T: Clone> Shared<T> {
    /// The value for changing; whoever holds the old one keeps it, and the two are no longer equal.
    pub fn change(&mut self) -> &mut T {
        *self = Shared::new(T::clone(self));
        Rc::get_mut(&mut self.0).expect("a fresh value has one holder")
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Shared<T> {
        Shared(self.0.clone())
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Shared<T>) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T: Default> Default for Shared<T> {
    fn default() -> Shared<T> {
        Shared::new(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(f)
    }
}
