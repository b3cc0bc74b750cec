//! The one way into a layer: every record, from whatever source, passes here.

use std::path::Path;

use geo::{BoundingRect, Geometry};

use super::attributes::{Plan, Remark};
use super::coverage::Hull;
use super::ids::{self, Ids};
use super::place::Place;
use super::report::{Detail, Effect, ImportReport};
use super::shape::{self, Change, Refusal};
use crate::crs::{Crs, Reprojector};
use crate::deployment::Deployment;
use crate::error::{LayersError, Result};
use crate::gpkg::{TableSpec, Writer};
use crate::open::Raw;
use crate::reading_process::Mender;
use crate::schema::GeometryKind;
use crate::text::thousands;

/// Checks, repairs, reprojects and writes records.
pub(super) struct Intake<'a> {
    plan: &'a Plan,
    kind: GeometryKind,
    report: &'a mut ImportReport,
    source: Crs,
    deployment: &'a Deployment,
    way: Reprojector,
    place: Place,
    ids: Ids,
    writer: Writer,
    hull: Hull,
    buffer: Vec<u8>,
    mender: Mender,
    changes: Vec<Change>,
    remarks: Vec<Remark>,
    made_ids: u64,
}

impl<'a> Intake<'a> {
    pub fn new(
        path: &Path,
        spec: &TableSpec<'_>,
        plan: &'a Plan,
        (source, deployment): (&Crs, &'a Deployment),
        report: &'a mut ImportReport,
    ) -> Result<Self> {
        Ok(Self {
            plan,
            kind: spec.geometry,
            report,
            source: source.clone(),
            deployment,
            way: Reprojector::new(source, spec.crs)?,
            place: Place::new(deployment, spec.crs)?,
            ids: Ids::default(),
            writer: Writer::create(path, spec)?,
            hull: Hull::default(),
            buffer: Vec::new(),
            mender: Mender::new(path.parent().unwrap_or(path)),
            changes: Vec::new(),
            remarks: Vec::new(),
            made_ids: 0,
        })
    }

    /// Counts a record that is of no concern to the layer.
    pub fn leave_out(&mut self, n: u64, code: &str, message: &str, detail: String) {
        self.report.read += 1;
        self.report.left_out += 1;
        self.report.found(code, Effect::LeftOut, message, || Detail {
            record: n,
            message: detail,
            ..Detail::default()
        });
    }

    /// Takes one record. Only a failure to write is an error; whatever is wrong with the record ends in the report.
    pub fn take(&mut self, raw: Raw) -> Result<()> {
        self.report.read += 1;
        self.changes.clear();
        self.remarks.clear();
        let n = raw.n;
        let given_id = self.plan.id(&raw.row);
        let settled = self.settle(raw.shape);
        let geometry = match settled {
            Ok(Some(geometry)) => geometry,
            Ok(None) => {
                self.report.left_out += 1;
                let detail = Detail {
                    record: n,
                    id: given_id,
                    place: None,
                    message: "outside".into(),
                };
                self.report.found(
                    "outside_extent",
                    Effect::LeftOut,
                    "outside the deployment's extent",
                    || detail,
                );
                return Ok(());
            }
            Err(refusal) => {
                self.refuse(n, given_id, refusal.code, refusal.place, &refusal.message);
                return Ok(());
            }
        };
        let values = self.plan.values(&raw.row, &mut self.remarks);
        let missing = self
            .remarks
            .iter()
            .position(|remark| matches!(remark, Remark::Missing { .. }));
        if let Some(at) = missing
            && let Remark::Missing { field, message } = self.remarks.swap_remove(at)
        {
            self.refuse(
                n,
                given_id,
                "required_field",
                Some(format!("field {field}")),
                &message,
            );
            return Ok(());
        }
        let has_id = given_id.is_some();
        let id = given_id.unwrap_or_else(|| ids::made(&geometry, &values));
        if let Err(first) = self.ids.claim(&id, n) {
            let (code, message) = if has_id {
                ("duplicate_id", format!("record {first} already has this id"))
            } else {
                (
                    "duplicate_record",
                    format!("the same place and attributes as record {first}"),
                )
            };
            self.refuse(n, Some(id), code, None, &message);
            return Ok(());
        }
        self.made_ids += u64::from(!has_id);
        self.tell(n, &id);
        self.hull.add(&geometry);
        self.writer.push(&id, Some(geometry), &values)?;
        self.report.kept += 1;
        Ok(())
    }

    /// The geometry as it will be stored; `None` where it lies outside the extent.
    fn settle(
        &mut self,
        shape: std::result::Result<Option<crate::wkb::Parsed>, String>,
    ) -> std::result::Result<Option<Geometry<f64>>, Refusal> {
        let refuse = |code, message: String| {
            Err(Refusal {
                code,
                place: None,
                message,
            })
        };
        let parsed = match shape {
            Ok(Some(parsed)) => parsed,
            Ok(None) => return refuse("no_geometry", "it has no geometry".into()),
            Err(message) => return refuse("unreadable_geometry", message),
        };
        shape::check_coordinates(&parsed.geometry)?;
        let change = |code, message: &str| Change {
            code,
            place: None,
            message: message.into(),
        };
        if parsed.had_curves {
            self.changes.push(change(
                "curves_straightened",
                "its arcs are stored as short straight lines",
            ));
        }
        if parsed.unclosed_rings > 0 {
            self.changes.push(change(
                "ring_closed",
                "a ring did not end where it began and was closed",
            ));
        }
        if parsed.had_z {
            self.changes.push(change(
                "heights_dropped",
                "its heights or measures are not stored",
            ));
        }
        if !self.is_inside(&parsed.geometry) {
            return Ok(None);
        }
        // Judged as the source has it: on the way into another CRS rounding may hide a fault, or make one.
        let geometry = shape::fit(parsed.geometry, self.kind, &mut self.changes)?;
        let settled = match shape::invalidity(&geometry, &mut self.buffer, &self.mender)? {
            None => self.moved(geometry)?,
            Some(reason) => {
                let repaired = shape::repair(&geometry, &reason, &mut self.buffer, &self.mender)?;
                let place = shape::nearest_ring(&geometry, &reason);
                let before = self.moved(geometry)?;
                let after = self.moved(repaired)?;
                let message = format!("{reason}; {}", shape::areas(&before, &after));
                let code = "invalid_polygon";
                self.changes.push(Change { code, place, message });
                after
            }
        };
        if self.way.is_identity() {
            return Ok(Some(settled));
        }
        let Some(reason) = shape::invalidity(&settled, &mut self.buffer, &self.mender)? else {
            return Ok(Some(settled));
        };
        let mended = shape::repair(&settled, &reason, &mut self.buffer, &self.mender)?;
        let message = format!("{reason}; {}", shape::areas(&settled, &mended));
        let place = shape::nearest_ring(&settled, &reason);
        let code = "invalid_after_reprojection";
        self.changes.push(Change { code, place, message });
        Ok(Some(mended))
    }

    /// Whether a geometry of the source meets the extent; if not, one of its coordinates is kept to find out why.
    fn is_inside(&mut self, geometry: &Geometry<f64>) -> bool {
        let Some(rect) = geometry.bounding_rect() else {
            return false;
        };
        let (low, high) = (rect.min(), rect.max());
        let mut x = [low.x, high.x, high.x, low.x];
        let mut y = [low.y, low.y, high.y, high.y];
        let inside = self.way.coords(&mut x, &mut y).is_ok() && {
            let least = |v: &[f64]| v.iter().copied().fold(f64::INFINITY, f64::min);
            let most = |v: &[f64]| v.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            self.place.meets([least(&x), least(&y), most(&x), most(&y)])
        };
        if !inside {
            self.place.stray((low.x, low.y));
        }
        inside
    }

    /// A geometry of the source in the deployment's CRS.
    fn moved(&mut self, mut geometry: Geometry<f64>) -> std::result::Result<Geometry<f64>, Refusal> {
        self.way.geometry(&mut geometry).map_err(|e| Refusal {
            code: "unreadable_geometry",
            place: None,
            message: e.to_string(),
        })?;
        Ok(geometry)
    }

    fn refuse(&mut self, n: u64, id: Option<String>, code: &str, place: Option<String>, message: &str) {
        self.report.refused += 1;
        let detail = Detail {
            record: n,
            id,
            place,
            message: message.to_owned(),
        };
        self.report
            .found(code, Effect::Refused, refusal_in_words(code), || detail);
    }

    /// Reports what was done to a record that is kept.
    fn tell(&mut self, n: u64, id: &str) {
        let mut repaired = false;
        for change in self.changes.drain(..) {
            let (effect, words) = change_in_words(change.code);
            repaired |= effect == Effect::Repaired;
            self.report.found(change.code, effect, words, || Detail {
                record: n,
                id: Some(id.to_owned()),
                place: change.place,
                message: change.message,
            });
        }
        for remark in self.remarks.drain(..) {
            let (code, effect, words, field, message) = match remark {
                Remark::Changed { code, field, message } => {
                    (code, Effect::Repaired, change_in_words(code).1, field, message)
                }
                Remark::Doubtful { code, field, message } => {
                    (code, Effect::Noted, change_in_words(code).1, field, message)
                }
                Remark::Unknown { field, message } | Remark::Missing { field, message } => {
                    let words = "values that cannot be understood, stored as unknown";
                    ("value_unknown", Effect::Repaired, words, field, message)
                }
            };
            repaired |= effect == Effect::Repaired;
            self.report.found(code, effect, words, || Detail {
                record: n,
                id: Some(id.to_owned()),
                place: Some(format!("field {field}")),
                message,
            });
        }
        self.report.repaired += u64::from(repaired);
    }

    /// Why the layer would be empty.
    fn nothing_kept(&self) -> String {
        let report = &self.report;
        let outside = report.count("outside_extent");
        let cause = |who: &str| self.place.cause(who, &self.source, self.deployment);
        match (report.read, outside) {
            (0, _) => "The layer is empty: there is no record in it.".to_owned(),
            (read, 0) => format!(
                "None of the {} records could be kept; the report says why.",
                thousands(read)
            ),
            (read, outside) if read == outside => cause("Every record lies"),
            (read, outside) => {
                let left_out = report.left_out - outside;
                let others: Vec<String> = [
                    (report.refused, "were refused"),
                    (left_out, "are of no concern to the layer"),
                ]
                .into_iter()
                .filter(|(n, _)| *n > 0)
                .map(|(n, what)| format!("{} {what}", thousands(n)))
                .collect();
                format!(
                    "None of the {} records could be kept: {}, as the report says. {}",
                    thousands(read),
                    others.join(" and "),
                    cause(&format!("The other {} lie", thousands(outside)))
                )
            }
        }
    }

    /// Ends the import: refuses what must be refused as a whole, else completes the file. Returns the box around all features in the
    /// deployment's CRS, their number and their hull.
    pub fn finish(self, strict: bool) -> Result<([f64; 4], u64, Hull)> {
        let refuse = |report: &ImportReport, message: String| {
            Err(LayersError::Refused {
                message,
                report: Some(Box::new(report.clone())),
            })
        };
        let Some(bounds) = self.writer.bounds() else {
            let message = self.nothing_kept();
            return refuse(self.report, message);
        };
        let repeated = self.report.count("duplicate_id");
        if repeated * 2 > self.report.read {
            let message = format!(
                "{} of {} records repeat the id of an earlier one, so that the id is probably in another column: give it with --map id=COLUMN, or --map id='' if the records have none.",
                thousands(repeated),
                thousands(self.report.read)
            );
            return refuse(self.report, message);
        }
        if strict && self.report.refused > 0 {
            let message = format!(
                "{} records were refused, and --strict takes all or nothing.",
                self.report.refused
            );
            return refuse(self.report, message);
        }
        if self.made_ids > 0 {
            let warning = format!(
                "{} records came without an id; theirs were made from place and attributes and stay the same while those do.",
                thousands(self.made_ids)
            );
            self.report.warn(warning);
        }
        let count = self.writer.count();
        self.writer.finish()?;
        Ok((bounds, count, self.hull))
    }
}

fn refusal_in_words(code: &str) -> &'static str {
    match code {
        "no_geometry" => "records without geometry",
        "empty_geometry" => "empty geometries",
        "unreadable_geometry" => "geometries that cannot be read",
        "not_a_number" => "coordinates that are no numbers",
        "wrong_geometry" => "geometries of another kind than the role needs",
        "several_points" => "several points where one is needed",
        "no_length" => "lines without length",
        "no_area" => "polygons that enclose nothing",
        "beyond_repair" => "invalid polygons that cannot be repaired",
        "duplicate_id" => "ids that an earlier record has",
        "duplicate_record" => "records that repeat an earlier one",
        "required_field" => "records without a field that the role needs",
        _ => "records refused",
    }
}

