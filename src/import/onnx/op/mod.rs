//! The rows of [`super::operator::OPERATORS`], by what they are about.

pub mod elementwise;
pub mod normal;
pub mod place;
pub mod reduce;
pub mod sequence;
pub mod shape;
pub mod window;
