//! Caffe networks come back as the layers that they were written from, and those of others compute what Caffe computes.

use crate::onnx::{documents, essence, network, opened, weights, written};
use pollster::block_on;
use whisker::device::{Device, cpu::Cpu};
use whisker::export::Kind;
use whisker::import::{Imported, Upload, read};
use whisker::protobuf::Writer;
use whisker::spec::{Data, Sample, Spec};
use whisker::tensor::random::Stream;
use whisker::train::{Session, Weight};

fn predictions(mut spec: Spec, weights: &[Weight], x: &[f32]) -> Vec<f32> {
    // the caller brings the samples, so that none are drawn
    spec.data = Data::Given { input: Sample::of(&spec).shape, target: spec.data.target() };
    let mut session = block_on(Session::create(spec, Device::Cpu(Cpu::default()), None)).expect("a session");
    block_on(session.set_weights(weights)).expect("weights");
    block_on(session.predict(x)).expect("answers")
}

#[test]
fn every_preset_comes_back_from_caffe() {
    for (name, spec) in crate::documents::presets() {
        let network = network(&spec);
        let given = weights(&network);
        let imported = read(&written("caffe", &network, &given).expect("files")).expect(name);
        // what a graph in use does not say: how a layer is taught
        let plain =
            |network| essence(network).into_iter().map(|layer| (layer.name, layer.kind, layer.function, layer.inputs));
        let (back, own) = (opened(&imported), network);
        assert_eq!(plain(&back).collect::<Vec<_>>(), plain(&own).collect::<Vec<_>>(), "{name}");
        assert_eq!(imported.weights.len(), given.len(), "{name}");
        for weight in &imported.weights {
            let own = given.iter().find(|own| own.name == weight.name).expect(&weight.name);
            let bits = |weight: &Weight| weight.data.iter().map(|number| number.to_bits()).collect::<Vec<u32>>();
            assert_eq!((&weight.shape, bits(weight)), (&own.shape, bits(own)), "{name}: {}", weight.name);
        }
    }
}

#[test]
fn random_documents_compute_the_same_from_caffe() {
    let (mut came, mut wider) = (0, 0);
    for (name, spec) in documents() {
        let network = network(&spec);
        let mut given = weights(&network);
        // a variance is not negative
        given.iter_mut().filter(|own| own.name.ends_with("variance")).for_each(|own| {
            own.data.iter_mut().for_each(|number| *number = number.abs() + 0.1);
        });
        let Ok(files) = written("caffe", &network, &given) else { continue };
        let imported = match read(&files) {
            Ok(imported) => imported,
            Err(why) => panic!("{name}: {why}\n{spec}"),
        };
        let back = Spec::from_json(imported.document.as_ref().expect("a document")).expect("a document that is read");
        let mut stream = Stream::new(2, 2);
        let x: Vec<f32> = (0..2 * network.input.count()).map(|_| stream.range(-1.0, 1.0)).collect();
        let (own, theirs) = (predictions(spec.clone(), &given, &x), predictions(back, &imported.weights, &x));
        let top = own.iter().fold(1e-6_f32, |top, value| top.max(value.abs()));
        let far = own.iter().zip(&theirs).map(|(a, b)| (a - b).abs() / top).fold(0.0, f32::max);
        assert!(own.len() == theirs.len() && far < 1e-5, "{name}: {far:.1e} apart\n{spec}");
        came += 1;
        wider += usize::from(essence(&opened(&imported)).len() != essence(&network).len());
    }
    assert!(came > 20 && wider < came, "{came} documents came back, {wider} with another number of layers");
}

/// A blob with its shape, in the newer form or the older one.
fn blob(w: &mut Writer, field: u32, shape: &[i64], data: &[f32], old: bool) {
    w.message(field, |w| {
        w.floats(5, data);
        match old {
            true => {
                (0..4_usize).for_each(|i| w.whole(i as u32 + 1, i.checked_sub(4 - shape.len()).map_or(1, |i| shape[i])))
            }
            false => w.message(7, |w| w.wholes(1, shape)),
        }
    });
}

