//! A configuration of Keras as a list of layers that know what they read: sequential and functional models, models in models
//! laid out flat, in the words of Keras 2 and of Keras 3.

use crate::{
    export::keras_model::{counted, group_names},
    nn::json::Json,
    spec::limit,
};

/// The most layers, with those of inner models.
const LAYERS: usize = 2000;
/// How deep models may lie in one another.
const DEEPEST: usize = 8;

/// A layer as the file describes it.
#[derive(Clone, Debug)]
pub struct Row {
    pub name: String,
    /// Without its package: `Position` of `whisker>Position`.
    pub class: String,
    pub config: Json,
    /// The rows that it reads, each standing before it; none for the data.
    pub inputs: Vec<usize>,
    /// Whether some argument of its call has this value: `use_causal_mask`.
    pub causal: bool,
    /// Where Keras 3 keeps its arrays: `layers/dense_1`.
    pub group: String,
    /// The outermost model in the model that it is of, else its own name: where Keras 2 keeps its arrays.
    pub holder: String,
}

/// The layers in an order in which each stands after what it reads.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub rows: Vec<Row>,
    pub output: usize,
}

impl Graph {
    /// The layers of a model's configuration, `{ "class_name": …, "config": … }`.
    pub fn read(model: &Json) -> Result<Graph, String> {
        let mut graph = Graph::default();
        graph.output = graph.model(model, None, "", None, 0)?;
        Ok(graph)
    }

    /// The row that makes the data: the first.
    pub fn input(&self) -> Option<&Row> {
        self.rows.first().filter(|row| row.class == "InputLayer")
    }

    /// Appends the layers of a model that reads `from`, or the data; gives the row that makes its output.
    fn model(
        &mut self,
        model: &Json,
        from: Option<usize>,
        group: &str,
        holder: Option<&str>,
        depth: usize,
    ) -> Result<usize, String> {
        if depth > DEEPEST {
            return Err(format!("The file has models in models more than {DEEPEST} deep: save it with fewer."));
        }
        let class = plain(text(model, "class_name").unwrap_or_default());
        let config = model
            .field("config")
            .ok_or("The model has no configuration: save the whole model, not its weights alone.")?;
        let layers = match (class, config) {
            // the oldest files list a sequential model's layers without a name
            ("Sequential", Json::Array(layers)) => layers,
            ("Sequential" | "Functional" | "Model", _) => config
                .field("layers")
                .and_then(Json::as_array)
                .ok_or("The model's configuration lists no layers: save it again.")?,
            _ => {
                return Err(format!(
                    "The model is of the class \"{class}\", whose layers are known to its program alone: expected a \
                     Sequential or a Functional model. Build it as one of these and save it again."
                ));
            }
        };
        let before = self.rows.len();
        if layers.is_empty() || before + layers.len() > LAYERS {
            return Err(format!("The model lists {} layers, where 1 to {LAYERS} are read.", layers.len()));
        }
        let names: Vec<&str> = layers.iter().map(name_of).collect();
        if let Some(i) = (0..names.len()).find(|i| names[*i].is_empty() || names[..*i].contains(&names[*i])) {
            return Err(format!("Layer {} of the model has no name of its own: save it again.", i + 1));
        }
        let chain = class == "Sequential";
        let mut links: Vec<Vec<usize>> = match chain {
            true => (0..layers.len()).map(|i| i.checked_sub(1).into_iter().collect()).collect(),
            false => layers.iter().map(|layer| inbound(layer, &names)).collect::<Result<_, _>>()?,
        };
        let output = match chain {
            true => layers.len() - 1,
            false => {
                let one = |key: &str| ends(config.field(key), &names, key);
                let input = one("input_layers")?;
                links[input].clear();
                one("output_layers")?
            }
        };
        let groups = groups(layers, &links, output, chain);
        // where each layer's result is made; the order is that of the file as far as that works
        let mut made: Vec<Option<usize>> = vec![None; layers.len()];
        while let Some(next) =
            (0..layers.len()).find(|i| made[*i].is_none() && links[*i].iter().all(|other| made[*other].is_some()))
        {
            let inputs: Vec<usize> = links[next].iter().filter_map(|other| made[*other]).collect();
            let own = format!("{group}layers/{}", groups[next]);
            made[next] = Some(self.layer(&layers[next], names[next], inputs, from, &own, holder, depth)?);
        }
        match made[output] {
            Some(output) => Ok(output),
            None => Err(format!(
                "The layer \"{}\" reads, in the end, from itself, or from nothing: a network must not go in circles.",
                names[output]
            )),
        }
    }

