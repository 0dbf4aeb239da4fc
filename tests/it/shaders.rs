//! Every shader is valid WGSL, keeps WebGPU's limits, and each of its files is used; no graphics card needed.

use super::documents::{cnn_32, plans, presets};
use super::samples::samples;
use naga::AddressSpace;
use naga::front::wgsl;
use naga::proc::Layouter;
use naga::valid::{Capabilities, ValidationFlags, Validator};
use std::collections::HashSet;
use whisker::device::gpu::launch::Binding;
use whisker::device::gpu::shader::{BUFFERS, BYTES, GROUPS, SHARED};
use whisker::device::gpu::template::FILES;
use whisker::device::gpu::write::{CARDS, HARDWARE, Machine, SOFTWARE, write};
use whisker::plan::{Core, Holds, Kernel, Place, Plan, Program, Step, Store, View};
use whisker::spec::Spec;

/// What WebGPU gives every page: see also [`BUFFERS`], [`GROUPS`], [`BYTES`] and [`SHARED`].
const INVOCATIONS: u32 = 256;

/// Every launch of a plan parses, validates, and keeps within what WebGPU gives every page. Those in `seen` were looked at.
fn check(name: &str, plan: &Plan, machine: Machine, seen: &mut HashSet<String>) {
    let written = write(plan, machine).unwrap_or_else(|why| panic!("{name}: {why}"));
    let layout = &written.layout;
    assert!(layout.small.max(layout.parts.get()) * 4 <= BYTES, "{name}: {layout:?}");
    for launch in &written.launches {
        let name = format!("{name}, {}", launch.name);
        assert!(launch.bindings.len() <= BUFFERS, "{name}: {} buffers", launch.bindings.len());
        assert!(launch.groups.iter().all(|size| (1..=GROUPS as u32).contains(size)), "{name}: {:?}", launch.groups);
        let memories: HashSet<_> = launch.bindings.iter().map(|binding| binding.memory).collect();
        assert_eq!(memories.len(), launch.bindings.len(), "{name}: memory is bound twice");
        let bytes = |binding: &Binding| layout.count(plan, binding.memory) * 4;
        assert!(launch.bindings.iter().all(|binding| bytes(binding) <= BYTES), "{name}: a binding is too long");
        if seen.insert(launch.source.clone()) {
            valid(&name, &launch.source);
        }
    }
}

fn valid(name: &str, source: &str) {
    let module =
        wgsl::parse_str(source).unwrap_or_else(|error| panic!("{name}: {}\n{source}", error.emit_to_string(source)));
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::default());
    if let Err(error) = validator.validate(&module) {
        panic!("{name}: {}\n{source}", error.emit_to_string(source));
    }
    let [entry] = &module.entry_points[..] else { panic!("{name}: one entry point") };
    assert!(entry.workgroup_size.iter().product::<u32>() <= INVOCATIONS, "{name}: {:?}", entry.workgroup_size);
    let mut sizes = Layouter::default();
    sizes.update(module.to_ctx()).expect("a valid module has sizes");
    let shared = module.global_variables.iter().filter(|(_, variable)| variable.space == AddressSpace::WorkGroup);
    let shared: u32 = shared.map(|(_, variable)| sizes[variable.ty].size).sum();
    assert!(shared as usize <= SHARED, "{name}: {shared} bytes of a workgroup");
    // Sums whose order is left to chance, and numbers that are none, would differ from machine to machine.
    for word in ["atomic", "enable ", "0x7f", "bitcast"] {
        assert!(!source.contains(word), "{name}: {word}\n{source}");
    }
}

#[test]
fn every_shader_is_valid() {
    let mut seen = HashSet::new();
    for machine in CARDS.into_iter().chain([SOFTWARE]) {
        samples().iter().for_each(|sample| check(&sample.name, &sample.plan, machine, &mut seen));
    }
    assert!(seen.len() > 120, "only {} different shaders", seen.len());
}

#[test]
fn every_preset_is_valid_on_a_graphics_card() {
    let mut seen = HashSet::new();
    for (id, spec) in presets().into_iter().chain([("cnn-32", cnn_32())]).chain(given()) {
        for (purpose, plan) in plans(&spec) {
            for machine in CARDS.into_iter().chain([SOFTWARE]) {
                check(&format!("{id}, {purpose}"), &plan, machine, &mut seen);
            }
        }
    }
}

