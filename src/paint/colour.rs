//! The one colour language of the page: orange is negative, grey is nothing, blue is positive; classes have their own.
//!
//! The values are those of `www/tokens.css`, where the page's style sheets read them.

/// Which of the two sets of colours is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Light,
    Dark,
}

/// The colours that numbers are painted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchors {
    pub negative: [u8; 3],
    pub zero: [u8; 3],
    pub positive: [u8; 3],
    pub good: [u8; 3],
    pub bad: [u8; 3],
    pub card: [u8; 3],
    pub ink: [u8; 3],
}

const LIGHT: Anchors = Anchors {
    negative: rgb(0xe8871e),
    zero: rgb(0xeceae5),
    positive: rgb(0x1671b8),
    good: rgb(0x2b8a4b),
    bad: rgb(0xc8402f),
    card: rgb(0xffffff),
    ink: rgb(0x1d2330),
};

const DARK: Anchors = Anchors {
    negative: rgb(0xf2a04a),
    zero: rgb(0x2b303a),
    positive: rgb(0x5eb0ef),
    good: rgb(0x5fc683),
    bad: rgb(0xef7b6c),
    card: rgb(0x1c2028),
    ink: rgb(0xe9ecf2),
};

/// Cat, dog, and those after them: told apart by lightness as well as by hue.
const CLASSES: [(u32, u32); 10] = [
    (0x7a4fb5, 0xb694ec),
    (0x0c8a7d, 0x4cc9bb),
    (0xb8501f, 0xf0986a),
    (0x2f5fc4, 0x86aef5),
    (0xa8386f, 0xea86b4),
    (0x6b7d16, 0xb5c94f),
    (0x8a6410, 0xdcb455),
    (0x4a5568, 0xa3aec2),
    (0x7a2422, 0xd97f7c),
    (0x1b93ba, 0x62cdee),
];

impl Theme {
    pub fn anchors(self) -> &'static Anchors {
        match self {
            Theme::Light => &LIGHT,
            Theme::Dark => &DARK,
        }
    }
}

/// The colour of a number from -1 (all orange) through 0 (grey) to 1 (all blue); beyond is as the ends.
///
/// What is not a number is painted in the colour of mistakes, so that it cannot pass for a zero.
pub fn diverging(value: f32, theme: Theme) -> [u8; 4] {
    let anchors = theme.anchors();
    if value.is_nan() {
        return opaque(anchors.bad);
    }
    let end = if value < 0.0 { anchors.negative } else { anchors.positive };
    opaque(mix(anchors.zero, end, value.abs().min(1.0)))
}

/// The colour of class number `class`: cat purple, dog teal, eight more, then the wheel in golden steps.
pub fn class(class: usize, theme: Theme) -> [u8; 3] {
    if let Some((light, dark)) = CLASSES.get(class) {
        return rgb(match theme {
            Theme::Light => *light,
            Theme::Dark => *dark,
        });
    }
    let turn = (class as f32 * 0.618_034).fract() * 6.0;
    let channel = |shift: f32| {
        let wave = ((turn + shift) % 6.0 - 3.0).abs() - 1.0;
        let (low, high) = match theme {
            Theme::Light => (40.0, 170.0),
            Theme::Dark => (120.0, 235.0),
        };
        (low + (high - low) * wave.clamp(0.0, 1.0)) as u8
    };
    [channel(0.0), channel(4.0), channel(2.0)]
}

/// A colour for each class; classes that are named after the two signs have the colours of the signs.
pub fn classes(names: &[String], theme: Theme) -> Vec<[u8; 3]> {
    let anchors = theme.anchors();
    let colour = |(index, name): (usize, &String)| match name.as_str() {
        "orange" => anchors.negative,
        "blue" => anchors.positive,
        _ => class(index, theme),
    };
    names.iter().enumerate().map(colour).collect()
}

/// The way from `a` (0) to `b` (1).
pub fn mix(a: [u8; 3], b: [u8; 3], share: f32) -> [u8; 3] {
    std::array::from_fn(|c| (f32::from(a[c]) + (f32::from(b[c]) - f32::from(a[c])) * share).round() as u8)
}

/// `#7a4fb5`, as style sheets and SVG want it.
pub fn hex(colour: [u8; 3]) -> String {
    format!("#{:02x}{:02x}{:02x}", colour[0], colour[1], colour[2])
}

/// The same colour as a pixel.
pub fn opaque([r, g, b]: [u8; 3]) -> [u8; 4] {
    [r, g, b, 255]
}

const fn rgb(hex: u32) -> [u8; 3] {
    [(hex >> 16) as u8, (hex >> 8) as u8, hex as u8]
}
