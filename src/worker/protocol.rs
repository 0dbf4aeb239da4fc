//! What the page and the engine say to each other: [`Command`]s go in, [`Event`]s come out.
//!
//! Plain data: each message is packed into one buffer ([`pack`]), which `postMessage` carries over without a copy. Documents
//! travel as their JSON text, so that there is one place that reads them. Sample indices count the learnt pictures first,
//! then the tested ones, as in `data::Dataset`. What programs say to the engine is in `program`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A message as bytes. Both ends are built from the same source: nothing is named, all is in order.
pub fn pack<T: Serialize>(message: &T) -> Vec<u8> {
    postcard::to_allocvec(message).expect("messages are plain data, and memory grows")
}

/// The message that was packed; the error is a sentence.
pub fn unpack<T: de::DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    postcard::from_bytes(bytes).map_err(|_| "A message came that cannot be read: reload the page.".into())
}

/// What the page asks the engine for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// The document to train, as JSON. With `keep`, whatever did not change keeps its weights, its step and its
    /// curve; without, training starts over. Answered by [`Event::Opened`], [`Event::Pictures`] and a snapshot.
    Open {
        document: String,
        keep: bool,
    },
    Play,
    Pause,
    Step(Stride),
    /// Back to step 0 with the same initial weights.
    Rewind,
    /// Moves to another device in mid-training and keeps the weights. Answered by [`Event::Ready`].
    Device(Choice),
    /// The picture that snapshots explain.
    Look(Subject),
    /// The samples that the page shows as a grid. Answered by [`Event::Pictures`]; framed by each snapshot.
    Grid(Vec<u32>),
    /// Files that were dropped, pasted or chosen, some at a time; `more` are to follow. The last is answered by
    /// [`Event::Files`]; the set `own` is what came with classes, and the page then opens a document that names it.
    Own {
        files: Vec<File>,
        more: bool,
    },
    /// What augmentation makes of the picture that is looked at. Answered by [`Event::Augmented`].
    Augmented,
    /// A look at what is in the sets of pictures. Answered by an [`Event::Cover`] for each.
    Covers,
    /// The tested pictures of one cell of the confusion matrix. Answered by [`Event::Cell`].
    Cell {
        truth: u32,
        said: u32,
    },
    /// The weights, and the answers for eight samples. Answered by [`Event::Taken`].
    Take,
    /// Weights by name for the network that is open, a packed [`crate::exchange::protocol::Given`].
    Put(Bytes),
}

/// What the engine tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The engine computes on `device`, and `reason` says in a sentence why. Sent at the start and after each change.
    Ready {
        device: Device,
        name: String,
        reason: String,
        webgpu: bool,
    },
    /// Samples of a set are being drawn or read.
    Preparing {
        done: u32,
        of: u32,
    },
    Opened(Opened),
    Pictures(Pictures),
    /// At most 30 a second.
    Progress(Progress),
    /// At most 10 a second; at once after `Look`, `Grid`, `Step`, `Pause` and `Open`.
    Snapshot(Box<Snapshot>),
    /// Training ended by itself.
    Ended(Ending),
    Files(Files),
    Cell {
        truth: u32,
        said: u32,
        pictures: Pictures,
    },
    /// A picture of each of the first two classes of a set; none where there is nothing to see yet.
    Cover {
        set: String,
        pictures: Pictures,
    },
    /// Some of the ways in which the network is shown the picture that is looked at; none without augmentation.
    Augmented(Pictures),
    /// The device or the engine is in trouble; the sentence says what happened and what goes on. Nothing is lost.
    Trouble(String),
    /// A packed [`crate::exchange::protocol::Taken`], which the page hands on as it is.
    Taken(Bytes),
}

/// How far one press of Step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stride {
    /// One step of a single picture, leaving the document's batch as it is.
    Picture,
    Batch,
    Epoch,
}

/// Where to compute, as asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// Whichever is faster for this network on this machine.
    #[default]
    Auto,
    Cpu,
    WebGpu,
}

/// Where it is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    Cpu,
    WebGpu,
}

/// A picture to look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Subject {
    Sample(u32),
    /// Somebody's own picture, row by row, four bytes a pixel; fitted to the network's input.
    Own {
        width: u32,
        height: u32,
        rgba: Bytes,
    },
    /// A place in the plane, for sets of points.
    Point(f32, f32),
}

/// A file as it came: its path below what was dropped, and its bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct File {
    pub name: String,
    pub bytes: Bytes,
}

/// What was opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// The weights, the step and the curve of before go on.
    pub kept: bool,
    pub step: u32,
    /// One sample: [height, width, channels], or [2].
    pub shape: Vec<usize>,
    pub classes: Vec<String>,
    pub train: u32,
    pub test: u32,
    /// All samples of a set of points.
    pub points: Option<Points>,
}

/// A set of points in the plane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Points {
    /// x and y of each sample in turn.
    pub places: Floats,
    pub labels: Vec<u32>,
    /// The plane is shown from -reach to reach both ways.
    pub reach: f32,
}

