//! The shared published cases, read where they are; the same figures stand in the other tests, which always run.

use std::path::PathBuf;

use phteah_planning::model::{Outcome, decide_texts};
use phteah_planning::weights::ahp::{Ahp, Prioritisation, ahp};
use phteah_planning::weights::pairwise::Pairwise;
use phteah_planning::weights::random_index::RandomIndex;
use serde_json::Value;

/// A case, or `None` (said aloud) where the shared directory is absent.
fn case(name: &str) -> Option<Value> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("PHTEAH_SHARED").map(PathBuf::from);
    let found = [Some(beside), shared]
        .into_iter()
        .flatten()
        .map(|root| root.join("conformance").join(name));
    let Some(path) = found.into_iter().find(|path| path.exists()) else {
        eprintln!("SKIPPED {name}: no ../shared/conformance beside the repository and no PHTEAH_SHARED");
        return None;
    };
    let text = std::fs::read_to_string(&path).expect("the case can be read");
    Some(serde_json::from_str(&text).expect("the case is JSON"))
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .expect("is a list")
        .iter()
        .map(|one| one.as_f64().expect("is a number"))
        .collect()
}

fn near(found: &[f64], expected: &Value, tolerance: f64) {
    let expected = numbers(expected);
    assert_eq!(found.len(), expected.len());
    for (found_one, expected_one) in found.iter().zip(&expected) {
        assert!(
            (found_one - expected_one).abs() <= tolerance,
            "{found:?} is not {expected:?}"
        );
    }
}

