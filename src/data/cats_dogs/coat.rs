//! Coats: colours and patterns, shared by both species.

use super::canvas::{Rgb, hex, luminance, mix, scale};
use crate::tensor::random::Stream;

/// What is drawn upon the ground colour; 0 or false is absent.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// Stripes, by their width: 1 narrow (mackerel, brindle), 2 broad (classic).
    pub stripes: f32,
    pub spots: f32,
    /// Small flakes of the second and third colour (tortie, merle).
    pub flakes: f32,
    /// Large patches of the second and third colour (calico, pied).
    pub patches: f32,
    /// White: 1 bib and toes, 2 muzzle, blaze and socks, 3 lower half, 4 all but cap and tail.
    pub white: u8,
    /// Dark face, ears, feet and tail, by their strength.
    pub points: f32,
    /// Dark muzzle and ears.
    pub mask: bool,
    /// Dark back.
    pub saddle: bool,
    /// Light brows, muzzle and feet, in the third colour.
    pub tan: bool,
}

const PLAIN: Pattern = Pattern {
    stripes: 0.0,
    spots: 0.0,
    flakes: 0.0,
    patches: 0.0,
    white: 0,
    points: 0.0,
    mask: false,
    saddle: false,
    tan: false,
};
const MACKEREL: Pattern = Pattern { stripes: 1.0, ..PLAIN };
const CLASSIC: Pattern = Pattern { stripes: 2.0, ..PLAIN };
const SPOTTED: Pattern = Pattern { spots: 1.0, ..PLAIN };
const TORTIE: Pattern = Pattern { flakes: 1.0, ..PLAIN };
const MERLE: Pattern = Pattern { flakes: 1.0, white: 2, ..PLAIN };
const CALICO: Pattern = Pattern { patches: 1.0, white: 3, ..PLAIN };
const TUXEDO: Pattern = Pattern { white: 2, ..PLAIN };
const BICOLOUR: Pattern = Pattern { white: 3, ..PLAIN };
const VAN: Pattern = Pattern { white: 4, ..PLAIN };
const POINTS: Pattern = Pattern { points: 1.0, ..PLAIN };
const MASKED: Pattern = Pattern { mask: true, ..PLAIN };
const SADDLE: Pattern = Pattern { saddle: true, mask: true, ..PLAIN };
const TAN: Pattern = Pattern { tan: true, ..PLAIN };
const STRIPED_WHITE: Pattern = Pattern { stripes: 1.0, white: 2, ..PLAIN };
const POINTED_WHITE: Pattern = Pattern { points: 0.8, white: 2, ..PLAIN };

const BLACK: Rgb = hex(0x38343c);
const SLATE: Rgb = hex(0x76808f);
const CHOCOLATE: Rgb = hex(0x714a37);
const LILAC: Rgb = hex(0xb8a096);
const RED: Rgb = hex(0xc27844);
const GINGER: Rgb = hex(0xdfa05e);
const CREAM: Rgb = hex(0xf0d5a8);
const WHITE: Rgb = hex(0xf7f3ea);
const SAND: Rgb = hex(0xd6b07a);
const BROWN: Rgb = hex(0x94693f);
const SILVER: Rgb = hex(0xbcc0c6);
const FAWN: Rgb = hex(0xdcb88e);
const RUDDY: Rgb = hex(0xb4683c);
const SEAL: Rgb = hex(0x4d3b34);
const SKIN: Rgb = hex(0xe6bda9);

const AMBER: Rgb = hex(0xe4b25c);
/// Tongues and the lining of ears.
pub const PINK: Rgb = hex(0xe59c95);

const COPPER: Rgb = hex(0xc8894c);
const GREEN: Rgb = hex(0xa9bd74);
const BLUE: Rgb = hex(0x7fb6dc);
const HAZEL: Rgb = hex(0x8a6a3a);

