//! A filter checked against the fields that may be seen, and written as SQL with bound parameters.
//!
//! A field that is not in the [`Schema`] does not exist: the answer is the same for one that is hidden and one that never was.

use geo::BoundingRect;
use phteah_layers::text::search_form;
use phteah_layers::{FieldType, is_working};

use super::ast::{Arithmetic, Expr, date, timestamp};
use super::functions::SpatialOp;
use super::{About, FilterError, Result, shown};

/// Name under which filters and queryables know a feature's shape.
pub const GEOMETRY: &str = "geometry";

/// Name and type of each field that a filter may speak of, the id included.
pub type Schema<'a> = [(&'a str, FieldType)];

/// A value bound to a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Parameter {
    /// A text, a day or a moment.
    Text(String),
    /// A number.
    Number(f64),
    /// A shape as WKB, in the layer's CRS.
    Shape(Vec<u8>),
}

/// A filter as SQL over the table `t`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Compiled {
    /// A condition, whole in brackets; empty if there is none.
    pub sql: String,
    /// Its parameters, in the order of their numbers.
    pub parameters: Vec<Parameter>,
    /// The box, in the layer's CRS, that the box of every matching feature meets; `None` where the filter says nothing of place.
    pub within: Option<[f64; 4]>,
}

/// Compiles a filter. Its parameters are numbered from `first` on.
pub fn compile(expr: &Expr, schema: &Schema<'_>, first: usize) -> Result<Compiled> {
    let mut compiler = Compiler {
        schema,
        parameters: Vec::new(),
    };
    let sql = compiler.predicate(expr)?;
    let within = Compiler::within(expr);
    let (sql, parameters) = numbered(&sql, &compiler.parameters, first);
    Ok(Compiled {
        sql,
        parameters,
        within,
    })
}

/// Numbers the parameters that the SQL really names, in its order: a filter may hold a value that decides nothing, such as the start of an
/// interval that something is after, and SQLite refuses to bind what a statement does not have.
fn numbered(sql: &str, bound: &[Parameter], first: usize) -> (String, Vec<Parameter>) {
    let mut out = String::with_capacity(sql.len());
    let (mut used, mut in_name): (Vec<usize>, bool) = (Vec::new(), false);
    let mut signs = sql.chars().peekable();
    while let Some(sign) = signs.next() {
        out.push(sign);
        in_name ^= sign == '"';
        if sign != '?' || in_name {
            continue;
        }
        let mut index = 0;
        while let Some(digit) = signs.peek().and_then(|c| c.to_digit(10)) {
            index = index * 10 + digit as usize;
            signs.next();
        }
        let place = used.iter().position(|other| *other == index).unwrap_or_else(|| {
            used.push(index);
            used.len() - 1
        });
        out.push_str(&(first + place).to_string());
    }
    let parameters = used.into_iter().filter_map(|index| bound.get(index).cloned());
    (out, parameters.collect())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Number,
    Boolean,
    Date,
    /// Only ever written in the filter: layers hold days.
    Moment,
}

impl Type {
    fn noun(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a day",
            Self::Moment => "a moment",
        }
    }
}

struct Compiler<'a> {
    schema: &'a Schema<'a>,
    parameters: Vec<Parameter>,
}

