//! Assembles one shader: which memory it binds and how that is read, the program that runs at its end, and its template.
//!
//! A place is bound once, whatever uses it. Reading goes through a function for each use, so that a template need not know
//! whether the memory is declared as numbers or as vectors of four: the latter only where nothing writes it and every use
//! begins at a multiple of 4.

use super::index::{coordinates, merge, place, quotient};
use super::template::{Numbers, expand};
use crate::plan::{Holds, Plan, Program, Region, Step, Store, View};
use std::collections::HashSet;
use std::fmt::Write;

/// Invocations in a workgroup, unless a template needs its own number.
pub const WORKGROUP: usize = 64;
/// What WebGPU promises: workgroups in a dimension of a launch, buffers of a shader, bytes of a buffer.
pub const GROUPS: usize = 65_535;
pub const BUFFERS: usize = 8;
pub const BYTES: usize = 128 << 20;

/// Memory that a launch binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Memory {
    Place(usize),
    /// Numbers between the two launches of a split sum; one buffer for the whole plan.
    Parts,
}

/// One binding, numbered from 1 in the order of the list; 0 is the tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Binding {
    pub memory: Memory,
    pub writes: bool,
}

/// One dispatch.
#[derive(Clone, Debug)]
pub struct Launch {
    /// For people.
    pub name: String,
    pub source: String,
    pub bindings: Vec<Binding>,
    pub groups: [u32; 3],
    /// How many numbers of [`Memory::Parts`] it reads.
    pub parts: usize,
}

/// A shader in the making.
pub struct Shader<'a> {
    plan: &'a Plan,
    numbers: Numbers,
    slots: Vec<Slot>,
    /// Functions over the bindings, in WGSL.
    text: String,
    /// The closed stages of a chain.
    stages: Vec<String>,
    /// How many numbers of [`Memory::Parts`] are used.
    parts: usize,
}

struct Slot {
    memory: Memory,
    bytes: bool,
    writes: bool,
    /// Some use wants four numbers at once.
    fours: bool,
    /// Every such use begins at a multiple of 4.
    aligned: bool,
}

