//! Running a selection: rows handed over one by one, straight from the file.

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use phteah_layers::{Field, FieldType, LayersError, Value};
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, ErrorCode, Row, Statement};

use super::boxes::{Span, Window};
use super::selection::Selection;
use super::source::VisibleLayer;
use super::token::{Place, bound, owned};
use crate::api::error::ApiError;
use crate::partner::cql2::compile::{Compiled, Parameter, column};
use crate::partner::cql2::functions;

/// How long a page or a count may search; a download may take as long as its reader.
pub const PATIENCE: Duration = Duration::from_secs(8);

/// How long a download may search for its next feature; how long all of them take is for its reader to say.
pub const SEARCH: Duration = Duration::from_secs(60);

/// SQLite steps between two looks at the clock: a few features, since comparing a shape with one of thousands of points takes a millisecond.
const STEPS: i32 = 200;

/// Says that nobody waits for a download any more.
pub type GivenUp = Arc<dyn Fn() -> bool + Send + Sync + RefUnwindSafe + UnwindSafe>;

/// When a search ends before it is done.
#[derive(Clone)]
pub enum Until {
    /// After so long.
    Over(Duration),
    /// When nobody waits any more, or the next feature does not come for so long.
    Unwanted {
        /// Whether nobody waits.
        given_up: GivenUp,
        /// How long the next feature may take.
        search: Duration,
    },
}

impl Until {
    /// For a download that is given up when `given_up` says so.
    pub fn unwanted(
        given_up: impl Fn() -> bool + Send + Sync + RefUnwindSafe + UnwindSafe + 'static,
    ) -> Self {
        Self::Unwanted {
            given_up: Arc::new(given_up),
            search: SEARCH,
        }
    }
}

/// Processor time that this thread has spent: on a busy machine a search is not the slower for what others do.
#[cfg(unix)]
fn spent() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

/// Elsewhere the time of the clock on the wall.
#[cfg(not(unix))]
fn spent() -> Duration {
    static BEGUN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    BEGUN.get_or_init(Instant::now).elapsed()
}

/// Looks at the clock while SQLite searches, on one thread.
#[derive(Clone)]
struct Watch {
    until: Until,
    begun: Duration,
    /// Milliseconds of work from the beginning to the last feature.
    last: Arc<AtomicU64>,
}

impl Watch {
    fn new(until: Until) -> Self {
        Self {
            until,
            begun: spent(),
            last: Arc::default(),
        }
    }

    fn worked(&self) -> Duration {
        spent().saturating_sub(self.begun)
    }

    /// A feature was found; the time that its reader takes is not the search's.
    fn found(&self) {
        let now = u64::try_from(self.worked().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        match &self.until {
            Until::Over(patience) => self.worked() > *patience,
            Until::Unwanted { given_up, search } => {
                let last = Duration::from_millis(self.last.load(Ordering::Relaxed));
                given_up() || self.worked().saturating_sub(last) > *search
            }
        }
    }
}

/// Where the columns of the selected fields begin.
const FIRST_FIELD: usize = 3;

/// A feature as it lies in the file.
pub struct RowRef<'a> {
    row: &'a Row<'a>,
    fields: &'a [Field],
}

impl RowRef<'_> {
    /// The stable id.
    pub fn id(&self) -> &str {
        self.row
            .get_ref(2)
            .ok()
            .and_then(|value| value.as_str().ok())
            .unwrap_or_default()
    }

    /// The shape as WKB in the layer's CRS; `None` where the feature has no place.
    pub fn wkb(&self) -> Option<&[u8]> {
        match self.row.get_ref(1) {
            Ok(ValueRef::Blob(blob)) => functions::wkb_of(blob),
            _ => None,
        }
    }

    /// The selected fields.
    pub fn fields(&self) -> &[Field] {
        self.fields
    }

    /// The stored value of the selected field at `index`.
    pub fn raw(&self, index: usize) -> ValueRef<'_> {
        self.row.get_ref(FIRST_FIELD + index).unwrap_or(ValueRef::Null)
    }

    /// The value of the selected field at `index`; `None` is unknown.
    pub fn value(&self, index: usize) -> Option<Value> {
        let kind = self.fields.get(index)?.kind;
        match (self.raw(index), kind) {
            (ValueRef::Integer(n), FieldType::Boolean) => Some(Value::Boolean(n != 0)),
            (ValueRef::Integer(n), FieldType::Number) => Some(Value::Number(n as f64)),
            (ValueRef::Integer(n), _) => Some(Value::Integer(n)),
            (ValueRef::Real(n), _) if n.is_finite() => Some(Value::Number(n)),
            (ValueRef::Text(text), FieldType::Date) => std::str::from_utf8(text)
                .ok()
                .and_then(|day| day.parse().ok())
                .map(Value::Date),
            (ValueRef::Text(text), _) => std::str::from_utf8(text).ok().map(Value::from),
            _ => None,
        }
    }
}

