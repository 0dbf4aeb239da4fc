//! Floor 5: HDF5, as far as files of weights need it: groups, arrays of numbers, attributes.
//!
//! [`write`] makes the oldest layout (superblock 0, symbol tables, contiguous data), which every reader knows; [`File`] reads
//! that and what h5py writes today, in the old layout and the new one. The format is that of "HDF5 File Format Specification
//! 3.0", whose section numbers stand beside what they define. There is a package that does this, `hdf5-pure`, but it weighs
//! more than all other kinds of files together, and some readers refuse the newer structures that it writes.

mod btree;
mod bytes;
mod data;
mod header;
mod heap;
mod message;
mod read;
mod write;

pub use read::{Array, File, Object, Value};
pub use write::{Attribute, Group, Node, write};

/// What every file begins with (section II.A).
pub const SIGNATURE: &[u8; 8] = b"\x89HDF\r\n\x1a\n";