impl<'a> Shader<'a> {
    pub fn new(plan: &'a Plan) -> Shader<'a> {
        let mut shader = Shader {
            plan,
            numbers: Numbers::new(),
            slots: Vec::new(),
            text: String::new(),
            stages: Vec::new(),
            parts: 0,
        };
        shader.set("WG", WORKGROUP);
        shader
    }

    /// Gives a number to the template, which is also a constant of the shader, with `div_NAME(i)` for i that is not
    /// negative.
    pub fn set(&mut self, name: &str, value: usize) {
        self.numbers.insert(name.to_string(), value as i64);
    }

    /// Numbers for the template: `name(i)` and `four_name(i)`, which is four numbers from i on. `aligned`: i is then a multiple
    /// of 4.
    pub fn operand(&mut self, name: &str, region: Region, aligned: bool) {
        let slot = self.slot(Memory::Place(region.place));
        self.slots[slot].fours = true;
        self.slots[slot].aligned &= aligned && region.offset % 4 == 0;
        let at = place(region.offset, &["i".to_string()], &[1]);
        let _ = writeln!(self.text, "fn {name}(i: i32) -> f32 {{ return get{slot}({at}); }}");
        let _ = writeln!(self.text, "fn four_{name}(i: i32) -> vec4f {{ return four{slot}({at}); }}");
    }

    /// Numbers for the template, read one by one: `name(i)`.
    pub fn source(&mut self, name: &str, region: Region) {
        let slot = self.slot(Memory::Place(region.place));
        let at = place(region.offset, &["i".to_string()], &[1]);
        let _ = writeln!(self.text, "fn {name}(i: i32) -> f32 {{ return get{slot}({at}); }}");
    }

    /// Numbers that the template writes: `put_name(i, value)`.
    pub fn target(&mut self, name: &str, region: Region) {
        let slot = self.slot(Memory::Place(region.place));
        self.slots[slot].writes = true;
        let at = place(region.offset, &["i".to_string()], &[1]);
        let _ = writeln!(self.text, "fn put_{name}(i: i32, value: f32) {{ memory{slot}[{at}] = value; }}");
    }

    /// `keep(part, row, col, value)` for a split sum: writes a part; `parts` numbers in all.
    pub fn keep_part(&mut self, parts: usize) {
        self.parts = parts;
        let slot = self.slot(Memory::Parts);
        self.slots[slot].writes = true;
        let _ = writeln!(
            self.text,
            "fn keep(part: i32, row: i32, col: i32, value: f32) {{ memory{slot}[part * COUNT + row * COLS + col] = value; }}"
        );
    }

    /// `parts(i)` of a split sum, `parts` numbers in all.
    pub fn read_parts(&mut self, parts: usize) {
        self.parts = parts;
        let slot = self.slot(Memory::Parts);
        let _ = writeln!(self.text, "fn parts(i: i32) -> f32 {{ return get{slot}(i); }}");
    }

    /// `finish(row, col, core)`, the program and stores for index row · last axis + col; and `keep`, the same for any part.
    ///
    /// With `flat`, row is 0 and col runs over all axes.
    pub fn finish(&mut self, dims: &[usize], program: &Program, stores: &[Store], flat: bool) {
        let mut strides = views(program);
        strides.extend(stores.iter().map(|store| store.view.strides.clone()));
        let (mut text, names, strides) = if flat {
            let merged = merge(dims, &strides);
            let (text, names) = coordinates("col", &merged.sizes, "p");
            (text, names, merged.strides)
        } else {
            let last = dims.len() - 1;
            let outer: Vec<Vec<isize>> = strides.iter().map(|own| own[..last].to_vec()).collect();
            let mut merged = merge(&dims[..last], &outer);
            let (text, mut names) = coordinates("row", &merged.sizes, "p");
            names.push("col".to_string());
            merged.strides.iter_mut().zip(&strides).for_each(|(own, all)| own.push(all[last]));
            (text, names, merged.strides)
        };
        text += &self.steps(program, &names, &strides);
        for (store, strides) in stores.iter().zip(&strides[strides.len() - stores.len()..]) {
            let slot = self.slot(Memory::Place(store.view.place));
            self.slots[slot].writes = true;
            let at = place(store.view.offset, &names, strides);
            let _ = writeln!(text, "memory{slot}[{at}] = v{};", store.value);
        }
        let _ = writeln!(self.text, "fn finish(row: i32, col: i32, core: f32) {{\n{text}}}");
        self.text += "fn keep(part: i32, row: i32, col: i32, value: f32) { finish(row, col, value); }\n";
    }

    /// `term(o, r)`: the last value of a reduction's program at result o and place r of the folded axes.
    pub fn term(&mut self, over: &[usize], folded: &[bool], program: &Program) {
        let all = views(program);
        let pick = |marked: bool| {
            let axes: Vec<usize> = (0..over.len()).filter(|&axis| folded[axis] == marked).collect();
            let sizes: Vec<usize> = axes.iter().map(|&axis| over[axis]).collect();
            let strides: Vec<Vec<isize>> = all.iter().map(|own| axes.iter().map(|&axis| own[axis]).collect()).collect();
            merge(&sizes, &strides)
        };
        let (kept, gone) = (pick(false), pick(true));
        let (mut text, mut names) = coordinates("o", &kept.sizes, "p");
        let (more, inner) = coordinates("r", &gone.sizes, "q");
        text += &more;
        names.extend(inner);
        let strides: Vec<Vec<isize>> =
            kept.strides.into_iter().zip(gone.strides).map(|(a, b)| [a, b].concat()).collect();
        text += &self.steps(program, &names, &strides);
        let last = program.steps.len().saturating_sub(1);
        let _ = writeln!(self.text, "fn term(o: i32, r: i32) -> f32 {{\n{text}return v{last};\n}}");
    }

    /// Ends a stage of a chain: its constants and functions get names of their own, and the next stage begins.
    pub fn close(&mut self, template: &str) {
        self.set("CHAIN", 1);
        let text = self.body(template);
        let suffix = format!("_s{}", self.stages.len());
        self.stages.push(rename(&text, &suffix));
        self.numbers.clear();
        self.text.clear();
    }

    /// The launch of all closed stages in one workgroup of 256.
    pub fn chain(mut self, name: &str) -> Result<Launch, String> {
        self.set("WG", 256);
        self.set("STAGES", self.stages.len());
        self.launch(name, "chain", 1)
    }

    /// The launch of `template` with enough workgroups for `groups`.
    pub fn launch(mut self, name: &str, template: &str, groups: usize) -> Result<Launch, String> {
        let spread = groups.min(GROUPS);
        self.set("SPREAD", spread);
        if self.slots.len() > BUFFERS {
            return Err(format!(
                "The kernel {name} uses {} buffers where WebGPU has {BUFFERS}. Use fewer inputs in one step of the network.",
                self.slots.len()
            ));
        }
        let bindings = self.slots.iter().map(|slot| Binding { memory: slot.memory, writes: slot.writes }).collect();
        let rows = groups.div_ceil(spread.max(1)).max(1);
        Ok(Launch {
            name: name.to_string(),
            source: self.source_text(template),
            bindings,
            groups: [spread.max(1) as u32, rows as u32, 1],
            parts: self.parts,
        })
    }

    fn slot(&mut self, memory: Memory) -> usize {
        if let Some(found) = self.slots.iter().position(|slot| slot.memory == memory) {
            return found;
        }
        let bytes = matches!(memory, Memory::Place(place) if matches!(self.plan.places[place].holds, Holds::Bytes(_)));
        self.slots.push(Slot { memory, bytes, writes: false, fours: false, aligned: true });
        self.slots.len() - 1
    }

    /// The steps of a program as `let v0 = …;`, given the coordinates and the strides of its views in order.
    fn steps(&mut self, program: &Program, names: &[String], strides: &[Vec<isize>]) -> String {
        let mut text = String::new();
        let mut views = strides.iter();
        let mut index = |offset: usize| place(offset, names, views.next().map_or(&[], |own| own));
        for (i, step) in program.steps.iter().enumerate() {
            let value = match step {
                Step::Core => "core".to_string(),
                Step::Load(View { place, offset, .. }) => {
                    let at = index(*offset);
                    format!("get{}({at})", self.slot(Memory::Place(*place)))
                }
                Step::Scalar(value) => literal(*value),
                Step::Knob(knob) => format!("tick.knobs[{}].{}", knob / 4, ["x", "y", "z", "w"][knob % 4]),
                Step::Index { start, .. } => format!("f32({})", index(*start)),
                Step::Uniform { purpose, start, .. } => format!("uniform_({purpose}u, u32({}))", index(*start)),
                Step::Apply(function, from) => apply(function.0.wgsl, from),
            };
            let _ = writeln!(text, "let v{i}: f32 = {value};");
        }
        text
    }

    /// Constants, functions over the bindings and the template.
    fn body(&self, template: &str) -> String {
        let body = expand(template, &self.numbers);
        let mut text = String::new();
        for (name, value) in &self.numbers {
            let _ = writeln!(text, "const {name}: i32 = {value};");
            if body.contains(&format!("div_{name}(")) {
                let _ = writeln!(text, "fn div_{name}(i: i32) -> i32 {{ return {}; }}", quotient("i", *value as usize));
            }
        }
        text + &self.text + &body
    }

    fn source_text(&self, template: &str) -> String {
        let body = self.stages.concat() + &self.body(template);
        let mut text = String::new();
        for (i, slot) in self.slots.iter().enumerate() {
            let access = if slot.writes { "read_write" } else { "read" };
            let wide = slot.fours && slot.aligned && !slot.writes && !slot.bytes;
            let (of, get, four) = match (slot.bytes, wide) {
                (true, _) => (
                    "u32",
                    "f32((memory#[i >> 2u] >> (u32(i & 3) * 8u)) & 255u) / 255.0",
                    "vec4f(get#(i), get#(i + 1), get#(i + 2), get#(i + 3))",
                ),
                (false, true) => ("vec4f", "memory#[i >> 2u][i & 3]", "memory#[i >> 2u]"),
                (false, false) => {
                    ("f32", "memory#[i]", "vec4f(memory#[i], memory#[i + 1], memory#[i + 2], memory#[i + 3])")
                }
            };
            // A length known here spares the machine asking for it at each access.
            let count = match slot.memory {
                Memory::Place(place) => self.plan.places[place].count,
                Memory::Parts => self.parts,
            };
            let length = if wide || slot.bytes { count.div_ceil(4) } else { count }.max(1);
            let number = i.to_string();
            let _ = writeln!(
                text,
                "@group(0) @binding({}) var<storage, {access}> memory{i}: array<{of}, {length}>;",
                i + 1
            );
            let _ = writeln!(text, "fn get{i}(i: i32) -> f32 {{ return {}; }}", get.replace('#', &number));
            if slot.fours {
                let _ = writeln!(text, "fn four{i}(i: i32) -> vec4f {{ return {}; }}", four.replace('#', &number));
            }
        }
        if body.contains("uniform_(") || body.contains("tick.") {
            let _ =
                writeln!(text, "struct Tick {{ seed: u32, step: u32, knobs: array<vec4f, {}> }}", tick_rows(self.plan));
            text += "@group(0) @binding(0) var<uniform> tick: Tick;\n";
        }
        let helpers = ["sin_(", "cos_(", "tanh_(", "sigmoid_(", "erf_(", "softplus_(", "pow_("];
        if helpers.iter().any(|helper| body.contains(helper)) {
            text += &expand("shared/math", &Numbers::new());
        }
        if body.contains("uniform_(") {
            text += &expand("shared/random", &Numbers::new());
        }
        text + &body
    }
}

/// Vectors of four knobs in a tick.
fn tick_rows(plan: &Plan) -> usize {
    plan.knobs.len().div_ceil(4).max(1)
}

/// Bytes of a tick in the uniform buffer: seed, step, two words of nothing, the knobs.
pub fn tick_bytes(plan: &Plan) -> usize {
    16 + 16 * tick_rows(plan)
}

/// The strides of a program's views, in the order of its steps.
fn views(program: &Program) -> Vec<Vec<isize>> {
    let strides = |step: &Step| match step {
        Step::Load(View { strides, .. }) | Step::Index { strides, .. } | Step::Uniform { strides, .. } => {
            Some(strides.clone())
        }
        Step::Core | Step::Scalar(_) | Step::Knob(_) | Step::Apply(..) => None,
    };
    program.steps.iter().filter_map(strides).collect()
}

/// A number in WGSL, which has no infinities: the largest stands for them, and 0 for what is no number.
fn literal(value: f32) -> String {
    if value.abs() >= f32::MAX {
        // The shortest decimal of the largest f32 lies above it, which WGSL refuses.
        return if value > 0.0 { "3.4028234e38" } else { "-3.4028234e38" }.to_string();
    }
    format!("f32({:?})", if value.is_nan() { 0.0 } else { value })
}

/// A function's expression with its arguments in place of a, b and c.
fn apply(expression: &str, from: &[usize; 3]) -> String {
    let mut text = String::new();
    let mut word = String::new();
    for c in expression.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() || c == '_' || c == '.' {
            word.push(c);
            continue;
        }
        match word.as_str() {
            "a" => text += &format!("v{}", from[0]),
            "b" => text += &format!("v{}", from[1]),
            "c" => text += &format!("v{}", from[2]),
            _ => text += &word,
        }
        word.clear();
        text.push(c);
    }
    text.trim_end().to_string()
}

/// The text with `suffix` at every name that it declares with fn or const.
fn rename(text: &str, suffix: &str) -> String {
    let declared: HashSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("fn ").or_else(|| line.strip_prefix("const ")))
        .map(|rest| rest.split(['(', ':']).next().unwrap_or(rest))
        .collect();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut renamed = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_name) {
        let (before, from) = rest.split_at(start);
        let (name, after) = from.split_at(from.find(|c| !is_name(c)).unwrap_or(from.len()));
        renamed += before;
        renamed += name;
        if declared.contains(name) && !before.ends_with('.') {
            renamed += suffix;
        }
        rest = after;
    }
    renamed + rest
}
