//! The conditions of an address: box, time, fields and filter, each compiled against the visible fields.

use geo::{Geometry, Validation};
use jiff::civil::Date;
use phteah_layers::FieldType;

use super::crs::OutCrs;
use super::scan;
use super::selection::{PARAMETERS, Reader};
use crate::api::error::ApiError;
use crate::partner::cql2::ast::{Comparison, Expr};
use crate::partner::cql2::compile::{Compiled, GEOMETRY, compile};
use crate::partner::cql2::functions::SpatialOp;
use crate::partner::cql2::{self, About, FilterError, Language, functions};

/// How much the box may stay short of the layer's and still be taken for all of it, in degrees (1 cm).
const ALL_DEGREES: f64 = 1e-7;

/// What decides which features match.
#[derive(Default)]
pub(super) struct Conditions {
    /// All of them at once.
    pub filter: Compiled,
    /// How many there are.
    pub count: usize,
    /// Nothing can match.
    pub nothing: bool,
}

impl Conditions {
    /// The number of the next parameter; the first is the statement's own.
    fn next(&self) -> usize {
        self.filter.parameters.len() + 2
    }

    fn add(&mut self, more: Compiled) {
        self.count += 1;
        let all = &mut self.filter;
        all.sql = if all.sql.is_empty() {
            more.sql
        } else {
            format!("({} AND {})", all.sql, more.sql)
        };
        all.parameters.extend(more.parameters);
        all.within = match (all.within, more.within) {
            (Some(a), Some(b)) => Some([a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]),
            (a, b) => a.or(b),
        };
    }
}

