//! What a snapshot shows: answers, one sample all the way through the network, and the plane for sets of points.

use super::augmented;
use super::protocol::{Answer, Boundary, Bytes, Floats, Kernels, LayerView, Look, Pictures, Subject};
use crate::data::{Values, points, resize};
use crate::nn::Target;
use crate::tensor::Shape;
use crate::train::{Session, answer};

/// The most feature maps of a layer that are shown.
const MAPS: usize = 16;
/// Their height and width at most.
const SIDE: usize = 32;
/// The most units of a flat layer that are shown.
const UNITS: usize = 256;
/// The plane is looked at on a grid this fine for units, and twice as fine for the answer.
const PLANE: usize = 32;

/// What the network says over the plane.
pub struct Plane {
    pub boundary: Boundary,
    /// For each layer [points, units].
    layers: Vec<Vec<f32>>,
}

/// What the network says of some samples of its set.
pub async fn answers(session: &mut Session, indices: &[u32]) -> Result<Vec<Answer>, String> {
    let places: Vec<usize> = indices.iter().map(|&index| index as usize).collect();
    let (output, _) = session.answer(&places).await?;
    let classes = classes(session);
    let shares = answer::probabilities(&output, classes, session.spec().loss.reads);
    let one = |(&index, shares): (&u32, &[f32])| {
        let said = answer::largest(shares);
        Answer { index, said: said as u32, probability: shares[said] }
    };
    Ok(indices.iter().zip(shares.chunks(classes)).map(one).collect())
}

/// The plane, where the samples are points in it.
pub async fn plane(session: &mut Session) -> Result<Option<Plane>, String> {
    let points = session.data().is_some_and(|data| matches!(data.values, Values::Floats(_)) && data.shape == [2]);
    if !points || classes(session) != 2 || session.network().sample.target != Target::Class {
        return Ok(None);
    }
    let output = session.predict(&grid(2 * PLANE)).await?;
    let shares = answer::probabilities(&output, 2, session.spec().loss.reads);
    let data = Floats(shares.chunks(2).map(|pair| pair[1]).collect());
    let boundary = Boundary { size: 2 * PLANE as u32, data };
    let layers = session.inspect(&grid(PLANE)).await?;
    Ok(Some(Plane { boundary, layers }))
}

/// The middles of size × size squares from the top left, x and y in turn; y grows upwards.
fn grid(size: usize) -> Vec<f32> {
    let place = |i: usize| ((2 * i + 1) as f32 / size as f32 - 1.0) * points::EXTENT;
    (0..size * size).flat_map(|i| [place(i % size), -place(i / size)]).collect()
}

/// One sample all the way through.
pub async fn look(session: &mut Session, subject: &Subject, plane: Option<&Plane>) -> Result<Option<Look>, String> {
    let shape = session.network().sample.shape.clone();
    let Some(mut look) = subject_of(session, subject, &shape)? else { return Ok(None) };
    let x = std::mem::take(&mut look.1);
    let mut look = look.0;
    let layers = session.inspect(&x).await?;
    let output = layers.last().expect("a network has layers");
    if session.network().sample.target == Target::Class {
        look.probabilities = answer::probabilities(output, classes(session), session.spec().loss.reads);
        look.probabilities.truncate(classes(session));
    }
    let kernels = first_kernels(session).await?;
    look.layers = session
        .network()
        .pieces
        .iter()
        .enumerate()
        .map(|(place, piece)| {
            let (maps, height, width, data) = match plane {
                Some(plane) => over_plane(&plane.layers[place], piece.shape.count()),
                None => shrink(&layers[place], &piece.shape),
            };
            let own = kernels.as_ref().filter(|(layer, _)| *layer == place).map(|(_, kernels)| kernels.clone());
            LayerView { name: piece.name.clone(), maps, height, width, data: Floats(data), kernels: own }
        })
        .collect();
    Ok(Some(look))
}

/// What augmentation makes of the picture that is looked at.
pub fn augmented(session: &mut Session, subject: &Subject) -> Result<Pictures, String> {
    let shape = session.network().sample.shape.clone();
    match subject_of(session, subject, &shape)? {
        Some((_, x)) => augmented::variants(session.spec(), &x, &shape),
        None => Ok(Pictures::default()),
    }
}

