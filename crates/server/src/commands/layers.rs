//! `phteah layers`: what is loaded.

use phteah_layers::{Catalogue, CoverageSource, LayerEntry, LayerKind};

use super::{CommandError, say};
use crate::api::types::Layer;
use crate::cli;

pub fn run(args: &cli::Layers) -> Result<(), CommandError> {
    let catalogue = Catalogue::open(&args.data.dir)?;
    if args.json {
        let layers: Vec<Layer> = catalogue.layers().iter().map(Into::into).collect();
        let json = serde_json::to_string_pretty(&layers).map_err(|e| CommandError::Refused(e.to_string()))?;
        say(json);
        return Ok(());
    }
    if catalogue.layers().is_empty() {
        say("Nothing is loaded yet: phteah import ROLE FILE… --data DIR, or phteah demo --data DIR.");
    }
    for layer in catalogue.layers() {
        say(describe(layer));
        if let Err(error) = catalogue.check(layer) {
            say(format!("  ! {error}"));
        }
    }
    Ok(())
}

fn describe(layer: &LayerEntry) -> String {
    let or_none = |text: &str| {
        if text.is_empty() {
            "not stated".to_owned()
        } else {
            text.to_owned()
        }
    };
    let what = match (layer.kind, layer.features, layer.return_period) {
        (LayerKind::Vector, Some(features), _) => format!("{features} features"),
        (_, _, Some(years)) => format!("raster, return period {years} years"),
        _ => "raster".to_owned(),
    };
    let illustrative = if layer.illustrative {
        "   ILLUSTRATIVE DATA"
    } else {
        ""
    };
    format!(
        "{}: {}{illustrative}\n  role {}, {what}, {}\n  from {}\n  licence {}; attribution {}\n  where it is complete: {}\n  hash {}, imported {}",
        layer.name,
        layer.title,
        layer.role,
        layer.crs,
        or_none(&layer.source),
        or_none(&layer.licence),
        or_none(&layer.attribution),
        complete(layer),
        layer.hash,
        layer.imported_at,
    )
}

/// How it is known where a layer is complete.
fn complete(layer: &LayerEntry) -> &'static str {
    match layer.coverage.as_ref().map(|coverage| coverage.how) {
        Some(CoverageSource::Given) => "as given with the import",
        Some(CoverageSource::Extent) => "over its own extent",
        Some(CoverageSource::Hull) => "taken to be the hull of its features, as nobody said it",
        None if layer.kind == LayerKind::Raster => "over its own extent",
        None => "not stored with it (an older import); taken to be the hull of its features",
    }
}
