//! `phteah weights`: pairwise judgements in, weights out, with how far the judgements agree with each other.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use phteah_planning::problem::Problem;
use phteah_planning::weights::ahp::{Ahp, Prioritisation, ahp};
use phteah_planning::weights::group::{consensus, join};
use phteah_planning::weights::pairwise::Pairwise;
use phteah_planning::weights::random_index::RandomIndex;
use serde::Serialize;

use super::decide::{every, print_json, read};
use super::{CommandError, say, tell};

/// Whose random index the consistency ratio uses.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Index {
    /// Saaty 1980
    Saaty,
    /// Tummala and Ling 1998
    TummalaLing,
}

/// How weights come out of the judgements.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum How {
    /// Principal eigenvector
    Eigenvector,
    /// Geometric mean of each row
    GeometricMean,
}

/// `phteah weights`.
#[derive(Debug, Args)]
pub struct Weights {
    /// Judgements as CSV: header "id," and the criteria, a row for each; cells may be fractions (1/3). Several files, one
    /// a person, are joined by geometric mean
    #[arg(value_name = "PAIRWISE.csv", required = true)]
    pub pairwise: Vec<PathBuf>,
    /// Whose random index the consistency ratio uses
    #[arg(long, value_enum, default_value = "saaty")]
    pub random_index: Index,
    /// How weights come out of the judgements
    #[arg(long, value_enum, default_value = "eigenvector")]
    pub method: How,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The weights of a group, and what each person's judgements alone give.
#[derive(Debug, Serialize)]
struct OfGroup {
    #[serde(flatten)]
    together: Ahp,
    /// How far the people agree, 0 to 1.
    consensus: Option<f64>,
    /// In the order of the files.
    people: Vec<Ahp>,
}

pub(super) fn run(args: &Weights) -> Result<(), CommandError> {
    let method = match args.method {
        How::Eigenvector => Prioritisation::Eigenvector,
        How::GeometricMean => Prioritisation::GeometricMean,
    };
    let index = match args.random_index {
        Index::Saaty => RandomIndex::Saaty,
        Index::TummalaLing => RandomIndex::TummalaLing,
    };
    let matrices = matrices(&args.pairwise)?;
    if let [matrix] = matrices.as_slice() {
        let result = ahp(matrix, method, index);
        if args.json {
            print_json(&result)?;
        } else {
            print_words(&result);
        }
        warn(&result, None);
        return Ok(());
    }
    let voices = vec![1.0; matrices.len()];
    let joined = join(&matrices, &voices).map_err(|problems| every(&problems))?;
    let result = OfGroup {
        together: ahp(&joined, method, index),
        consensus: consensus(&matrices),
        people: matrices.iter().map(|matrix| ahp(matrix, method, index)).collect(),
    };
    if args.json {
        print_json(&result)?;
    } else {
        print_words(&result.together);
        if let Some(consensus) = result.consensus {
            say(format!(
                "consensus {consensus:.4} of {} people",
                result.people.len()
            ));
        }
    }
    for (person, file) in result.people.iter().zip(&args.pairwise) {
        warn(person, Some(file));
    }
    warn(&result.together, None);
    Ok(())
}

/// Every file's judgements over the criteria of the first, in its order; all mistakes of all files at once.
fn matrices(files: &[PathBuf]) -> Result<Vec<Pairwise>, CommandError> {
    let (mut matrices, mut mistakes): (Vec<Pairwise>, _) = (Vec::new(), Vec::new());
    for file in files {
        match Pairwise::parse(&read(file)?) {
            Ok(matrix) => matrices.push(matrix),
            Err(problems) if files.len() == 1 => return Err(every(&problems)),
            Err(problems) => {
                let place = |problem: Problem| problem.within(|place| format!("{}: {place}", file.display()));
                mistakes.extend(problems.into_iter().map(place));
            }
        }
    }
    // People list the criteria in whatever order; `join` says which criteria are missing where they are not the same.
    if let Some((first, others)) = matrices.split_first_mut() {
        for other in others {
            if let Some(ordered) = other.in_order_of(first.ids()) {
                *other = ordered;
            }
        }
    }
    if mistakes.is_empty() {
        Ok(matrices)
    } else {
        Err(every(&mistakes))
    }
}

fn warn(result: &Ahp, file: Option<&PathBuf>) {
    let whose = file.map_or_else(String::new, |file| format!("{}: ", file.display()));
    for warning in &result.warnings {
        tell(format!("Note: {whose}{}", warning.message));
    }
}

fn print_words(result: &Ahp) {
    for (id, weight) in result.ids.iter().zip(&result.weights) {
        say(format!("{id}\t{weight:.6}"));
    }
    let ratio = result.cr.map_or_else(
        || "unknown beyond 15 criteria".to_owned(),
        |cr| format!("{cr:.4}"),
    );
    let verdict = match result.consistent {
        Some(true) => "consistent",
        Some(false) => "not consistent: over 0.10",
        None => "no verdict",
    };
    say(format!(
        "lambda_max {:.6}, ci {:.6}, cr {ratio} ({verdict})",
        result.lambda_max, result.ci
    ));
    if let Some(pair) = &result.worst_pair {
        let then = pair
            .cr_then
            .map_or_else(String::new, |cr| format!("; cr would be {cr:.4}"));
        say(format!(
            "Hurts consistency most: {} against {}, judged {:.4}, would have to be {:.4}{then}.",
            pair.first, pair.second, pair.judged, pair.would_have_to_be
        ));
    }
}
