//! Value functions: their figures, their bounds, their direction, their words.
// Exact figures are meant where they are compared exactly.
#![allow(clippy::float_cmp)]

use phteah_planning::measure::{AnnualStatistic, DepthStatistic, Measure, Mode, Service};
use phteah_planning::value::{Goal, ValueFunction};
use proptest::prelude::*;

fn walk() -> Measure {
    Measure::TravelTime {
        service: Service::PrimarySchool,
        mode: Mode::Walk,
        cut_return_period: None,
    }
}

fn linear(worst: f64, best: f64) -> ValueFunction {
    ValueFunction::Linear { worst, best }
}

fn piecewise(points: &[[f64; 2]]) -> ValueFunction {
    ValueFunction::Piecewise {
        points: points.to_vec(),
    }
}

fn steps() -> ValueFunction {
    ValueFunction::Step {
        below: 0.2,
        steps: vec![[10.0, 1.0], [20.0, 0.5]],
    }
}

#[test]
fn figures() {
    let half = [
        (linear(60.0, 15.0), 37.5),
        (linear(0.0, 10.0), 5.0),
        (piecewise(&[[0.0, 0.0], [10.0, 0.25], [20.0, 0.75]]), 15.0),
        (
            ValueFunction::Trapezoid {
                a: 0.0,
                b: 10.0,
                c: 20.0,
                d: 40.0,
            },
            30.0,
        ),
        (
            ValueFunction::Trapezoid {
                a: 0.0,
                b: 10.0,
                c: 20.0,
                d: 40.0,
            },
            5.0,
        ),
        (steps(), 20.0),
        (
            ValueFunction::Logistic {
                midpoint: 30.0,
                slope: -0.1,
            },
            30.0,
        ),
    ];
    for (function, raw) in half {
        assert_eq!(function.of(raw), 0.5, "{function:?}");
        assert!(function.problems().is_empty());
    }
    assert_eq!(
        (steps().of(9.9), steps().of(10.0), steps().of(19.9)),
        (0.2, 1.0, 1.0)
    );
    assert_eq!(
        (linear(60.0, 15.0).of(-1e150), linear(60.0, 15.0).of(1e150)),
        (1.0, 0.0)
    );
    let sheer = ValueFunction::Trapezoid {
        a: 5.0,
        b: 5.0,
        c: 10.0,
        d: 10.0,
    };
    assert_eq!(
        (sheer.of(4.9), sheer.of(5.0), sheer.of(10.0), sheer.of(10.1)),
        (0.0, 1.0, 1.0, 0.0)
    );
    let steep = ValueFunction::Logistic {
        midpoint: 0.0,
        slope: 1e6,
    };
    assert_eq!((steep.of(-1e150), steep.of(1e150)), (0.0, 1.0));
}

#[test]
fn bounds_are_exact_where_a_function_turns() {
    let hill = ValueFunction::Trapezoid {
        a: 0.0,
        b: 10.0,
        c: 20.0,
        d: 40.0,
    };
    assert_eq!(hill.bounds(5.0, 30.0), (0.5, 1.0), "the top lies inside");
    assert_eq!(hill.bounds(-1.0, 50.0), (0.0, 1.0));
    assert_eq!(
        steps().bounds(5.0, 25.0),
        (0.2, 1.0),
        "the middle step is reached"
    );
    assert_eq!(
        steps().bounds(10.0, 15.0),
        (1.0, 1.0),
        "what is below the interval is not"
    );
    assert_eq!(
        piecewise(&[[0.0, 0.25], [10.0, 0.75], [20.0, 0.0]]).bounds(5.0, 12.0),
        (0.5, 0.75)
    );
    assert_eq!(piecewise(&[[0.0, 0.3], [10.0, 0.9]]).whole_range(), (0.3, 0.9));
    assert_eq!(
        linear(1.0, 0.0).bounds(0.75, 0.25),
        (0.25, 0.75),
        "ends in either order"
    );
}

