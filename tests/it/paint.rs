//! Numbers to pixels, paths and words.

use whisker::paint::chart::{self, Options, Scale, Series};
use whisker::paint::colour::{class, classes, diverging, hex, mix};
use whisker::paint::{Theme, boundary, format, matrix, picture};

const THEMES: [Theme; 2] = [Theme::Light, Theme::Dark];

/// How bright a colour is, 0 to 255 (ITU-R BT.709 weights on the stored values: good enough to compare).
fn light(c: [u8; 3]) -> f32 {
    0.2126 * f32::from(c[0]) + 0.7152 * f32::from(c[1]) + 0.0722 * f32::from(c[2])
}

fn apart(a: [u8; 3], b: [u8; 3]) -> i32 {
    a.iter().zip(b).map(|(a, b)| (i32::from(*a) - i32::from(b)).abs()).sum()
}

#[test]
fn orange_is_negative_grey_nothing_blue_positive() {
    assert_eq!(diverging(0.0, Theme::Light), [0xec, 0xea, 0xe5, 255]);
    assert_eq!(diverging(-1.0, Theme::Light), [0xe8, 0x87, 0x1e, 255]);
    assert_eq!(diverging(1.0, Theme::Light), [0x16, 0x71, 0xb8, 255]);
    assert_eq!(diverging(1.0, Theme::Dark), [0x5e, 0xb0, 0xef, 255]);
    for theme in THEMES {
        assert_eq!(diverging(7.0, theme), diverging(1.0, theme), "beyond the scale is as its end");
        assert_eq!(diverging(f32::NEG_INFINITY, theme), diverging(-1.0, theme));
        assert_eq!(diverging(-0.0, theme), diverging(0.0, theme));
        let mistake = diverging(f32::NAN, theme);
        assert!((-10..=10).all(|v| diverging(v as f32 / 10.0, theme) != mistake), "not a number passes for a number");
        // Further from zero is further from grey, on both sides.
        let [grey, ..] = [diverging(0.0, theme)];
        for sign in [-1.0, 1.0] {
            let far = |v: f32| {
                let c = diverging(sign * v, theme);
                apart([c[0], c[1], c[2]], [grey[0], grey[1], grey[2]])
            };
            assert!((1..=20).all(|v| far(v as f32 / 20.0) > far((v - 1) as f32 / 20.0)), "{theme:?}");
        }
    }
}

#[test]
fn classes_have_their_own_colours() {
    assert_eq!((hex(class(0, Theme::Light)), hex(class(1, Theme::Light))), ("#7a4fb5".into(), "#0c8a7d".into()));
    assert_eq!((hex(class(0, Theme::Dark)), hex(class(1, Theme::Dark))), ("#b694ec".into(), "#4cc9bb".into()));
    for theme in THEMES {
        let all: Vec<_> = (0..40).map(|index| class(index, theme)).collect();
        for (a, colour) in all.iter().enumerate() {
            for (b, other) in all.iter().enumerate().take(a) {
                assert!(apart(*colour, *other) > if a < 10 { 40 } else { 2 }, "{theme:?}: {b} and {a} look alike");
            }
            let card = light(theme.anchors().card);
            assert!((light(*colour) - card).abs() > 60.0, "{theme:?}: class {a} fades into the card");
        }
        let named = |names: &[&str]| classes(&names.iter().map(|n| n.to_string()).collect::<Vec<_>>(), theme);
        assert_eq!(named(&["orange", "blue"]), [theme.anchors().negative, theme.anchors().positive]);
        assert_eq!(named(&["cat", "dog"]), [class(0, theme), class(1, theme)]);
    }
    assert_eq!(mix([0, 100, 255], [255, 100, 0], 0.5), [128, 100, 128]);
}

