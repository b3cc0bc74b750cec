//! Weights from judgements: published figures, the pair that hurts most, groups, hierarchies, and bad input.

use phteah_planning::weights::ahp::{Prioritisation, ahp};
use phteah_planning::weights::group::{consensus, consensus_of_priorities, join};
use phteah_planning::weights::hierarchy::{Node, leaf_weights};
use phteah_planning::weights::pairwise::Pairwise;
use phteah_planning::weights::random_index::RandomIndex;
use phteah_planning::weights::shares;

const THREE: &str = "id,slope,drainage,land\nslope,1,3,5\ndrainage,1/3,1,3\nland,1/5,1/3,1\n";
/// Wang & Chin 2011.
const SIX: &str = "id,a,b,c,d,e,f\n\
    a,1,4,3,1,3,4\n\
    b,1/4,1,7,3,1/5,1\n\
    c,1/3,1/7,1,1/5,1/5,1/6\n\
    d,1,1/3,5,1,1,1/3\n\
    e,1/3,5,5,1,1,3\n\
    f,1/4,1,6,3,1/3,1\n";

fn matrix(text: &str) -> Pairwise {
    Pairwise::parse(text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found_one, expected_one) in found.iter().zip(expected) {
        assert!(
            (found_one - expected_one).abs() <= tolerance,
            "{found:?} is not {expected:?}"
        );
    }
}

#[test]
fn three_criteria() {
    let result = ahp(&matrix(THREE), Prioritisation::Eigenvector, RandomIndex::Saaty);
    near(&result.weights, &[0.636_986, 0.258_285, 0.104_729], 5e-6);
    near(&[result.lambda_max], &[3.038_511], 5e-6);
    near(&[result.cr.expect("is in the table")], &[0.0332], 5e-4);
    assert_eq!(result.consistent, Some(true));
    assert!(result.warnings.is_empty());
}

#[test]
fn six_criteria_that_contradict_each_other() {
    let result = ahp(
        &matrix(SIX),
        Prioritisation::Eigenvector,
        RandomIndex::TummalaLing,
    );
    near(
        &result.weights,
        &[0.3208, 0.1395, 0.0348, 0.1285, 0.2374, 0.1391],
        5e-4,
    );
    near(&[result.lambda_max], &[7.41987], 5e-5);
    near(&[result.cr.expect("is in the table")], &[0.229], 5e-3);
    assert_eq!(result.consistent, Some(false));
    assert_eq!(result.warnings[0].code, "inconsistent");
}

/// Every pair at every judgement of a fine scale: none may beat the pair that was named.
#[test]
fn the_worst_pair_is_the_worst_and_its_judgement_the_best() {
    for text in [THREE, SIX] {
        let whole = matrix(text);
        let result = ahp(&whole, Prioritisation::Eigenvector, RandomIndex::Saaty);
        let worst = result.worst_pair.expect("nothing here is perfect");
        let ratio = |matrix: &Pairwise| ahp_without_search(matrix);
        let promised = worst.cr_then.expect("is in the table");
        let mut least = f64::INFINITY;
        for row in 0..whole.len() {
            for column in row + 1..whole.len() {
                for step in -60..=60 {
                    least = least.min(ratio(&whole.with(row, column, (f64::from(step) / 20.0).exp())));
                }
            }
        }
        assert!(
            promised <= least + 1e-9,
            "{promised} where {least} is possible: {worst:?}"
        );
        assert!(promised < result.cr.expect("is in the table"));
    }
}

/// Consistency ratio by plain power iteration.
fn ahp_without_search(matrix: &Pairwise) -> f64 {
    let n = matrix.len();
    let mut weights = vec![1.0 / n as f64; n];
    let mut lambda = 0.0;
    for _ in 0..300 {
        let next: Vec<f64> = (0..n)
            .map(|row| {
                (0..n)
                    .map(|column| matrix.get(row, column) * weights[column])
                    .sum()
            })
            .collect();
        lambda = next.iter().sum();
        weights = shares(&next);
    }
    (lambda - n as f64) / (n as f64 - 1.0) / RandomIndex::Saaty.of(n).expect("is in the table")
}

#[test]
fn geometric_means_agree_with_the_eigenvector_where_judgements_agree() {
    let consistent = matrix("id,a,b,c\na,1,2,6\nb,,1,3\nc,,,1\n");
    for method in [Prioritisation::Eigenvector, Prioritisation::GeometricMean] {
        let result = ahp(&consistent, method, RandomIndex::Saaty);
        near(&result.weights, &[0.6, 0.3, 0.1], 1e-12);
        assert_eq!((result.ci, result.cr), (0.0, Some(0.0)));
        assert_eq!(result.worst_pair, None);
    }
}

#[test]
fn one_and_two_criteria_cannot_contradict_each_other() {
    for (text, expected) in [
        ("id,a\na,1\n", vec![1.0]),
        ("id,a,b\na,1,4\nb,1/4,1\n", vec![0.8, 0.2]),
    ] {
        let result = ahp(&matrix(text), Prioritisation::Eigenvector, RandomIndex::Saaty);
        near(&result.weights, &expected, 1e-12);
        assert_eq!(
            (result.cr, result.consistent, result.worst_pair),
            (Some(0.0), Some(true), None)
        );
    }
}

#[test]
fn beyond_the_tables_consistency_is_not_judged() {
    let ids: Vec<String> = (0..16).map(|index| format!("c{index}")).collect();
    let ones = vec![vec![Some(1.0); 16]; 16];
    let equal = Pairwise::new(ids, &ones).expect("is reciprocal");
    let result = ahp(&equal, Prioritisation::Eigenvector, RandomIndex::Saaty);
    assert_eq!((result.cr, result.consistent), (None, None));
    assert_eq!(result.warnings[0].code, "no_random_index");
}

