//! Tables of counts that went through the gate, as layers: each row with the outline of the area that it is about, where there is one.
//!
//! Nothing about people is decided here: rows come as they were released.

use std::borrow::Cow;

use geo::{Geometry, MultiPolygon, unary_union};
use jiff::Timestamp;
use serde_json::json;

use super::about::{About, Stored, is_unchanged};
use super::attributes::{Given, Plan};
use super::hash::Hasher;
use super::records::row;
use super::report::{ImportReport, Outcome};
use super::{RecordsRequest, check_name, coverage};
use crate::catalogue::{Catalogue, CoverageSource};
use crate::error::{LayersError, Result};
use crate::gpkg::{TableSpec, Writer};
use crate::schema::{GeometryKind, Role};
use crate::value::{Field, FieldType, Value};
use crate::wkb;

/// A row of a released table.
#[derive(Clone, Debug)]
pub struct ReleasedRow {
    /// The outline of its area in the deployment's CRS; none for totals and for areas whose outline is not loaded.
    pub area: Option<MultiPolygon<f64>>,
    /// Its known attributes by field name; `id` among them.
    pub attributes: Vec<(Cow<'static, str>, Value)>,
}

/// Stores a released table as a layer of the role [`Role::ReleasedTable`], in the place of an earlier one of its name.
///
/// # Errors
/// If the name belongs to a layer of another role, or an attribute is no field of the layer.
#[allow(clippy::too_many_lines, reason = "one import from its check to its report")]
pub fn import_released(
    catalogue: &Catalogue,
    request: &RecordsRequest,
    rows: Vec<ReleasedRow>,
    now: Timestamp,
) -> Result<ImportReport> {
    check_name(&request.layer)?;
    let lock = catalogue.lock_for_writing()?;
    let taken = lock
        .layers()?
        .iter()
        .any(|entry| entry.name == request.layer && entry.role != Role::ReleasedTable);
    if taken {
        return Err(LayersError::Usage(format!(
            "'{}' is the name of a layer that is no released table: rename the indicator.",
            request.layer
        )));
    }
    let work = lock.work_dir()?;
    let mut columns = vec![Field::new("id", FieldType::Text)];
    columns.extend(
        Role::ReleasedTable
            .fields()
            .iter()
            .map(crate::schema::FieldSpec::field),
    );
    columns.extend(request.extra.iter().cloned());
    let given = Given {
        extra: &request.extra,
        ..Given::default()
    };
    let plan = Plan::new(Role::ReleasedTable, &columns, given)?;
    let mut report = ImportReport::new(&request.layer, Role::ReleasedTable);
    report.files.push(request.source.clone());
    let crs = catalogue.crs()?;
    crs.name().clone_into(&mut report.source_crs);
    "as given".clone_into(&mut report.crs_from);
    let about = About {
        title: request.title.clone(),
        source: request.source.clone(),
        licence: request.licence.clone(),
        attribution: request.attribution.clone(),
        illustrative: request.illustrative,
        record: None,
    };
    let mut hasher = Hasher::new(&json!({
        "layer": request.layer, "role": Role::ReleasedTable, "about": [&about.title, &about.source, &about.licence, &about.attribution],
        "illustrative": about.illustrative, "extra": request.extra, "crs": crs.name(),
    }))?;
    let unfinished = work.path().join("layer.gpkg");
    let spec = TableSpec {
        table: &request.layer,
        title: &about.title,
        description: &about.description(),
        metadata: &about.metadata(Role::ReleasedTable, None),
        geometry: GeometryKind::Polygon,
        crs: &crs,
        fields: plan.fields(),
        made_at: now,
    };
    let mut writer = Writer::create(&unfinished, &spec)?;
    let mut areas = Vec::new();
    let (mut bytes, mut remarks) = (Vec::new(), Vec::new());
    for one in rows {
        let values = row(&columns, one.attributes, &mut hasher)?;
        let id = plan
            .id(&values)
            .ok_or_else(|| LayersError::Usage("A row of a released table has no id.".into()))?;
        let geometry = one.area.map(Geometry::MultiPolygon);
        if let Some(geometry) = &geometry {
            bytes.clear();
            wkb::write(geometry, &mut bytes);
            hasher.update(&bytes);
        }
        let stored = plan.values(&values, &mut remarks);
        writer.push(&id, geometry.clone(), &stored)?;
        report.read += 1;
        report.kept += 1;
        if let Some(Geometry::MultiPolygon(area)) = geometry
            && !areas.contains(&area)
        {
            areas.push(area);
        }
    }
    let (bounds, count) = (writer.bounds(), writer.count());
    writer.finish()?;
    report.hash = hasher.finish();
    if is_unchanged(&lock, &request.layer, &report.hash)? {
        report.outcome = Outcome::Unchanged;
        return Ok(report);
    }
    // Without any outline it is about the whole deployment.
    let area = if areas.is_empty() {
        coverage::extent(catalogue.deployment(), &crs)?
    } else {
        coverage::simplified(unary_union(areas.iter()), &mut report)
    };
    let bounds = bounds
        .or_else(|| {
            phteah_geoproc::surface::bounds(&area)
                .map(|rect| [rect.min().x, rect.min().y, rect.max().x, rect.max().y])
        })
        .ok_or_else(|| LayersError::refused("The deployment has no extent."))?;
    let coverage = coverage::coverage(CoverageSource::Extent, &crs, area);
    report.coverage = Some(coverage.how);
    report.outcome = Outcome::Imported;
    let stored = Stored {
        name: &request.layer,
        role: Role::ReleasedTable,
        features: Some((GeometryKind::Polygon, count)),
        crs: &crs,
        source_crs: &crs,
        bounds,
        fields: plan.fields(),
        coverage,
        return_period: None,
        now,
    };
    lock.publish(&unfinished, about.entry(&stored, &report)?)?;
    Ok(report)
}