#[test]
fn maps_share_a_scale_and_keep_their_places() {
    let theme = Theme::Light;
    // Two maps of 2 × 1: the loud one has the full colour, the quiet one a quarter of it.
    let maps = picture::maps(&[4.0, 0.0, -1.0, 1.0], 2, 1, theme);
    assert_eq!(maps.len(), 2);
    assert_eq!((maps[0].at(0, 0), maps[0].at(1, 0)), (diverging(1.0, theme), diverging(0.0, theme)));
    assert_eq!((maps[1].at(0, 0), maps[1].at(1, 0)), (diverging(-0.25, theme), diverging(0.25, theme)));
    // [height 2, width 1, channels 2]: channel 1 is every second number.
    let channel = picture::channel(&[9.0, 2.0, 9.0, -9.0], [2, 1, 2], 1, theme);
    assert_eq!((channel.width, channel.height), (1, 2));
    assert_eq!((channel.at(0, 0), channel.at(0, 1)), (diverging(2.0 / 9.0, theme), diverging(-1.0, theme)));
    assert_eq!(picture::scale(&[0.0; 5]), 1.0, "silence is not blown up");
    assert_eq!(picture::scale(&[f32::NAN, -3.0, f32::INFINITY]), 3.0);
    assert!(picture::maps(&[], 4, 4, theme).is_empty());
    let strip = picture::strip(&[1.0, -2.0, 0.0], theme);
    assert_eq!((strip.width, strip.height, strip.at(1, 0)), (3, 1, diverging(-1.0, theme)));
}

#[test]
fn pictures_and_kernels_are_red_green_blue() {
    let image = picture::picture(&[1.0, 0.5, 0.0, -2.0, 0.2, 9.0], [1, 2, 3]);
    assert_eq!((image.at(0, 0), image.at(1, 0)), ([255, 128, 0, 255], [0, 51, 255, 255]));
    assert_eq!(picture::picture(&[0.2], [1, 1, 1]).at(0, 0), [51, 51, 51, 255]);
    // A kernel [1, 2, 3] that wants red on the left and no blue on the right.
    let kernel = picture::kernel(&[2.0, 0.0, 0.0, 0.0, 0.0, -2.0], [1, 2, 3], 2.0, Theme::Light);
    assert_eq!((kernel.at(0, 0), kernel.at(1, 0)), ([255, 128, 128, 255], [128, 128, 0, 255]));
    let grey = picture::kernels(&[3.0, -1.0, 0.0, 0.0], [1, 1, 2], Theme::Light);
    assert_eq!((grey.len(), grey[0].at(0, 0)), (2, diverging(1.0 / 3.0, Theme::Light)));
    // [1, 1, 2, 3]: filters lie innermost.
    assert_eq!(picture::by_filter(&[0.0, 1.0, 2.0, 10.0, 11.0, 12.0], 3), [0.0, 10.0, 1.0, 11.0, 2.0, 12.0]);
}

#[test]
fn the_plane_is_shown_y_upwards() {
    assert_eq!(boundary::grid(2, 3.0), [-1.5, 1.5, 1.5, 1.5, -1.5, -1.5, 1.5, -1.5]);
    let dots = boundary::dots(&[-3.0, 3.0, 0.0, 0.0, 99.0, -99.0], &[0, 1, 1], 3.0, 80.0);
    let places: Vec<_> = dots.iter().map(|dot| (dot.x, dot.y, dot.class)).collect();
    assert_eq!(places, [(0.0, 0.0, 0), (40.0, 40.0, 1), (80.0, 80.0, 1)]);
    // A dot lies on the pixel whose place in the grid it has.
    let grid = boundary::grid(8, 3.0);
    for (pixel, place) in grid.chunks(2).enumerate() {
        let dot = boundary::dots(place, &[0], 3.0, 8.0)[0];
        assert_eq!((dot.x.floor() as usize, dot.y.floor() as usize), (pixel % 8, pixel / 8));
    }
}