fn change_in_words(code: &str) -> (Effect, &'static str) {
    match code {
        "invalid_polygon" => (Effect::Repaired, "invalid polygons"),
        "invalid_after_reprojection" => (
            Effect::Noted,
            "polygons that rounding made invalid on the way into the deployment's CRS, mended",
        ),
        "curves_straightened" => (Effect::Repaired, "curved geometries"),
        "ring_closed" => (Effect::Repaired, "rings that were not closed"),
        "ring_without_area" => (Effect::Repaired, "rings that enclose nothing"),
        "part_without_length" => (Effect::Repaired, "lines of which parts have no length"),
        "line_made_polygon" => (Effect::Repaired, "closed lines where polygons are needed"),
        "collection_reduced" => (Effect::Repaired, "collections of geometries"),
        "outline_made_point" => (Effect::Noted, "outlines where points are needed"),
        "heights_dropped" => (
            Effect::Noted,
            "geometries with heights or measures, which are not stored",
        ),
        "code_zeros_restored" => (Effect::Repaired, "codes that had lost their leading zero"),
        "number_rewritten" => (
            Effect::Repaired,
            "numbers with a comma for the point, or with marks between the thousands",
        ),
        "date_rewritten" => (Effect::Repaired, "dates written day first"),
        "code_not_in_gazetteer" => (Effect::Noted, "codes that today's gazetteer no longer has"),
        _ => (Effect::Repaired, "records repaired"),
    }
}