impl Reader<'_> {
    /// Adds the condition of a box and returns the box that lies inside it in the layer's CRS.
    pub(super) fn bbox(&mut self, conditions: &mut Conditions) -> Result<Option<[f64; 4]>, ApiError> {
        let crs = self.crs("bbox-crs");
        let Some(text) = self.asked.get("bbox") else {
            return Ok(None);
        };
        let numbers: Option<Vec<f64>> = text
            .split(',')
            .map(|n| n.trim().parse().ok().filter(|n: &f64| n.is_finite()))
            .collect();
        let shape = numbers
            .map(|mut n| {
                if crs == OutCrs::Epsg4326 && (n.len() == 4 || n.len() == 6) {
                    let half = n.len() / 2;
                    n.swap(0, 1);
                    n.swap(half, half + 1);
                }
                n
            })
            .ok_or_else(|| FilterError::about(About::Shape, "It is four numbers: west, south, east, north."))
            .and_then(|n| cql2::bbox(&n).map(|shape| (n, shape)));
        let (numbers, shape) = match shape {
            Ok(found) => found,
            Err(error) => {
                self.mistake("bbox", &error);
                return Ok(None);
            }
        };
        let degrees = crs.is_degrees();
        if !degrees && matches!(shape, Geometry::MultiPolygon(_)) {
            self.problem("bbox", "Its west lies east of its east.");
            return Ok(None);
        }
        let half = numbers.len() / 2;
        let [w, s, e, n] = self.layer.about().bounds;
        let a = ALL_DEGREES;
        if degrees
            && numbers[0] <= w + a
            && numbers[1] <= s + a
            && numbers[half] >= e - a
            && numbers[half + 1] >= n - a
        {
            return Ok(None);
        }
        let crs = if degrees { OutCrs::Crs84 } else { crs };
        let Some(shape) = self.layer.crs().from(crs, shape, self.layer.about().bounds)? else {
            conditions.nothing = true;
            return Ok(None);
        };
        let inner = match &shape {
            Geometry::Polygon(polygon) => functions::inner_box(polygon),
            Geometry::MultiPolygon(parts) if parts.0.len() == 1 => functions::inner_box(&parts.0[0]),
            _ => None,
        };
        // A single part is compared faster than a multi of one.
        let shape = match shape {
            Geometry::MultiPolygon(mut parts) if parts.0.len() == 1 => parts.0.remove(0).into(),
            other => other,
        };
        let condition = Expr::Call(
            "s_intersects".into(),
            vec![Expr::Property(GEOMETRY.into()), Expr::Geometry(shape)],
        );
        self.compile("bbox", &condition, conditions);
        Ok(inner)
    }

    /// The day that a feature is about, where a visible field says it; features without one are about any day.
    pub(super) fn datetime(&mut self, conditions: &mut Conditions) {
        let Some(text) = self.asked.get("datetime") else {
            return;
        };
        let (start, end) = match text.split_once('/') {
            None => (text, text),
            Some(("" | "..", "" | "..")) => {
                return self.problem("datetime", "One end at least must be a day or a moment.");
            }
            Some(ends) => ends,
        };
        let day = |text: &str| match text {
            "" | ".." => Some(None),
            text => text
                .parse::<Date>()
                .ok()
                .filter(|_| text.len() == 10)
                .or_else(|| {
                    text.parse::<jiff::Timestamp>()
                        .ok()
                        .map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date())
                })
                .map(Some),
        };
        let (Some(start), Some(end)) = (day(start), day(end)) else {
            return self.problem("datetime", "Write a day (2026-03-01), a moment (2026-03-01T08:00:00Z) or two with / between, .. for an open end.");
        };
        if let (Some(start), Some(end)) = (start, end)
            && start > end
        {
            return self.problem("datetime", "It ends before it begins.");
        }
        let Some(field) = self
            .layer
            .fields()
            .iter()
            .find(|field| field.kind == FieldType::Date)
        else {
            return;
        };
        let field = Expr::Property(field.name.clone());
        let bound = |op, day: Option<Date>| {
            day.map(|day| Expr::Compare(op, field.clone().into(), Expr::Date(day).into()))
        };
        let ends = [
            bound(Comparison::GreaterOrEqual, start),
            bound(Comparison::LessOrEqual, end),
        ];
        let within = Expr::And(ends.into_iter().flatten().collect());
        let condition = Expr::Or(vec![within, Expr::IsNull(field.into())]);
        self.compile("datetime", &condition, conditions);
    }

    /// `field=value`, for whoever does not want to learn a filter language.
    pub(super) fn by_field(&mut self, conditions: &mut Conditions) {
        for field in self.layer.fields() {
            // A field that bears the name of a parameter is reached by a filter only.
            if PARAMETERS.contains(&field.name.as_str()) {
                continue;
            }
            let Some(text) = self.asked.get(&field.name) else {
                continue;
            };
            let value = match field.kind {
                FieldType::Text => Some(Expr::Text(text.to_owned())),
                FieldType::Number | FieldType::Integer => text
                    .parse()
                    .ok()
                    .filter(|n: &f64| n.is_finite())
                    .map(Expr::Number),
                FieldType::Boolean => text.parse().ok().map(Expr::Boolean),
                FieldType::Date => text.parse().ok().filter(|_| text.len() == 10).map(Expr::Date),
            };
            let Some(value) = value else {
                let expected = match field.kind {
                    FieldType::Boolean => "true or false",
                    FieldType::Date => "a day such as 2026-03-01",
                    _ => "a number",
                };
                self.problem(&field.name, format!("The field holds {expected}."));
                continue;
            };
            let condition = Expr::Compare(
                Comparison::Equal,
                Expr::Property(field.name.clone()).into(),
                value.into(),
            );
            self.compile(&field.name, &condition, conditions);
        }
    }

    pub(super) fn filter(&mut self, conditions: &mut Conditions) {
        let language = match self.asked.get("filter-lang") {
            Some("cql2-text") => Some(Language::Text),
            Some("cql2-json") => Some(Language::Json),
            None => None,
            Some(_) => return self.problem("filter-lang", "It is cql2-text or cql2-json."),
        };
        let crs = self.crs("filter-crs");
        let Some(text) = self.asked.get("filter") else {
            return;
        };
        // Without a word about it, what begins with a brace is JSON: no text filter does.
        let language = language.unwrap_or(if text.trim_start().starts_with('{') {
            Language::Json
        } else {
            Language::Text
        });
        let expr = cql2::parse(text, language)
            .and_then(|mut expr| expr.change(&mut |part| self.placed(part, crs)).map(|()| expr));
        match expr {
            Ok(expr) => self.compile("filter", &expr, conditions),
            Err(error) => self.mistake("filter", &error),
        }
    }

    /// Checks the shapes of a filter and brings them to the layer's CRS. Two that are compared with each other are so where they stand.
    fn placed(&self, part: &mut Expr, crs: OutCrs) -> Result<(), FilterError> {
        match part {
            Expr::Geometry(shape) => {
                if !crs.is_degrees() && cql2::is_turned_box(shape) {
                    return Err(FilterError::about(
                        About::Shape,
                        format!(
                            "BBOX has its west east of its east: in {} the order is west, south, east, north.",
                            crs.name()
                        ),
                    ));
                }
                if !crs.covers(shape) {
                    return Err(FilterError::about(
                        About::Shape,
                        format!(
                            "A shape in the filter has coordinates that {} does not have: longitudes run from -180 to 180, latitudes from -90 to 90.",
                            crs.name()
                        ),
                    ));
                }
                if !shape.is_valid() {
                    return Err(FilterError::about(
                        About::Shape,
                        "A shape in the filter is not valid: rings need four points, end where they begin and do not cross.",
                    ));
                }
                Ok(())
            }
            Expr::Call(name, arguments) => {
                let op = SpatialOp::from_name(name);
                if let (Some(op), [Expr::Geometry(a), Expr::Geometry(b)]) = (op, arguments.as_slice()) {
                    *part = Expr::Boolean(op.holds(a, b));
                    return Ok(());
                }
                if let Some(op) = op {
                    for argument in arguments {
                        self.moved(argument, op, crs)?;
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn moved(&self, argument: &mut Expr, op: SpatialOp, crs: OutCrs) -> Result<(), FilterError> {
        if let Expr::Geometry(shape) = argument {
            let (layer, bounds) = (self.layer.crs(), self.layer.about().bounds);
            let moved = match op {
                SpatialOp::Equals | SpatialOp::Touches => layer.from_corners(crs, shape.clone(), bounds),
                _ => layer.from(crs, shape.clone(), bounds),
            };
            *argument = moved
                .map_err(|_| {
                    FilterError::about(
                        About::Shape,
                        "A shape in the filter lies outside the area of its CRS.",
                    )
                })?
                .map_or(Expr::Nowhere, Expr::Geometry);
        }
        Ok(())
    }

    fn compile(&mut self, parameter: &str, expr: &Expr, conditions: &mut Conditions) {
        let mut fields = vec![("id", FieldType::Text)];
        fields.extend(
            self.layer
                .fields()
                .iter()
                .chain(self.layer.searched())
                .map(|field| (field.name.as_str(), field.kind)),
        );
        match compile(expr, &fields, conditions.next()) {
            Ok(compiled) => conditions.add(compiled),
            Err(error) => self.mistake(parameter, &error),
        }
    }

    /// Whether SQLite takes what was compiled. It has limits of its own, such as how deep brackets may nest; a download that runs into one
    /// after its first bytes would break off.
    pub(super) fn check_sql(&mut self, conditions: &Conditions) -> Result<(), ApiError> {
        if conditions.count > 0 && !scan::is_sql(self.layer, &conditions.filter)? {
            let message = "It nests too deep, or has too many parts: simplify it.";
            self.problem("filter", message);
        }
        Ok(())
    }
}
