//! The register tile that matrix products and convolutions are made of: 4 rows × 8 columns of sums, kept in registers
//! while all products are added.
//!
//! The left operand is never copied for it: the number of row r at step (s, i) lies at `rows[r] + segments[s] + i · step`, which
//! fits a matrix, a transposed matrix, and the patches of a padded picture. (Tiles of 6×8 and more spill in WebAssembly,
//! which has 16 registers at best, and run at half the speed; so does a loop that writes out two steps or four, since the
//! compiler then sums one number's products first and keeps all operands.)

use crate::tensor::lanes::{Lanes, copy};

/// Rows of a tile.
pub const ROWS: usize = 4;
/// Columns of a tile, and the width of a packed panel.
pub const COLUMNS: usize = 8;

/// The left operand of a product.
#[derive(Clone, Copy)]
pub struct Left<'a> {
    pub numbers: &'a [f32],
    /// Where each segment begins, relative to a row.
    pub segments: &'a [u32],
    /// Steps in a segment.
    pub length: usize,
    pub step: usize,
}

/// The right operand: step t of panel p lies at `p · panel + t · step`, 8 numbers.
#[derive(Clone, Copy)]
pub struct Right<'a> {
    pub numbers: &'a [f32],
    pub panel: usize,
    pub step: usize,
}

/// Where the sums go: row r begins at `rows[r] − origin + column`, and is written anew or added to.
pub struct Out<'a> {
    pub numbers: &'a mut [f32],
    pub rows: &'a [u32],
    pub origin: usize,
    pub column: usize,
    pub add: bool,
}

/// Computes all rows (those of `bases`) and `columns` of a product.
pub fn product(left: Left, bases: &[u32], right: Right, columns: usize, out: &mut Out) {
    match (left.step, right.step) {
        (1, COLUMNS) => sweep::<1, COLUMNS>(left, bases, right, columns, out),
        (1, _) => sweep::<1, 0>(left, bases, right, columns, out),
        (_, _) => sweep::<0, 0>(left, bases, right, columns, out),
    }
}

/// `STEP` and `ACROSS` are the steps of the operands where they are known while compiling, else 0.
fn sweep<const STEP: usize, const ACROSS: usize>(
    left: Left,
    bases: &[u32],
    right: Right,
    columns: usize,
    out: &mut Out,
) {
    let steps = left.segments.len() * left.length;
    let panels = columns.div_ceil(COLUMNS);
    if steps == 0 || panels == 0 {
        return zero(bases.len(), columns, out);
    }
    let reach = left.segments.iter().max().map_or(0, |&last| last as usize) + (left.length - 1) * left.step;
    let lowest = bases.iter().max().map_or(0, |&last| last as usize);
    assert!(lowest + reach < left.numbers.len(), "the left operand of a product lies inside its memory");
    let last = (panels - 1) * right.panel + (steps - 1) * right.step + COLUMNS;
    assert!(last <= right.numbers.len(), "the right operand of a product lies inside its memory");
    let highest = out.rows[..bases.len()].iter().max().map_or(0, |&last| last as usize);
    assert!(
        highest - out.origin + out.column + columns <= out.numbers.len(),
        "the result of a product lies inside its memory"
    );
    for panel in 0..panels {
        let numbers = &right.numbers[panel * right.panel..];
        let column = panel * COLUMNS;
        let width = (columns - column).min(COLUMNS);
        let start = |row: u32| row as usize - out.origin + out.column + column;
        for (bases, rows) in bases.chunks(ROWS).zip(out.rows.chunks(ROWS)) {
            // Where fewer rows are left, the last one is computed again.
            let whole = match *bases {
                [a, b, c, d] => [a, b, c, d],
                _ => std::array::from_fn(|i| bases[i.min(bases.len() - 1)]),
            };
            let whole = whole.map(|base| base as usize);
            // Safety: both operands were checked above for the farthest row, segment, panel and step.
            let sums = unsafe { tile::<STEP, ACROSS>(&left, whole, numbers, right.step) };
            for (sums, &row) in sums.iter().zip(&rows[..bases.len()]) {
                if width < COLUMNS {
                    put(sums, &mut out.numbers[start(row)..][..width], out.add);
                } else {
                    // Safety: the farthest row was checked above, for all columns.
                    unsafe { put_whole(sums, out.numbers.as_mut_ptr().add(start(row)), out.add) };
                }
            }
        }
    }
}

/// A product without steps is zero.
fn zero(count: usize, columns: usize, out: &mut Out) {
    if !out.add {
        for &row in &out.rows[..count] {
            out.numbers[row as usize - out.origin + out.column..][..columns].fill(0.0);
        }
    }
}

#[inline(always)]
fn put(sums: &[Lanes; 2], place: &mut [f32], add: bool) {
    let mut whole = [0.0; COLUMNS];
    // Safety: `whole` has 8 numbers.
    unsafe { put_whole(sums, whole.as_mut_ptr(), false) };
    if add {
        place.iter_mut().zip(whole).for_each(|(place, sum)| *place += sum);
    } else {
        copy(&whole[..place.len()], place);
    }
}

/// # Safety
/// Eight numbers from `to` on must be readable and writable.
#[inline(always)]
unsafe fn put_whole(sums: &[Lanes; 2], to: *mut f32, add: bool) {
    for (half, sums) in sums.iter().enumerate() {
        // Safety: the caller's promise.
        unsafe {
            let to = to.add(4 * half);
            if add { sums.add(Lanes::load(to)).store(to) } else { sums.store(to) }
        }
    }
}