#[test]
fn the_boundary_has_the_colours_of_the_classes() {
    for theme in THEMES {
        let colours = [theme.anchors().negative, theme.anchors().positive];
        let image = boundary::two(&[0.0, 0.5, 1.0, f32::NAN], 2, colours, theme);
        let [zero, undecided, one, broken] = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(x, y)| image.at(x, y));
        assert_eq!(undecided, diverging(0.0, theme));
        let rgb = |p: [u8; 4]| [p[0], p[1], p[2]];
        assert!(apart(rgb(zero), colours[0]) < apart(rgb(zero), colours[1]));
        assert!(apart(rgb(one), colours[1]) < apart(rgb(one), colours[0]));
        assert!(apart(rgb(one), colours[1]) > 60, "points of the class must stand out from its ground");
        assert_eq!(broken, diverging(f32::NAN, theme));
        // With two classes the general one agrees.
        let pairs = [1.0, 0.0, 0.5, 0.5, 0.0, 1.0, 0.2, 0.8];
        let two = boundary::two(&[0.0, 0.5, 1.0, 0.8], 2, colours, theme);
        assert_eq!(boundary::many(&pairs, 2, &colours, theme), two);
    }
    let three = [[255, 0, 0], [0, 255, 0], [0, 0, 255]];
    let image = boundary::many(&[0.1, 0.1, 0.8], 1, &three, Theme::Light).at(0, 0);
    assert!(image[2] > image[0] && image[2] > image[1], "{image:?}");
    assert_eq!(boundary::many(&[], 1, &[], Theme::Light).rgba.len(), 4, "no class is no colour");
}

#[test]
fn a_scatter_shows_each_point_where_it_is() {
    let colours = [[200, 0, 0], [0, 0, 200]];
    let dots = boundary::dots(&[-1.5, 1.5, 1.5, -1.5, -9.0, -9.0], &[0, 1, 0], 3.0, 40.0);
    let image = boundary::scatter(&dots, 40, 3.0, &colours, Theme::Light);
    assert_eq!((image.at(10, 10), image.at(30, 30)), ([200, 0, 0, 255], [0, 0, 200, 255]));
    assert_eq!(image.at(30, 10), diverging(0.0, Theme::Light));
    assert_eq!(image.at(0, 39), [200, 0, 0, 255], "a stray point shows at the edge");
    let edge = image.at(12, 11);
    assert!(edge[0] > 200 && edge[1] > 0 && edge[1] < 234, "the rim is blended: {edge:?}");
}

#[test]
fn the_matrix_is_green_where_right_and_red_where_wrong() {
    let cells = matrix::cells(&[189, 11, 0, 0], 2, Theme::Light);
    let shown: Vec<_> = cells.iter().map(|cell| (cell.truth, cell.said, cell.count, cell.share)).collect();
    assert_eq!(shown, [(0, 0, 189, 0.945), (0, 1, 11, 0.055), (1, 0, 0, 0.0), (1, 1, 0, 0.0)]);
    let [right, wrong, empty, _] = [0, 1, 2, 3].map(|i| cells[i].fill);
    assert!(right[1] > right[0] && right[1] > right[2], "{right:?}");
    assert!(wrong[0] > wrong[1] && wrong[0] > wrong[2], "{wrong:?}");
    assert_eq!(empty, [255; 4]);
    for theme in THEMES {
        let ink = light(theme.anchors().ink);
        for (share, right) in [(1.0, true), (1.0, false), (0.001, false)] {
            let fill = matrix::fill(share, right, theme);
            let ground = [fill[0], fill[1], fill[2]];
            assert!((light(ground) - ink).abs() > 80.0, "{theme:?}: ink on {ground:?} cannot be read");
            assert!(apart(ground, theme.anchors().card) >= 8, "{theme:?}: a share of {share} does not show");
        }
    }
}