    /// Appends one layer, or the layers of the model that it is.
    #[allow(clippy::too_many_arguments, reason = "what is known of a layer's place, once")]
    fn layer(
        &mut self,
        layer: &Json,
        name: &str,
        mut inputs: Vec<usize>,
        from: Option<usize>,
        group: &str,
        holder: Option<&str>,
        depth: usize,
    ) -> Result<usize, String> {
        let class = plain(text(layer, "class_name").unwrap_or_default());
        if class == "InputLayer" {
            match from {
                Some(from) => return Ok(from),
                None if !self.rows.is_empty() => {
                    return Err(format!("\"{name}\" is a second input: a network here reads one."));
                }
                None => {}
            }
        } else if inputs.is_empty() {
            inputs.push(match from {
                Some(from) => from,
                // the first layer of a sequential model may bring the shape of the data itself
                None if self.rows.is_empty() => self.data(layer)?,
                None => return Err(format!("The layer \"{name}\" reads from nothing: save the model again.")),
            });
        }
        let holder = holder.unwrap_or(name);
        if ["Sequential", "Functional", "Model"].contains(&class) {
            let [from] = inputs[..] else {
                return Err(format!("The inner model \"{name}\" has several inputs; one is read."));
            };
            return self.model(layer, Some(from), &format!("{group}/"), Some(holder), depth + 1);
        }
        let causal = says(layer.field("inbound_nodes"), "use_causal_mask", 0);
        self.push(Row {
            name: name.to_string(),
            class: class.to_string(),
            config: layer.field("config").cloned().unwrap_or(Json::Null),
            inputs,
            causal,
            group: group.to_string(),
            holder: holder.to_string(),
        })
    }

    /// The data, as the first layer's own configuration tells its shape.
    fn data(&mut self, layer: &Json) -> Result<usize, String> {
        self.push(Row {
            name: "input".into(),
            class: "InputLayer".into(),
            config: layer.field("config").cloned().unwrap_or(Json::Null),
            inputs: Vec::new(),
            causal: false,
            group: String::new(),
            holder: String::new(),
        })
    }

    fn push(&mut self, row: Row) -> Result<usize, String> {
        if self.rows.len() >= LAYERS {
            return Err(format!("The model has more than {LAYERS} layers in all, which is too many to open here."));
        }
        self.rows.push(row);
        Ok(self.rows.len() - 1)
    }
}

/// For each layer the group that Keras 3 keeps it in, counted as Keras counts.
fn groups(layers: &[Json], links: &[Vec<usize>], output: usize, chain: bool) -> Vec<String> {
    let all: Vec<usize> = (0..layers.len()).collect();
    let forward = links.iter().enumerate().all(|(i, inputs)| inputs.iter().all(|other| *other < i));
    let order = match chain || !forward {
        true => all,
        false => counted(&links.iter().map(Vec::as_slice).collect::<Vec<_>>(), output),
    };
    // operations such as a plain sum are in the graph, but are no layers
    let is_layer = |i: &&usize| !text(&layers[**i], "module").unwrap_or_default().contains(".ops");
    let order: Vec<usize> = order.iter().filter(is_layer).copied().collect();
    let classes: Vec<&str> = order.iter().map(|i| plain(text(&layers[*i], "class_name").unwrap_or_default())).collect();
    let mut named = vec![String::new(); layers.len()];
    for (i, name) in order.iter().zip(group_names(&classes)) {
        named[*i] = name;
    }
    named
}

