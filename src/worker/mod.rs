//! Floor 6: the engine behind a message channel.

pub mod protocol;