#[test]
#[allow(clippy::approx_constant, reason = "a loss that happens to be ln 2")]
fn numbers_read_the_same_everywhere() {
    let rows: [(String, &str); 46] = [
        (format::count(0), "0"),
        (format::count(999), "999"),
        (format::count(1610), "1,610"),
        (format::count(70_722), "70,722"),
        (format::count(999_999), "999,999"),
        (format::count(1_234_567), "1.2 M"),
        (format::count(250_000_000), "250 M"),
        (format::count(3_400_000_000), "3.4 G"),
        (format::number(0.0), "0"),
        (format::number(0.2149), "0.21"),
        (format::number(0.6931), "0.69"),
        (format::number(0.0213), "0.021"),
        (format::number(0.00213), "0.0021"),
        (format::number(0.000213), "0.00021"),
        (format::number(2.13e-7), "2.1e-7"),
        (format::number(2.3), "2.30"),
        (format::number(9.999), "10.0"),
        (format::number(12.34), "12.3"),
        (format::number(-12.34), "−12.3"),
        (format::number(1204.4), "1,204"),
        (format::number(3.2e9), "3.2e9"),
        (format::number(f32::NAN), "not a number"),
        (format::number(f32::NEG_INFINITY), "−∞"),
        (format::percent(0.93), "93 %"),
        (format::percent(0.0), "0 %"),
        (format::percent(1.0), "100 %"),
        (format::percent(0.996), "99.6 %"),
        (format::percent(0.9996), "> 99.9 %"),
        (format::percent(0.0012), "0.1 %"),
        (format::percent(0.0001), "< 0.1 %"),
        (format::percent(f32::NAN), "not a number"),
        (format::exact(0.001), "0.001"),
        (format::exact(32.0), "32"),
        (format::exact(1e-8), "1e-8"),
        (format::exact(-0.5), "−0.5"),
        (format::duration(0.0004), "0.4 ms"),
        (format::duration(0.016), "16 ms"),
        (format::duration(2.44), "2.4 s"),
        (format::duration(200.0), "3 min 20 s"),
        (format::duration(7260.0), "2 h 1 min"),
        (format::bytes(840), "840 B"),
        (format::bytes(3_073), "3.1 kB"),
        (format::bytes(30_730_000), "31 MB"),
        (format::shape(&[32, 32, 3]), "32 × 32 × 3"),
        (format::shape(&[2048]), "2,048"),
        (format::commas(-0.0004, 2), "0.00"),
    ];
    for (got, expected) in rows {
        assert_eq!(got, expected);
    }
}

#[test]
fn round_numbers_part_an_axis() {
    let rows: [(f32, f32, usize, &[f32]); 7] = [
        (0.0, 0.76, 4, &[0.0, 0.2, 0.4, 0.6]),
        (0.0, 288.0, 3, &[0.0, 100.0, 200.0]),
        (0.0, 1.0, 4, &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-0.35, 0.35, 4, &[-0.2, 0.0, 0.2]),
        (1003.0, 1021.0, 4, &[1005.0, 1010.0, 1015.0, 1020.0]),
        (0.0, 7e-5, 4, &[0.0, 2e-5, 4e-5, 6e-5]),
        (5.0, 5.0, 4, &[5.0]),
    ];
    for (low, high, count, expected) in rows {
        assert_eq!(chart::nice(low, high, count), expected, "{low} to {high}");
    }
    let decades = Scale::log([1e-5, 30.0].into_iter(), None, [0.0, 1.0]).ticks();
    let decades: Vec<f32> = decades.iter().map(|tick| tick.log10().round()).collect();
    assert_eq!(decades, [-5.0, -3.0, -1.0, 1.0]);
    let within = Scale::log([0.18, 1.3].into_iter(), None, [0.0, 1.0]).ticks();
    assert_eq!(within.iter().map(|tick| format::number(*tick)).collect::<Vec<_>>(), ["0.20", "0.50", "1.00"]);
}

#[test]
fn scales_go_there_and_back() {
    for scale in [
        Scale::linear([0.0, 50.0], [34.0, 370.0]),
        Scale::log([0.01, 3.0].into_iter(), None, [158.0, 10.0]),
        Scale::log([0.5, 0.5].into_iter(), None, [158.0, 10.0]),
        Scale::from_zero([-1.0, 4.0].into_iter(), [158.0, 10.0]),
        Scale::from_zero([].into_iter(), [158.0, 10.0]),
    ] {
        let [low, high] = scale.domain;
        assert!((scale.at(low) - scale.pixels[0]).abs() < 1e-3 && (scale.at(high) - scale.pixels[1]).abs() < 1e-3);
        for share in [0.1, 0.5, 0.9] {
            let value = low + (high - low) * share;
            assert!((scale.back(scale.at(value)) - value).abs() < 1e-4 * (high - low), "{scale:?} at {value}");
        }
        assert_eq!(scale.at(high + 1e9), scale.pixels[1], "beyond the range it stays at the end");
    }
}

