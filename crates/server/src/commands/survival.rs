//! `phteah survival`: between which times families left, in; how many are still there, out.

use std::path::PathBuf;

use clap::Args;
use phteah_registry::survival::table::{self, Group};
use phteah_registry::survival::{AtRisk, Band, Curve, Ends, at_risk, bootstrap, ends_touch, fit};
use phteah_registry::table::{Named, told};
use serde::Serialize;

use super::decide::{print_json, read};
use super::{CommandError, say, tell};

/// What `--help` says beyond the arguments.
const HELP: &str = r#"EVENTS.csv is CSV with commas, in UTF-8, a row for each family; other columns are left out:
  left,right,group
  3,6,Andoung        last there after 3 months, gone when visited after 6
  12,,Andoung        still there when last seen, after 12 months
  5,5,Toul Sambo     left after 5 months: the day is known
Times are counted from the move, in any one unit. An empty left beside a right is 0.

The estimate is the one that makes what was seen most likely (Turnbull 1976); where every day is known it is the
Kaplan-Meier estimate. Between from and to the share of families still there lies between survival_low and
survival_high. They are equal where the data say where the curve runs; where they differ nobody knows more. "to" is
null for ever after.
  at_risk    families at "from": certain, known to be there then or later; possible, who may have been
  converged  whether the estimate is the most likely one up to rounding; doubt says how far it may be

A family may have left at the very time at which it was last known to be there: published estimates have it so. Where
visits are on fixed days and whoever was seen certainly stayed on, use --left-open: it changes the result."#;

/// `phteah survival`.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct Survival {
    /// Stays as CSV: columns left, right (empty: still there when last seen) and, optional, group
    #[arg(value_name = "EVENTS.csv")]
    pub events: PathBuf,
    /// A family leaves after the time at which it was last known to be there, never at it
    #[arg(long)]
    pub left_open: bool,
    /// Add 95 % confidence bands, from so many bootstrap draws
    #[arg(long, value_name = "DRAWS", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub bands: Option<u32>,
    /// Seed of the draws: the same seed gives the same bands
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    pub seed: u64,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Serialize)]
struct Numbers {
    certain: usize,
    possible: usize,
}

#[derive(Debug, Serialize)]
struct Stretch {
    from: f64,
    to: Option<f64>,
    survival_low: f64,
    survival_high: f64,
    at_risk: Numbers,
    #[serde(skip_serializing_if = "Option::is_none")]
    band_low: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    band_high: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Estimate {
    group: Option<String>,
    n: usize,
    converged: bool,
    doubt: f64,
    log_likelihood: f64,
    curve: Vec<Stretch>,
}

#[derive(Debug, Serialize)]
struct Answer {
    groups: Vec<Estimate>,
}

pub(super) fn run(args: &Survival) -> Result<(), CommandError> {
    let text = read(&args.events)?;
    let name = args.events.display().to_string();
    let file = Named {
        name: &name,
        text: &text,
    };
    let read = table::read(file).map_err(|mistakes| CommandError::Refused(told(&mistakes)))?;
    for note in &read.notes {
        tell(format!("Note: {note}"));
    }
    if read.groups.is_empty() {
        tell(format!("Note: {name} holds no families."));
    }
    if !args.left_open && read.groups.iter().any(|group| ends_touch(&group.observations)) {
        tell(
            "Note: some families were last there at the very time at which others were first gone. Both are taken as times at which they may have left. If whoever was seen certainly stayed on, use --left-open.",
        );
    }
    let groups: Vec<Estimate> = read.groups.iter().map(|group| estimate(group, args)).collect();
    for group in groups.iter().filter(|group| !group.converged) {
        tell(format!(
            "Note: the estimate of {} is not quite the most likely one: its log-likelihood may be {:.1e} below.",
            called(group),
            group.doubt
        ));
    }
    if args.json {
        print_json(&Answer { groups })
    } else {
        groups.iter().for_each(print_words);
        Ok(())
    }
}

fn estimate(group: &Group, args: &Survival) -> Estimate {
    let observations = &group.observations;
    let ends = if args.left_open {
        Ends::LeftOpen
    } else {
        Ends::Closed
    };
    let fit = fit(observations, ends);
    let segments = Curve::of(&fit).segments;
    // A band in the middle of each stretch; of the last one where it begins.
    let times: Vec<f64> = segments
        .iter()
        .map(|one| one.to.map_or(one.from, |to| one.from.midpoint(to)))
        .collect();
    let bands: Vec<Band> = args
        .bands
        .map(|draws| bootstrap(observations, ends, &times, draws as usize, args.seed))
        .unwrap_or_default();
    let curve = segments
        .into_iter()
        .enumerate()
        .map(|(at, one)| {
            let AtRisk { certain, possible } = at_risk(observations, one.from);
            Stretch {
                from: one.from,
                to: one.to,
                survival_low: one.low,
                survival_high: one.high,
                at_risk: Numbers { certain, possible },
                band_low: bands.get(at).map(|band| band.low),
                band_high: bands.get(at).map(|band| band.high),
            }
        })
        .collect();
    Estimate {
        group: group.name.clone(),
        n: observations.len(),
        converged: fit.converged,
        doubt: fit.doubt,
        log_likelihood: fit.log_likelihood,
        curve,
    }
}

fn called(group: &Estimate) -> &str {
    group.group.as_deref().unwrap_or("all who are in no group")
}

fn print_words(group: &Estimate) {
    let name = group
        .group
        .as_deref()
        .map_or_else(String::new, |name| format!("{name}: "));
    let families = if group.n == 1 { "family" } else { "families" };
    say(format!("{name}{} {families}", group.n));
    let banded = group.curve.iter().any(|one| one.band_low.is_some());
    say(if banded {
        "from\tto\tstill there\tat risk\t95 % band"
    } else {
        "from\tto\tstill there\tat risk"
    });
    for one in &group.curve {
        let to = one.to.map_or_else(|| "–".to_owned(), |to| to.to_string());
        let percent = |share: f64| format!("{:.1}", 100.0 * share);
        let range = |low: f64, high: f64| {
            let (low, high) = (percent(low), percent(high));
            if low == high {
                format!("{low} %")
            } else {
                format!("{low} to {high} %")
            }
        };
        let risk = &one.at_risk;
        let risk = if risk.certain == risk.possible {
            risk.certain.to_string()
        } else {
            format!("{} to {}", risk.certain, risk.possible)
        };
        let band = one
            .band_low
            .zip(one.band_high)
            .map_or_else(String::new, |(low, high)| format!("\t{}", range(low, high)));
        say(format!(
            "{}\t{to}\t{}\t{risk}{band}",
            one.from,
            range(one.survival_low, one.survival_high)
        ));
    }
}
