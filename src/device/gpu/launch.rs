//! One dispatch: pieces side by side, each in workgroups of its own, and small ones as stages of a single workgroup.

use super::layout::{Layout, Memory};
use super::shader::{BUFFERS, GROUPS, Piece, Use, WORKGROUP, tick_rows};
use super::template::{Numbers, expand, mentions};
use crate::plan::Plan;
use std::fmt::Write;

/// Invocations of a workgroup that runs a chain and nothing else.
const CHAIN: usize = 256;

/// One binding of group 1, numbered in the order of the list; group 0 is the tick.
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
    /// Numbers in which it differs from other launches of the same source: a uniform, bound after the others.
    pub offsets: Vec<i32>,
    pub groups: [u32; 3],
}

/// The launch, its offsets still marked, of pieces that need nothing of each other, and of a chain of runs of which each needs
/// those before it.
pub fn launch(plan: &Plan, layout: &Layout, wide: &[&Piece], chain: &[Vec<&Piece>]) -> Result<Launch, String> {
    // A single run waits for nothing, so it can spread over workgroups.
    let workgroup = if wide.is_empty() && chain.len() > 1 { CHAIN } else { WORKGROUP };
    let mut name: Vec<&str> = wide.iter().map(|piece| piece.name.as_str()).collect();
    let stages: Vec<&str> = chain.iter().flatten().map(|piece| piece.name.as_str()).collect();
    let stages = stages.join(", ");
    if !chain.is_empty() {
        name.push(&stages);
    }
    let name = name.join(" | ");
    let uses = united(wide.iter().chain(chain.iter().flatten()).flat_map(|piece| &piece.uses));
    if uses.len() > BUFFERS {
        return Err(format!(
            "The kernel {name} uses {} buffers where WebGPU has {BUFFERS}. Use fewer inputs in one step of the network.",
            uses.len()
        ));
    }
    let mut body = String::new();
    let mut main = String::new();
    let mut groups = 0;
    for (i, piece) in wide.iter().enumerate() {
        let suffix = if wide.len() + chain.len() > 1 { format!("_p{i}") } else { String::new() };
        body += &piece.body(workgroup, false, &suffix);
        let count = piece.groups(workgroup).max(1);
        if wide.len() + chain.len() == 1 {
            let _ = writeln!(main, "run(group, i32(lane));");
        } else {
            let _ = writeln!(main, "if (group >= {groups} && group < {}) {{", groups + count);
            let _ = writeln!(main, "run{suffix}(group - {groups}, i32(lane));\n}}");
        }
        groups += count;
    }
    if !chain.is_empty() {
        let count = |run: &[&Piece]| run.iter().map(|piece| piece.count()).max().unwrap_or(0);
        let own = if chain.len() == 1 { count(&chain[0]).div_ceil(workgroup).max(1) } else { 1 };
        let _ = writeln!(main, "if (group >= {groups} && group < {}) {{", groups + own);
        let mut stage = 0;
        for (place, run) in chain.iter().enumerate() {
            if place > 0 {
                // What the run before wrote is there before this one reads it.
                main += "storageBarrier();\n";
            }
            let (first, step) = (format!("(group - {groups}) * {workgroup} + i32(lane)"), own * workgroup);
            let _ = writeln!(main, "for (var i = {first}; i < COUNT_s{stage}; i += {step}) {{");
            for piece in run {
                body += &piece.body(workgroup, true, &format!("_s{stage}"));
                let _ = writeln!(main, "each_s{stage}(i);");
                stage += 1;
            }
            main += "}\n";
        }
        main += "}\n";
        groups += own;
    }
    let spread = groups.min(GROUPS);
    let mut text = declarations(plan, layout, &uses, &body);
    text += &bound(&body, &uses);
    let _ = writeln!(
        text,
        "@compute @workgroup_size({workgroup})\nfn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {{"
    );
    let _ = writeln!(text, "let group = i32(id.x + id.y * {spread}u);\n{main}}}");
    let bindings = uses.iter().map(|own| Binding { memory: own.memory, writes: own.writes }).collect();
    let rows = groups.div_ceil(spread);
    Ok(Launch { name, source: text, bindings, offsets: Vec::new(), groups: [spread as u32, rows as u32, 1] })
}

/// Every memory once.
fn united<'p>(uses: impl Iterator<Item = &'p Use>) -> Vec<Use> {
    let mut all: Vec<Use> = Vec::new();
    for own in uses {
        match all.iter_mut().find(|other| other.memory == own.memory) {
            Some(other) => {
                other.writes |= own.writes;
                other.fours |= own.fours;
                other.aligned &= own.aligned;
            }
            None => all.push(*own),
        }
    }
    all
}

/// The memory, how numbers are got from it, and the functions that the body uses.
fn declarations(plan: &Plan, layout: &Layout, uses: &[Use], body: &str) -> String {
    let mut text = String::new();
    for (i, own) in uses.iter().enumerate() {
        let access = if own.writes { "read_write" } else { "read" };
        // Vectors of four only where nothing writes: to write one number of a vector may touch the others.
        let wide = own.fours && own.aligned && !own.writes && !own.bytes;
        let (of, get, four) = match (own.bytes, wide) {
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
        let count = layout.count(plan, own.memory);
        let length = if wide || own.bytes { count.div_ceil(4) } else { count }.max(1);
        let number = i.to_string();
        let _ = writeln!(text, "@group(1) @binding({i}) var<storage, {access}> memory{i}: array<{of}, {length}>;");
        let _ = writeln!(text, "fn get{i}(i: i32) -> f32 {{ return {}; }}", get.replace('#', &number));
        if own.fours {
            let _ = writeln!(text, "fn four{i}(i: i32) -> vec4f {{ return {}; }}", four.replace('#', &number));
        }
    }
    if mentions(body, "uniform_(") || mentions(body, "tick.") {
        let _ = writeln!(text, "struct Tick {{ seed: u32, step: u32, knobs: array<vec4f, {}> }}", tick_rows(plan));
        text += "@group(0) @binding(0) var<uniform> tick: Tick;\n";
    }
    let helpers = ["sin_(", "cos_(", "tanh_(", "sigmoid_(", "erf_(", "softplus_(", "pow_("];
    if helpers.iter().any(|helper| mentions(body, helper)) {
        text += &expand("shared/math", &Numbers::new());
    }
    if mentions(body, "uniform_(") {
        text += &expand("shared/random", &Numbers::new());
    }
    text
}

/// The text with the number of its binding in place of each memory's `@number`.
fn bound(text: &str, uses: &[Use]) -> String {
    let spelled: Vec<String> = uses.iter().map(|own| own.memory.to_string()).collect();
    let mut parts = text.split('@');
    let mut result = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (number, rest) = part.split_at(part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len()));
        let at = spelled.iter().position(|own| own[1..] == *number).expect("a piece names what it uses");
        result += &at.to_string();
        result += rest;
    }
    result
}
