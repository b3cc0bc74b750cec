//! `phteah place`: scores and capacities in, a site for every family out, with the proof of how good that is.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use phteah_registry::placement::table::{self, Tables};
use phteah_registry::placement::{
    FirstWish, FirstWishes, Method, Proposal, Reason, greedy, propose, reasons, value,
};
use phteah_registry::table::{Named, told};
use serde::Serialize;

use super::decide::{print_json, read};
use super::{CommandError, say, tell};

/// What `--help` says beyond the arguments.
const HELP: &str = r#"The files are CSV with commas, in UTF-8:
  SCORES.csv  family,A,B      CAP.csv  site,capacity      LOADS.csv  family,A,B
              F1,0.9,0.4               A,1                           F1,5,5
              F2,0.8,                  B,2                           F2,3,3
A score says how good a site is for this family; an empty cell, that it cannot live there. Every site of the scores
needs a capacity. A load says how much of the capacity the family takes; without a load it is 1.

As many families as possible are placed. Among all such proposals the one with the greatest sum of scores is sought.
  value         that sum
  bound         no proposal that places as many families has a greater sum
  gap           how far value is from bound, as a share of value: 0 is proven, 0.01 is 1 %
  placed_bound  no proposal places more families; equal to placed where that is proven
  unplaced      families without a possible site, or whose possible sites are full
  greedy        what taking the pairs of family and site by falling score would give
Where every family takes the same at a site, the answer is exact at once. Otherwise --seconds is the limit; the same
files give the same answer unless the limit stops the search, which is said ("stopped").

A proposal is an offer, not an order: people decide."#;

/// `phteah place`.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct Place {
    /// Scores as CSV: family, then a column for each site; an empty cell is impossible
    #[arg(value_name = "SCORES.csv")]
    pub scores: PathBuf,
    /// Capacities as CSV: site,capacity
    #[arg(long, value_name = "CAP.csv")]
    pub capacities: PathBuf,
    /// Loads as CSV, like the scores: how much of a site's capacity a family takes [default: 1 each]
    #[arg(long, value_name = "LOADS.csv")]
    pub loads: Option<PathBuf>,
    /// How long to search for a better proposal and for the proof
    #[arg(long, value_name = "SECONDS", default_value = "40", value_parser = seconds)]
    pub seconds: f64,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| format!("{text} is no number of seconds"))?;
    if seconds > 0.0 && seconds <= 86_400.0 {
        Ok(seconds)
    } else {
        Err("seconds lie above 0 and not above 86400, a day".into())
    }
}

#[derive(Debug, Serialize)]
struct Assignment<'a> {
    family: &'a str,
    site: &'a str,
}

#[derive(Debug, Serialize)]
struct Greedy {
    placed: usize,
    value: f64,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    value: f64,
    bound: f64,
    gap: f64,
    proven: bool,
    placed: usize,
    placed_bound: usize,
    method: &'a str,
    stopped: bool,
    greedy: Greedy,
    assignments: Vec<Assignment<'a>>,
    unplaced: Vec<&'a str>,
}

pub(super) fn run(args: &Place) -> Result<(), CommandError> {
    let began = Instant::now();
    let (scores, capacities) = (read(&args.scores)?, read(&args.capacities)?);
    let loads = args
        .loads
        .as_deref()
        .map(|path| Ok::<_, CommandError>((path, read(path)?)))
        .transpose()?;
    let names = [&args.scores, &args.capacities].map(|path| path.display().to_string());
    let loads = loads.map(|(path, text)| (path.display().to_string(), text));
    let tables = table::read(
        Named {
            name: &names[0],
            text: &scores,
        },
        Named {
            name: &names[1],
            text: &capacities,
        },
        loads.as_ref().map(|(name, text)| Named { name, text }),
    );
    let tables = tables.map_err(|mistakes| CommandError::Refused(told(&mistakes)))?;
    for note in &tables.notes {
        tell(format!("Note: {note}"));
    }
    let elapsed = || began.elapsed().as_secs_f64() / args.seconds;
    let proposal = propose(&tables.problem, &elapsed);
    let plain = greedy(&tables.problem);
    let plain = Greedy {
        placed: plain.iter().flatten().count(),
        value: value(&tables.problem, &plain),
    };
    if args.json {
        print_json(&answer(&tables, &proposal, plain))?;
    } else {
        print_words(&tables, &proposal, &plain);
    }
    if proposal.stopped {
        tell(format!(
            "Note: the {} seconds were over before the proof; with more of them (--seconds) the proposal may become better.",
            args.seconds
        ));
    }
    Ok(())
}

