//! The bytes of a download: sent while they are made, or written to a file.

use std::io::Write;
use std::path::Path;

use phteah_layers::{LayersError, TableShape, TableWriter};

use super::data::crs::OutCrs;
use super::data::scan::{RowRef, Until, scan};
use super::data::selection::Selection;
use super::data::source::VisibleLayer;
use super::download::Plan;
use super::encode::csv::LineWriter;
use super::encode::geojson::FeatureWriter;
use super::encode::number::push_json_text;
use super::encode::parquet::ParquetWriter;
use super::formats::Format;
use super::spool::Wanted;
use super::state::PartnerState;
use super::stream::{Feeder, broke_off};
use crate::api::error::ApiError;

/// Sends a text format feature by feature.
pub(super) fn streamed(plan: &Plan, mut feeder: Feeder) {
    let mut features = 0;
    let done = Text::new(plan).and_then(|mut text| {
        text.head(plan, &mut feeder.buffer);
        let mut there = true;
        let until = Until::unwanted(feeder.is_left());
        scan(&plan.layer, &plan.selection, until, |row| {
            text.feature(row, features == 0, &mut feeder.buffer)?;
            features += 1;
            there = feeder.pass_on(features);
            Ok(there)
        })?;
        text.tail(&mut feeder.buffer);
        Ok(there)
    });
    match done {
        Ok(true) => feeder.finish(Some(features)),
        Ok(false) => {}
        Err(error) => broke_off(&error),
    }
}

/// How large a file of a layer's first features is.
pub(super) fn size_of_part(
    state: &PartnerState,
    layer: &VisibleLayer,
    format: Format,
    features: usize,
) -> Result<u64, ApiError> {
    let dir = tempfile::tempdir().map_err(ApiError::internal)?;
    let mut selection = Selection::all(layer, OutCrs::Crs84);
    selection.limit = Some(features);
    let plan = Plan {
        layer: layer.clone(),
        selection,
        format,
        etag: "part".to_owned(),
        raw_text: false,
    };
    let path = dir.path().join(plan.file_name());
    file(state, &plan, &path, &Wanted::default())?;
    Ok(std::fs::metadata(&path).map_err(ApiError::internal)?.len())
}

/// Writes a whole file; it takes its name when it is complete. Stops when it is no longer wanted.
pub(super) fn file(state: &PartnerState, plan: &Plan, path: &Path, still: &Wanted) -> Result<(), ApiError> {
    if plan.format.is_table() {
        return table(state, plan, path, still);
    }
    let dir = path.parent().unwrap_or(Path::new("."));
    let io = |e| LayersError::io(path, "writing", e);
    // Removed with whatever was written, should this end early. Not `phteah_layers::replace_file`: a whole layer does not go through memory, and
    // what is only kept to be handed out again need not outlive the power.
    let unfinished = tempfile::Builder::new()
        .prefix(".unfinished-")
        .tempfile_in(dir)
        .map_err(io)?;
    let out = std::io::BufWriter::new(unfinished.as_file());
    if plan.format == Format::GeoParquet {
        let (layer, fields) = (&plan.layer, &plan.selection.fields);
        let plane = layer.crs().to(OutCrs::Crs84)?;
        let mut writer = ParquetWriter::create(out, plane, fields, layer.geometry(), &layer.meta())?;
        scan(&plan.layer, &plan.selection, still.until(), |row| {
            still.check()?;
            writer.push(row).map(|()| true)
        })?;
        writer.finish()?.into_inner().map_err(|e| io(e.into_error()))?;
    } else {
        write_text(plan, out, still, io)?;
    }
    unfinished.persist(path).map_err(|e| io(e.error))?;
    Ok(())
}

