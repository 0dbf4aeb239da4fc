//! Every shader is valid WGSL, keeps WebGPU's limits, and each of its files is used; no graphics card needed.

use super::documents::{cnn_32, plans, presets};
use super::samples::samples;
use naga::front::wgsl;
use naga::valid::{Capabilities, ValidationFlags, Validator};
use std::collections::HashSet;
use whisker::device::gpu::launch::Launch;
use whisker::device::gpu::shader::{BUFFERS, GROUPS};
use whisker::device::gpu::template::FILES;
use whisker::device::gpu::write::{HARDWARE, SOFTWARE, write};
use whisker::plan::{Core, Holds, Kernel, Place, Plan, Program, Step, Store, View};

/// Parses and validates a launch's source, and checks what WebGPU limits.
pub fn check(name: &str, launch: &Launch) {
    let module = wgsl::parse_str(&launch.source)
        .unwrap_or_else(|error| panic!("{name}: {}\n{}", error.emit_to_string(&launch.source), launch.source));
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::default());
    if let Err(error) = validator.validate(&module) {
        panic!("{name}: {}\n{}", error.emit_to_string(&launch.source), launch.source);
    }
    assert!(launch.bindings.len() <= BUFFERS, "{name}: {} buffers", launch.bindings.len());
    assert!(
        launch.groups.iter().all(|size| (1..=GROUPS as u32).contains(size)),
        "{name}: {:?} workgroups",
        launch.groups
    );
    let [entry] = &module.entry_points[..] else { panic!("{name}: one entry point") };
    assert!(entry.workgroup_size.iter().product::<u32>() <= 256, "{name}: {:?}", entry.workgroup_size);
    let places: HashSet<_> = launch.bindings.iter().map(|binding| binding.memory).collect();
    assert_eq!(places.len(), launch.bindings.len(), "{name}: memory is bound twice");
}

#[test]
fn every_shader_is_valid() {
    let mut seen = HashSet::new();
    for machine in [HARDWARE, SOFTWARE] {
        for sample in samples() {
            for launch in write(&sample.plan, machine).expect(&sample.name).launches {
                if seen.insert(launch.source.clone()) {
                    check(&sample.name, &launch);
                }
            }
        }
    }
    assert!(seen.len() > 120, "only {} different shaders", seen.len());
}

#[test]
fn every_preset_is_valid_on_a_graphics_card() {
    let mut seen = HashSet::new();
    for (id, spec) in presets() {
        for (purpose, plan) in plans(&spec) {
            for machine in [HARDWARE, SOFTWARE] {
                for launch in write(&plan, machine).unwrap_or_else(|why| panic!("{id}, {purpose}: {why}")).launches {
                    if seen.insert(launch.source.clone()) {
                        check(&format!("{id}, {purpose}, {}", launch.name), &launch);
                    }
                }
            }
        }
    }
}

/// WebGPU takes microseconds for each launch, whatever it computes.
#[test]
fn a_step_of_a_small_network_takes_few_launches() {
    let plans = plans(&cnn_32());
    let (_, step) = plans.iter().find(|(purpose, _)| *purpose == "a step on a given batch").expect("a step");
    for machine in [HARDWARE, SOFTWARE] {
        let launches = write(step, machine).expect("it is written").launches;
        println!("{machine:?}: {} launches", launches.len());
        for launch in &launches {
            println!("  {:?} {}", launch.groups, launch.name);
        }
        assert!(launches.len() <= 40, "{} launches", launches.len());
    }
}

#[test]
fn every_shader_file_says_what_it_is() {
    let read = |folder: &str| std::fs::read_dir(folder).expect(folder).map(|entry| entry.expect("a file").path());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/shaders");
    let files: Vec<_> = read(root).chain(read(&format!("{root}/shared"))).filter(|path| path.is_file()).collect();
    assert_eq!(files.len(), FILES.len(), "each file of shaders/ is named in template.rs");
    for (name, source) in FILES {
        assert!(source.starts_with("// "), "{name} begins with what it computes");
        assert!(name.starts_with("shared/") || source.contains("workgroup"), "{name} says what a workgroup does");
    }
}

#[test]
fn what_a_machine_cannot_hold_is_refused_in_words() {
    let plan = Plan { places: vec![Place { count: 40 << 20, holds: Holds::Scratch }], ..Plan::default() };
    let error = write(&plan, HARDWARE).expect_err("160 MB in one piece");
    assert!(error.contains("160 MB") && error.contains("128 MB"), "{error}");
    let places = vec![Place { count: 4, holds: Holds::Constant(vec![0.0; 4].into()) }; 10];
    let view = |place| View { place, offset: 0, strides: vec![1] };
    let kernel = Kernel {
        name: "many".into(),
        dims: vec![4],
        core: Core::Map,
        program: Program { steps: (0..9).map(|place| Step::Load(view(place))).collect() },
        stores: vec![Store { value: 0, view: view(9) }],
    };
    let plan = Plan { places, kernels: vec![kernel], ..Plan::default() };
    let error = write(&plan, HARDWARE).expect_err("ten buffers");
    assert!(error.contains("10 buffers"), "{error}");
}
