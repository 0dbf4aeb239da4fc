//! Weights as a `.safetensors` file: the length of a header (8 bytes), the header in JSON, the numbers.

use super::{Format, Loader, Model, Written, bundle, code::Writer, pytorch::PYTORCH};
use crate::{
    nn::json::{Json, Map},
    train::Weight,
};

pub static SAFETENSORS: Format = Format {
    id: "safetensors",
    label: "safetensors",
    help: "The weights by name, for PyTorch, JAX and every reader of safetensors.",
    write: |model| Ok(Written::one("weights.safetensors", safetensors(model.weights))),
    loader: Some(loader),
};

/// The PyTorch module, and a program that fills it.
fn loader(model: &Model) -> Loader {
    let mut program = (PYTORCH.write)(model.network);
    // the module's loader, with another reader of files
    for file in program.files.iter_mut().skip(1) {
        let lines = &mut file.code.lines;
        for line in lines.iter_mut() {
            line.text = (line.text)
                .replace("{name: torch.from_numpy(value) for name, value in np.load(path).items()}", "load_file(path)")
                .replace("weights.npz", "weights.safetensors")
                .replace("import torch", "from safetensors.torch import load_file");
        }
        let torch = lines.iter().any(|line| line.text.contains("torch."));
        match lines.iter().position(|line| line.text == "import numpy as np") {
            Some(place) if torch => lines[place].text = "import torch".into(),
            Some(place) => drop(lines.remove(place)),
            None => {}
        }
    }
    let mut w = Writer::new("    ");
    w.line("\"\"\"Loads the weights into the network of train.py and compares its answers with Whisker's.\"\"\"\n");
    w.line("import numpy as np\nimport torch\nimport train\nimport weights\n");
    w.line("model = train.Network()\nweights.load(model)\nmodel.eval()\nwith torch.no_grad():");
    w.line("    answers = model(torch.from_numpy(np.load(\"samples.npy\"))).numpy()");
    bundle::check(&mut w);
    program.file("load.py", w);
    program.files.rotate_right(1);
    Loader { files: program.files, run: "pip install torch safetensors numpy\npython load.py" }
}

/// Arrays by name, f32 and little-endian, one after the other.
pub fn safetensors(weights: &[Weight]) -> Vec<u8> {
    let (mut header, mut end) = (Map::new(), 0);
    for weight in weights {
        let (start, mut entry) = (end, Map::new());
        end += weight.data.len() * 4;
        entry.insert("dtype", "F32");
        entry.insert("shape", weight.shape.iter().copied().collect::<Json>());
        entry.insert("data_offsets", [start, end].into_iter().collect::<Json>());
        header.insert(&weight.name, entry);
    }
    let mut text = Json::from(header).to_string();
    // the numbers begin at a multiple of 8
    text.push_str(&" ".repeat(text.len().next_multiple_of(8) - text.len()));
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes.extend(weights.iter().flat_map(|weight| &weight.data).flat_map(|value| value.to_le_bytes()));
    bytes
}