fn table(state: &PartnerState, plan: &Plan, path: &Path, still: &Wanted) -> Result<(), ApiError> {
    let (layer, selection) = (&plan.layer, &plan.selection);
    let catalogue = state.catalogue()?;
    let crs = layer.crs().of(selection.crs, catalogue.deployment())?;
    let shape = TableShape {
        fields: &selection.fields,
        geometry: layer.geometry(),
        from: layer.crs().definition(),
        crs: Some(&crs),
    };
    let mut writer = TableWriter::create(path, &shape, &layer.meta())?;
    let mut values = Vec::new();
    scan(layer, selection, still.until(), |row| {
        still.check()?;
        values.clear();
        values.extend((0..selection.fields.len()).map(|i| row.value(i)));
        let shape = row
            .wkb()
            .map(phteah_layers::wkb::parse)
            .transpose()
            .map_err(ApiError::internal)?;
        writer
            .push(row.id(), shape.map(|parsed| parsed.geometry), &values)
            .map_err(no_room)?;
        Ok(true)
    })?;
    writer.finish().map_err(no_room)?;
    Ok(())
}

/// What a format cannot hold is for whoever asks to change; anything else is not.
fn no_room(error: LayersError) -> ApiError {
    match error {
        LayersError::Usage(message) => ApiError::bad_parameter("limit", message),
        other => other.into(),
    }
}

fn write_text(
    plan: &Plan,
    mut out: impl Write,
    still: &Wanted,
    io: impl Fn(std::io::Error) -> LayersError,
) -> Result<(), ApiError> {
    let (mut text, mut buffer, mut first) = (Text::new(plan)?, Vec::new(), true);
    text.head(plan, &mut buffer);
    scan(&plan.layer, &plan.selection, still.until(), |row| {
        still.check()?;
        text.feature(row, first, &mut buffer)?;
        first = false;
        out.write_all(&buffer).map_err(&io)?;
        buffer.clear();
        Ok(true)
    })?;
    text.tail(&mut buffer);
    Ok(out.write_all(&buffer).and_then(|()| out.flush()).map_err(io)?)
}

/// The text formats.
enum Text {
    GeoJson(FeatureWriter),
    Lines(FeatureWriter),
    Csv(LineWriter),
}

impl Text {
    fn new(plan: &Plan) -> Result<Self, ApiError> {
        let (layer, selection) = (&plan.layer, &plan.selection);
        let plane = layer.crs().to(selection.crs)?;
        Ok(match plan.format {
            Format::Csv => {
                let mut lines = LineWriter::new(plane, &selection.fields, layer.geometry());
                lines.raw_text = plan.raw_text;
                Self::Csv(lines)
            }
            Format::GeoJsonLines => Self::Lines(FeatureWriter::new(plane, &selection.fields)),
            _ => Self::GeoJson(FeatureWriter::new(plane, &selection.fields)),
        })
    }

    fn head(&self, plan: &Plan, out: &mut Vec<u8>) {
        match self {
            Self::Lines(_) => {}
            Self::Csv(lines) => lines.head(&plan.selection.fields, plan.selection.crs, out),
            Self::GeoJson(_) => {
                let about = plan.layer.about();
                out.extend_from_slice(b"{\"type\":\"FeatureCollection\"");
                let said = [
                    ("name", about.name.as_str()),
                    ("title", &about.title),
                    ("source", &about.source),
                    ("licence", &about.licence),
                    ("attribution", &about.attribution),
                    ("version", &about.hash),
                    ("decisionRecord", about.record.as_deref().unwrap_or_default()),
                ];
                for (key, value) in said.into_iter().filter(|(_, value)| !value.is_empty()) {
                    out.push(b',');
                    push_json_text(out, key);
                    out.push(b':');
                    push_json_text(out, value);
                }
                out.extend_from_slice(if about.illustrative {
                    b",\"illustrative\":true"
                } else {
                    b",\"illustrative\":false"
                });
                out.extend_from_slice(b",\"features\":[\n");
            }
        }
    }

    fn feature(&mut self, row: &RowRef<'_>, first: bool, out: &mut Vec<u8>) -> Result<(), ApiError> {
        match self {
            Self::Csv(lines) => lines.write(row, out),
            Self::Lines(features) => {
                features.write(row, "", out)?;
                out.push(b'\n');
                Ok(())
            }
            Self::GeoJson(features) => {
                if !first {
                    out.extend_from_slice(b",\n");
                }
                features.write(row, "", out)
            }
        }
    }

    fn tail(&self, out: &mut Vec<u8>) {
        if matches!(self, Self::GeoJson(_)) {
            out.extend_from_slice(b"\n]}\n");
        }
    }
}