const COLLARS: [Rgb; 5] = [hex(0xc8463f), hex(0x3f7fb5), hex(0x4c9a6a), hex(0xd9a13b), hex(0x8a5fa8)];

/// One row: the patterns and the (ground, second, third) colours that a pair of breeds comes in.
pub struct Wardrobe {
    patterns: &'static [Pattern],
    colours: &'static [[Rgb; 3]],
    eyes: &'static [Rgb],
}

const fn row(patterns: &'static [Pattern], colours: &'static [[Rgb; 3]], eyes: &'static [Rgb]) -> Wardrobe {
    Wardrobe { patterns, colours, eyes }
}

/// Row k dresses `CATS[k]` and `DOGS[k]`.
pub const COATS: [Wardrobe; 24] = [
    row(&[POINTS, MASKED], &[[CREAM, SEAL, CREAM], [FAWN, SEAL, FAWN], [WHITE, SLATE, WHITE]], &[BLUE, HAZEL]),
    row(&[PLAIN], &[[BLACK, BLACK, BLACK], [BLACK, BLACK, WHITE], [SAND, BROWN, CREAM]], &[COPPER, AMBER]),
    row(&[PLAIN], &[[SLATE, SLATE, SILVER], [LILAC, SLATE, SILVER]], &[GREEN, AMBER]),
    row(&[SPOTTED], &[[WHITE, BLACK, WHITE], [SAND, SEAL, CREAM], [SILVER, BLACK, WHITE]], &[GREEN, HAZEL]),
    row(&[PLAIN, MASKED], &[[RUDDY, CHOCOLATE, FAWN], [RED, CHOCOLATE, CREAM]], &[AMBER, HAZEL]),
    row(&[VAN, CALICO], &[[RED, BLACK, WHITE], [BROWN, BLACK, WHITE], [BLACK, RED, WHITE]], &[AMBER, HAZEL]),
    row(&[MACKEREL, CLASSIC], &[[BROWN, BLACK, CREAM], [SAND, SEAL, CREAM], [SLATE, BLACK, SILVER]], &[GREEN, AMBER]),
    row(&[PLAIN, MASKED], &[[GINGER, RED, CREAM], [CREAM, FAWN, WHITE], [WHITE, SILVER, WHITE]], &[COPPER, HAZEL]),
    row(&[PLAIN, TUXEDO], &[[SKIN, LILAC, WHITE], [LILAC, SLATE, SKIN]], &[BLUE, AMBER]),
    row(&[PLAIN, MASKED], &[[SLATE, BLACK, SILVER], [FAWN, SEAL, CREAM], [BLACK, BLACK, WHITE]], &[COPPER, HAZEL]),
    row(&[POINTED_WHITE, BICOLOUR], &[[SILVER, SLATE, WHITE], [CREAM, SEAL, WHITE], [SLATE, BLACK, WHITE]], &[BLUE]),
    row(&[CALICO], &[[RED, BLACK, WHITE], [BROWN, BLACK, WHITE]], &[AMBER, HAZEL]),
    row(&[TORTIE, MERLE], &[[SILVER, BLACK, WHITE], [BLACK, RED, GINGER], [SLATE, BLACK, CREAM]], &[BLUE, AMBER]),
    row(&[TUXEDO, BICOLOUR], &[[BLACK, BLACK, WHITE], [CHOCOLATE, SEAL, WHITE]], &[AMBER, HAZEL]),
    row(&[CLASSIC, PLAIN], &[[SILVER, BLACK, WHITE], [SLATE, BLACK, SILVER]], &[GREEN, HAZEL]),
    row(&[PLAIN], &[[CHOCOLATE, SEAL, BROWN], [GINGER, RED, CREAM]], &[AMBER, HAZEL]),
    row(&[BICOLOUR, STRIPED_WHITE], &[[RED, CHOCOLATE, WHITE], [BROWN, SEAL, WHITE]], &[AMBER, HAZEL]),
    row(&[PLAIN, TUXEDO], &[[RED, CHOCOLATE, CREAM], [RUDDY, SEAL, CREAM]], &[GREEN, COPPER]),
    row(&[PLAIN], &[[WHITE, CREAM, WHITE], [WHITE, SILVER, WHITE]], &[BLUE, COPPER]),
    row(&[STRIPED_WHITE, TUXEDO], &[[GINGER, RED, WHITE], [SAND, BROWN, WHITE]], &[AMBER, HAZEL]),
    row(&[SADDLE, MACKEREL], &[[SAND, BLACK, CREAM], [FAWN, SEAL, CREAM]], &[AMBER, HAZEL]),
    row(&[TUXEDO, BICOLOUR], &[[BLACK, BLACK, WHITE], [SLATE, BLACK, WHITE], [SEAL, BLACK, WHITE]], &[COPPER, AMBER]),
    row(&[TAN, PLAIN], &[[BLACK, SEAL, SAND], [CHOCOLATE, SEAL, SAND], [RUDDY, RUDDY, SAND]], &[GREEN, HAZEL]),
    row(&[PLAIN], &[[FAWN, BROWN, CREAM], [SLATE, SLATE, SILVER], [WHITE, CREAM, WHITE]], &[AMBER, HAZEL]),
];

