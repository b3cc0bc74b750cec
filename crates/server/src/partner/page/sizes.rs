//! How large a download will be: measured where the file is there, estimated from a sample where it is not.

use crate::api::error::ApiError;
use crate::partner::data::source::VisibleLayer;
use crate::partner::formats::Format;
use crate::partner::make::size_of_part;
use crate::partner::state::PartnerState;

/// Features that stand for all.
const SAMPLE: usize = 2000;

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
    let all = layer.about().features.unwrap_or(0);
    let part = all.clamp(1, SAMPLE as u64);
    let mut sizes = Vec::new();
    for format in layer.formats() {
        // A GeoPackage with fewer fields is smaller than the stored one; an upper bound is estimate enough.
        let size = if format == Format::GeoPackage {
            stored
        } else {
            let bytes = size_of_part(state, layer, format, SAMPLE)?;
            (bytes as f64 * all.max(1) as f64 / part as f64).round() as u64
        };
        sizes.push((format, size, false));
    }
    state.sizes.insert(key, std::sync::Arc::new(sizes.clone()));
    Ok(sizes)
}