#[test]
fn direction() {
    assert_eq!(linear(60.0, 15.0).direction(), Some(Goal::Min));
    assert_eq!(piecewise(&[[0.0, 0.0], [1.0, 1.0]]).direction(), Some(Goal::Max));
    assert_eq!(piecewise(&[[0.0, 0.0], [1.0, 1.0], [2.0, 0.5]]).direction(), None);
    assert_eq!(steps().direction(), None);
    assert_eq!(
        ValueFunction::Logistic {
            midpoint: 0.0,
            slope: -1.0
        }
        .direction(),
        Some(Goal::Min)
    );
}

#[test]
fn in_words() {
    let said = |function: &ValueFunction, measure: &Measure| {
        let words = function.in_words(measure);
        (words.en, words.km)
    };
    let of = |en: &str, km: &str| (en.to_owned(), km.to_owned());
    assert_eq!(
        said(&linear(60.0, 15.0), &walk()),
        of(
            "full score up to 15 minutes' walk, none from 60",
            "ពិន្ទុពេញបើដើរមិនលើស 15 នាទី គ្មានពិន្ទុបើដើរចាប់ពី 60 នាទី ឡើងទៅ"
        )
    );
    assert_eq!(
        said(&linear(10.0, 100.0), &Measure::Capacity),
        of(
            "full score from 100 households, none up to 10",
            "ពិន្ទុពេញបើអាចរស់នៅបានចាប់ពី 100 គ្រួសារ ឡើងទៅ គ្មានពិន្ទុបើអាចរស់នៅបានមិនលើស 10 គ្រួសារ"
        )
    );
    let depth = Measure::FloodDepth {
        return_period: 100,
        statistic: DepthStatistic::Mean,
        deeper_than_m: None,
    };
    assert_eq!(
        said(&linear(0.5, 0.0), &depth).0,
        "full score at 0 m of water, none from 0.5"
    );
    let share = Measure::AnnualFlood {
        statistic: AnnualStatistic::Share,
    };
    assert_eq!(
        said(&linear(0.25, 0.05), &share).0,
        "full score up to 5% of the site, none from 25%"
    );
    assert_eq!(
        said(&piecewise(&[[10.0, 1.0], [30.0, 0.6], [60.0, 0.0]]), &walk()).0,
        "full score up to 10 minutes' walk, 60% of the full score at 30, none from 60"
    );
    assert_eq!(
        said(
            &ValueFunction::Trapezoid {
                a: 0.0,
                b: 1000.0,
                c: 5000.0,
                d: 20000.0
            },
            &Measure::Area
        )
        .0,
        "full score from 1,000 to 5,000 m², none up to 0 or from 20,000"
    );
    assert_eq!(
        said(&steps(), &Measure::LandPrice).0,
        "20% of the full score below US$10 a square metre, full score from US$10 a square metre, \
         50% of the full score from US$20 a square metre"
    );
    let tenure = ValueFunction::Table {
        values: [("hard_title".into(), 1.0), ("monastery".into(), 0.3)].into(),
    };
    assert_eq!(
        said(&tenure, &Measure::Tenure),
        of(
            "hard title: full score, monastery land: 30% of the full score",
            "ប្លង់រឹង៖ ពិន្ទុពេញ ដីវត្ត៖ 30% នៃពិន្ទុ"
        )
    );
    let curve = ValueFunction::Logistic {
        midpoint: 30.0,
        slope: -0.1,
    };
    assert_eq!(
        said(&curve, &walk()).0,
        "half score at 30 minutes' walk, nine tenths up to 8.028"
    );
    assert_eq!(
        linear(1.0, 2.5).in_plain_words().en,
        "full score from 2.5, none up to 1"
    );
}