/// Runs a case's matrix as the command line would.
fn decide(case: &Value, head: &str, of_criterion: &str) -> Outcome {
    let rows = case["matrix"].as_array().expect("is a matrix");
    let (weights, goals) = (
        numbers(&case["weights"]),
        case["goals"].as_array().expect("are goals"),
    );
    let (mut matrix, mut model) = (String::from("id"), format!("{head}\n"));
    for (index, (weight, goal)) in weights.iter().zip(goals).enumerate() {
        matrix += &format!(",c{index}");
        model +=
            &format!("[[criterion]]\nid = \"c{index}\"\nweight = {weight}\ngoal = {goal}\n{of_criterion}\n");
    }
    for (index, row) in rows.iter().enumerate() {
        matrix += &format!("\nA{}", index + 1);
        numbers(row)
            .iter()
            .for_each(|number| matrix += &format!(",{number}"));
    }
    decide_texts(&matrix, &model).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn figures(
    outcome: &Outcome,
    figure: impl Fn(&phteah_planning::model::Alternative) -> Option<f64>,
) -> Vec<f64> {
    outcome
        .alternatives
        .iter()
        .map(|one| figure(one).expect("is scored"))
        .collect()
}

fn pairwise(rows: &Value) -> Pairwise {
    let rows = rows.as_array().expect("is a matrix");
    let ids: Vec<String> = (0..rows.len()).map(|index| format!("c{index}")).collect();
    let mut text = format!("id,{}\n", ids.join(","));
    for (id, row) in ids.iter().zip(rows) {
        let cells: Vec<String> = row
            .as_array()
            .expect("is a row")
            .iter()
            .map(|cell| cell.as_str().map_or_else(|| cell.to_string(), String::from))
            .collect();
        text += &format!("{id},{}\n", cells.join(","));
    }
    Pairwise::parse(&text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn judge(case: &Value) -> Ahp {
    let index = RandomIndex::from_name(case["random_index"].as_str().expect("is named")).expect("is known");
    ahp(&pairwise(&case["pairwise"]), Prioritisation::Eigenvector, index)
}

#[test]
fn ahp_three() {
    let Some(case) = case("ahp-3x3.json") else { return };
    let (found, expect) = (judge(&case), &case["expect"]);
    near(&found.weights, &expect["eigenvector"], 5e-6);
    near(
        &[found.lambda_max],
        &Value::from(vec![expect["lambda_max"].clone()]),
        5e-6,
    );
    near(
        &[found.cr.expect("has a ratio")],
        &Value::from(vec![expect["cr"].clone()]),
        5e-4,
    );
    assert_eq!(found.consistent, expect["consistent"].as_bool());
}

#[test]
fn ahp_six_inconsistent() {
    let Some(case) = case("ahp-6x6-inconsistent.json") else {
        return;
    };
    let (found, expect) = (judge(&case), &case["expect"]);
    near(&found.weights, &expect["eigenvector"], 5e-4);
    near(
        &[found.lambda_max],
        &Value::from(vec![expect["lambda_max"].clone()]),
        5e-5,
    );
    near(
        &[found.cr.expect("has a ratio")],
        &Value::from(vec![expect["cr"].clone()]),
        5e-3,
    );
    assert_eq!(found.consistent, expect["consistent"].as_bool());
}

#[test]
fn ahp_with_alternatives() {
    let Some(case) = case("ahp-full-3-alternatives.json") else {
        return;
    };
    let criteria = ahp(
        &pairwise(&case["criteria"]),
        Prioritisation::Eigenvector,
        RandomIndex::Saaty,
    );
    let mut scores = vec![0.0; 3];
    let triangles = case["alternatives_lower_triangles"]
        .as_array()
        .expect("are triangles");
    for (triangle, weight) in triangles.iter().zip(&criteria.weights) {
        let cell = |row: usize, column: usize| {
            let cell = &triangle[row - 1][column];
            cell.as_str().map_or_else(|| cell.to_string(), String::from)
        };
        let text = format!(
            "id,a,b,c\na,1,,\nb,{},1,\nc,{},{},1\n",
            cell(1, 0),
            cell(2, 0),
            cell(2, 1)
        );
        let local = ahp(
            &Pairwise::parse(&text).expect("is whole"),
            Prioritisation::Eigenvector,
            RandomIndex::Saaty,
        );
        scores
            .iter_mut()
            .zip(&local.weights)
            .for_each(|(score, local)| *score += weight * local);
    }
    near(&scores, &case["expect"]["eigenvector_scores"], 5e-6);
    let ranks: Vec<f64> = phteah_planning::rank::descending(&scores)
        .ranks
        .iter()
        .map(|rank| f64::from(*rank))
        .collect();
    near(&ranks, &case["expect"]["ranks"], 0.0);
}

#[test]
fn constant_criterion() {
    let Some(case) = case("constant-criterion.json") else {
        return;
    };
    for method in ["weighted-sum", "topsis", "vikor", "promethee-ii", "spotis"] {
        let outcome = decide(&case, &format!("method = \"{method}\""), "bounds = [0, 10]");
        let ranks: Vec<Option<u32>> = outcome.alternatives.iter().map(|one| one.rank).collect();
        assert_eq!(ranks, [Some(3), Some(2), Some(1)], "{method}");
        assert!(
            outcome
                .warnings
                .iter()
                .any(|one| one.criterion.as_deref() == Some("c0")),
            "{method}"
        );
    }
}

#[test]
fn promethee() {
    let Some(case) = case("promethee-ii-zhao-2013.json") else {
        return;
    };
    let outcome = decide(
        &case,
        "method = \"promethee-ii\"",
        "preference = { kind = \"usual\" }",
    );
    near(&figures(&outcome, |one| one.phi), &case["expect"]["phi"], 1e-9);
    near(
        &figures(&outcome, |one| one.phi_plus),
        &case["expect"]["phi_plus"],
        1e-9,
    );
    near(
        &figures(&outcome, |one| one.phi_minus),
        &case["expect"]["phi_minus"],
        1e-9,
    );
}

#[test]
fn random_indices() {
    let Some(case) = case("random-index.json") else {
        return;
    };
    for name in ["saaty", "tummala-ling"] {
        let table = RandomIndex::from_name(name).expect("is known");
        let found: Vec<f64> = (1..=15).map(|n| table.of(n).expect("is in the table")).collect();
        near(&found, &case[name], 0.0);
        assert_eq!((table.of(0), table.of(16)), (None, None));
    }
}

#[test]
fn topsis_normalisations() {
    let Some(case) = case("topsis-normalisation-opricovic-tzeng-2004.json") else {
        return;
    };
    let score = |head: &str| figures(&decide(&case, head, ""), |one| one.score);
    let expect = &case["expect"];
    near(
        &score("method = \"topsis\"\nnormalisation = \"min-max\""),
        &expect["topsis_min_max"],
        5e-3,
    );
    near(
        &score("method = \"topsis\"\nnormalisation = \"vector\""),
        &expect["topsis_vector"],
        5e-4,
    );
    near(&score("method = \"vikor\""), &expect["vikor_q"], 1e-9);
}

#[test]
fn topsis_and_vikor() {
    let Some(case) = case("topsis-vikor-tzeng-huang-2011.json") else {
        return;
    };
    let expect = &case["expect"];
    let topsis = decide(&case, "method = \"topsis\"", "");
    near(&figures(&topsis, |one| one.score), &expect["topsis_vector"], 5e-4);
    near(
        &figures(&topsis, |one| one.rank.map(f64::from)),
        &expect["topsis_ranks"],
        0.0,
    );
    let vikor = decide(
        &case,
        &format!("method = \"vikor\"\nv = {}", expect["vikor_v"]),
        "",
    );
    near(&figures(&vikor, |one| one.s), &expect["vikor_s"], 1e-9);
    near(&figures(&vikor, |one| one.r), &expect["vikor_r"], 1e-9);
    near(&figures(&vikor, |one| one.q), &expect["vikor_q"], 1e-9);
    assert_eq!(
        vikor.acceptable_advantage,
        expect["vikor_acceptable_advantage"].as_bool()
    );
    assert_eq!(
        serde_json::to_value(vikor.compromise).expect("serialises"),
        expect["vikor_compromise"]
    );
}