fn series<'a>(steps: &'a [f32], values: &'a [f32]) -> Series<'a> {
    Series { steps, values, smoothed: true }
}

#[test]
fn a_curve_becomes_a_path() {
    let options =
        Options { width: 110.0, height: 60.0, left: 10.0, right: 0.0, top: 0.0, bottom: 10.0, ..Options::default() };
    let ranged = Options { range: Some([0.0, 1.0]), ..options };
    let steps = [0.0, 50.0, 100.0];
    let layout = chart::layout(&[series(&steps, &[1.0, 0.5, 0.0])], &ranged);
    assert_eq!(layout.lines[0].path, "M10 0L60 25L110 50");
    assert_eq!((layout.lines[0].raw.as_str(), layout.lines[0].end), ("", Some([110.0, 50.0])));
    let labels = |ticks: &[chart::Tick]| ticks.iter().map(|tick| tick.label.clone()).collect::<Vec<_>>();
    assert_eq!(labels(&layout.steps), ["0", "20", "40", "60", "80", "100"]);
    assert_eq!(labels(&layout.values), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    assert_eq!((layout.values[0].at, layout.values[5].at), (50.0, 0.0));
    // The last step is always named, and nothing stands in its way.
    let run: Vec<f32> = (0..=288).map(|step| step as f32).collect();
    let layout = chart::layout(&[series(&run, &run)], &options);
    assert_eq!(labels(&layout.steps), ["0", "50", "100", "150", "200", "250", "288"]);
    // What is not a number breaks the line and does not stretch the axis.
    let broken =
        chart::layout(&[series(&[0.0, 1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, f32::NAN, f32::INFINITY, 1.0])], &options);
    assert_eq!(broken.lines[0].path.matches('M').count(), 2, "{}", broken.lines[0].path);
    assert!(broken.y.domain[1] < 2.2, "{:?}", broken.y);
    // On a logarithmic axis a factor is a distance.
    let log = chart::layout(&[series(&steps, &[1.0, 0.1, 0.01])], &Options { log: true, ..options });
    assert_eq!(log.lines[0].path, "M10 0L60 25L110 50");
    assert_eq!(labels(&log.values), ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]);
    let zero = chart::layout(&[series(&steps, &[1.0, 0.0, 0.5])], &Options { log: true, ..options });
    assert_eq!(zero.lines[0].path.matches('M').count(), 2, "zero has no logarithm");
}

#[test]
fn an_empty_chart_is_a_chart() {
    for log in [false, true] {
        let options = Options { log, ..Options::default() };
        let nothing: [&[Series]; 3] =
            [&[], &[series(&[], &[])], &[series(&[0.0, 1.0], &[f32::NAN, f32::NAN]), series(&[3.0], &[])]];
        for series in nothing {
            let layout = chart::layout(series, &options);
            assert!(layout.lines.iter().all(|line| line.path.is_empty() && line.end.is_none()));
            assert!(!layout.steps.is_empty() && !layout.values.is_empty(), "axes stand before the first step");
            assert!(layout.steps.iter().chain(&layout.values).all(|tick| tick.at.is_finite()));
        }
        let one = [series(&[0.0], &[0.7])];
        let layout = chart::layout(&one, &options);
        assert!(layout.lines[0].end.is_some_and(|[x, y]| x.is_finite() && y.is_finite()), "{layout:?}");
    }
    assert_eq!(chart::hover(&chart::layout(&[], &Options::default()), &[], 50.0), None);
}

