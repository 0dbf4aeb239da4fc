//! The fields of a class's configuration, read as what they must be. An error is the end of a sentence that begins with the
//! layer's name.

use super::graph::text;
use crate::nn::json::Json;

/// The fields of a class.
pub struct Config<'a> {
    pub json: &'a Json,
}

impl Config<'_> {
    pub fn is_null(&self, key: &str) -> bool {
        self.json.field(key).is_none_or(Json::is_null)
    }

    pub fn number(&self, key: &str) -> Option<f64> {
        self.json.field(key).and_then(Json::as_f64)
    }

    pub fn flag(&self, key: &str, usual: bool) -> bool {
        self.json.field(key).and_then(Json::as_bool).unwrap_or(usual)
    }

    pub fn count(&self, key: &str) -> Result<usize, String> {
        let number = self.number(key).filter(|number| *number >= 1.0 && *number <= 1e9 && number.fract() == 0.0);
        number
            .map(|number| number as usize)
            .ok_or_else(|| format!("has no whole number from 1 as \"{key}\": save the model again."))
    }

    /// A number for both axes, or two.
    pub fn size(&self, key: &str, usual: Option<[usize; 2]>) -> Result<[usize; 2], String> {
        let whole =
            |json: &Json| json.as_f64().filter(|n| *n >= 1.0 && *n <= 1e6 && n.fract() == 0.0).map(|n| n as usize);
        let read = match self.json.field(key) {
            None | Some(Json::Null) => usual,
            Some(Json::Array(both)) => match &both[..] {
                [h, w] => whole(h).zip(whole(w)).map(|(h, w)| [h, w]),
                [one] => whole(one).map(|one| [one, one]),
                _ => None,
            },
            Some(one) => whole(one).map(|one| [one, one]),
        };
        read.ok_or_else(|| format!("has no one or two whole numbers from 1 as \"{key}\": save the model again."))
    }

    /// Rows before and after, columns before and after: a number, two, or two pairs.
    pub fn around(&self, key: &str) -> Result<[[usize; 2]; 2], String> {
        let whole =
            |json: &Json| json.as_f64().filter(|n| *n >= 0.0 && *n <= 1e6 && n.fract() == 0.0).map(|n| n as usize);
        let side = |json: &Json| match json {
            Json::Array(both) => match &both[..] {
                [before, after] => whole(before).zip(whole(after)).map(|(before, after)| [before, after]),
                _ => None,
            },
            one => whole(one).map(|one| [one, one]),
        };
        let read = match self.json.field(key) {
            Some(Json::Array(both)) if both.len() == 2 => {
                side(&both[0]).zip(side(&both[1])).map(|(rows, columns)| [rows, columns])
            }
            Some(one) => side(one).map(|one| [one, one]),
            None => None,
        };
        read.ok_or_else(|| format!("has no rows and columns as \"{key}\": save the model again."))
    }

    pub fn padding(&self) -> Result<&str, String> {
        match text(self.json, "padding").unwrap_or("valid") {
            known @ ("same" | "valid") => Ok(known),
            other => Err(format!("pads in the way \"{other}\", where same and valid are read.")),
        }
    }

    pub fn channels_last(&self) -> Result<(), String> {
        match text(self.json, "data_format") {
            Some("channels_first") => {
                Err("has its channels first: build the model with channels last and save it again.".into())
            }
            _ => Ok(()),
        }
    }

    /// The axis that is normalised: −1, or one that must turn out to be the last.
    pub fn last_axis(&self) -> Result<Option<usize>, String> {
        let axis = match self.json.field("axis") {
            Some(Json::Array(axes)) if axes.len() == 1 => axes[0].as_f64(),
            Some(Json::Number(axis)) => Some(*axis),
            None | Some(Json::Null) => Some(-1.0),
            Some(_) => None,
        };
        match axis {
            Some(-1.0) => Ok(None),
            Some(axis) if (1.0..16.0).contains(&axis) => Ok(Some(axis as usize)),
            _ => Err("normalises over other axes than the last, which is not read.".into()),
        }
    }

    pub fn axis_is_last(&self) -> bool {
        self.is_null("axis") || self.number("axis") == Some(-1.0)
    }

    /// The function in a field, in our word.
    pub fn activation(&self, key: &str) -> Result<&'static str, String> {
        let word = match self.json.field(key) {
            None | Some(Json::Null) => "linear",
            Some(Json::String(word)) => word,
            // an object by its class, or a function by its name
            Some(object) => match (text(object, "class_name"), object.field("config")) {
                (Some("function"), Some(Json::String(word))) => word,
                (Some("LeakyReLU"), Some(config)) => {
                    return leaky(Config { json: config }.number("negative_slope").unwrap_or(0.3));
                }
                (Some(class), _) => class,
                (None, _) => "?",
            },
        };
        Ok(match word.to_ascii_lowercase().as_str() {
            "linear" => "linear",
            "relu" => "relu",
            "elu" => "elu",
            "gelu" => "gelu",
            "silu" | "swish" => "silu",
            "sigmoid" => "sigmoid",
            "tanh" => "tanh",
            "softplus" => "softplus",
            "softmax" => "softmax",
            _ => {
                return Err(format!(
                    "has the activation \"{word}\", which there is not here: expected relu, elu, gelu, silu, sigmoid, tanh, softplus, \
                 softmax or linear. Build the model with one of these."
                ));
            }
        })
    }
}

/// The function that lets so much of what is negative through.
pub fn leaky(slope: f64) -> Result<&'static str, String> {
    match slope {
        0.0 => Ok("relu"),
        _ if (slope - 0.01).abs() < 1e-6 => Ok("leaky-relu"),
        _ => Err(format!(
            "lets {slope} of what is negative through, where leaky-relu here lets 0.01: set its slope to that."
        )),
    }
}