/// The sums of one tile.
///
/// # Safety
/// Every number that the operands' layout names must lie inside them.
#[inline(always)]
unsafe fn tile<const STEP: usize, const ACROSS: usize>(
    left: &Left,
    rows: [usize; ROWS],
    right: &[f32],
    across: usize,
) -> [[Lanes; 2]; ROWS] {
    let step = if STEP == 0 { left.step } else { STEP };
    let across = if ACROSS == 0 { across } else { ACROSS };
    let mut sums = [[Lanes::splat(0.0); 2]; ROWS];
    let mut b = right.as_ptr();
    for &segment in left.segments {
        let from = left.numbers.as_ptr().wrapping_add(segment as usize);
        let mut a = rows.map(|row| from.wrapping_add(row));
        for _ in 0..left.length {
            // Safety: the caller's promise; a pointer that has stepped past the end is not read.
            unsafe { multiply(&mut sums, a, b) };
            a = a.map(|a| a.wrapping_add(step));
            b = b.wrapping_add(across);
        }
    }
    sums
}

/// Adds one step's products.
///
/// # Safety
/// One number at each of `a` and eight from `b` on must be readable.
#[inline(always)]
unsafe fn multiply(sums: &mut [[Lanes; 2]; ROWS], a: [*const f32; ROWS], b: *const f32) {
    // Safety: the caller's promise.
    unsafe {
        let b = [Lanes::load(b), Lanes::load(b.add(4))];
        for (sums, a) in sums.iter_mut().zip(a) {
            let a = Lanes::splat(*a);
            sums[0] = sums[0].mul_add(a, b[0]);
            sums[1] = sums[1].mul_add(a, b[1]);
        }
    }
}

/// A product whose rows and columns fill whole tiles: [`product`] without its freedoms, for many small ones.
///
/// left: four rows at a time, `four` numbers from the next four; within them number (row, step) lies at `row · steps + step` or,
/// where it is `TURNED`, at `step · 4 + row`. right: panels, [panel][step][8], `panel` numbers from the next. out: [rows][columns],
/// `pitch` numbers from row to row.
#[derive(Clone, Copy)]
pub struct Whole {
    pub rows: usize,
    pub steps: usize,
    pub columns: usize,
    pub pitch: usize,
    /// From four rows of the left operand to the next four.
    pub four: usize,
    /// From a panel of the right operand to the next.
    pub panel: usize,
}

impl Whole {
    /// out = left · right, or out + left · right if `ADD`.
    #[inline(never)]
    pub fn product<const TURNED: bool, const ADD: bool>(self, left: &[f32], right: &[f32], out: &mut [f32]) {
        let Whole { rows, steps, columns, pitch, four, panel } = self;
        let (fours, panels) = (rows / ROWS, columns / COLUMNS);
        assert!(rows % ROWS == 0 && columns % COLUMNS == 0 && fours > 0 && panels > 0, "whole tiles");
        assert!(
            (fours - 1) * four + ROWS * steps <= left.len(),
            "the left operand of a product lies inside its memory"
        );
        assert!(
            (panels - 1) * panel + COLUMNS * steps <= right.len(),
            "the right operand of a product lies inside its memory"
        );
        assert!((rows - 1) * pitch + columns <= out.len(), "a product lies inside its memory");
        let (row, step) = if TURNED { (1, ROWS) } else { (steps, 1) };
        for column in 0..panels {
            for down in 0..fours {
                let mut sums = [[Lanes::splat(0.0); 2]; ROWS];
                // Safety: the farthest number of each operand was checked above.
                unsafe {
                    let mut b = right.as_ptr().add(column * panel);
                    let mut a = left.as_ptr().add(down * four);
                    for _ in 0..steps {
                        multiply(&mut sums, std::array::from_fn(|i| a.add(i * row)), b);
                        a = a.wrapping_add(step);
                        b = b.wrapping_add(COLUMNS);
                    }
                    let mut to = out.as_mut_ptr().add(down * ROWS * pitch + column * COLUMNS);
                    for sums in &sums {
                        put_whole(sums, to, ADD);
                        to = to.wrapping_add(pitch);
                    }
                }
            }
        }
    }
}

/// Copies a transposed left operand, [steps, pitch], into tiles of 4 rows, [tile][step][4], of which each has room for `room` steps.
pub fn pack_left(numbers: &[f32], rows: usize, pitch: usize, room: usize, packed: &mut [f32]) {
    for (step, numbers) in numbers.chunks(pitch).enumerate() {
        let (fours, rest) = numbers[..rows].as_chunks::<ROWS>();
        for (tile, four) in fours.iter().enumerate() {
            packed[(tile * room + step) * ROWS..][..ROWS].copy_from_slice(four);
        }
        if !rest.is_empty() {
            packed[(fours.len() * room + step) * ROWS..][..rest.len()].copy_from_slice(rest);
        }
    }
}

/// Copies a right operand into panels of 8 columns, [panel][step][8], the last filled up with zeros: number (t, j) of it lies
/// at `t · across + j · along`.
pub fn pack(numbers: &[f32], steps: usize, columns: usize, across: usize, along: usize, packed: &mut [f32]) {
    for (panel, packed) in packed.chunks_mut(steps * COLUMNS).take(columns.div_ceil(COLUMNS)).enumerate() {
        let column = panel * COLUMNS;
        let width = (columns - column).min(COLUMNS);
        for (t, packed) in packed.as_chunks_mut::<COLUMNS>().0.iter_mut().enumerate() {
            let from = t * across + column * along;
            if along == 1 && width == COLUMNS {
                packed.copy_from_slice(&numbers[from..from + COLUMNS]);
            } else {
                packed[width..].fill(0.0);
                for (j, packed) in packed[..width].iter_mut().enumerate() {
                    *packed = numbers[from + j * along];
                }
            }
        }
    }
}
