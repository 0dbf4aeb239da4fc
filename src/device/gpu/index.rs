//! Index arithmetic as WGSL text: fewer axes first, then coordinates, then places in memory.

/// Axes merged as far as every view walks them as one.
pub struct Merged {
    pub sizes: Vec<usize>,
    /// For each view, one stride for each merged axis.
    pub strides: Vec<Vec<isize>>,
}

/// Merges neighbouring axes; axes of 1 go. `strides` holds one list for each view.
pub fn merge(sizes: &[usize], strides: &[Vec<isize>]) -> Merged {
    let mut merged = Merged { sizes: Vec::new(), strides: vec![Vec::new(); strides.len()] };
    for (axis, &size) in sizes.iter().enumerate().filter(|(_, size)| **size != 1) {
        let inner = |view: &Vec<isize>| view[axis];
        let joins = merged.sizes.last().is_some()
            && strides
                .iter()
                .zip(&merged.strides)
                .all(|(view, own)| own.last() == Some(&(inner(view) * size as isize)));
        if joins {
            *merged.sizes.last_mut().expect("an axis to join") *= size;
        } else {
            merged.sizes.push(size);
        }
        for (view, own) in strides.iter().zip(&mut merged.strides) {
            if joins {
                *own.last_mut().expect("a stride for each axis") = inner(view);
            } else {
                own.push(inner(view));
            }
        }
    }
    merged
}

/// Statements that split the linear number `from` into coordinates called `prefix0`, `prefix1`, …, outermost first.
pub fn coordinates(from: &str, sizes: &[usize], prefix: &str) -> (String, Vec<String>) {
    let names: Vec<String> = (0..sizes.len()).map(|axis| format!("{prefix}{axis}")).collect();
    let mut text = String::new();
    let mut rest = from.to_string();
    for axis in (0..sizes.len()).rev() {
        if axis == 0 {
            text += &format!("let {} = {rest};\n", names[0]);
        } else {
            text += &format!("let {prefix}r{axis} = {};\n", quotient(&rest, sizes[axis]));
            text += &format!("let {} = {rest} - {prefix}r{axis} * {};\n", names[axis], sizes[axis]);
            rest = format!("{prefix}r{axis}");
        }
    }
    (text, names)
}

/// i / by for i that is not negative; a shift where it can be one, since not every driver sees that.
pub fn quotient(i: &str, by: usize) -> String {
    if by.is_power_of_two() { format!("{i} >> {}u", by.ilog2()) } else { format!("{i} / {by}") }
}

/// offset + Σ names · strides.
pub fn place(offset: usize, names: &[String], strides: &[isize]) -> String {
    let mut text = String::new();
    for (name, &stride) in names.iter().zip(strides) {
        match stride {
            0 => {}
            1 => text += &format!(" + {name}"),
            _ => text += &format!(" + {name} * {stride}"),
        }
    }
    match (offset, text.strip_prefix(" + ")) {
        (_, None) => offset.to_string(),
        (0, Some(sum)) => sum.to_string(),
        (_, Some(sum)) => format!("{sum} + {offset}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contiguous_axes_become_one_and_broadcast_axes_stay_apart() {
        // A picture and a bias of its channels: rows of pixels × channels.
        let merged = merge(&[4, 5, 1, 3], &[vec![15, 3, 9, 1], vec![0, 0, 0, 1]]);
        assert_eq!(merged.sizes, [20, 3]);
        assert_eq!(merged.strides, [[3, 1], [0, 1]]);
        // A flipped axis does not join.
        assert_eq!(merge(&[4, 5], &[vec![5, 1], vec![-5, 1]]).sizes, [4, 5]);
        assert_eq!(merge(&[1, 1], &[vec![1, 1]]).sizes, [0usize; 0]);
    }

    #[test]
    fn places_are_short() {
        let names = ["i".to_string(), "j".to_string()];
        assert_eq!(place(0, &names, &[0, 0]), "0");
        assert_eq!(place(7, &names, &[0, 1]), "j + 7");
        assert_eq!(place(7, &names, &[-3, 1]), "i * -3 + j + 7");
    }
}
