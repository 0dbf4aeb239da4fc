//! Moving a thing by hand, with mouse, pen or finger.
