//! A layer of the document on its way: its fields, its parameters, and what must hold of it.

use super::{Array, layer::Around};
use crate::nn::json::{Json, Map};

/// A layer of the document, without name and inputs.
#[derive(Clone, Debug, Default)]
pub struct Made {
    pub fields: Map,
    pub weights: Vec<Own>,
    /// Padding that the file gives in rows and columns; `same` must come to as much.
    pub padding: Option<[[usize; 2]; 2]>,
    /// An axis that must be the last, counted with the batch.
    pub axis: Option<usize>,
    /// What is to be said of it.
    pub remark: Option<String>,
}

/// A parameter of a layer.
#[derive(Clone, Debug)]
pub struct Own {
    pub name: &'static str,
    pub numbers: Numbers,
}

#[derive(Clone, Debug)]
pub enum Numbers {
    /// An array of the file.
    Array(Array),
    /// The file has none: every number is this.
    All(f32),
}

impl Made {
    pub fn of(kind: &str) -> Made {
        Made::default().with("type", kind)
    }

    pub fn with(mut self, key: &str, value: impl Into<Json>) -> Made {
        self.fields.insert(key, value);
        self
    }

    pub fn usual(self, key: &str, value: usize, usual: usize) -> Made {
        if value == usual { self } else { self.with(key, value) }
    }

    pub fn usual_number(self, key: &str, value: f64, usual: f64) -> Made {
        // 32 bits in the file may stand for a number of few digits
        if value == usual { self } else { self.with(key, value) }
    }

    pub fn choice(self, key: &str, value: &str, usual: &str) -> Made {
        if value == usual { self } else { self.with(key, value) }
    }

    pub fn flag(self, key: &str, value: bool) -> Made {
        if value { self.with(key, true) } else { self }
    }

    pub fn bias(self, has: bool) -> Made {
        if has { self } else { self.with("bias", false) }
    }

    pub fn function(self, word: &str) -> Made {
        if word == "linear" { self } else { self.with("activation", word) }
    }

    pub fn size(self, key: &str, [h, w]: [usize; 2], usual: [usize; 2]) -> Made {
        match [h, w] == usual {
            true => self,
            false if h == w => self.with(key, h),
            false => self.with(key, [h, w].into_iter().collect::<Json>()),
        }
    }

    /// `usual`: whether the layer pads where nothing is said.
    pub fn padding(self, same: bool, usual: bool) -> Made {
        if same == usual { self } else { self.with("padding", if same { "same" } else { "valid" }) }
    }

    pub fn say(mut self, sentence: &str) -> Made {
        self.remark = Some(sentence.to_string());
        self
    }

    /// Takes the next arrays for these parameters; of the rest, those that the file has not are 0, a scale or a variance 1, and
    /// a bias that a layer here may go without stays away.
    pub fn weights(
        mut self,
        around: &mut Around,
        names: &[&'static str],
        rest: &[(&'static str, bool)],
    ) -> Result<Made, String> {
        let optional = self.fields.get("bias") == Some(&Json::Bool(false));
        for (name, has) in names.iter().map(|name| (*name, true)).chain(rest.iter().copied()) {
            let numbers = match has {
                true if around.arrays.is_empty() => {
                    return Err(format!(
                        "lacks its array \"{name}\": save the model with its weights, and bring all files that \
                            belong to it."
                    ));
                }
                true => Numbers::Array(around.arrays.remove(0)),
                false if optional && name == "bias" => continue,
                false => Numbers::All(if ["gamma", "moving-variance"].contains(&name) { 1.0 } else { 0.0 }),
            };
            self.weights.push(Own { name, numbers });
        }
        Ok(self)
    }
}