#[test]
fn every_offending_pair_is_named() {
    let text = "id,a,b,c\na,1,3,5\nb,3,2,0\nc,1/4,x,1\nd,1,1,1\n";
    let problems = Pairwise::parse(text).expect_err("is wrong");
    let places: Vec<&str> = problems.iter().map(|problem| problem.place.as_str()).collect();
    assert_eq!(places, ["line 3, column c", "line 4, column b", "line 5"]);
    let text = "id,a,b,c\na,1,3,5\nb,3,2,\nc,1/4,,1\n";
    let problems = Pairwise::parse(text).expect_err("is wrong");
    let places: Vec<&str> = problems.iter().map(|problem| problem.place.as_str()).collect();
    assert_eq!(places, ["a / b", "a / c", "b / b", "b / c"]);
    assert_eq!(Pairwise::parse("").expect_err("is empty").len(), 1);
    assert_eq!(
        Pairwise::parse("id,a,b\na,1,2\n").expect_err("lacks a row")[0].place,
        "row b"
    );
}

#[test]
fn rounded_inverses_are_accepted() {
    let rounded = matrix("id,a,b\na,1,3\nb,0.33,1\n");
    near(&[rounded.get(1, 0)], &[1.0 / 3.0], 1e-12);
    assert!(Pairwise::parse("id,a,b\na,1,3\nb,0.3,1\n").is_err());
}

#[test]
fn a_hierarchy_multiplies_its_levels_ahp_with_alternatives() {
    let criteria = ahp(
        &matrix("id,x,y,z\nx,1,3,3\ny,1/3,1,2\nz,1/3,1/2,1\n"),
        Prioritisation::Eigenvector,
        RandomIndex::Saaty,
    );
    let alternatives = [
        "id,A,B,C\nA,1,,\nB,1/5,1,\nC,1/3,3,1\n",
        "id,A,B,C\nA,1,,\nB,9,1,\nC,3,1/5,1\n",
        "id,A,B,C\nA,1,,\nB,1/2,1,\nC,5,7,1\n",
    ];
    let mut scores = [0.0; 3];
    for (text, weight) in alternatives.iter().zip(&criteria.weights) {
        let local = ahp(&matrix(text), Prioritisation::Eigenvector, RandomIndex::Saaty);
        let group = |weights: &[f64]| Node::Group {
            id: "goal".into(),
            members: vec![
                (
                    *weight,
                    Node::Group {
                        id: "criterion".into(),
                        members: weights
                            .iter()
                            .enumerate()
                            .map(|(index, weight)| {
                                (
                                    *weight,
                                    Node::Leaf {
                                        id: index.to_string(),
                                    },
                                )
                            })
                            .collect(),
                    },
                ),
                (1.0 - weight, Node::Leaf { id: "rest".into() }),
            ],
        };
        for (index, (_, share)) in leaf_weights(&group(&local.weights))
            .expect("is whole")
            .iter()
            .take(3)
            .enumerate()
        {
            scores[index] += share;
        }
    }
    near(&scores, &[0.421_856, 0.264_238, 0.313_906], 5e-6);
}

#[test]
fn a_hierarchy_reports_every_mistake() {
    let leaf = |id: &str| Node::Leaf { id: id.into() };
    let group = |id: &str, members| Node::Group {
        id: id.into(),
        members,
    };
    let tree = group(
        "all",
        vec![
            (1.0, group("empty", vec![])),
            (1.0, group("zero", vec![(0.0, leaf("a"))])),
            (1.0, group("negative", vec![(-1.0, leaf("a")), (2.0, leaf("b"))])),
        ],
    );
    let problems = leaf_weights(&tree).expect_err("is wrong");
    let places: Vec<&str> = problems.iter().map(|problem| problem.place.as_str()).collect();
    assert_eq!(places, ["all.empty", "all.zero", "all.negative", "a"]);
}

#[test]
fn a_group_of_peers_is_joined_by_geometric_mean() {
    let (one, other) = (matrix("id,a,b\na,1,2\nb,,1\n"), matrix("id,a,b\na,1,8\nb,,1\n"));
    let joined = join(&[one.clone(), other.clone()], &[1.0, 1.0]).expect("same criteria");
    near(&[joined.get(0, 1), joined.get(1, 0)], &[4.0, 0.25], 1e-12);
    let weighted = join(&[one.clone(), other], &[3.0, 0.0]).expect("same criteria");
    near(&[weighted.get(0, 1)], &[2.0], 1e-12);
    let stranger = matrix("id,a,c\na,1,2\nc,,1\n");
    assert_eq!(join(&[one, stranger], &[1.0]).expect_err("is wrong").len(), 2);
    assert!(join(&[], &[]).is_err());
}

#[test]
fn consensus_runs_from_none_to_full() {
    let same = vec![vec![0.7, 0.2, 0.1]; 3];
    near(
        &[consensus_of_priorities(&same).expect("three people")],
        &[1.0],
        1e-12,
    );
    let apart: Vec<Vec<f64>> = (0..3)
        .map(|own| {
            (0..3)
                .map(|index| if index == own { 9.0 / 11.0 } else { 1.0 / 11.0 })
                .collect()
        })
        .collect();
    near(
        &[consensus_of_priorities(&apart).expect("three people")],
        &[0.0],
        1e-12,
    );
    assert_eq!(consensus_of_priorities(&same[..1]), None);
    assert_eq!(
        consensus(&[matrix(THREE), matrix(THREE)]).map(|agreed| (agreed * 1e9).round()),
        Some(1e9)
    );
}
