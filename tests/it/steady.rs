//! After its first step a plan takes no memory: the CPU device allocates nothing while it runs.

use crate::allocator;
use whisker::device::cpu::Cpu;
use whisker::graph::op::{Conv, Pool, Side};
use whisker::graph::{Graph, Id, backward};
use whisker::plan::compile;
use whisker::tensor::Tensor;

/// A step with every kind of kernel: pictures gathered from bytes, turned, convolved, pooled; an embedding; noise; a
/// loss with its gradients; parameters renewed in place.
fn step() -> Graph {
    let mut g = Graph::new();
    let (table, rows) = (g.bytes("pictures", [20, 8 * 8 * 3]), g.input("rows", [6]));
    let flat = g.gather(table, rows);
    let x = g.reshape(flat, [6, 8, 8, 3]);
    let theta: Vec<f32> = [1.0, 0.1, 0.0, -0.1, 1.0, 0.0].repeat(6);
    let theta = g.constant(Tensor::new([6, 6], theta));
    let x = g.resample(x, theta);
    let (size, one) = ([8, 8], [1, 1]);
    let conv = Conv {
        batch: 6,
        input: size,
        channels: 3,
        output: size,
        filters: 5,
        kernel: [3, 3],
        stride: one,
        dilation: one,
        padding: one,
        groups: 1,
    };
    let second = Conv { channels: 5, filters: 5, groups: 5, ..conv };
    let kernels = [g.state("first", [3, 3, 3, 5]), g.state("second", [3, 3, 1, 5]), g.state("dense", [80, 4])];
    let y = g.conv(Side::Output, conv, x, kernels[0]);
    let noise = g.uniform(3, [6, 8, 8, 5]);
    let y = g.add(y, noise);
    let y = g.conv(Side::Output, second, y, kernels[1]);
    let pool =
        Pool { batch: 6, input: size, channels: 5, output: [4, 4], size: [2, 2], stride: [2, 2], padding: [0, 0] };
    let y = g.max_pool(pool, y);
    let y = g.reshape(y, [6, 80]);
    let embedding = g.state("embedding", [20, 80]);
    let vectors = g.gather(embedding, rows);
    let y = g.add(y, vectors);
    let logits = g.matmul(y, kernels[2]);
    let best = g.argmax(logits, 1);
    g.output("best", best);
    let log = g.log_softmax(logits, 1);
    let loss = g.mean_all(log);
    g.output("loss", loss);
    let states: Vec<Id> = kernels.into_iter().chain([embedding]).collect();
    for (state, gradient) in states.iter().zip(backward(&mut g, loss, &states)) {
        let change = g.scale(gradient, 0.1);
        let new = g.sub(*state, change);
        g.assign(*state, new);
    }
    g
}

#[test]
fn a_step_allocates_nothing_after_the_first() {
    let plan = compile(&step());
    let mut cpu = Cpu::new();
    let loaded = cpu.load(&plan).expect("a small plan loads");
    cpu.write_bytes("pictures", 0, &[100; 20 * 8 * 8 * 3]);
    cpu.write("rows", 0, &[3.0, 0.0, 19.0, 7.0, 7.0, 2.0]);
    cpu.write("dense", 0, &[0.1; 320]);
    let ticks: Vec<_> = (0..5).map(|step| plan.turn(1, step, &[])).collect();
    cpu.run(loaded, &ticks[0]);
    let before = allocator::count();
    ticks.iter().for_each(|tick| cpu.run(loaded, tick));
    assert_eq!(allocator::count() - before, 0, "allocations in five steps");
    assert!(cpu.read(loaded, "loss")[0].is_finite());
}
