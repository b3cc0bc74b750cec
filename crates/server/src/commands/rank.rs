//! `phteah rank`: a scenario in, ranked sites out.

use std::sync::Arc;

use phteah_layers::{Catalogue, Progress};

use super::progress::Shown;
use super::{CommandError, say, tell};
use crate::ranking::spreadsheet::Language;
use crate::ranking::{RankedSites, files, measure, sites};
use crate::tiles::plane::Plane;
use crate::{cli, scenarios};

pub fn run(args: &cli::Rank) -> Result<(), CommandError> {
    let format = files::Format::of(&args.out, args.all).map_err(CommandError::Usage)?;
    let catalogue = Catalogue::open(&args.data.dir)?;
    let mut scenario = scenarios::chosen(catalogue.dir(), &args.scenario)?;
    scenario.order = args.order.apply(scenario.order)?;
    let mut progress = Shown::on_stderr();
    let measured = measure::measure(&catalogue, &scenario, &mut progress);
    progress.finish();
    let measured = Arc::new(measured?);
    let id = sites::ranking_id(&scenario, &catalogue);
    let plane = Plane::of(&catalogue.crs()?)?;
    let ranked = RankedSites::decide(id, scenario, Arc::clone(&measured), &catalogue, &plane)?;
    files::write(&ranked, &catalogue, &args.out, format, None, Language::En)?;
    let totals = ranked.ranking.totals();
    for warning in ranked.warnings() {
        tell(format!("Note: {}", warning.message));
    }
    say(format!(
        "{} candidate sites: {} ranked by {}, {} too little known, {} excluded, {} with something unknown. Written to {}.",
        totals.sites,
        totals.ranked,
        ranked.scenario.order.rule,
        totals.too_little_known,
        totals.excluded,
        totals.with_unknowns,
        args.out.display()
    ));
    for sentence in ranked.room().iter().flat_map(|room| room.in_words(&ranked)) {
        say(sentence);
    }
    if !measured.dropped.is_empty() {
        say(format!(
            "{} pieces of available land are too small or too thin to be a site.",
            measured.dropped.len()
        ));
    }
    if ranked.illustrative() {
        say("Illustrative data: generated, not a survey of real places.");
    }
    Ok(())
}
