//! Writes one piece of a shader: which memory it uses, the program that runs at its end, and its template.
//!
//! Reading goes through a function for each use, so that a template need not know how the memory is bound: that is settled
//! when all pieces of a launch are known ([`super::launch`]). Until then memory is spelled `@number`, and where something
//! begins in it `~number~`.

use super::index::{coordinates, merge, place, quotient};
use super::layout::{Layout, Memory};
use super::template::{Numbers, expand, mentions};
use crate::plan::{Holds, Plan, Program, Region, Step, Store, View};
use std::collections::HashSet;
use std::fmt::Write;

/// Invocations in a workgroup, unless a template needs its own number.
pub const WORKGROUP: usize = 64;
/// What WebGPU promises: workgroups in a dimension of a launch, buffers of a shader, bytes of a buffer.
pub const GROUPS: usize = 65_535;
pub const BUFFERS: usize = 8;
pub const BYTES: usize = 128 << 20;
/// Bytes of a workgroup's own memory.
pub const SHARED: usize = 16 << 10;

/// How much of the machine a piece takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Each works for itself.
    Invocations(usize),
    /// Workgroups of [`WORKGROUP`] whose invocations work together.
    Workgroups(usize),
}

/// A kernel, or a half of one, ready to become a launch alone or with others.
#[derive(Clone, Debug)]
pub struct Piece {
    /// For people.
    pub name: String,
    pub template: &'static str,
    pub size: Size,
    pub uses: Vec<Use>,
    /// Bytes of a workgroup's own memory that it takes.
    pub shared: usize,
    numbers: Numbers,
    text: String,
}

/// How a piece uses memory.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    pub memory: Memory,
    pub bytes: bool,
    pub writes: bool,
    /// It wants four numbers at once.
    pub fours: bool,
    /// Every such wish begins at a multiple of 4.
    pub aligned: bool,
}

/// A piece in the making.
pub struct Shader<'a> {
    plan: &'a Plan,
    layout: &'a Layout,
    numbers: Numbers,
    uses: Vec<Use>,
    shared: usize,
    /// Functions over the memory, in WGSL.
    text: String,
}

impl<'a> Shader<'a> {
    pub fn new(plan: &'a Plan, layout: &'a Layout) -> Shader<'a> {
        Shader { plan, layout, numbers: Numbers::new(), uses: Vec::new(), shared: 0, text: String::new() }
    }

    /// Gives a number to the template, which is also a constant of the shader, with `div_NAME(i)` for i that is not
    /// negative.
    pub fn set(&mut self, name: &str, value: usize) {
        self.numbers.insert(name.to_string(), value as i64);
    }

    /// Gives several numbers.
    pub fn set_all(&mut self, numbers: &[(&str, usize)]) {
        numbers.iter().for_each(|(name, value)| self.set(name, *value));
    }

    /// Numbers for the template: `name(i)` and `four_name(i)`, which is four numbers from i on. `aligned`: i is then a multiple
    /// of 4.
    pub fn operand(&mut self, name: &str, region: Region, aligned: bool) {
        let (memory, offset) = self.home(region.place, region.offset);
        let own = self.uses(memory);
        own.fours = true;
        own.aligned &= aligned && offset % 4 == 0;
        let at = format!("i + {}", number(offset));
        let _ = writeln!(self.text, "fn {name}(i: i32) -> f32 {{ return get{memory}({at}); }}");
        let _ = writeln!(self.text, "fn four_{name}(i: i32) -> vec4f {{ return four{memory}({at}); }}");
    }

    /// Numbers for the template, read one by one: `name(i)`.
    pub fn source(&mut self, name: &str, region: Region) {
        let (memory, offset) = self.home(region.place, region.offset);
        let at = format!("i + {}", number(offset));
        let _ = writeln!(self.text, "fn {name}(i: i32) -> f32 {{ return get{memory}({at}); }}");
    }

    /// Numbers that the template writes: `put_name(i, value)`.
    pub fn target(&mut self, name: &str, region: Region) {
        let (memory, offset) = self.home(region.place, region.offset);
        self.uses(memory).writes = true;
        let at = format!("i + {}", number(offset));
        let _ = writeln!(self.text, "fn put_{name}(i: i32, value: f32) {{ memory{memory}[{at}] = value; }}");
    }

    /// `keep(part, row, col, value)` for a split sum: writes a part, from number `start` of [`Memory::Parts`] on.
    pub fn keep_part(&mut self, start: usize) {
        let memory = Memory::Parts;
        self.uses(memory).writes = true;
        let _ = writeln!(
            self.text,
            "fn keep(part: i32, row: i32, col: i32, value: f32) {{ memory{memory}[part * COUNT + row * COLS + col + {}] = value; }}",
            number(start)
        );
    }

    /// `parts(i)` of a split sum, from number `start` of [`Memory::Parts`] on.
    pub fn read_parts(&mut self, start: usize) {
        let memory = Memory::Parts;
        self.uses(memory);
        let _ = writeln!(self.text, "fn parts(i: i32) -> f32 {{ return get{memory}(i + {}); }}", number(start));
    }

    /// `term(o, r)`: part r of result o of a split sum, from number `start` of [`Memory::Parts`] on.
    pub fn fold_parts(&mut self, start: usize) {
        self.read_parts(start);
        self.text += "fn term(o: i32, r: i32) -> f32 { return parts(r * COUNT + o); }\n";
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
            let (memory, offset) = self.home(store.view.place, store.view.offset);
            self.uses(memory).writes = true;
            let at = place(0, &names, strides);
            let _ = writeln!(text, "memory{memory}[{at} + {}] = v{};", number(offset), store.value);
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

    /// Notes that the template takes so many bytes of a workgroup's own memory.
    pub fn share(&mut self, bytes: usize) {
        self.shared += bytes;
    }

    /// The finished piece.
    pub fn piece(self, name: &str, template: &'static str, size: Size) -> Piece {
        let Shader { numbers, uses, shared, text, .. } = self;
        Piece { name: name.to_string(), template, size, uses, shared, numbers, text }
    }

    /// Which memory a number of a place lies in, and where.
    fn home(&mut self, place: usize, offset: usize) -> (Memory, usize) {
        let (memory, start) = self.layout.home(place);
        self.uses(memory);
        (memory, start + offset)
    }

    fn uses(&mut self, memory: Memory) -> &mut Use {
        let known = self.uses.iter().position(|own| own.memory == memory);
        let at = known.unwrap_or_else(|| {
            let holds = |place: usize| &self.plan.places[place].holds;
            let bytes = matches!(memory, Memory::Place(place) if matches!(holds(place), Holds::Bytes(_)));
            self.uses.push(Use { memory, bytes, writes: false, fours: false, aligned: true });
            self.uses.len() - 1
        });
        &mut self.uses[at]
    }

    /// The steps of a program as `let v0 = …;`, given the coordinates and the strides of its views in order.
    fn steps(&mut self, program: &Program, names: &[String], strides: &[Vec<isize>]) -> String {
        let mut text = String::new();
        let mut views = strides.iter();
        let mut index = || place(0, names, views.next().map_or(&[], |own| own));
        for (i, step) in program.steps.iter().enumerate() {
            let value = match step {
                Step::Core => "core".to_string(),
                Step::Load(View { place, offset, .. }) => {
                    let (memory, offset) = self.home(*place, *offset);
                    format!("get{memory}({} + {})", index(), number(offset))
                }
                Step::Scalar(value) => literal(*value),
                Step::Knob(knob) => format!("tick.knobs[{}].{}", knob / 4, ["x", "y", "z", "w"][knob % 4]),
                Step::Index { start, .. } => format!("f32({} + {})", index(), number(*start)),
                Step::Uniform { purpose, start, .. } => {
                    format!("uniform_({purpose}u, u32({} + {}))", index(), number(*start))
                }
                Step::Apply(function, from) => apply(function.0.wgsl, from),
            };
            let _ = writeln!(text, "let v{i}: f32 = {value};");
        }
        text
    }
}