#[test]
fn smoothing_is_calm_and_fair() {
    let points: Vec<[f32; 2]> = (0..200).map(|step| [step as f32, if step % 2 == 0 { 1.2 } else { 0.8 }]).collect();
    let calm = chart::smooth(&points, 0.9);
    assert_eq!(calm[0], points[0], "the first point is not pulled towards zero");
    // An alternation of ±0.2 passes with (1 − k)/(1 + k) of its size: 0.2·0.1/1.9 = 0.0105.
    assert!(calm[100..].iter().all(|p| (p[1] - 1.0).abs() < 0.0106), "{:?}", &calm[100..104]);
    assert_eq!(chart::smooth(&points, 0.0), points);
    let options = Options { smoothing: 0.9, ..Options::default() };
    let (steps, values): (Vec<f32>, Vec<f32>) = points.iter().map(|p| (p[0], p[1])).unzip();
    let still = Series { smoothed: false, ..series(&steps, &values) };
    let layout = chart::layout(&[series(&steps, &values), still], &options);
    assert!(!layout.lines[0].raw.is_empty() && layout.lines[0].raw != layout.lines[0].path);
    assert_eq!((layout.lines[1].raw.as_str(), &layout.lines[1].path), ("", &layout.lines[0].raw));
}

#[test]
fn a_long_run_is_cheap_and_keeps_its_peaks() {
    let steps: Vec<f32> = (0..100_000).map(|step| step as f32).collect();
    let mut values: Vec<f32> =
        steps.iter().map(|step| 1.0 / (1.0 + step / 5000.0) + 0.01 * (step * 0.7).sin()).collect();
    values[61_234] = 2.5;
    values[80_001] = 0.0;
    let options = Options::default();
    let layout = chart::layout(&[series(&steps, &values)], &options);
    let points = layout.lines[0].path.matches(['M', 'L']).count();
    let columns = (options.width - options.left - options.right) as usize + 1;
    assert!((columns..=4 * columns).contains(&points), "{points} points on {columns} columns");
    for value in [2.5, 0.0] {
        let y = (layout.y.at(value) * 10.0).round() / 10.0;
        assert!(layout.lines[0].path.contains(&format!(" {y}L")), "the peak at {value} is gone");
    }
    // Few points stay as they are, in their order.
    let few = [[0.2, 1.0], [0.4, 5.0], [0.6, 3.0], [1.1, 2.0]];
    assert_eq!(chart::thin(few), few);
    let many = [[0.0, 3.0], [0.1, 9.0], [0.2, 4.0], [0.3, 1.0], [0.4, 5.0], [0.5, 6.0]];
    assert_eq!(chart::thin(many), [[0.0, 3.0], [0.1, 9.0], [0.3, 1.0], [0.5, 6.0]]);
}

#[test]
fn the_pointer_finds_the_nearest_point_of_each_curve() {
    let options = Options { left: 0.0, right: 0.0, width: 100.0, range: Some([0.0, 1.0]), ..Options::default() };
    let (train, test) = ([0.0, 10.0, 20.0, 30.0, 100.0], [0.0, 50.0]);
    let all = [series(&train, &[0.9, 0.8, 0.7, 0.6, 0.1]), series(&test, &[0.95, f32::NAN]), series(&[], &[])];
    let layout = chart::layout(&all, &options);
    let hover = chart::hover(&layout, &all, 18.0).expect("there are points");
    assert_eq!((hover.step, hover.x), (20.0, 20.0));
    let values: Vec<_> = hover.points.iter().map(|p| p.map(|(step, value, _)| (step, value))).collect();
    assert_eq!(values, [Some((20.0, 0.7)), Some((0.0, 0.95)), None]);
    assert_eq!(hover.points[0].map(|p| p.2), Some(layout.y.at(0.7)));
    for (pointer, step) in [(-50.0, 0.0), (4.0, 0.0), (49.0, 50.0), (76.0, 100.0), (1e9, 100.0)] {
        assert_eq!(chart::hover(&layout, &all, pointer).map(|hover| hover.step), Some(step), "at {pointer}");
    }
    let there = chart::hover(&layout, &all, 50.0).expect("there are points");
    assert_eq!(there.points[1], None, "what is not a number has no place");
}