/// What one animal wears.
#[derive(Clone, Debug)]
pub struct Coat {
    pub pattern: Pattern,
    pub ground: Rgb,
    pub second: Rgb,
    pub third: Rgb,
    pub eye: Rgb,
    pub nose: Rgb,
    /// Around every part, so that a leg stands out from the body behind it.
    pub outline: Rgb,
    /// Width of that rim, to the width of the picture.
    pub rim: f32,
    pub muzzle: Rgb,
    pub lining: Rgb,
    pub collar: Option<Rgb>,
    /// Where flakes, spots and patches fall.
    pub seed: u32,
}

impl Coat {
    /// A coat out of row `row`. It knows nothing of the species.
    pub fn one(row: usize, stream: &mut Stream) -> Coat {
        let wardrobe = &COATS[row];
        let pattern = wardrobe.patterns[stream.below(wardrobe.patterns.len())];
        let tint = [stream.range(-0.03, 0.03), stream.range(-0.02, 0.02), stream.range(-0.03, 0.03)];
        let light = stream.range(0.93, 1.06);
        let [ground, second, third] = wardrobe.colours[stream.below(wardrobe.colours.len())]
            .map(|c| [0, 1, 2].map(|i| ((c[i] + tint[i]) * light).clamp(0.1, 0.99)));
        let eye = wardrobe.eyes[stream.below(wardrobe.eyes.len())];
        let pale = luminance(ground) > 0.6 || pattern.white >= 2;
        let nose = match stream.unit() {
            u if u < 0.5 => hex(0x2b2529),
            u if u < 0.75 => hex(0x4b4047),
            _ if pale => hex(0xc97f78),
            _ => hex(0x4a332e),
        };
        let mut coat = Coat {
            pattern,
            ground,
            second,
            third,
            eye,
            nose,
            outline: ground,
            rim: stream.range(0.012, 0.02),
            muzzle: if luminance(ground) > 0.8 { mix(ground, [1.0; 3], 0.5) } else { mix(ground, WHITE, 0.42) },
            lining: mix(PINK, scale(ground, 0.8), 0.5),
            collar: (stream.unit() < 0.25).then(|| COLLARS[stream.below(COLLARS.len())]),
            seed: stream.below(1 << 24) as u32,
        };
        coat.outline = mix(scale(coat.body(), 0.45), hex(0x2a2028), stream.range(0.35, 0.75));
        coat
    }

    /// The colour that covers most of the animal.
    pub fn body(&self) -> Rgb {
        if self.pattern.white == 4 { self.third } else { self.ground }
    }

    /// Chance for the marks of one part; the same for every picture size.
    pub fn marks(&self, part: u32) -> Stream {
        Stream::new(self.seed, part)
    }
}
