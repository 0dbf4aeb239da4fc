//! A model as ONNX files hold it: nodes, tensors and their names, and the bytes that these come to.
//!
//! Field numbers are those of `onnx.proto3`, IR version 8.

use crate::{protobuf::Writer, tensor::Shape};

pub const IR: i64 = 8;
pub const OPSET: i64 = 17;
/// What the files say made them.
pub const PRODUCER: &str = "whisker";

/// Kinds of numbers.
pub const FLOAT: i64 = 1;
pub const INT64: i64 = 7;

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub op: &'static str,
    pub name: String,
    pub inputs: Vec<String>,
    pub output: String,
    pub attributes: Vec<(&'static str, Attribute)>,
    /// The layer that it computes, in JSON, where it is the layer's own node and not one beside it.
    pub layer: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    Float(f32),
    Whole(i64),
    Text(&'static str),
    Wholes(Vec<i64>),
}

/// What goes in or comes out. The batch stands in front and has no size of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    pub name: String,
    pub kind: i64,
    pub shape: Shape,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    pub name: String,
    pub nodes: Vec<Node>,
    pub floats: Vec<(String, Shape, Vec<f32>)>,
    pub wholes: Vec<(String, Vec<i64>)>,
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
}

impl Graph {
    /// The file, with texts by key beside the graph.
    pub fn bytes(&self, texts: &[(&str, &str)]) -> Vec<u8> {
        let mut w = Writer::default();
        w.whole(1, IR);
        w.text(2, PRODUCER);
        w.text(3, env!("CARGO_PKG_VERSION"));
        w.message(7, |w| self.write(w));
        w.message(8, |w| {
            w.text(1, "");
            w.whole(2, OPSET);
        });
        for (key, value) in texts {
            w.message(14, |w| {
                w.text(1, key);
                w.text(2, value);
            });
        }
        w.bytes
    }

    fn write(&self, w: &mut Writer) {
        for node in &self.nodes {
            w.message(1, |w| node.write(w));
        }
        w.text(2, &self.name);
        for (name, shape, data) in &self.floats {
            w.message(5, |w| {
                dims(w, shape);
                w.whole(2, FLOAT);
                w.text(8, name);
                w.floats(9, data);
            });
        }
        for (name, data) in &self.wholes {
            w.message(5, |w| {
                dims(w, &[data.len()]);
                w.whole(2, INT64);
                w.text(8, name);
                w.data(9, &data.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>());
            });
        }
        for (field, ports) in [(11, &self.inputs), (12, &self.outputs)] {
            for port in ports {
                w.message(field, |w| port.write(w));
            }
        }
    }
}

fn dims(w: &mut Writer, shape: &[usize]) {
    w.wholes(1, &shape.iter().map(|size| *size as i64).collect::<Vec<_>>());
}

impl Node {
    fn write(&self, w: &mut Writer) {
        self.inputs.iter().for_each(|input| w.text(1, input));
        w.text(2, &self.output);
        w.text(3, &self.name);
        w.text(4, self.op);
        for (name, value) in &self.attributes {
            w.message(5, |w| {
                w.text(1, name);
                match value {
                    Attribute::Float(number) => w.float(2, *number),
                    Attribute::Whole(number) => w.whole(3, *number),
                    Attribute::Text(text) => w.text(4, text),
                    Attribute::Wholes(numbers) => w.wholes(8, numbers),
                }
                w.whole(
                    20,
                    match value {
                        Attribute::Float(_) => 1,
                        Attribute::Whole(_) => 2,
                        Attribute::Text(_) => 3,
                        Attribute::Wholes(_) => 7,
                    },
                );
            });
        }
        if let Some(layer) = &self.layer {
            w.text(6, layer);
        }
    }
}

impl Port {
    fn write(&self, w: &mut Writer) {
        w.text(1, &self.name);
        w.message(2, |w| {
            w.message(1, |w| {
                w.whole(1, self.kind);
                w.message(2, |w| {
                    w.message(1, |w| w.text(2, "N"));
                    for size in self.shape.iter() {
                        w.message(1, |w| w.whole(1, *size as i64));
                    }
                });
            });
        });
    }
}