/// What the layer reads: the layers of its one call.
fn inbound(layer: &Json, names: &[&str]) -> Result<Vec<usize>, String> {
    let name = name_of(layer);
    let Some(nodes) = layer.field("inbound_nodes").and_then(Json::as_array) else { return Ok(Vec::new()) };
    if nodes.len() > 1 {
        return Err(format!(
            "The layer \"{name}\" is used {} times with the same weights, which a network here cannot do: give each use a \
             layer of its own.",
            nodes.len()
        ));
    }
    let mut found = Vec::new();
    nodes.iter().for_each(|node| tensors(node, &mut found, 0));
    if found.len() > limit::INPUTS {
        return Err(format!(
            "The layer \"{name}\" reads {} others, where {} are read at most: join them step by step.",
            found.len(),
            limit::INPUTS
        ));
    }
    (found.into_iter())
        .map(|from| {
            let place = names.iter().position(|other| *other == from);
            place.ok_or_else(|| {
                format!("The layer \"{name}\" reads from \"{from}\", which is not in the file: save it again.")
            })
        })
        .collect()
}

/// The names of layers whose results stand in a call's arguments, in either generation's words.
fn tensors<'a>(json: &'a Json, found: &mut Vec<&'a str>, depth: usize) {
    if depth > 16 {
        return;
    }
    match json {
        Json::Array(items) => match &items[..] {
            [Json::String(name), Json::Number(_), Json::Number(_), rest @ ..] => {
                found.push(name);
                rest.iter().for_each(|one| tensors(one, found, depth + 1));
            }
            _ => items.iter().for_each(|one| tensors(one, found, depth + 1)),
        },
        Json::Object(map) => match (map.get("keras_history"), map.get("config")) {
            (Some(history), _) => tensors(history, found, depth + 1),
            (None, Some(config)) => tensors(config, found, depth + 1),
            (None, None) => map.keys().filter_map(|key| map.get(key)).for_each(|one| tensors(one, found, depth + 1)),
        },
        _ => {}
    }
}

/// Whether a flag of this name is set anywhere in a call.
fn says(json: Option<&Json>, flag: &str, depth: usize) -> bool {
    match json {
        _ if depth > 16 => false,
        Some(Json::Array(items)) => items.iter().any(|one| says(Some(one), flag, depth + 1)),
        Some(Json::Object(map)) => {
            map.get(flag) == Some(&Json::Bool(true)) || map.keys().any(|key| says(map.get(key), flag, depth + 1))
        }
        _ => false,
    }
}

/// The one layer that a list of inputs or outputs names.
fn ends(json: Option<&Json>, names: &[&str], key: &str) -> Result<usize, String> {
    let mut found = Vec::new();
    json.iter().for_each(|json| tensors(json, &mut found, 0));
    match found[..] {
        [name] => names
            .iter()
            .position(|other| *other == name)
            .ok_or_else(|| format!("The model's {key} names \"{name}\", which is not in the file: save it again.")),
        _ => Err(format!(
            "The model's {key} names {} layers, where a network here has one input and one output: cut the model down to one \
             of each and save it again.",
            found.len()
        )),
    }
}

fn name_of(layer: &Json) -> &str {
    let own = layer.field("config").and_then(|config| config.field("name")).and_then(Json::as_str);
    text(layer, "name").or(own).unwrap_or_default()
}

pub fn text<'a>(json: &'a Json, key: &str) -> Option<&'a str> {
    json.field(key).and_then(Json::as_str)
}

/// A class without its package.
fn plain(class: &str) -> &str {
    class.rsplit('>').next().unwrap_or_default()
}