/// The sample as the network reads it; `None` where there is none to look at.
fn subject_of(session: &mut Session, subject: &Subject, shape: &Shape) -> Result<Option<(Look, Vec<f32>)>, String> {
    match subject {
        Subject::Sample(index) => {
            let place = *index as usize;
            if session.data().is_none_or(|data| place >= data.len()) {
                return Ok(None);
            }
            session.draw(&[place])?;
            let data = session.data().expect("it was drawn from");
            let size = if data.pixels(place).is_some() { data.shape[0] } else { 0 };
            let rgba = if size > 0 { data.thumbnail(place, size).unwrap_or_default() } else { vec![] };
            let look = Look {
                index: Some(*index),
                label: Some(data.labels[place]),
                size: size as u32,
                rgba: Bytes(rgba),
                ..Look::default()
            };
            Ok(Some((look, data.sample(place))))
        }
        Subject::Own { width, height, rgba } => {
            let [side, _, 3] = shape[..] else { return Ok(None) };
            let (width, height) = (*width as usize, *height as usize);
            if width == 0 || height == 0 || rgba.0.len() != width * height * 4 {
                return Err(format!(
                    "A picture of {width} × {height} needs {} bytes, but {} came: bring four for each pixel.",
                    width * height * 4,
                    rgba.0.len()
                ));
            }
            let rgb = resize::square(&resize::opaque(&rgba.0), width, height, side);
            let x = rgb.iter().map(|&byte| f32::from(byte) / 255.0).collect();
            let rgba = rgb.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
            Ok(Some((Look { size: side as u32, rgba: Bytes(rgba), ..Look::default() }, x)))
        }
        Subject::Point(x, y) if shape[..] == [2] => Ok(Some((Look::default(), vec![*x, *y]))),
        Subject::Point(..) => Ok(None),
    }
}

fn classes(session: &Session) -> usize {
    *session.network().output().last().expect("an output has an axis")
}

/// A unit's answer over the plane as a map, for the first units: (maps, height, width, numbers).
fn over_plane(values: &[f32], units: usize) -> (u32, u32, u32, Vec<f32>) {
    let maps = units.min(MAPS);
    let data = (0..maps).flat_map(|unit| values.iter().skip(unit).step_by(units).copied()).collect();
    (maps as u32, PLANE as u32, PLANE as u32, data)
}

/// Feature maps [height, width, channels], a sequence [time, units] as one map, or a flat output as one row, small enough
/// to show.
fn shrink(values: &[f32], shape: &[usize]) -> (u32, u32, u32, Vec<f32>) {
    let (height, width, channels) = match *shape {
        [height, width, channels] => (height, width, channels),
        [time, units] => (time, units, 1),
        _ => {
            let data: Vec<f32> = values.iter().take(UNITS).copied().collect();
            return (1, 1, data.len() as u32, data);
        }
    };
    let maps = channels.min(MAPS);
    let (rows, columns) = (height.min(SIDE), width.min(SIDE));
    let mut data = Vec::with_capacity(maps * rows * columns);
    let span = |i: usize, of: usize, from: usize| i * from / of..((i + 1) * from / of).max(i * from / of + 1);
    for map in 0..maps {
        for row in 0..rows {
            for column in 0..columns {
                let (ys, xs) = (span(row, rows, height), span(column, columns, width));
                let count = (ys.len() * xs.len()) as f32;
                let sum: f32 = ys
                    .flat_map(|y| xs.clone().map(move |x| (y, x)))
                    .map(|(y, x)| values[(y * width + x) * channels + map])
                    .sum();
                data.push(sum / count);
            }
        }
    }
    (maps as u32, rows as u32, columns as u32, data)
}

/// The kernels of the first convolution that reads the data, and the place of its layer.
async fn first_kernels(session: &mut Session) -> Result<Option<(usize, Kernels)>, String> {
    let place = session.spec().layers.iter().position(|layer| layer.kind.about.id == "conv2d");
    let Some(place) = place else { return Ok(None) };
    let piece = &session.network().pieces[place];
    let Some(kernel) = piece.parameters.iter().find(|parameter| parameter.name == "kernel") else { return Ok(None) };
    let [height, width, channels, filters] = kernel.shape[..] else { return Ok(None) };
    let name = format!("{}/kernel", piece.name);
    let Some(values) = session.parameter(&name).await? else { return Ok(None) };
    let count = filters.min(MAPS);
    let area = height * width * channels;
    let data = (0..count).flat_map(|f| (0..area).map(move |i| (f, i))).map(|(f, i)| values[i * filters + f]).collect();
    let (height, width, channels) = (height as u32, width as u32, channels as u32);
    Ok(Some((place, Kernels { count: count as u32, height, width, channels, data: Floats(data) })))
}