impl Compiler<'_> {
    fn bind(&mut self, parameter: Parameter) -> String {
        // The same text, number or shape twice is one parameter. [`numbered`] gives the numbers.
        let place = self
            .parameters
            .iter()
            .position(|p| *p == parameter)
            .unwrap_or_else(|| {
                self.parameters.push(parameter);
                self.parameters.len() - 1
            });
        format!("?{place}")
    }

    fn predicate(&mut self, expr: &Expr) -> Result<String> {
        match expr {
            Expr::And(_) | Expr::Or(_) => {
                let mut parts = Vec::new();
                self.joined(expr, matches!(expr, Expr::And(_)), &mut parts)?;
                Ok(balanced(
                    &parts,
                    if matches!(expr, Expr::And(_)) { "AND" } else { "OR" },
                ))
            }
            Expr::Not(inner) => Ok(format!("(NOT {})", self.predicate(inner)?)),
            Expr::Compare(op, a, b) => {
                let [a, b] = &self.alike(&[a, b])?[..] else {
                    return Err(FilterError::new("A comparison has two sides."));
                };
                Ok(format!("({a} {} {b})", op.sign()))
            }
            Expr::Between(value, low, high) => {
                let [value, low, high] = &self.alike(&[value, low, high])?[..] else {
                    return Err(FilterError::new("BETWEEN has two bounds."));
                };
                Ok(format!("({value} BETWEEN {low} AND {high})"))
            }
            Expr::Like(value, pattern) => {
                let pattern = &searchable(value, pattern);
                let ((value, kind), (pattern, k)) = (self.value(value)?, self.value(pattern)?);
                if (kind, k) != (Type::Text, Type::Text) {
                    return Err(FilterError::about(
                        About::Kinds,
                        "LIKE compares a text with a pattern: name LIKE 'Toul%'.",
                    ));
                }
                Ok(format!("ph_like({value}, {pattern})"))
            }
            Expr::In(value, list) => {
                let all: Vec<&Expr> = std::iter::once(value.as_ref()).chain(list).collect();
                let all = self.alike(&all)?;
                Ok(format!("({} IN ({}))", all[0], all[1..].join(", ")))
            }
            Expr::IsNull(value) => self.is_null(value),
            Expr::Call(name, arguments) if name.starts_with("s_") => self.spatial(name, arguments),
            Expr::Call(name, arguments) if name.starts_with("t_") => self.temporal(name, arguments),
            Expr::Call(name, arguments) if ["casei", "accenti"].contains(&name.as_str()) => {
                self.text_function(name, arguments)?;
                Err(no_condition())
            }
            Expr::Property(_) | Expr::Boolean(_) => match self.value(expr)? {
                (sql, Type::Boolean) => Ok(format!("({sql})")),
                (_, kind) => Err(FilterError::new(format!(
                    "A condition is missing: {} alone is none.",
                    kind.noun()
                ))),
            },
            Expr::Call(name, _) => Err(no_function(name)),
            _ => Err(no_condition()),
        }
    }

    /// The parts of a chain of ANDs or ORs, those of chains within it included: programs write `((a AND b) AND c) AND d`.
    fn joined(&mut self, expr: &Expr, and: bool, parts: &mut Vec<String>) -> Result<()> {
        match expr {
            Expr::And(inner) if and => inner.iter().try_for_each(|part| self.joined(part, and, parts)),
            Expr::Or(inner) if !and => inner.iter().try_for_each(|part| self.joined(part, and, parts)),
            other => {
                parts.push(self.predicate(other)?);
                Ok(())
            }
        }
    }

    fn is_null(&mut self, value: &Expr) -> Result<String> {
        match value {
            Expr::Property(name) if name == GEOMETRY => Ok("(t.geom IS NULL)".to_owned()),
            Expr::Geometry(_) | Expr::Nowhere => Ok("(0)".to_owned()),
            Expr::Interval(..) => {
                let mut span = [Span::of(value)];
                let kind = self.times(&mut span)?;
                let [Span { start, end }] = span;
                let (start, end) = (self.end(start, kind, FIRST)?, self.end(end, kind, LAST)?);
                Ok(format!("({start} IS NULL OR {end} IS NULL)"))
            }
            other => Ok(format!("({} IS NULL)", self.value(other)?.0)),
        }
    }

    /// Values that are compared with each other, of one type. A text that is written in the filter can stand for a day or a moment, and a
    /// moment is compared with days as the day it is part of, in UTC.
    fn alike(&mut self, all: &[&Expr]) -> Result<Vec<String>> {
        let searched: Vec<Expr>;
        let mut all = all.to_vec();
        if let Some(first) = all
            .first()
            .copied()
            .filter(|first| matches!(first, Expr::Property(_)))
        {
            searched = all.iter().map(|other| searchable(first, other)).collect();
            all = searched.iter().collect();
        }
        let mut kinds = Vec::with_capacity(all.len());
        for expr in &all {
            kinds.push(self.value(expr)?.1);
        }
        let first = kinds[0];
        let time = [Type::Date, Type::Moment]
            .into_iter()
            .find(|kind| kinds.contains(kind));
        let mut values = Vec::with_capacity(all.len());
        for (expr, kind) in all.iter().zip(&kinds) {
            let cast = time.and_then(|time| as_time(expr, time));
            let (sql, kind) = match cast {
                Some(time) => self.value(&time)?,
                None => (self.value(expr)?.0, *kind),
            };
            same(time.unwrap_or(first), kind)?;
            values.push(sql);
        }
        Ok(values)
    }

    fn value(&mut self, expr: &Expr) -> Result<(String, Type)> {
        Ok(match expr {
            Expr::Property(name) => self.field(name)?,
            Expr::Text(text) => (self.bind(Parameter::Text(text.clone())), Type::Text),
            Expr::Number(n) => (self.bind(Parameter::Number(*n)), Type::Number),
            Expr::Boolean(b) => (if *b { "1" } else { "0" }.to_owned(), Type::Boolean),
            Expr::Date(day) => (self.bind(Parameter::Text(day.to_string())), Type::Date),
            Expr::Timestamp(at) => (self.bind(Parameter::Text(sortable(*at))), Type::Moment),
            Expr::Arithmetic(op, a, b) => {
                let ((a, ka), (b, kb)) = (self.value(a)?, self.value(b)?);
                if (ka, kb) != (Type::Number, Type::Number) {
                    return Err(FilterError::about(
                        About::Kinds,
                        "Only numbers can be calculated with.",
                    ));
                }
                (calculation(*op, &a, &b), Type::Number)
            }
            Expr::Call(name, arguments) if ["casei", "accenti"].contains(&name.as_str()) => {
                (self.text_function(name, arguments)?, Type::Text)
            }
            Expr::Interval(..) => {
                return Err(FilterError::about(
                    About::Time,
                    "An interval is compared by functions: T_DURING(day, INTERVAL('…', '…')).",
                ));
            }
            Expr::Geometry(_) | Expr::Nowhere => {
                return Err(FilterError::about(
                    About::Shape,
                    "A shape is compared by functions: S_INTERSECTS(geometry, POLYGON(…)).",
                ));
            }
            condition => (self.predicate(condition)?, Type::Boolean),
        })
    }

    fn text_function(&mut self, name: &str, arguments: &[Expr]) -> Result<String> {
        let upper = name.to_uppercase();
        let [argument] = arguments else {
            return Err(FilterError::about(
                About::Kinds,
                format!("{upper} takes one text: {upper}(name) = {upper}('toul kork')."),
            ));
        };
        match self.value(argument)? {
            (sql, Type::Text) => Ok(format!("ph_{name}({sql})")),
            (_, kind) => Err(FilterError::about(
                About::Kinds,
                format!("{upper} takes a text, not {}.", kind.noun()),
            )),
        }
    }

    fn field(&self, name: &str) -> Result<(String, Type)> {
        if name == GEOMETRY {
            return Err(FilterError::about(
                About::Shape,
                "The geometry is compared by functions: S_INTERSECTS(geometry, POLYGON(…)).",
            ));
        }
        let Some((name, kind)) = self.schema.iter().find(|(field, _)| *field == name) else {
            let known = self.schema.iter().map(|(field, _)| *field);
            let known: Vec<&str> = known.filter(|field| !is_working(field)).collect();
            let (name, known) = (shown(name), known.join(", "));
            let message = format!("There is no field '{name}'. There are: {known}, {GEOMETRY}.");
            return Err(FilterError::about(About::Field { name, known }, message));
        };
        let kind = match kind {
            FieldType::Text => Type::Text,
            FieldType::Number | FieldType::Integer => Type::Number,
            FieldType::Boolean => Type::Boolean,
            FieldType::Date => Type::Date,
        };
        Ok((column(name), kind))
    }

    fn spatial(&mut self, name: &str, arguments: &[Expr]) -> Result<String> {
        let op = SpatialOp::from_name(name)
            .ok_or_else(|| FilterError::new(format!("There is no spatial function '{}'.", shown(name))))?;
        let [a, b] = arguments else {
            return Err(FilterError::about(
                About::Shape,
                format!("{} compares two shapes.", name.to_uppercase()),
            ));
        };
        // The field first: SQLite hands its shape over row by row, the other is read once.
        let swap = !matches!(a, Expr::Property(_)) && matches!(b, Expr::Property(_));
        let (a, b, op) = if swap { (b, a, op.converse()) } else { (a, b, op) };
        match (self.shape(a)?, self.shape(b)?) {
            (Some(a), Some(b)) => Ok(format!("ph_spatial({}, {a}, {b})", op as i64)),
            // A shape far from the layer shares no point with any feature that has a place.
            (Some(there), None) | (None, Some(there)) => Ok(format!(
                "(CASE WHEN {there} IS NOT NULL THEN {} END)",
                i32::from(op == SpatialOp::Disjoint)
            )),
            (None, None) => Err(FilterError::about(
                About::Shape,
                format!(
                    "{} compares with the features' shape, {GEOMETRY}.",
                    name.to_uppercase()
                ),
            )),
        }
    }

    fn shape(&mut self, expr: &Expr) -> Result<Option<String>> {
        match expr {
            Expr::Property(name) if name == GEOMETRY => Ok(Some("t.geom".to_owned())),
            Expr::Property(name) => {
                self.field(name)?;
                Err(FilterError::about(
                    About::Shape,
                    format!(
                        "'{}' is no shape; the features' shape is called {GEOMETRY}.",
                        shown(name)
                    ),
                ))
            }
            Expr::Nowhere => Ok(None),
            Expr::Geometry(shape) => {
                let mut wkb = Vec::new();
                phteah_layers::wkb::write(shape, &mut wkb);
                Ok(Some(self.bind(Parameter::Shape(wkb))))
            }
            _ => Err(FilterError::about(
                About::Shape,
                format!("A shape is expected: {GEOMETRY}, POLYGON(…), BBOX(…)."),
            )),
        }
    }

    fn temporal(&mut self, name: &str, arguments: &[Expr]) -> Result<String> {
        let [a, b] = arguments else {
            return Err(FilterError::about(
                About::Time,
                format!("{} compares two times.", shown(&name.to_uppercase())),
            ));
        };
        let mut spans = [Span::of(a), Span::of(b)];
        let kind = self.times(&mut spans)?;
        let [a, b] = spans;
        let (a0, a1) = (self.end(a.start, kind, FIRST)?, self.end(a.end, kind, LAST)?);
        let (b0, b1) = (self.end(b.start, kind, FIRST)?, self.end(b.end, kind, LAST)?);
        Ok(match name {
            "t_after" => format!("({a0} > {b1})"),
            "t_before" => format!("({a1} < {b0})"),
            "t_contains" => format!("({a0} < {b0} AND {a1} > {b1})"),
            "t_disjoint" => format!("({a1} < {b0} OR {a0} > {b1})"),
            "t_during" => format!("({a0} > {b0} AND {a1} < {b1})"),
            "t_equals" => format!("({a0} = {b0} AND {a1} = {b1})"),
            "t_finishedby" => format!("({a0} < {b0} AND {a1} = {b1})"),
            "t_finishes" => format!("({a0} > {b0} AND {a1} = {b1})"),
            "t_intersects" => format!("({a0} <= {b1} AND {a1} >= {b0})"),
            "t_meets" => format!("({a1} = {b0})"),
            "t_metby" => format!("({a0} = {b1})"),
            "t_overlappedby" => format!("({a0} > {b0} AND {a0} < {b1} AND {a1} > {b1})"),
            "t_overlaps" => format!("({a0} < {b0} AND {a1} > {b0} AND {a1} < {b1})"),
            "t_startedby" => format!("({a0} = {b0} AND {a1} > {b1})"),
            "t_starts" => format!("({a0} = {b0} AND {a1} < {b1})"),
            other => {
                return Err(FilterError::new(format!(
                    "There is no temporal function '{}'.",
                    shown(other)
                )));
            }
        })
    }

    /// Whether times are compared as days or as moments: as days as soon as one of them is a day. Texts become what they stand for.
    fn times(&mut self, spans: &mut [Span]) -> Result<Type> {
        let mut kind = Type::Moment;
        for end in spans
            .iter_mut()
            .flat_map(|span| [&mut span.start, &mut span.end])
            .flatten()
        {
            if let Expr::Text(text) = &*end {
                let time = as_time(end, Type::Moment).or_else(|| as_time(end, Type::Date));
                let not_one = || {
                    FilterError::about(
                        About::Time,
                        format!(
                            "'{}' is no end of an interval: write a day, a moment or '..'.",
                            shown(text)
                        ),
                    )
                };
                *end = time.ok_or_else(not_one)?;
            }
            match self.value(end)?.1 {
                Type::Moment => {}
                Type::Date => kind = Type::Date,
                other => {
                    return Err(FilterError::about(
                        About::Time,
                        format!("A day is expected, not {}: DATE('2026-03-01').", other.noun()),
                    ));
                }
            }
        }
        Ok(kind)
    }

    /// One end of a time as SQL.
    fn end(&mut self, end: Option<Expr>, kind: Type, open: &str) -> Result<String> {
        match end {
            None => Ok(open.to_owned()),
            Some(end) => Ok(self.value(&as_time(&end, kind).unwrap_or(end))?.0),
        }
    }

    /// The box outside of which nothing matches; only conditions that hold for every match say something.
    fn within(expr: &Expr) -> Option<[f64; 4]> {
        match expr {
            Expr::And(parts) => parts
                .iter()
                .filter_map(Self::within)
                .reduce(|a, b| [a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]),
            Expr::Call(name, arguments) => {
                let op = SpatialOp::from_name(name).filter(|op| *op != SpatialOp::Disjoint)?;
                let ([Expr::Property(_), Expr::Geometry(shape)] | [Expr::Geometry(shape), Expr::Property(_)]) =
                    arguments.as_slice()
                else {
                    return None;
                };
                let rect = shape.bounding_rect()?;
                let by = op.slack();
                Some([
                    rect.min().x - by,
                    rect.min().y - by,
                    rect.max().x + by,
                    rect.max().y + by,
                ])
            }
            _ => None,
        }
    }
}

