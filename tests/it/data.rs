//! Data sets: what they hold, how they are drawn, in which order they are visited.

use whisker::data::{DATASETS, Dataset, Request, Values, cats_dogs, find, order, points};

fn flat(dataset: &Dataset) -> Vec<[f32; 2]> {
    (0..dataset.len()).map(|i| dataset.sample(i).try_into().expect("two coordinates")).collect()
}

#[test]
fn every_row_keeps_its_promises() {
    for source in DATASETS {
        let id = source.id;
        assert!(id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{id} is not kebab-case");
        assert_eq!(find(id).map(|found| found.label), Some(source.label));
        assert!(source.help.ends_with('.'), "{id}: help is a sentence");
        let request = Request { train: 30, test: 12, size: 24, ..Request::default() };
        let mut set = (source.make)(&request);
        if id == "own" {
            assert!(set.is_empty(), "there are no pictures before the user brings some");
            continue;
        }
        assert_eq!((set.train, set.len(), set.test()), (30, 42, 30..42), "{id}");
        assert_eq!(set.shape, if source.pictures { vec![24, 24, 3] } else { vec![2] }, "{id}");
        set.ensure(&(0..42).collect::<Vec<_>>());
        assert!(set.labels.iter().all(|label| (*label as usize) < set.classes.len()), "{id}");
        for class in 0..set.classes.len() as u32 {
            assert!(set.labels[set.test()].contains(&class), "{id}: class {class} is missing from the test split");
        }
    }
}

#[test]
fn points_depend_on_the_seed_and_their_index_alone() {
    for source in DATASETS.iter().filter(|source| !source.pictures) {
        let short = Request { train: 40, test: 10, ..Request::default() };
        let long = Request { train: 300, test: 100, ..short.clone() };
        let other = Request { seed: 8, ..short.clone() };
        let [a, b, c] = [&short, &long, &other].map(|request| flat(&(source.make)(request)));
        assert_eq!(a[..], b[..50], "{}: a longer set begins with a shorter one", source.id);
        assert_ne!(a, c, "{}: the seed changes the points", source.id);
    }
}

#[test]
fn points_fill_the_square_that_is_drawn_and_no_more() {
    for source in DATASETS.iter().filter(|source| !source.pictures) {
        let set = (source.make)(&Request { train: 2000, test: 0, noise: Some(0.0), ..Request::default() });
        let points = flat(&set);
        let reach = points.iter().flatten().fold(0.0f32, |most, v| most.max(v.abs()));
        assert!((0.7 * points::EXTENT..1.3 * points::EXTENT).contains(&reach), "{}: reaches {reach}", source.id);
        let outside = points.iter().flatten().filter(|v| v.abs() > points::EXTENT).count();
        assert!(outside < 10, "{}: {outside} of 4,000 coordinates lie outside", source.id);
        for axis in 0..2 {
            let mean = points.iter().map(|p| p[axis]).sum::<f32>() / 2000.0;
            let spread = (points.iter().map(|p| (p[axis] - mean).powi(2)).sum::<f32>() / 2000.0).sqrt();
            assert!(mean.abs() < 0.12 * points::EXTENT, "{}: mean {mean} on axis {axis}", source.id);
            assert!((0.2..0.7).contains(&(spread / points::EXTENT)), "{}: spread {spread} on axis {axis}", source.id);
        }
    }
}

/// Without jitter each set follows its own rule, so the classes never mix.
#[test]
fn each_set_is_what_its_name_says() {
    let clean = |id| {
        let set = (find(id).expect(id).make)(&Request { train: 1000, test: 0, noise: Some(0.0), ..Request::default() });
        let labels = set.labels.clone();
        flat(&set).into_iter().zip(labels).collect::<Vec<_>>()
    };
    let wrong =
        |id, rule: fn(f32, f32) -> bool| clean(id).iter().filter(|([x, y], c)| rule(*x, *y) != (*c == 1)).count();
    assert_eq!(wrong("circle", |x, y| x.hypot(y) < 1.5), 0);
    assert_eq!(wrong("xor", |x, y| x * y > 0.0), 0);
    // The clouds are 2.5 spreads from the line that parts them, along the diagonal 3.5: about 1 in 4,000 crosses.
    assert!(wrong("gauss", |x, y| x + y > 0.0) <= 2);
    // No straight line does for the others: the best of 180 directions through any offset leaves many wrong.
    for id in ["circle", "xor", "spiral", "moons"] {
        let points = clean(id);
        let best = (0..180 * 21)
            .map(|line| {
                let (angle, offset) = ((line % 180) as f32 * 0.0349, (line / 180) as f32 * 0.3 - 3.0);
                let side = |[x, y]: [f32; 2]| x * angle.cos() + y * angle.sin() > offset;
                points.iter().filter(|(p, class)| side(*p) != (*class == 1)).count()
            })
            .min()
            .expect("lines were tried");
        assert!(best > 80, "{id}: one line leaves only {best} of 1,000 wrong");
    }
}

#[test]
fn noise_moves_points_by_what_it_says() {
    for source in DATASETS.iter().filter(|source| !source.pictures) {
        let make = |noise| flat(&(source.make)(&Request { train: 4000, test: 0, noise, ..Request::default() }));
        let (clean, default, loud) = (make(Some(0.0)), make(None), make(Some(0.5)));
        for (noisy, expected) in [(default, points::NOISE), (loud, 0.5)] {
            let squares = clean.iter().zip(&noisy).map(|(a, b)| (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2));
            let spread = (squares.sum::<f32>() / 8000.0).sqrt();
            // 8,000 draws know their spread to 1/sqrt(16,000) = 0.8 %; four times that.
            assert!((spread / expected - 1.0).abs() < 0.032, "{}: {spread} for {expected}", source.id);
        }
    }
}

#[test]
fn pictures_are_drawn_when_asked_for_and_once() {
    let request = Request { size: 12, train: 6, test: 2, seed: 100, noise: None };
    let drawing = |index| cats_dogs::draw(100, index, 12);
    let mut set = (cats_dogs::SOURCE.make)(&request);
    assert_eq!(set.ensure(&[5, 1, 5, 7]), [5, 1, 7]);
    assert_eq!(set.ensure(&[1, 7]), Vec::<usize>::new());
    assert_eq!((set.has(5), set.has(0), set.labels[5]), (true, false, drawing(5).class));
    assert_eq!(set.pixels(0), None, "what is not drawn has no pixels");
    let opaque: Vec<u8> = drawing(5).pixels.chunks(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
    assert_eq!(set.thumbnail(5, 12), Some(opaque));
    let shares: Vec<f32> = drawing(7).pixels.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    assert_eq!(set.sample(7), shares);
    assert_eq!(set.fill(3), [0, 2, 3]);
    assert_eq!(set.fill(100), [4, 6]);
    assert_eq!(set.fill(100), Vec::<usize>::new());
    assert!(set.pending.is_none(), "a full set keeps no account");
    let mut whole = (cats_dogs::SOURCE.make)(&request);
    whole.fill(8);
    assert_eq!((whole.values, whole.labels), (set.values, set.labels), "the order of asking shows");
}

#[test]
fn an_epoch_visits_every_sample_once_in_an_order_of_its_own() {
    let mut seen = std::collections::HashSet::new();
    for (seed, epoch) in [(7, 0), (7, 1), (7, 2), (8, 0), (8, 1)] {
        let visit = order(seed, epoch, 500);
        assert_eq!(visit, order(seed, epoch, 500));
        let mut sorted = visit.clone();
        sorted.sort();
        assert_eq!(sorted, (0..500).collect::<Vec<_>>());
        let stays = visit.iter().enumerate().filter(|(place, sample)| *place == **sample as usize).count();
        assert!(stays < 8, "{stays} of 500 stay in place; 1 is expected");
        assert!(seen.insert(visit), "seed {seed}, epoch {epoch} repeats another order");
    }
    assert!(order(7, 0, 0).is_empty());
    // Every sample comes first equally often: 1,000 epochs over 10 samples, 100 each; spread 9.5, so ±40 is 4 spreads.
    let mut first = [0i32; 10];
    (0..1000).for_each(|epoch| first[order(7, epoch, 10)[0] as usize] += 1);
    assert!(first.iter().all(|count| (count - 100).abs() < 40), "{first:?}");
}

#[test]
fn values_are_bytes_for_pictures_and_floats_for_points() {
    for source in DATASETS {
        let set = (source.make)(&Request { train: 2, test: 1, ..Request::default() });
        assert_eq!(matches!(set.values, Values::Bytes(_)), source.pictures, "{}", source.id);
    }
}
