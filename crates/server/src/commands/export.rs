//! `phteah export`: a layer becomes a file.

use phteah_layers::{Catalogue, LayersError, export_layer_with};

use super::{CommandError, say};
use crate::cli;

pub fn run(args: &cli::Export) -> Result<(), CommandError> {
    let catalogue = Catalogue::open(&args.data.dir)?;
    let features = export_layer_with(
        &catalogue,
        &args.layer,
        &args.out,
        args.crs.as_deref(),
        args.raw_text,
    )
    .map_err(|error| match error {
        // The name is a word of the command line.
        LayersError::NoSuchLayer { .. } => CommandError::Usage(error.to_string()),
        other => other.into(),
    })?;
    let entry = catalogue.layer(&args.layer)?;
    say(match features {
        0 => format!("Written to {}.", args.out.display()),
        n => format!("{n} features written to {}.", args.out.display()),
    });
    for (what, text) in [("Licence", &entry.licence), ("Attribution", &entry.attribution)] {
        if !text.is_empty() {
            say(format!("{what}: {text}."));
        }
    }
    if entry.illustrative {
        say("Illustrative data: generated, not a survey of real places.");
    }
    Ok(())
}