/// What a working column is compared with goes through the same function as what is stored in it.
fn searchable(value: &Expr, other: &Expr) -> Expr {
    match (value, other) {
        (Expr::Property(name), Expr::Text(text)) if is_working(name) => Expr::Text(search_form(text)),
        _ => other.clone(),
    }
}

/// Days and moments are texts that sort by time, so an open end is a text before or after all of them.
const FIRST: &str = "'0000'";
const LAST: &str = "'9999-99'";

/// First and last moment of a time; `None` is an open end.
struct Span {
    start: Option<Expr>,
    end: Option<Expr>,
}

impl Span {
    fn of(expr: &Expr) -> Self {
        let end = |end: &Expr| match end {
            Expr::Text(text) if text == ".." => None,
            other => Some(other.clone()),
        };
        if let Expr::Interval(first, last) = expr {
            return Self {
                start: end(first),
                end: end(last),
            };
        }
        Self {
            start: Some(expr.clone()),
            end: Some(expr.clone()),
        }
    }
}

/// A moment so that texts sort by time.
fn sortable(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%9fZ").to_string()
}

/// What is written in a filter as a day or a moment, if it can be one.
fn as_time(expr: &Expr, kind: Type) -> Option<Expr> {
    let day = |at: jiff::Timestamp| Expr::Date(at.to_zoned(jiff::tz::TimeZone::UTC).date());
    match (expr, kind) {
        (Expr::Timestamp(at), Type::Date) => Some(day(*at)),
        (Expr::Text(text), Type::Date) => date(text).map(Expr::Date).or_else(|| timestamp(text).map(day)),
        (Expr::Text(text), Type::Moment) => timestamp(text).map(Expr::Timestamp),
        _ => None,
    }
}

