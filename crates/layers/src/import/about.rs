//! What the catalogue and a layer's own file say of it.

use jiff::Timestamp;

use super::Job;
use super::report::ImportReport;
use crate::catalogue::{Coverage, LayerEntry, LayerKind, WriteLock};
use crate::crs::{Crs, Reprojector};
use crate::error::Result;
use crate::schema::{GeometryKind, Role};
use crate::value::Field;

/// What a layer says of itself, in the catalogue and in its file.
pub(crate) struct About {
    pub title: String,
    pub source: String,
    pub licence: String,
    pub attribution: String,
    pub illustrative: bool,
    pub record: Option<String>,
}

impl About {
    pub fn of(job: &Job<'_>, name: &str, source: &str) -> Self {
        let request = job.request;
        let preset = job.preset;
        let pick = |given: &Option<String>, preset: Option<&String>| {
            given.clone().or_else(|| preset.cloned()).unwrap_or_default()
        };
        let mut title = pick(&request.title, preset.and_then(|p| p.title.as_ref()));
        if title.is_empty() {
            name.clone_into(&mut title);
        }
        Self {
            title,
            source: source.to_owned(),
            licence: pick(&request.licence, preset.map(|p| &p.licence)),
            attribution: pick(&request.attribution, preset.map(|p| &p.attribution)),
            illustrative: request.illustrative,
            record: None,
        }
    }

    pub fn description(&self) -> String {
        let mut parts = Vec::new();
        if self.illustrative {
            parts.push("Illustrative data, not real.".to_owned());
        }
        parts.push(format!("Source: {}.", self.source));
        if !self.licence.is_empty() {
            parts.push(format!("Licence: {}.", self.licence));
        }
        if !self.attribution.is_empty() {
            parts.push(format!("Attribution: {}.", self.attribution));
        }
        if let Some(record) = &self.record {
            parts.push(format!("Decision record: {record}."));
        }
        parts.join(" ")
    }

    /// `role` and `return_period` are what a lost catalogue could not be made again without.
    pub fn metadata(&self, role: Role, return_period: Option<u32>) -> Vec<(String, String)> {
        let mut items = vec![
            ("ROLE".into(), role.to_string()),
            ("TITLE".into(), self.title.clone()),
            ("SOURCE".into(), self.source.clone()),
            ("LICENCE".into(), self.licence.clone()),
            ("ATTRIBUTION".into(), self.attribution.clone()),
            (
                "ILLUSTRATIVE".into(),
                if self.illustrative { "yes" } else { "no" }.into(),
            ),
        ];
        items.extend(
            self.record
                .iter()
                .map(|record| ("DECISION_RECORD".into(), record.clone())),
        );
        items.extend(return_period.map(|years| ("RETURN_PERIOD".into(), years.to_string())));
        items
    }
}

/// Whether the layer exists already, made of the same bytes with the same options, and its file is still what was stored.
pub(crate) fn is_unchanged(lock: &WriteLock, name: &str, hash: &str) -> Result<bool> {
    let layers = lock.layers()?;
    Ok(layers
        .iter()
        .any(|entry| entry.name == name && entry.hash == hash && lock.is_sound(entry)))
}

/// A layer whose file is complete.
pub(crate) struct Stored<'a> {
    pub name: &'a str,
    pub role: Role,
    /// Kind and number of its features; `None` for a raster.
    pub features: Option<(GeometryKind, u64)>,
    pub crs: &'a Crs,
    pub source_crs: &'a Crs,
    /// The box around it, in its own CRS.
    pub bounds: [f64; 4],
    pub fields: &'a [Field],
    /// Where it is complete.
    pub coverage: Coverage,
    pub return_period: Option<u32>,
    pub now: Timestamp,
}

impl About {
    /// The layer's entry in the catalogue.
    pub fn entry(self, stored: &Stored<'_>, report: &ImportReport) -> Result<LayerEntry> {
        let (kind, extension) = match stored.features {
            Some(_) => (LayerKind::Vector, "gpkg"),
            None => (LayerKind::Raster, "tif"),
        };
        Ok(LayerEntry {
            name: stored.name.to_owned(),
            role: stored.role,
            title: self.title,
            kind,
            geometry: stored.features.map(|(geometry, _)| geometry),
            features: stored.features.map(|(_, count)| count),
            crs: stored.crs.name().to_owned(),
            source_crs: stored.source_crs.name().to_owned(),
            source: self.source,
            licence: self.licence,
            attribution: self.attribution,
            hash: report.hash.clone(),
            imported_at: stored.now,
            illustrative: self.illustrative,
            bounds: Reprojector::new(stored.crs, &Crs::wgs84())?.bounds(stored.bounds)?,
            fields: stored.fields.to_vec(),
            return_period: stored.return_period,
            unit: (kind == LayerKind::Raster).then(|| "m".to_owned()),
            coverage: Some(stored.coverage.clone()),
            record: self.record,
            report: report.summary(),
            file: format!("{}-{}.{extension}", stored.name, &report.hash[..12]),
            seal: None,
            crs_definition: stored
                .crs
                .definition_beyond_name()
                .filter(|_| kind == LayerKind::Vector),
            crs_shift: stored.crs.shift(),
        })
    }
}

/// How Indian 1960 was brought to WGS 84.
pub(crate) fn shift_in_words(crs: &Crs) -> Option<String> {
    let [x, y, z] = crs.shift()?;
    Some(format!(
        "Indian 1960 was brought to WGS 84 with the geocentric shift {x}, {y}, {z} m, pinned in deployment.toml (stated accuracy 44 m)"
    ))
}