#[test]
fn what_is_wrong_has_its_key() {
    let keys = |function: &ValueFunction| -> Vec<String> {
        function.problems().into_iter().map(|(key, _)| key).collect()
    };
    assert_eq!(keys(&linear(1.0, 1.0)), [""]);
    assert_eq!(keys(&piecewise(&[[0.0, 2.0]])), [".points", ".points[0]"]);
    assert_eq!(keys(&piecewise(&[[0.0, 0.0], [0.0, 1.0]])), [".points[1]"]);
    assert_eq!(
        keys(&ValueFunction::Step {
            below: -1.0,
            steps: vec![]
        }),
        [".below", ".steps"]
    );
    assert_eq!(
        keys(&ValueFunction::Trapezoid {
            a: 3.0,
            b: 2.0,
            c: 4.0,
            d: 5.0
        }),
        [""]
    );
    assert_eq!(
        keys(&ValueFunction::Trapezoid {
            a: 3.0,
            b: 3.0,
            c: 3.0,
            d: 3.0
        }),
        [""]
    );
    assert_eq!(
        keys(&ValueFunction::Logistic {
            midpoint: 0.0,
            slope: 0.0
        }),
        [".slope"]
    );
    assert_eq!(
        keys(&ValueFunction::Table {
            values: [("a".into(), 2.0)].into()
        }),
        [".values.a"]
    );
}

fn any_function() -> impl Strategy<Value = ValueFunction> {
    let raw = -100.0..100.0_f64;
    let points = prop::collection::btree_map(-100_i32..100, 0.0..=1.0_f64, 2..6).prop_map(|points| {
        points
            .into_iter()
            .map(|(raw, value)| [f64::from(raw), value])
            .collect::<Vec<_>>()
    });
    prop_oneof![
        (raw.clone(), raw.clone())
            .prop_filter("ends differ", |(a, b)| a != b)
            .prop_map(|(a, b)| linear(a, b)),
        points
            .clone()
            .prop_map(|points| ValueFunction::Piecewise { points }),
        (0.0..=1.0_f64, points).prop_map(|(below, steps)| ValueFunction::Step { below, steps }),
        prop::collection::vec(raw.clone(), 4).prop_filter_map("ends differ", |mut ends| {
            ends.sort_by(f64::total_cmp);
            (ends[0] < ends[3]).then(|| ValueFunction::Trapezoid {
                a: ends[0],
                b: ends[1],
                c: ends[2],
                d: ends[3],
            })
        }),
        (raw, -2.0..2.0_f64)
            .prop_filter("some slope", |(_, slope)| *slope != 0.0)
            .prop_map(|(midpoint, slope)| ValueFunction::Logistic { midpoint, slope }),
    ]
}

proptest! {
    #[test]
    fn values_lie_within_0_and_1(function in any_function(), raw in -200.0..200.0_f64) {
        let value = function.of(raw);
        prop_assert!((0.0..=1.0).contains(&value));
        let (low, high) = function.whole_range();
        prop_assert!(low <= value + 1e-12 && value <= high + 1e-12);
    }

    #[test]
    fn functions_with_a_direction_keep_it(function in any_function(), one in -200.0..200.0_f64, other in -200.0..200.0_f64) {
        let (less, more) = (function.of(one.min(other)), function.of(one.max(other)));
        match function.direction() {
            Some(Goal::Max) => prop_assert!(less <= more),
            Some(Goal::Min) => prop_assert!(less >= more),
            None => {}
        }
    }

    #[test]
    fn bounds_hold_every_value_inside_and_are_reached(function in any_function(), one in -200.0..200.0_f64, width in 0.0..50.0_f64) {
        let (low, high) = function.bounds(one, one + width);
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for step in 0..=5000 {
            let value = function.of((one + width * f64::from(step) / 5000.0).min(one + width));
            prop_assert!(low <= value && value <= high);
            (least, most) = (least.min(value), most.max(value));
        }
        // A step's value may be taken over less than one of these samples, but then by a step that is narrow.
        if !matches!(function, ValueFunction::Step { .. } | ValueFunction::Trapezoid { .. }) {
            prop_assert!(least - low < 0.02 && high - most < 0.02);
        }
    }
}
