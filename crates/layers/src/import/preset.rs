//! Import of known sources: one command, every layer they fill.

use std::path::PathBuf;

use jiff::Timestamp;

use super::report::ImportReport;
use super::{ImportRequest, Job, Progress, indicators, vector};
use crate::catalogue::Catalogue;
use crate::error::{LayersError, Result, base_name};
use crate::raster::import::return_period_by_name;
use crate::schema::Role;
use crate::sources::{self, SourceLayer};

/// Imports files of a known source. Each layer is made or left as it was; the first that is refused ends the work, and its report says so.
///
/// With `request.role` only that role's layers are made.
pub fn import_preset(
    catalogue: &Catalogue,
    request: &ImportRequest,
    now: Timestamp,
    progress: &mut dyn Progress,
) -> Result<Vec<ImportReport>> {
    let name = request.preset.as_deref().unwrap_or_default();
    let source = sources::source(Some(catalogue.dir()), name)?;
    let layers: Vec<&SourceLayer> = source
        .layers
        .iter()
        .filter(|layer| request.role.is_none_or(|role| role == layer.role))
        .collect();
    if layers.is_empty() {
        let filled: Vec<&str> = source.layers.iter().map(|layer| layer.role.as_str()).collect();
        return Err(LayersError::Usage(format!(
            "The preset '{name}' fills {}, nothing else.",
            filled.join(", ")
        )));
    }
    if request.files.is_empty() {
        return Err(LayersError::Usage("Name at least one file.".into()));
    }
    if layers.len() > 1 && request.layer.is_some() {
        return Err(LayersError::Usage(format!(
            "The preset '{name}' fills several layers, which keep their own names; say which role to import to name its layer."
        )));
    }
    let mut reports = Vec::new();
    for layer in layers {
        let job = Job {
            role: layer.role,
            request,
            preset: Some(layer),
            traps: source.traps.clone(),
        };
        if layer.role == Role::Indicators {
            reports.push(indicators::import(catalogue, &job, now, progress)?);
        } else if layer.role.is_raster() {
            let groups: Vec<ImportRequest> = by_return_period(layer, &request.files)
                .into_iter()
                .map(|files| ImportRequest {
                    files,
                    ..request.clone()
                })
                .collect();
            check_names(&groups, layer.role, Some(layer))?;
            for request in groups {
                let job = Job {
                    request: &request,
                    traps: source.traps.clone(),
                    ..job
                };
                reports.push(crate::raster::import::import(catalogue, &job, now, progress)?);
            }
        } else {
            match vector::import(catalogue, &job, now, progress) {
                Ok(report) => reports.push(report),
                // A file that has roads but no hospitals still gives its roads.
                Err(LayersError::Refused {
                    report: Some(report), ..
                }) if source.layers.len() > 1
                    && report.refused == 0
                    && report.count("outside_extent") == 0 =>
                {
                    reports.push(*report);
                }
                Err(e) => return Err(e),
            }
        }
    }
    Ok(reports)
}

/// Refuses rasters two of which would become one layer, of which the second would replace the first. Asked before anything is imported.
///
/// The requests are for one raster role, without a preset.
pub fn check_layer_names(requests: &[ImportRequest]) -> Result<()> {
    match requests.first().and_then(|request| request.role) {
        Some(role) if role.is_raster() => check_names(requests, role, None),
        _ => Ok(()),
    }
}

fn check_names(requests: &[ImportRequest], role: Role, preset: Option<&SourceLayer>) -> Result<()> {
    let mut named: Vec<(String, &PathBuf)> = Vec::new();
    for request in requests {
        let Some(file) = request.files.first() else {
            continue;
        };
        let job = Job {
            role,
            request,
            preset,
            traps: Vec::new(),
        };
        let (name, _) = crate::raster::import::layer_name(&job, file)?;
        if let Some((_, other)) = named.iter().find(|(known, _)| *known == name) {
            return Err(LayersError::Usage(format!(
                "{} and {} would both become the layer {name}, and the second would replace the first. Nothing was changed. Import them one by one, each with a --layer name of its own; tiles of one raster are joined by a preset.",
                base_name(other),
                base_name(file)
            )));
        }
        named.push((name, file));
    }
    Ok(())
}

/// Tiles of one return period make one raster, other return periods others.
fn by_return_period(layer: &SourceLayer, files: &[PathBuf]) -> Vec<Vec<PathBuf>> {
    let mut groups: Vec<(Option<u32>, Vec<PathBuf>)> = Vec::new();
    for file in files {
        let name = base_name(file);
        let by_name = || {
            (layer.role == Role::FloodDepth)
                .then(|| return_period_by_name(&name))
                .flatten()
        };
        let rp = layer.return_period(&name).or_else(by_name);
        match groups.iter_mut().find(|(known, _)| *known == rp) {
            Some((_, group)) => group.push(file.clone()),
            None => groups.push((rp, vec![file.clone()])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}
