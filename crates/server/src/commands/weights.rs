//! `phteah weights`: pairwise judgements in, weights out, with how far the judgements agree with each other.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use phteah_planning::weights::ahp::{Ahp, Prioritisation, ahp};
use phteah_planning::weights::pairwise::Pairwise;
use phteah_planning::weights::random_index::RandomIndex;

use super::decide::{every, print_json, read};
use super::{CommandError, say};

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
    /// Judgements as CSV: header "id," and the criteria, a row for each; cells may be fractions (1/3)
    #[arg(value_name = "PAIRWISE.csv")]
    pub pairwise: PathBuf,
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

pub(super) fn run(args: &Weights) -> Result<(), CommandError> {
    let matrix = Pairwise::parse(&read(&args.pairwise)?).map_err(|problems| every(&problems))?;
    let method = match args.method {
        How::Eigenvector => Prioritisation::Eigenvector,
        How::GeometricMean => Prioritisation::GeometricMean,
    };
    let index = match args.random_index {
        Index::Saaty => RandomIndex::Saaty,
        Index::TummalaLing => RandomIndex::TummalaLing,
    };
    let result = ahp(&matrix, method, index);
    if args.json {
        print_json(&result)?;
    } else {
        print_words(&result);
    }
    for warning in &result.warnings {
        eprintln!("Note: {}", warning.message);
    }
    Ok(())
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
