//! The tables of a deployment: the built-in indicators, and those of its data directory, which take the place of the built-in ones of the same id.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use phteah_layers::{Catalogue, Feature, LayersError, Query, Role, gazetteer};
use phteah_registry::indicators::{BUILT_IN, Indicator, IndicatorSet, Places, Vocabulary};
use phteah_registry::vocabulary::is_sangkat;
use serde::Deserialize;

use crate::desk::decisions;

/// The folder of the data directory that holds them.
pub const FOLDER: &str = "indicators";

/// Why there are none: all that is wrong with the files, a line each.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadTables(String);

/// The file in that folder that adds places to those of the layers.
pub const PLACES: &str = "places.toml";

/// Places that a deployment adds: those to which families moved before there was any decision.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct More {
    sangkats: Vec<String>,
    sites: Vec<String>,
}

/// Reads them, with the places that every table has: the sangkats of the boundaries (of the gazetteer where there are none), the sites that
/// decisions offer (where there is no decision, all that are ranked), and those of `indicators/places.toml`.
///
/// # Errors
/// If the folder or the layers cannot be read, or anything is wrong with a file, or with all of them together.
pub fn of(dir: &Path) -> Result<IndicatorSet, BadTables> {
    let mut places = places(dir).map_err(|error| BadTables(error.to_string()))?;
    let more = more(dir)?;
    places.sangkats.get_or_insert_default().extend(more.sangkats);
    places.sites.get_or_insert_default().extend(more.sites);
    let set = files(dir)?;
    no_other_layer(dir, &set)?;
    Ok(set.in_places(places))
}

/// A table becomes a layer of its id: where another layer has that name, nobody could ever see it.
fn no_other_layer(dir: &Path, set: &IndicatorSet) -> Result<(), BadTables> {
    let catalogue = Catalogue::open(dir).map_err(|error| BadTables(error.to_string()))?;
    let taken = set.indicators().iter().filter(|one| {
        let mut layers = catalogue.layers().iter();
        layers.any(|layer| layer.name == one.id && layer.role != Role::ReleasedTable)
    });
    let lines: Vec<String> = taken
        .map(|one| {
            format!(
                "The table {} has the name of a layer that is here already: give the table another id in its file, or the layer another name.",
                one.id
            )
        })
        .collect();
    if lines.is_empty() {
        Ok(())
    } else {
        Err(BadTables(lines.join("\n")))
    }
}

fn more(dir: &Path) -> Result<More, BadTables> {
    let path = dir.join(FOLDER).join(PLACES);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(More::default()),
        Err(error) => return Err(BadTables(format!("{} cannot be read: {error}.", path.display()))),
    };
    let more: More =
        toml::from_str(&text).map_err(|error| BadTables(format!("{PLACES}: {}", error.message())))?;
    match more.sangkats.iter().find(|code| !is_sangkat(code)) {
        Some(wrong) => Err(BadTables(format!(
            "{PLACES}: sangkats: '{}' is no code of six digits",
            wrong
                .chars()
                .filter(|c| !c.is_control())
                .take(40)
                .collect::<String>()
        ))),
        None => Ok(more),
    }
}

fn places(dir: &Path) -> Result<Places, LayersError> {
    let catalogue = Catalogue::open(dir)?;
    let (mut sangkats, mut sites) = (BTreeSet::new(), BTreeSet::new());
    let each = |role, take: &mut dyn FnMut(&Feature)| {
        for entry in catalogue.of_role(role) {
            let layer = catalogue.vector(&entry.name)?;
            layer.for_each(&Query::default(), |feature| {
                take(&feature);
                Ok::<(), LayersError>(())
            })?;
        }
        Ok::<(), LayersError>(())
    };
    each(Role::Boundaries, &mut |feature| {
        sangkats.extend(
            feature
                .text("code")
                .filter(|code| is_sangkat(code))
                .map(str::to_owned),
        );
    })?;
    if sangkats.is_empty() {
        sangkats = gazetteer::sangkats()
            .map(|sangkat| sangkat.code.clone())
            .collect();
    }
    // Of a decision the sites that families are offered. Without any, all that are ranked.
    for decision in decisions::all(dir) {
        sites.extend(decisions::offered(&decision).map(|placed| placed.id.clone()));
    }
    if sites.is_empty() {
        each(Role::RankedSites, &mut |feature| {
            sites.insert(feature.id.clone());
        })?;
    }
    Ok(Places {
        sangkats: Some(sangkats),
        sites: Some(sites),
    })
}

fn files(dir: &Path) -> Result<IndicatorSet, BadTables> {
    let vocabulary = Vocabulary::built_in();
    let mut files: Vec<(String, String)> = Vec::new();
    let folder = dir.join(FOLDER);
    if folder.is_dir() {
        let cannot =
            |error: std::io::Error| BadTables(format!("{} cannot be read: {error}.", folder.display()));
        let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
            .map_err(cannot)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(cannot)?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        paths.retain(|path| path.file_name().is_none_or(|name| name != PLACES));
        paths.sort();
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(|error| {
                let what = match error.kind() {
                    std::io::ErrorKind::InvalidData => {
                        "it is no text in UTF-8: save it again in that encoding".to_owned()
                    }
                    std::io::ErrorKind::IsADirectory => {
                        "it is a folder: give it a name that does not end in .toml".to_owned()
                    }
                    _ => error.to_string(),
                };
                BadTables(format!("{} cannot be read: {what}.", path.display()))
            })?;
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            files.push((name, text));
        }
    }
    // One whose file is wrong replaces nothing, and is told below.
    let own: Vec<String> = files
        .iter()
        .filter_map(|(_, text)| Indicator::read(text, &vocabulary).ok())
        .map(|indicator| indicator.id)
        .collect();
    // What does not go together is a mistake of the deployment's own file.
    let replaced =
        |text: &str| Indicator::read(text, &vocabulary).is_ok_and(|built_in| own.contains(&built_in.id));
    let built_in = BUILT_IN.into_iter().filter(|(_, text)| !replaced(text));
    let built_in = built_in.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let files: Vec<(String, String)> = built_in.chain(files).collect();
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    IndicatorSet::read(files, &vocabulary).map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        BadTables(lines.join("\n"))
    })
}