/// What a scan found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scanned {
    /// Features handed over.
    pub features: u64,
    /// The place of the first feature handed over.
    pub first: Option<String>,
    /// The place of the last one.
    pub last: Option<String>,
    /// Whether there is more beyond it.
    pub more: bool,
}

/// Hands each selected feature to `each`, which says whether to go on.
///
/// `until` bounds the search.
pub fn scan(
    layer: &VisibleLayer,
    selection: &Selection,
    until: Until,
    mut each: impl FnMut(&RowRef<'_>) -> Result<bool, ApiError>,
) -> Result<Scanned, ApiError> {
    let conn = layer.pool().get(layer.path())?;
    let watch = Watch::new(until);
    let watched = watch.clone();
    conn.progress_handler(STEPS, Some(move || watched.is_over()))
        .map_err(|e| failed(layer, e))?;
    let mut each = |row: &RowRef<'_>| {
        let goes_on = each(row);
        watch.found();
        goes_on
    };
    let mut run = Run {
        layer,
        selection,
        scanned: Scanned::default(),
    };
    if selection.nothing {
        return Ok(run.scanned);
    }
    if let Some(within) = selection.filter.within.filter(|_| selection.sort.is_empty()) {
        let boxes = layer.pool().boxes(layer.path(), layer.name())?;
        let window = Window {
            within,
            inner: selection.inner,
        };
        let place = selection.from.as_ref().map(|place| place.fid);
        let mut steps = Steps::prepare(&conn, &run, selection)?;
        let mut page = |spans: &mut dyn Iterator<Item = Span>| {
            for span in spans {
                // Each statement alone is too short for SQLite to look at the clock.
                if watch.is_over() {
                    return Err(ApiError::search_too_long());
                }
                let statement = steps.of(span).map_err(|e| failed(layer, e))?;
                if !run.rows(statement, &mut each)? {
                    break;
                }
            }
            Ok(())
        };
        if selection.backwards {
            page(&mut boxes.before(window, place.unwrap_or(i64::MAX)))?;
        } else {
            page(&mut boxes.meeting(window, place.unwrap_or(i64::MIN)))?;
        }
    } else {
        let (sql, places) = run.ordered();
        let mut statement = conn.prepare_cached(&sql).map_err(|e| failed(layer, e))?;
        bind_filter(&mut statement, &selection.filter).map_err(|e| failed(layer, e))?;
        for (number, value) in &places {
            statement
                .raw_bind_parameter(*number, bound(value))
                .map_err(|e| failed(layer, e))?;
        }
        run.rows(&mut statement, &mut each)?;
    }
    Ok(run.scanned)
}

