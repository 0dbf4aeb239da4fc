//! The built page, driven from outside.

fn main() {}
