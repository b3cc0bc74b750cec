//! `phteah repair`: the list of layers made again, and what is hurt.

use phteah_layers::{RepairReport, error::base_name, repair};

use super::{CommandError, say};
use crate::cli;

pub fn run(args: &cli::Repair) -> Result<(), CommandError> {
    // The clock is read here, at the rim, and nowhere below.
    let report = repair(&args.data.dir, jiff::Timestamp::now())?;
    tell(&report);
    if report.unusable.is_empty() {
        return Ok(());
    }
    Err(CommandError::Refused(match report.unusable.len() {
        1 => "One layer cannot be used: see above what to do.".to_owned(),
        n => format!("{n} layers cannot be used: see above what to do."),
    }))
}

fn tell(report: &RepairReport) {
    if report.is_clean() {
        say(format!(
            "Nothing to repair: {} layers, all of them whole.",
            report.layers
        ));
        return;
    }
    if let Some(what) = &report.list {
        say(format!("{what}. It was made again from the layers' files."));
    }
    if let Some(path) = &report.set_aside {
        say(format!("  The damaged one is kept as {}.", base_name(path)));
    }
    report.mended.iter().for_each(say);
    for (layer, how) in &report.recovered {
        say(format!("  {layer}: listed again, {how}"));
    }
    for (layer, cause) in &report.unusable {
        say(format!("  ! {layer} cannot be used: {cause}."));
    }
    for (file, why) in &report.unknown {
        say(format!(
            "  layers/{file} belongs to no layer ({why}); it was left where it is."
        ));
    }
    say(format!("{} layers are listed now.", report.layers));
}