/// The number of selected features, wherever the page begins.
pub fn count(layer: &VisibleLayer, selection: &Selection) -> Result<u64, ApiError> {
    if selection.nothing {
        return Ok(0);
    }
    if selection.filter.sql.is_empty() {
        return Ok(layer.about().features.unwrap_or(0));
    }
    let end = Instant::now() + PATIENCE;
    let conn = layer.pool().get(layer.path())?;
    conn.progress_handler(STEPS, Some(move || Instant::now() > end))
        .map_err(|e| failed(layer, e))?;
    let Some(within) = selection.filter.within else {
        let sql = format!(
            "SELECT count(*) FROM {} t WHERE {}",
            table(layer),
            selection.filter.sql
        );
        let mut statement = conn.prepare_cached(&sql).map_err(|e| failed(layer, e))?;
        bind_filter(&mut statement, &selection.filter).map_err(|e| failed(layer, e))?;
        let mut rows = statement.raw_query();
        let row = rows.next().map_err(|e| failed(layer, e))?;
        let n: i64 = row
            .map_or(Ok(0), |row| row.get(0))
            .map_err(|e| failed(layer, e))?;
        return Ok(n.unsigned_abs());
    };
    let boxes = layer.pool().boxes(layer.path(), layer.name())?;
    let window = Window {
        within,
        inner: selection.inner,
    };
    let last = 2 + selection.filter.parameters.len();
    let sql = format!(
        "SELECT count(*) FROM {} t WHERE t.fid BETWEEN ?1 AND ?{last}{}",
        table(layer),
        and(&selection.filter)
    );
    let mut statement = conn.prepare_cached(&sql).map_err(|e| failed(layer, e))?;
    bind_filter(&mut statement, &selection.filter).map_err(|e| failed(layer, e))?;
    let mut found = 0;
    for span in boxes.meeting(window, i64::MIN) {
        // Inside a plain box features need not be looked at; at its edge their shapes decide.
        if span.sure {
            found += (span.last - span.first + 1).unsigned_abs();
            continue;
        }
        if Instant::now() > end {
            return Err(ApiError::search_too_long());
        }
        let mut counted = || {
            statement.raw_bind_parameter(1, span.first)?;
            statement.raw_bind_parameter(last, span.last)?;
            let mut rows = statement.raw_query();
            rows.next()?.map_or(Ok(0), |row| row.get::<_, i64>(0))
        };
        found += counted().map_err(|e| failed(layer, e))?.unsigned_abs();
    }
    Ok(found)
}

/// Hands over about `wanted` features spread evenly over the layer's order.
pub fn sample(
    layer: &VisibleLayer,
    wanted: usize,
    mut each: impl FnMut(&RowRef<'_>) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let conn = layer.pool().get(layer.path())?;
    let boxes = layer.pool().boxes(layer.path(), layer.name())?;
    let sql = format!(
        "SELECT t.fid, t.geom, t.id FROM {} t WHERE t.fid = ?1",
        table(layer)
    );
    let mut statement = conn.prepare_cached(&sql).map_err(|e| failed(layer, e))?;
    for fid in boxes.spread(wanted) {
        let mut rows = statement.query([fid]).map_err(|e| failed(layer, e))?;
        if let Some(row) = rows.next().map_err(|e| failed(layer, e))? {
            each(&RowRef { row, fields: &[] })?;
        }
    }
    Ok(())
}

/// The feature of an id, if the layer has it.
pub fn one(
    layer: &VisibleLayer,
    selection: &Selection,
    id: &str,
    each: impl FnOnce(&RowRef<'_>) -> Result<(), ApiError>,
) -> Result<bool, ApiError> {
    let conn = layer.pool().get(layer.path())?;
    let run = Run {
        layer,
        selection,
        scanned: Scanned::default(),
    };
    let sql = format!("{} WHERE t.id = ?1", run.select());
    let mut statement = conn.prepare_cached(&sql).map_err(|e| failed(layer, e))?;
    let mut rows = statement.query([id]).map_err(|e| failed(layer, e))?;
    let Some(row) = rows.next().map_err(|e| failed(layer, e))? else {
        return Ok(false);
    };
    each(&RowRef {
        row,
        fields: &selection.fields,
    })?;
    Ok(true)
}

/// Whether SQLite understands a condition, with room for all the statements that hold it.
pub fn is_sql(layer: &VisibleLayer, filter: &Compiled) -> Result<bool, ApiError> {
    let conn = layer.pool().get(layer.path())?;
    let sql = format!(
        "SELECT count(*) FROM {} t WHERE t.fid BETWEEN ?1 AND ?2 AND ((((1 AND {}))))",
        table(layer),
        filter.sql
    );
    match conn.prepare(&sql) {
        Ok(_) => Ok(true),
        Err(error) if is_limit(&error) => Ok(false),
        Err(error) => Err(failed(layer, error)),
    }
}

/// Whether SQLite refuses a statement for its size or its depth.
fn is_limit(error: &rusqlite::Error) -> bool {
    let text = error.to_string();
    [
        "parser stack overflow",
        "too large",
        "too many",
        "too long",
        "too big",
    ]
    .iter()
    .any(|limit| text.contains(limit))
}

/// The statements that read a span of features: one for those that surely match, one for those whose shapes decide.
struct Steps<'c> {
    plain: CachedStatement<'c>,
    filtered: CachedStatement<'c>,
    last: usize,
}

impl<'c> Steps<'c> {
    fn prepare(conn: &'c Connection, run: &Run<'_>, selection: &Selection) -> Result<Self, ApiError> {
        let failed = |e| failed(run.layer, e);
        let last = 2 + selection.filter.parameters.len();
        let order = if selection.backwards {
            " ORDER BY t.fid DESC"
        } else {
            " ORDER BY t.fid"
        };
        let (select, filter) = (run.select(), and(&selection.filter));
        let plain = format!("{select} WHERE t.fid BETWEEN ?1 AND ?2{order}");
        let filtered = format!("{select} WHERE t.fid BETWEEN ?1 AND ?{last}{filter}{order}");
        let mut steps = Self {
            plain: conn.prepare_cached(&plain).map_err(failed)?,
            filtered: conn.prepare_cached(&filtered).map_err(failed)?,
            last,
        };
        bind_filter(&mut steps.filtered, &selection.filter).map_err(failed)?;
        Ok(steps)
    }

    /// The statement for a span, bound to it.
    fn of(&mut self, span: Span) -> rusqlite::Result<&mut Statement<'c>> {
        let (statement, last) = if span.sure {
            (&mut self.plain, 2)
        } else {
            (&mut self.filtered, self.last)
        };
        statement.raw_bind_parameter(1, span.first)?;
        statement.raw_bind_parameter(last, span.last)?;
        Ok(statement)
    }
}