fn answer<'a>(tables: &'a Tables, proposal: &Proposal, greedy: Greedy) -> Answer<'a> {
    let families = || tables.families.iter().zip(&proposal.sites);
    Answer {
        value: proposal.value,
        bound: proposal.bound,
        gap: proposal.gap(),
        proven: proposal.is_proven(),
        placed: proposal.placed,
        placed_bound: proposal.placed_bound,
        method: match proposal.method {
            Method::Flow => "flow",
            Method::Search => "search",
        },
        stopped: proposal.stopped,
        greedy,
        assignments: families()
            .filter_map(|(family, site)| {
                let site = &tables.sites[(*site)?];
                Some(Assignment { family, site })
            })
            .collect(),
        unplaced: families()
            .filter(|(_, site)| site.is_none())
            .map(|(family, _)| family.as_str())
            .collect(),
    }
}

fn print_words(tables: &Tables, proposal: &Proposal, greedy: &Greedy) {
    let problem = &tables.problem;
    let mut wishes = FirstWishes::new(problem, proposal);
    let quick = wishes.is_quick();
    say(if quick {
        "family\tsite\tscore\twhy\tits first wish would cost"
    } else {
        "family\tsite\tscore\twhy"
    });
    for (family, reason) in reasons(problem, proposal).into_iter().enumerate() {
        let site = proposal.sites[family];
        let name = site.map_or("–", |site| tables.sites[site].as_str());
        let score = site.and_then(|site| problem.score(family, site));
        let score = score.map_or_else(String::new, number);
        let cost = if quick {
            wishes
                .of(family, &|| 0.0)
                .filter(|wish| proposal.sites[family] != Some(wish.site))
                .map_or_else(
                    || "\t".to_owned(),
                    |wish| format!("\t{}", cost_in_words(tables, &wish)),
                )
        } else {
            String::new()
        };
        say(format!(
            "{}\t{name}\t{score}\t{}{cost}",
            tables.families[family],
            why(reason)
        ));
    }
    let families = tables.families.len();
    let most = if proposal.placed == proposal.placed_bound {
        "no proposal places more".to_owned()
    } else {
        format!(
            "not proven to be the most; {} are not ruled out",
            proposal.placed_bound
        )
    };
    let placed = match (proposal.placed, families) {
        (placed, 1) => format!("{placed} of 1 family is placed"),
        (1, all) => format!("1 of {all} families is placed"),
        (placed, all) => format!("{placed} of {all} families are placed"),
    };
    say(format!("{placed} ({most})."));
    say(if proposal.gap() == 0.0 {
        format!(
            "Sum of scores {}: the greatest for so many families, proven.",
            number(proposal.value)
        )
    } else {
        format!(
            "Sum of scores {}: no proposal for so many families has more than {} ({:.4} % more).",
            number(proposal.value),
            number(proposal.bound),
            100.0 * proposal.gap()
        )
    });
    say(format!(
        "Plain greedy, by falling score: {} placed, sum {}.",
        greedy.placed,
        number(greedy.value)
    ));
    say("A proposal is an offer, not an order: people decide.");
}

/// A number as people read it: twelve digits, so that what adding has blurred in the sixteenth does not show; in powers of ten where it is
/// very great or very small.
fn number(value: f64) -> String {
    const DIGITS: i32 = 12;
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let size = value.abs().log10().floor() as i32;
    if !(-6..15).contains(&size) {
        return format!("{value:e}");
    }
    let places = (DIGITS - 1 - size).max(0) as usize;
    let text = format!("{value:.places$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn why(reason: Reason) -> String {
    match reason {
        Reason::First => "first wish".into(),
        Reason::Later { wish } => format!("wish {wish}; the others would lose more"),
        Reason::NoPossibleSite => "no site is possible for it".into(),
        Reason::TooLargeEverywhere => "too large for each of its possible sites".into(),
        Reason::Full => "its possible sites are full".into(),
    }
}

fn cost_in_words(tables: &Tables, wish: &FirstWish) -> String {
    let site = &tables.sites[wish.site];
    match wish.families {
        0 => format!("{:.4} ({site})", wish.at_most),
        1 => format!("1 family fewer placed ({site})"),
        families => format!("{families} families fewer placed ({site})"),
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_show_no_noise_and_no_endless_digits() {
        let told = [
            (0.4 + 0.4 + 0.4, "1.2"),
            (0.1 + 0.2, "0.3"),
            (0.0, "0"),
            (-3.5, "-3.5"),
            (700.0, "700"),
            (123_456_789.25, "123456789.25"),
            (1.0 / 3.0, "0.333333333333"),
            (1e14, "100000000000000"),
            (1e300, "1e300"),
            (-2.5e-9, "-2.5e-9"),
        ];
        for (value, text) in told {
            assert_eq!(number(value), text);
        }
    }
}
