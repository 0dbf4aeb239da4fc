//! Elementwise kernels: nothing but the program, over all indices.

use super::{Need, Scratch, Sink, Work};

/// No core at all.
pub struct Map;

impl Work for Map {
    fn need(&self) -> Need {
        Need::default()
    }

    fn align(&self) -> usize {
        0
    }

    fn run(&self, _: &mut Scratch, sink: &mut Sink) {
        let count = sink.machine.count();
        sink.machine.run(0, count, &[], sink.memory, sink.registers, sink.tick);
    }
}
