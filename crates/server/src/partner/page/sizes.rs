//! How large a download will be: measured where the file is there, estimated from a sample where it is not.

use crate::api::error::ApiError;
use crate::partner::data::crs::OutCrs;
use crate::partner::data::scan::scan;
use crate::partner::data::selection::Selection;
use crate::partner::data::source::VisibleLayer;
use crate::partner::encode::csv::LineWriter;
use crate::partner::encode::geojson::FeatureWriter;
use crate::partner::formats::Format;
use crate::partner::state::PartnerState;

/// Features that stand for all.
const SAMPLE: usize = 200;

/// Bytes by format, and whether they were measured.
pub type Sizes = Vec<(Format, u64, bool)>;

/// The sizes that are known or can be estimated.
pub fn of(state: &PartnerState, layer: &VisibleLayer) -> Result<Sizes, ApiError> {
    let stored = std::fs::metadata(layer.path()).map_or(0, |file| file.len());
    if !layer.is_vector() {
        return Ok(vec![(Format::GeoTiff, stored, true)]);
    }
    let key = format!(
        "{}\n{}\n{}",
        layer.name(),
        layer.about().hash,
        layer.grant().fields().join(",")
    );
    if let Some(sizes) = state.sizes.get(&key) {
        return Ok(sizes.as_ref().clone());
    }
    let mut selection = Selection::all(layer, OutCrs::Crs84);
    selection.limit = Some(SAMPLE);
    let mut features = FeatureWriter::new(layer.crs().to(OutCrs::Crs84)?, &selection.fields);
    let mut lines = LineWriter::new(
        layer.crs().to(OutCrs::Crs84)?,
        &selection.fields,
        layer.geometry(),
    );
    let (mut geojson, mut csv) = (Vec::new(), Vec::new());
    let scanned = scan(layer, &selection, None, |row| {
        features.write(row, "", &mut geojson)?;
        geojson.extend_from_slice(b",\n");
        lines.write(row, &mut csv)?;
        Ok(true)
    })?;
    let all = layer.about().features.unwrap_or(scanned.features) as f64;
    let estimate = |bytes: usize| (bytes as f64 * all / (scanned.features.max(1) as f64)).round() as u64;
    // A file with fewer fields is smaller than the one that is stored; an upper bound is estimate enough.
    let sizes = vec![
        (Format::GeoPackage, stored, false),
        (Format::GeoJson, estimate(geojson.len()), false),
        (Format::Csv, estimate(csv.len()), false),
        (Format::GeoJsonLines, estimate(geojson.len()), false),
    ];
    state.sizes.insert(key, std::sync::Arc::new(sizes.clone()));
    Ok(sizes)
}
