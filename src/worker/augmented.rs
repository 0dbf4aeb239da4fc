//! What augmentation makes of one picture: some of the ways in which the network is shown it while it learns.

use super::protocol::{Bytes, Pictures};
use crate::device::cpu::Cpu;
use crate::graph::Graph;
use crate::nn::augment;
use crate::paint::picture;
use crate::plan;
use crate::spec::Spec;
use crate::tensor::Shape;

/// How many of the ways are shown.
const COUNT: usize = 6;

/// The picture x, [height, width, channels], as the document's augmentations change it.
pub fn variants(spec: &Spec, x: &[f32], shape: &Shape) -> Result<Pictures, String> {
    let [height, width, channels] = shape[..] else { return Ok(Pictures::default()) };
    if spec.augment.is_empty() || height != width {
        return Ok(Pictures::default());
    }
    let mut graph = Graph::new();
    let pictures = graph.input("x", [COUNT, height, width, channels]);
    let changed = augment::build(&mut graph, &spec.augment, pictures);
    graph.output("changed", changed);
    let plan = plan::compile(&graph);
    let mut cpu = Cpu::new();
    let loaded = cpu.load(&plan)?;
    cpu.write("x", 0, &x.repeat(COUNT));
    cpu.run(loaded, &plan.turn(spec.seed, 0, &[]));
    let numbers = cpu.read(loaded, "changed");
    let rgba = numbers.chunks(x.len()).flat_map(|one| picture::picture(one, [height, width, channels]).rgba).collect();
    Ok(Pictures { indices: (0..COUNT as u32).collect(), labels: vec![0; COUNT], size: width as u32, rgba: Bytes(rgba) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::PRESETS;

    #[test]
    fn a_flip_shows_the_picture_and_its_mirror() {
        let mut spec = Spec::parse(PRESETS[0].document).unwrap();
        spec.augment = vec![augment::find("flip").unwrap()];
        let x = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0];
        let pictures = variants(&spec, &x, &[2, 2, 3].into()).unwrap();
        let first: Vec<u8> = pictures.rgba.0.chunks(16).map(|picture| picture[0]).collect();
        assert!(first.contains(&0) && first.contains(&255), "{first:?}");

        spec.augment.clear();
        assert_eq!(variants(&spec, &x, &[2, 2, 3].into()), Ok(Pictures::default()));
    }
}