/// Small pictures, all square and of one size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pictures {
    pub indices: Vec<u32>,
    pub labels: Vec<u32>,
    /// Width and height of each.
    pub size: u32,
    /// One picture after the other, four bytes a pixel.
    pub rgba: Bytes,
}

/// How training goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    pub step: u32,
    pub epoch: f32,
    pub running: bool,
    pub samples_per_second: f32,
    /// The scheduled rate of the last step.
    pub learning_rate: f32,
    /// One point for each step since the last report, or fewer where steps are very fast.
    pub train: Vec<Point>,
}

/// One point of a curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub step: u32,
    pub loss: f32,
    /// 0 to 1; none where the target is a value.
    pub accuracy: Option<f32>,
}

/// Why training ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ending {
    Epochs(u32),
    Accuracy(f32),
    Patience(u32),
    /// The loss is no longer a number.
    Diverged,
}

/// Everything the page draws of one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    pub step: u32,
    /// What it says of the samples of the grid.
    pub grid: Vec<Answer>,
    pub look: Option<Look>,
    /// Missing while the last one is still being computed.
    pub evaluation: Option<Evaluation>,
    pub boundary: Option<Boundary>,
}

/// The network's answer for one sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub index: u32,
    pub said: u32,
    pub probability: f32,
}

/// One picture, all the way through the network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// Its place in the set, if it is from there.
    pub index: Option<u32>,
    pub label: Option<u32>,
    /// The picture as the network sees it; empty for points.
    pub size: u32,
    pub rgba: Bytes,
    /// One for each class.
    pub probabilities: Vec<f32>,
    /// The layers in the document's order.
    pub layers: Vec<LayerView>,
}

/// What one layer says, small enough to draw in its card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LayerView {
    pub name: String,
    /// `maps` feature maps of `height` × `width`, one after the other: the first 16 at most, shrunk to 32 × 32 at
    /// most. A flat output is one map of height 1, 256 wide at most. For sets of points a map is a unit's answer over
    /// the plane.
    pub maps: u32,
    pub height: u32,
    pub width: u32,
    pub data: Floats,
    /// For the first convolution: its kernels.
    pub kernels: Option<Kernels>,
}

/// The first kernels of a convolution, each `height` × `width` × `channels`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kernels {
    pub count: u32,
    pub height: u32,
    pub width: u32,
    pub channels: u32,
    pub data: Floats,
}

/// How it does on the test split.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    pub step: u32,
    pub loss: f32,
    pub accuracy: Option<f32>,
    /// Counts, row by row: the true class, then what was said.
    pub confusion: Vec<u32>,
}

/// What the network says over the plane, `size` × `size` from the top left.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Boundary {
    pub size: u32,
    /// For two classes, the probability of the second, 0 to 1.
    pub data: Floats,
}

/// What became of the files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Files {
    /// The classes found and how many pictures each has. Without classes, the first picture is being looked at.
    pub classes: Vec<(String, u32)>,
    pub accepted: u32,
    /// Files that could not be used, each with its reason.
    pub refused: Vec<(String, String)>,
}

/// Bytes that travel as one buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

/// Numbers that travel as one buffer, little-endian.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Floats(pub Vec<f32>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        deserializer.deserialize_bytes(Buffer).map(|bytes| Bytes(bytes.to_vec()))
    }
}

impl Serialize for Floats {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytemuck::cast_slice(&self.0))
    }
}

impl<'de> Deserialize<'de> for Floats {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Floats, D::Error> {
        let bytes = deserializer.deserialize_bytes(Buffer)?;
        if bytes.len() % 4 != 0 {
            return Err(de::Error::custom("expected four bytes for each number"));
        }
        let mut floats = vec![0.0; bytes.len() / 4];
        bytemuck::cast_slice_mut(&mut floats).copy_from_slice(&bytes);
        Ok(Floats(floats))
    }
}

/// Takes a run of bytes as it lies in the message.
struct Buffer;

impl<'de> de::Visitor<'de> for Buffer {
    type Value = &'de [u8];

    fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str("a buffer of bytes")
    }

    fn visit_borrowed_bytes<E: de::Error>(self, bytes: &'de [u8]) -> Result<&'de [u8], E> {
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_the_journey() {
        let look =
            Look { probabilities: vec![0.25, 0.75], rgba: Bytes(vec![1, 2, 3, 255]), size: 1, ..Look::default() };
        let there = Event::Snapshot(Box::new(Snapshot {
            step: 3,
            look: Some(look),
            boundary: Some(Boundary { size: 1, data: Floats(vec![-0.5]) }),
            ..Snapshot::default()
        }));
        assert_eq!(unpack(&pack(&there)), Ok(there));
    }

    #[test]
    fn half_a_number_is_refused() {
        let five = pack(&Bytes(vec![0, 0, 128, 63, 1]));
        assert!(unpack::<Floats>(&five).unwrap_err().contains("cannot be read"));
    }
}