fn no_condition() -> FilterError {
    FilterError::new("A condition is missing: write for example price < 100 or name LIKE 'Toul%'.")
}

fn no_function(name: &str) -> FilterError {
    let name = shown(name);
    let message = format!(
        "There is no function '{name}' here. There are CASEI, ACCENTI, S_INTERSECTS and its kin, T_AFTER and its kin."
    );
    FilterError::about(About::Function(name), message)
}

fn same(a: Type, b: Type) -> Result<()> {
    if a == b {
        return Ok(());
    }
    let hint = if [a, b]
        .iter()
        .any(|kind| [Type::Date, Type::Moment].contains(kind))
    {
        ": write days as DATE('2026-03-01')"
    } else {
        ""
    };
    Err(FilterError::about(
        About::Kinds,
        format!("{} cannot be compared with {}{hint}.", upper(a.noun()), b.noun()),
    ))
}

fn upper(text: &str) -> String {
    let mut signs = text.chars();
    signs
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

/// A column of the table `t`, quoted.
pub fn column(name: &str) -> String {
    format!("t.\"{}\"", name.replace('"', "\"\""))
}

fn calculation(op: Arithmetic, a: &str, b: &str) -> String {
    match op {
        Arithmetic::Add => format!("({a} + {b})"),
        Arithmetic::Subtract => format!("({a} - {b})"),
        Arithmetic::Multiply => format!("({a} * {b})"),
        // SQL divides whole numbers into whole numbers; the parts of a filter are numbers like any other.
        Arithmetic::Divide => format!("({a} * 1.0 / {b})"),
        Arithmetic::WholeDivide => format!("ph_div({a}, {b})"),
        Arithmetic::Modulo => format!("ph_mod({a}, {b})"),
        Arithmetic::Power => format!("ph_pow({a}, {b})"),
    }
}

/// Joins conditions as a balanced tree: SQLite refuses trees deeper than 1,000, and a row of 500 ORs would be one.
fn balanced(parts: &[String], word: &str) -> String {
    match parts {
        [] => "(1)".to_owned(),
        [one] => one.clone(),
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            format!("({} {word} {})", balanced(left, word), balanced(right, word))
        }
    }
}
