//! Random graphs, the same for the same seed, with inputs, state, knobs and gradients.

use whisker::device::reference::Feed;
use whisker::graph::function as f;
use whisker::graph::{Graph, Id, backward};
use whisker::tensor::random::Stream;

/// A graph of some thirty operations and the gradients of its results, and what it is fed.
pub fn random_graph(seed: u32) -> (Graph, Feed) {
    let mut maker = Maker::new(seed);
    for _ in 0..24 {
        if let Some(id) = maker.grow() {
            maker.pool.push(id);
        }
    }
    let ends: Vec<Id> = (0..4).map(|_| maker.any()).collect();
    let graph = &mut maker.graph;
    let mut loss = graph.scalar(0.0);
    for (place, &end) in ends.iter().enumerate() {
        let quiet = graph.tanh(end);
        graph.output(&format!("y{place}"), quiet);
        let sum = graph.mean_all(quiet);
        loss = graph.add(loss, sum);
    }
    let state = maker.pool[3];
    let gradients = backward(graph, loss, &[maker.pool[0], state]);
    graph.output("gradient", gradients[0]);
    let step = graph.scale(gradients[1], 0.1);
    let renewed = graph.sub(state, step);
    graph.assign(state, renewed);
    (maker.graph, maker.feed)
}

/// A graph of random operations over small arrays.
struct Maker {
    graph: Graph,
    stream: Stream,
    feed: Feed,
    pool: Vec<Id>,
}

impl Maker {
    fn new(seed: u32) -> Maker {
        let feed = Feed { seed, ..Feed::default() };
        let mut maker = Maker { graph: Graph::new(), stream: Stream::new(seed, 1), feed, pool: vec![] };
        for (place, shape) in [[2usize, 3, 4].as_slice(), &[4], &[2, 1, 4], &[3, 4]].into_iter().enumerate() {
            maker.source(&format!("x{place}"), shape, place == 3);
        }
        maker.feed.knobs.insert("k".into(), 0.75);
        let knob = maker.graph.knob("k");
        let half = maker.graph.scale(knob, 0.5);
        maker.pool.push(half);
        let noise = maker.graph.uniform(9, [2, 3, 4]);
        let iota = maker.graph.iota([3, 4], 1);
        maker.pool.extend([noise, iota]);
        maker
    }

    fn source(&mut self, name: &str, shape: &[usize], state: bool) {
        let count = shape.iter().product();
        let numbers = (0..count).map(|_| f64::from(self.stream.range(-1.0, 1.0))).collect();
        self.feed.arrays.insert(name.into(), numbers);
        let id = if state { self.graph.state(name, shape) } else { self.graph.input(name, shape) };
        self.pool.push(id);
    }

    fn any(&mut self) -> Id {
        // Recent nodes are likelier, so that chains grow.
        let back = (self.stream.unit() * self.stream.unit() * self.pool.len() as f32) as usize;
        self.pool[self.pool.len() - 1 - back.min(self.pool.len() - 1)]
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.stream.below(of.len())]
    }

    /// Appends one operation on what there is; `None` where the one that was drawn does not fit.
    fn grow(&mut self) -> Option<Id> {
        let x = self.any();
        let shape = self.graph.shape(x).clone();
        if shape.count() > 2000 {
            return None;
        }
        let axis = if shape.is_empty() { None } else { Some(self.stream.below(shape.len())) };
        Some(match self.stream.below(15) {
            0..4 => {
                let unary = self.pick(&[f::NEG, f::TANH, f::SIGMOID, f::RELU, f::ABS, f::SIN, f::SOFTPLUS, f::ERF]);
                self.graph.map(unary, &[x])
            }
            4..7 => {
                let y = self.any();
                shape.broadcast(self.graph.shape(y))?;
                let binary = self.pick(&[f::ADD, f::SUB, f::MUL, f::MAX, f::MIN, f::LESS]);
                self.graph.map(binary, &[x, y])
            }
            7 => {
                let axis = axis?;
                if self.stream.below(2) == 0 { self.graph.sum(x, &[axis]) } else { self.graph.maximum(x, &[axis]) }
            }
            8 => {
                let mut axes: Vec<usize> = (0..shape.len()).collect();
                self.stream.shuffle(&mut axes);
                self.graph.permute(x, &axes)
            }
            9 => {
                let axis = axis?;
                let mut merged = shape.clone();
                if axis + 1 < merged.len() {
                    let size = merged.remove(axis);
                    merged[axis] *= size;
                } else {
                    merged.push(1);
                }
                self.graph.reshape(x, merged)
            }
            10 => {
                let axis = axis?;
                let (mut start, mut count) = (vec![0; shape.len()], shape.0.clone());
                start[axis] = self.stream.below(shape[axis]);
                count[axis] = shape[axis] - start[axis];
                self.graph.slice(x, &start, &count, &vec![1; shape.len()])
            }
            11 => {
                let axis = axis?;
                let flipped = self.graph.flip(x, &[axis]);
                self.graph.concat(&[x, flipped], axis)
            }
            12 => {
                let (mut before, after) = (vec![0; shape.len()], vec![1; shape.len()]);
                before[axis?] = 2;
                self.graph.pad(x, &before, &after, 0.25)
            }
            13 => self.graph.log_softmax(x, axis?),
            _ => {
                let rank = shape.len();
                if rank < 2 {
                    return None;
                }
                self.graph.matmul_with(x, x, true, false)
            }
        })
    }
}