struct Run<'a> {
    layer: &'a VisibleLayer,
    selection: &'a Selection,
    scanned: Scanned,
}

impl Run<'_> {
    fn select(&self) -> String {
        let mut sql = String::from("SELECT t.fid, t.geom, t.id");
        for name in self
            .selection
            .fields
            .iter()
            .map(|field| &field.name)
            .chain(self.selection.sort.iter().map(|s| &s.field))
        {
            sql.push_str(", ");
            sql.push_str(&column(name));
        }
        format!("{sql} FROM {} t", table(self.layer))
    }

    /// The statement of a page in order of its sort keys, and the values of the place where it begins.
    fn ordered(&self) -> (String, Vec<(usize, rusqlite::types::Value)>) {
        let selection = self.selection;
        let mut conditions: Vec<String> = Vec::new();
        let mut places = Vec::new();
        if !selection.filter.sql.is_empty() {
            conditions.push(selection.filter.sql.clone());
        }
        if let Some(place) = &selection.from {
            let first = 2 + selection.filter.parameters.len();
            places.extend(
                place
                    .keys
                    .iter()
                    .cloned()
                    .enumerate()
                    .map(|(i, key)| (first + i, key)),
            );
            let fid = first + place.keys.len();
            places.push((fid, place.fid.into()));
            conditions.push(self.beyond(place, first, fid));
        }
        let mut sql = self.select();
        if !conditions.is_empty() {
            sql.push_str(" WHERE ");
            sql.push_str(&conditions.join(" AND "));
        }
        sql.push_str(" ORDER BY ");
        for sort in &selection.sort {
            sql.push_str(&column(&sort.field));
            sql.push_str(if sort.descending == selection.backwards {
                ", "
            } else {
                " DESC, "
            });
        }
        sql.push_str(if selection.backwards {
            "t.fid DESC"
        } else {
            "t.fid"
        });
        // SQLite sorts fewer rows when it knows how many are wanted; one more says whether there is a next page.
        if let Some(limit) = selection.limit {
            sql.push_str(&format!(" LIMIT {}", limit + 1));
        }
        (sql, places)
    }

    /// What lies beyond a place: (k1, k2, fid) > (v1, v2, f), written out because keys may fall and may be unknown. Unknown sorts first, as
    /// SQLite has it.
    fn beyond(&self, place: &Place, first: usize, fid: usize) -> String {
        let mut condition = format!(
            "t.fid {} ?{fid}",
            if self.selection.backwards { "<" } else { ">" }
        );
        for (i, sort) in self.selection.sort.iter().enumerate().rev() {
            let (key, mark) = (column(&sort.field), first + i);
            let unknown = place
                .keys
                .get(i)
                .is_none_or(|key| *key == rusqlite::types::Value::Null);
            condition = match (unknown, sort.descending != self.selection.backwards) {
                (true, false) => format!("({key} IS NOT NULL OR ({condition}))"),
                (true, true) => format!("({key} IS NULL AND ({condition}))"),
                // The first part alone lets an index on the key find the place.
                (false, false) => format!("({key} >= ?{mark} AND ({key} > ?{mark} OR ({condition})))"),
                (false, true) => {
                    format!("({key} < ?{mark} OR {key} IS NULL OR ({key} = ?{mark} AND ({condition})))")
                }
            };
        }
        condition
    }

    /// Hands over a statement's rows; `false` once the page is full or the reader has had enough.
    fn rows(
        &mut self,
        statement: &mut Statement<'_>,
        each: &mut impl FnMut(&RowRef<'_>) -> Result<bool, ApiError>,
    ) -> Result<bool, ApiError> {
        let limit = self.selection.limit.map(|n| n as u64);
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(|e| failed(self.layer, e))? {
            if limit == Some(self.scanned.features) {
                self.scanned.more = true;
                return Ok(false);
            }
            if limit.is_some() && (self.scanned.features == 0 || limit == Some(self.scanned.features + 1)) {
                let place = self.place(row).map_err(|e| failed(self.layer, e))?.encode();
                self.scanned.first.get_or_insert_with(|| place.clone());
                self.scanned.last = Some(place);
            }
            self.scanned.features += 1;
            if !each(&RowRef {
                row,
                fields: &self.selection.fields,
            })? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn place(&self, row: &Row<'_>) -> rusqlite::Result<Place> {
        let first = FIRST_FIELD + self.selection.fields.len();
        let keys = (0..self.selection.sort.len()).map(|i| row.get_ref(first + i).map(owned));
        Ok(Place {
            keys: keys.collect::<rusqlite::Result<_>>()?,
            fid: row.get(0)?,
        })
    }
}

fn table(layer: &VisibleLayer) -> String {
    format!("\"{}\"", layer.name().replace('"', "\"\""))
}

fn and(filter: &Compiled) -> String {
    if filter.sql.is_empty() {
        String::new()
    } else {
        format!(" AND {}", filter.sql)
    }
}

/// The filter's parameters are numbered from 2 on.
fn bind_filter(statement: &mut Statement<'_>, filter: &Compiled) -> rusqlite::Result<()> {
    for (i, parameter) in filter.parameters.iter().enumerate() {
        match parameter {
            Parameter::Text(text) => statement.raw_bind_parameter(i + 2, text)?,
            Parameter::Number(n) => statement.raw_bind_parameter(i + 2, n)?,
            Parameter::Shape(wkb) => statement.raw_bind_parameter(i + 2, wkb)?,
        }
    }
    Ok(())
}

fn failed(layer: &VisibleLayer, error: rusqlite::Error) -> ApiError {
    if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) {
        return ApiError::search_too_long();
    }
    LayersError::sqlite(layer.path(), "reading", error).into()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[test]
    fn a_search_ends_by_time_and_when_nobody_waits() {
        assert!(Watch::new(Until::Over(Duration::ZERO)).is_over());
        assert!(!Watch::new(Until::Over(PATIENCE)).is_over());
        let left = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&left);
        let watch = Watch::new(Until::unwanted(move || told.load(Ordering::Relaxed)));
        assert!(!watch.is_over());
        left.store(true, Ordering::Relaxed);
        assert!(watch.is_over());
        let impatient = Watch::new(Until::Unwanted {
            given_up: Arc::new(|| false),
            search: Duration::ZERO,
        });
        let worked = (0..3_000_000_u64).fold(0, |sum, n| std::hint::black_box(sum ^ n));
        assert!(impatient.is_over(), "the next feature has not come: {worked}");
    }
}