/// The documents of the folder that the environment variable SPECS names.
fn given() -> Vec<(&'static str, Spec)> {
    let Ok(folder) = std::env::var("SPECS") else { return Vec::new() };
    let files = std::fs::read_dir(&folder).expect("SPECS is a folder").map(|entry| entry.expect("a file").path());
    files
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a text");
            let name: &'static str = path.display().to_string().leak();
            (name, Spec::parse(&text).unwrap_or_else(|why| panic!("{name}: {why:?}")))
        })
        .collect()
}

/// WebGPU takes microseconds for each launch, whatever it computes.
#[test]
fn a_step_takes_few_launches() {
    let most = [("cnn-32", 20), ("deep", 55), ("residual", 55)];
    let specs: Vec<_> = presets().into_iter().chain([("cnn-32", cnn_32())]).chain(given()).collect();
    for (id, spec) in specs {
        let plans = plans(&spec);
        let (_, step) = plans.iter().find(|(purpose, _)| *purpose == "a step on a given batch").expect("a step");
        for machine in CARDS.into_iter().chain([SOFTWARE]) {
            let launches = write(step, machine).expect("it is written").launches;
            let different: HashSet<&str> = launches.iter().map(|launch| launch.source.as_str()).collect();
            println!(
                "{id}, {} lanes: {} kernels, {} launches of {} shaders",
                machine.lanes,
                step.kernels.len(),
                launches.len(),
                different.len()
            );
            for launch in &launches {
                println!("  {:?} {}", launch.groups, launch.name);
            }
            let limit = most.iter().find(|(own, _)| *own == id).map_or(usize::MAX, |(_, limit)| *limit);
            assert!(launches.len() <= limit, "{id}: {} launches", launches.len());
        }
    }
}

#[test]
fn every_shader_file_says_what_it_is() {
    let read = |folder: &str| std::fs::read_dir(folder).expect(folder).map(|entry| entry.expect("a file").path());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/shaders");
    let files: Vec<_> = read(root).chain(read(&format!("{root}/shared"))).filter(|path| path.is_file()).collect();
    assert_eq!(files.len(), FILES.len(), "each file of shaders/ is named in template.rs");
    for (name, squeezed) in FILES {
        let source = std::fs::read_to_string(format!("{root}/{name}.wgsl")).expect(name);
        let lines = source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
        assert_eq!(lines.collect::<Vec<_>>(), squeezed.lines().collect::<Vec<_>>(), "{name} loses comments alone");
        assert!(source.starts_with("// "), "{name} begins with what it computes");
        assert!(name.starts_with("shared/") || source.contains("workgroup"), "{name} says what a workgroup does");
        let twin =
            source.split_whitespace().find(|word| word.starts_with("src/")).map(|word| word.trim_end_matches('.'));
        let exists = |twin| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(twin).is_file();
        assert!(twin.is_none_or(exists), "{name} has no twin {twin:?}");
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

/// Two maps of a column each of one place, the second reading the first's column: each index waits for nobody. The same with
/// the columns swapped: all wait.
#[test]
fn maps_that_follow_each_other_index_by_index_wait_for_nothing() {
    let waits = |from: usize| {
        let places =
            vec![Place { count: 32, holds: Holds::Scratch }, Place { count: 16, holds: Holds::Input("x".into()) }];
        let view = |place, offset, row| View { place, offset, strides: vec![row, 1] };
        let map = |load: View, to: View| Kernel {
            name: "copy".into(),
            dims: vec![4, 4],
            core: Core::Map,
            program: Program { steps: vec![Step::Load(load)] },
            stores: vec![Store { value: 0, view: to }],
        };
        let kernels = vec![map(view(1, 0, 4), view(0, 0, 8)), map(view(0, from, 8), view(0, 4, 8))];
        let plan = Plan { places, kernels, ..Plan::default() };
        let launches = write(&plan, HARDWARE).expect("it is written").launches;
        assert_eq!(launches.len(), 1);
        launches[0].source.contains("storageBarrier")
    };
    assert!(!waits(0), "the second reads what the first wrote at the same index");
    assert!(waits(1), "the second reads what the first wrote at the next index");
}
