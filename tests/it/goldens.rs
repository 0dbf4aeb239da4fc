//! The numbers that another framework computed, by the reference interpreter and by the CPU device; with the feature
//! `native` by the graphics card of this machine as well.

use serde_json::Value as Json;
use whisker::{
    graph::Graph,
    spec::{Network, Spec, check, step},
    tensor::Tensor,
};

use crate::golden::{Goldens, Tally, ask};
use machine::{Machine, Who};

mod machine;

#[test]
fn operations_and_their_gradients_by_the_reference() {
    operations_by(Who::Reference);
}

#[test]
fn operations_and_their_gradients_by_the_cpu() {
    operations_by(Who::Cpu);
}

#[test]
fn training_runs_by_the_reference() {
    training_by(Who::Reference);
}

#[test]
fn training_runs_by_the_cpu() {
    training_by(Who::Cpu);
}

#[cfg(feature = "native")]
#[test]
fn operations_and_their_gradients_by_the_card() {
    operations_by(Who::Card);
}

#[cfg(feature = "native")]
#[test]
fn training_runs_by_the_card() {
    training_by(Who::Card);
}

fn operations_by(who: Who) {
    let Some(goldens) = Goldens::open("ops") else { return };
    let mut tally = Tally::default();
    let mut machine = Machine::new(who);
    for case in &goldens.cases {
        let asked = ask(&goldens, case, who.most());
        let graph = machine.load(&asked.graph);
        for (name, numbers) in goldens.inputs(case) {
            machine.write(&name, &numbers.data);
        }
        let names: Vec<&str> = asked.wanted.iter().map(|(name, _, _)| name.as_str()).collect();
        let results = machine.run(graph, 0, &[], &names);
        for (name, key, most) in &asked.wanted {
            tally.judge(format!("{} {name}", case["name"]), &results[name], goldens.array(key), *most);
        }
        machine.clear();
        tally.cases += 1;
    }
    tally.finish(&format!("operations, {who:?}"), |line| println!("{line}"));
}

fn training_by(who: Who) {
    let Some(goldens) = Goldens::open("training") else { return };
    let mut tally = Tally::default();
    let mut machine = Machine::new(who);
    for case in &goldens.cases {
        let name = case["name"].as_str().expect("name");
        let spec = Spec::parse(&case["spec"].to_string()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let network = check(&spec).unwrap_or_else(|mistakes| panic!("{name}: {mistakes:#?}"));
        train(&goldens, case, (&spec, &network), who, (&mut machine, &mut tally));
        machine.clear();
    }
    tally.finish(&format!("training runs, {who:?}"), |line| println!("{line}"));
}

/// Twenty steps from the given weights, then an answer.
fn train(
    goldens: &Goldens,
    case: &Json,
    (spec, network): (&Spec, &Network),
    who: Who,
    (machine, tally): (&mut Machine, &mut Tally),
) {
    let name = case["name"].as_str().expect("name");
    let layout = network.layout();
    let [trained, moving] = goldens.initial(case, &layout);
    let batches = case["batches"].as_array().expect("batches");
    let shape = |key: &Json| goldens.array(key).shape.clone();

    let mut graph = Graph::new();
    let (x, y) = (graph.input("x", shape(&batches[0]["x"])), graph.input("y", shape(&batches[0]["y"])));
    let nodes = network.step(spec, &mut graph, x, y);
    graph.output("loss", nodes.loss);
    let steps = machine.load(&graph);
    let mut graph = Graph::new();
    let x = graph.input("question", shape(&case["prediction"]["x"]));
    let weights = network.weights(&mut graph);
    let built = network.build(spec, &mut graph, x, &weights.parts, false);
    graph.output("answer", *built.results.last().expect("layers"));
    let answers = machine.load(&graph);

    machine.write(step::TRAINED, &trained);
    if !moving.is_empty() {
        machine.write(step::MOVING, &moving);
    }
    for state in spec.optimizer.row.states {
        machine.write(&step::optimizer_state(state), &vec![0.0; trained.len()]);
    }
    for (t, batch) in batches.iter().enumerate() {
        machine.write("x", &goldens.array(&batch["x"]).data);
        machine.write("y", &goldens.array(&batch["y"]).data);
        let knobs = [(step::RATE, spec.rate(t as u64)), (step::COUNT, t as f64)];
        let loss = &machine.run(steps, t as u32, &knobs, &["loss"])["loss"];
        let golden = Tensor::new([], vec![case["losses"][t].as_f64().expect("a loss") as f32]);
        tally.judge(format!("{name} loss {t}"), loss, &golden, who.most().training);
    }
    for laid in layout.parameters.iter().filter(|laid| case["final"].get(&laid.name).is_some()) {
        let vector = machine.state(if laid.trainable { step::TRAINED } else { step::MOVING });
        let own = &vector[laid.offset..][..laid.shape.count()];
        tally.judge(
            format!("{name} {}", laid.name),
            own,
            goldens.array(&case["final"][&laid.name]),
            who.most().weights,
        );
    }
    machine.write("question", &goldens.array(&case["prediction"]["x"]).data);
    let answer = &machine.run(answers, 20, &[], &["answer"])["answer"];
    tally.judge(format!("{name} prediction"), answer, goldens.array(&case["prediction"]["y"]), who.most().training);
    tally.cases += 1;
}