impl Piece {
    /// Constants, functions over the memory and the template, for workgroups of so many invocations; every name that
    /// they declare ends with `suffix`. A stage of a chain has `each(i)`, any other piece `run(group, lane)`.
    pub fn body(&self, workgroup: usize, stage: bool, suffix: &str) -> String {
        let mut numbers = self.numbers.clone();
        numbers.insert("WG".to_string(), workgroup as i64);
        numbers.insert("CHAIN".to_string(), i64::from(stage));
        let body = expand(self.template, &numbers);
        let mut text = String::new();
        for (name, value) in numbers.iter() {
            let _ = writeln!(text, "const {name}: i32 = {value};");
            if mentions(&body, &format!("div_{name}(")) {
                let _ = writeln!(text, "fn div_{name}(i: i32) -> i32 {{ return {}; }}", quotient("i", *value as usize));
            }
        }
        let text = text + &self.text + &body;
        if suffix.is_empty() { text } else { rename(&text, suffix) }
    }

    /// Workgroups of so many invocations that it takes.
    pub fn groups(&self, workgroup: usize) -> usize {
        match self.size {
            Size::Invocations(count) => count.div_ceil(workgroup),
            Size::Workgroups(count) => count,
        }
    }

    /// How many results it makes, if it makes each by itself.
    pub fn count(&self) -> usize {
        match self.size {
            Size::Invocations(count) | Size::Workgroups(count) => count,
        }
    }
}

/// Where something begins, marked as a number in which launches of one shader may differ: see [`super::share`].
fn number(offset: usize) -> String {
    format!("~{offset}~")
}

/// Vectors of four knobs in a tick.
pub fn tick_rows(plan: &Plan) -> usize {
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
    format!("f32({})", digits(if value.is_nan() { 0.0 } else { value }))
}

/// The browser writes numbers too, and the standard library's writer weighs more than most kernels.
#[cfg(target_arch = "wasm32")]
fn digits(value: f32) -> String {
    js_sys::JSON::stringify(&f64::from(value).into()).map_or_else(|_| "0".into(), String::from)
}

#[cfg(not(target_arch = "wasm32"))]
fn digits(value: f32) -> String {
    format!("{value:?}")
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

/// The text with `suffix` at every name that it declares outside functions.
fn rename(text: &str, suffix: &str) -> String {
    let words = ["fn ", "const ", "var<workgroup> "];
    let declared: HashSet<&str> = text
        .lines()
        .filter_map(|line| words.iter().find_map(|word| line.strip_prefix(word)))
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