type Numbers = [(&'static str, &'static [&'static [i64]])];

/// A caffemodel with random numbers of these shapes.
fn model(layers: &Numbers, old: bool) -> Upload {
    let (mut w, mut stream) = (Writer::default(), Stream::new(9, 9));
    w.text(1, "net");
    for (name, shapes) in layers {
        w.message(if old { 2 } else { 100 }, |w| {
            w.text(if old { 4 } else { 1 }, name);
            for shape in *shapes {
                let data: Vec<f32> = (0..shape.iter().product()).map(|_| stream.range(0.1, 0.9)).collect();
                blob(w, if old { 6 } else { 7 }, shape, &data, old);
            }
        });
    }
    Upload { name: "net.caffemodel".into(), bytes: w.bytes }
}

fn open(text: &str, layers: &Numbers, old: bool) -> Result<Imported, String> {
    read(&[Upload { name: "deploy.prototxt".into(), bytes: text.as_bytes().to_vec() }, model(layers, old)])
}

const LENET: &str = "
name: 'LeNet' # as of old
input: 'data' input_dim: 64 input_dim: 1 input_dim: 12 input_dim: 12
layers { name: 'conv1' type: CONVOLUTION bottom: 'data' top: 'conv1' blobs_lr: 1
  convolution_param { num_output: 3 kernel_size: 5 stride: 1 weight_filler { type: 'xavier' } } }
layers { name: 'pool1' type: POOLING bottom: 'conv1' top: 'pool1' pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layers { name: 'ip1' type: INNER_PRODUCT bottom: 'pool1' top: 'ip1' inner_product_param { num_output: 5 } }
layers { name: 'relu1' type: RELU bottom: 'ip1' top: 'ip1' }
layers { name: 'drop1' type: DROPOUT bottom: 'ip1' top: 'ip1' dropout_param { dropout_ratio: 0.4 } }
layers { name: 'ip2' type: INNER_PRODUCT bottom: 'ip1' top: 'ip2' inner_product_param { num_output: 2 } }
layers { name: 'prob' type: SOFTMAX bottom: 'ip2' top: 'prob' }";

#[test]
fn the_older_form_and_layers_in_place() {
    let numbers: &Numbers = &[("conv1", &[&[3, 1, 5, 5], &[3]]), ("ip1", &[&[5, 48], &[5]]), ("ip2", &[&[2, 5], &[2]])];
    let imported = open(LENET, numbers, true).expect("a network");
    let back = opened(&imported);
    let kinds: Vec<String> = back.layers.iter().map(|layer| layer.name.clone()).collect();
    assert_eq!(kinds, ["conv1", "pool1", "flatten-1", "ip1", "drop1", "ip2"]);
    assert!(matches!(back.layers[4].kind, Kind::Dropout { rate: 0.4 }), "{:?}", back.layers[4].kind);
    assert!(imported.notes.iter().any(|note| note.sentence.contains("softmax")), "{:?}", imported.notes);
    // the row of a picture, channels first there and last here, by hand: [filter][row·4 + column] becomes [(row, column, filter)]
    let kernel = imported.weights.iter().find(|weight| weight.name == "ip1/kernel").expect("a kernel");
    let (mut stream, mut all) = (Stream::new(9, 9), Vec::new());
    (0..78 + 240).for_each(|_| all.push(stream.range(0.1, 0.9)));
    let theirs = &all[78..];
    for (unit, place, filter) in [(0, 0, 0), (3, 7, 2), (4, 15, 1)] {
        assert_eq!(kernel.data[(place * 3 + filter) * 5 + unit], theirs[unit * 48 + filter * 16 + place]);
    }
}

#[test]
fn batch_norm_takes_its_factor_and_its_scale() {
    let text = "
      layer { name: 'data' type: 'Input' top: 'data' input_param { shape { dim: 1 dim: 2 dim: 4 dim: 4 } } }
      layer { name: 'c' type: 'Convolution' bottom: 'data' top: 'c' convolution_param { num_output: 2 kernel_size: 3 pad: 1 bias_term: false } }
      layer { name: 'n' type: 'BatchNorm' bottom: 'c' top: 'c' batch_norm_param { use_global_stats: true } }
      layer { name: 's' type: 'Scale' bottom: 'c' top: 'c' scale_param { bias_term: true } }
      layer { name: 'p' type: 'Pooling' bottom: 'c' top: 'p' pooling_param { pool: AVE global_pooling: true } }";
    let numbers: &Numbers = &[("c", &[&[2, 2, 3, 3]]), ("n", &[&[2], &[2], &[1]]), ("s", &[&[2], &[2]])];
    let imported = open(text, numbers, false).expect("a network");
    let find = |name: &str| imported.weights.iter().find(|weight| weight.name == name).expect(name).data.clone();
    let mut stream = Stream::new(9, 9);
    let all: Vec<f32> = (0..36 + 2 + 2 + 1 + 4).map(|_| stream.range(0.1, 0.9)).collect();
    assert_eq!(find("n/moving-mean"), [all[36] / all[40], all[37] / all[40]]);
    assert_eq!((find("n/gamma"), find("n/beta")), (all[41..43].to_vec(), all[43..].to_vec()));
}

#[test]
fn pooling_that_rounds_up_is_told_apart() {
    let net = |size: usize, more: &str| {
        format!(
            "input: 'data' input_dim: 1 input_dim: 1 input_dim: {size} input_dim: {size}
             layer {{ name: 'c' type: 'Convolution' bottom: 'data' top: 'c' convolution_param {{ num_output: 1 kernel_size: 1 }} }}
             layer {{ name: 'p' type: 'Pooling' bottom: 'c' top: 'p' pooling_param {{ pool: MAX {more} }} }}"
        )
    };
    let shape = |text: &str| {
        open(text, &[("c", &[&[1, 1, 1, 1], &[1]])], false).map(|imported| opened(&imported).layers[1].shape.to_vec())
    };
    // 7 places: windows of 3 that move by 2 fit three times; of 2 by 2 three times and a half
    assert_eq!(shape(&net(7, "kernel_size: 3 stride: 2")), Ok(vec![3, 3, 1]));
    assert_eq!(shape(&net(7, "kernel_size: 2 stride: 2")), Ok(vec![4, 4, 1]));
    assert_eq!(shape(&net(7, "kernel_size: 2 stride: 2 round_mode: FLOOR")), Ok(vec![3, 3, 1]));
    assert_eq!(shape(&net(7, "kernel_size: 2 stride: 2 ceil_mode: false")), Ok(vec![3, 3, 1]));
    let why = shape(&net(8, "kernel_size: 3 stride: 2 pad: 1")).expect_err("a window that begins elsewhere");
    assert!(why.contains("neither"), "{why}");
}

#[test]
fn what_is_missing_or_unknown_is_said() {
    let deploy = || Upload { name: "deploy.prototxt".into(), bytes: LENET.as_bytes().to_vec() };
    let train =
        Upload { name: "train.prototxt".into(), bytes: b"layer { name: 'd' type: 'Data' top: 'data' }".to_vec() };
    let why = |files: &[Upload]| read(files).expect_err("no network");
    assert!(why(&[deploy()]).contains("caffemodel"));
    assert!(why(&[model(&[("a", &[])], false)]).contains("prototxt"));
    assert!(why(&[train, model(&[("a", &[])], false)]).contains("deploy.prototxt"));
    assert!(why(&[deploy(), model(&[("other", &[&[1]])], false)]).contains("the one of this prototxt"));
    let odd = LENET.replace("RELU", "LRN");
    let numbers: &Numbers = &[("conv1", &[&[3, 1, 5, 5], &[3]]), ("ip1", &[&[5, 48], &[5]]), ("ip2", &[&[2, 5], &[2]])];
    let sentence = open(&odd, numbers, true).expect_err("an unknown layer");
    assert!(sentence.contains("relu1 (LRN)") && sentence.ends_with('.'), "{sentence}");
}
