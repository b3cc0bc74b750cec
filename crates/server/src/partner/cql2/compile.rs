//! A filter checked against the fields that may be seen, and written as SQL with bound parameters.
//!
//! A field that is not in the [`Schema`] does not exist: the answer is the same for one that is hidden and one that never was.

use geo::BoundingRect;
use phteah_layers::FieldType;

use super::ast::{Arithmetic, Comparison, Expr};
use super::functions::SpatialOp;
use super::{FilterError, Result, shown};

/// Name under which filters and queryables know a feature's shape.
pub const GEOMETRY: &str = "geometry";

/// Name and type of each field that a filter may speak of, the id included.
pub type Schema<'a> = [(&'a str, FieldType)];

/// A value bound to a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Parameter {
    /// A text or a day.
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
        first,
        parameters: Vec::new(),
    };
    let sql = compiler.predicate(expr)?;
    let within = Compiler::within(expr);
    Ok(Compiled {
        sql,
        parameters: compiler.parameters,
        within,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Number,
    Boolean,
    Date,
}

impl Type {
    fn noun(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a day",
        }
    }
}

struct Compiler<'a> {
    schema: &'a Schema<'a>,
    first: usize,
    parameters: Vec<Parameter>,
}

impl Compiler<'_> {
    fn bind(&mut self, parameter: Parameter) -> String {
        // The same text, number or shape twice is one parameter.
        let place = self
            .parameters
            .iter()
            .position(|p| *p == parameter)
            .unwrap_or_else(|| {
                self.parameters.push(parameter);
                self.parameters.len() - 1
            });
        format!("?{}", self.first + place)
    }

    fn predicate(&mut self, expr: &Expr) -> Result<String> {
        match expr {
            Expr::And(parts) | Expr::Or(parts) => {
                let sql: Result<Vec<_>> = parts.iter().map(|part| self.predicate(part)).collect();
                Ok(balanced(
                    &sql?,
                    if matches!(expr, Expr::And(_)) { "AND" } else { "OR" },
                ))
            }
            Expr::Not(inner) => Ok(format!("(NOT {})", self.predicate(inner)?)),
            Expr::Compare(op, a, b) => self.comparison(*op, a, b),
            Expr::Between(value, low, high) => {
                let [(value, kind), (low, k1), (high, k2)] =
                    [self.value(value)?, self.value(low)?, self.value(high)?];
                same(kind, k1)?;
                same(kind, k2)?;
                if kind == Type::Boolean {
                    return Err(FilterError::new(
                        "BETWEEN compares numbers, texts or days, not true and false.",
                    ));
                }
                Ok(format!("({value} BETWEEN {low} AND {high})"))
            }
            Expr::Like(value, pattern) => {
                let ((value, kind), (pattern, k)) = (self.value(value)?, self.value(pattern)?);
                if (kind, k) != (Type::Text, Type::Text) {
                    return Err(FilterError::new(
                        "LIKE compares a text with a pattern: name LIKE 'Toul%'.",
                    ));
                }
                Ok(format!("ph_like({value}, {pattern})"))
            }
            Expr::In(value, list) => {
                let (value, kind) = self.value(value)?;
                let mut items = Vec::with_capacity(list.len());
                for item in list {
                    let (item, k) = self.value(item)?;
                    same(kind, k)?;
                    items.push(item);
                }
                Ok(format!("({value} IN ({}))", items.join(", ")))
            }
            Expr::IsNull(value) => {
                if matches!(value.as_ref(), Expr::Property(name) if name == GEOMETRY) {
                    return Ok("(t.geom IS NULL)".to_owned());
                }
                Ok(format!("({} IS NULL)", self.value(value)?.0))
            }
            Expr::Call(name, arguments) if name.starts_with("s_") => self.spatial(name, arguments),
            Expr::Call(name, arguments) if name.starts_with("t_") => self.temporal(name, arguments),
            Expr::Property(_) | Expr::Boolean(_) => match self.value(expr)? {
                (sql, Type::Boolean) => Ok(format!("({sql})")),
                (_, kind) => Err(FilterError::new(format!(
                    "A condition is missing: {} alone is none.",
                    kind.noun()
                ))),
            },
            _ => Err(FilterError::new(
                "A condition is missing: write for example price < 100 or name LIKE 'Toul%'.",
            )),
        }
    }

    fn comparison(&mut self, op: Comparison, a: &Expr, b: &Expr) -> Result<String> {
        let ((a, ka), (b, kb)) = (self.value(a)?, self.value(b)?);
        same(ka, kb)?;
        if ka == Type::Boolean && !matches!(op, Comparison::Equal | Comparison::NotEqual) {
            return Err(FilterError::new(
                "true and false are equal or not; neither is greater.",
            ));
        }
        Ok(format!("({a} {} {b})", op.sign()))
    }

    fn value(&mut self, expr: &Expr) -> Result<(String, Type)> {
        Ok(match expr {
            Expr::Property(name) => self.field(name)?,
            Expr::Text(text) => (self.bind(Parameter::Text(text.clone())), Type::Text),
            Expr::Number(n) => (self.bind(Parameter::Number(*n)), Type::Number),
            Expr::Boolean(b) => (if *b { "1" } else { "0" }.to_owned(), Type::Boolean),
            Expr::Date(day) => (self.bind(Parameter::Text(day.to_string())), Type::Date),
            Expr::Arithmetic(op, a, b) => {
                let ((a, ka), (b, kb)) = (self.value(a)?, self.value(b)?);
                if (ka, kb) != (Type::Number, Type::Number) {
                    return Err(FilterError::new("Only numbers can be calculated with."));
                }
                (calculation(*op, &a, &b), Type::Number)
            }
            Expr::Call(name, arguments) if name == "casei" => {
                let [argument] = arguments.as_slice() else {
                    return Err(FilterError::new(
                        "CASEI takes one text: CASEI(name) = CASEI('toul kork').",
                    ));
                };
                match self.value(argument)? {
                    (sql, Type::Text) => (format!("ph_casei({sql})"), Type::Text),
                    (_, kind) => {
                        return Err(FilterError::new(format!(
                            "CASEI takes a text, not {}.",
                            kind.noun()
                        )));
                    }
                }
            }
            Expr::Call(name, _) => {
                return Err(FilterError::new(format!(
                    "There is no function '{}' here. There are CASEI, S_INTERSECTS and its kin, T_AFTER and its kin.",
                    shown(name)
                )));
            }
            Expr::Timestamp(_) => {
                return Err(FilterError::new(
                    "The layers hold days, not moments: write DATE('2026-03-01').",
                ));
            }
            Expr::Interval(..) => {
                return Err(FilterError::new(
                    "An interval is compared by functions: T_DURING(day, INTERVAL('…', '…')).",
                ));
            }
            Expr::Geometry(_) | Expr::Nowhere => {
                return Err(FilterError::new(
                    "A shape is compared by functions: S_INTERSECTS(geometry, POLYGON(…)).",
                ));
            }
            _ => {
                return Err(FilterError::new(
                    "A condition stands where a field or a value belongs.",
                ));
            }
        })
    }

    fn field(&self, name: &str) -> Result<(String, Type)> {
        if name == GEOMETRY {
            return Err(FilterError::new(
                "The geometry is compared by functions: S_INTERSECTS(geometry, POLYGON(…)).",
            ));
        }
        let Some((name, kind)) = self.schema.iter().find(|(field, _)| *field == name) else {
            let known: Vec<&str> = self.schema.iter().map(|(field, _)| *field).collect();
            return Err(FilterError::new(format!(
                "There is no field '{}'. There are: {}, {GEOMETRY}.",
                shown(name),
                known.join(", ")
            )));
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
            return Err(FilterError::new(format!(
                "{} compares two shapes.",
                name.to_uppercase()
            )));
        };
        // The field first: SQLite hands its shape over row by row, the other is read once.
        let swap = !matches!(a, Expr::Property(_)) && matches!(b, Expr::Property(_));
        let (a, b, op) = if swap { (b, a, op.converse()) } else { (a, b, op) };
        let (Some(a), Some(b)) = (self.shape(a)?, self.shape(b)?) else {
            // A shape far from the layer shares no point with any feature.
            return Ok(if op == SpatialOp::Disjoint { "(1)" } else { "(0)" }.to_owned());
        };
        Ok(format!("ph_spatial({}, {a}, {b})", op as i64))
    }

    fn shape(&mut self, expr: &Expr) -> Result<Option<String>> {
        match expr {
            Expr::Property(name) if name == GEOMETRY => Ok(Some("t.geom".to_owned())),
            Expr::Property(name) => {
                self.field(name)?;
                Err(FilterError::new(format!(
                    "'{}' is no shape; the features' shape is called {GEOMETRY}.",
                    shown(name)
                )))
            }
            Expr::Nowhere => Ok(None),
            Expr::Geometry(shape) => {
                let mut wkb = Vec::new();
                phteah_layers::wkb::write(shape, &mut wkb);
                Ok(Some(self.bind(Parameter::Shape(wkb))))
            }
            _ => Err(FilterError::new(format!(
                "A shape is expected: {GEOMETRY}, POLYGON(…), BBOX(…)."
            ))),
        }
    }

    fn temporal(&mut self, name: &str, arguments: &[Expr]) -> Result<String> {
        let [a, b] = arguments else {
            return Err(FilterError::new(format!(
                "{} compares two times.",
                shown(&name.to_uppercase())
            )));
        };
        let (first, second) = (self.span(a)?, self.span(b)?);
        let ((a0, a1), (b0, b1)) = (&first, &second);
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

    /// First and last day of a time as SQL. Days are texts that sort by time, so an open end is a text before or after all of them.
    fn span(&mut self, expr: &Expr) -> Result<(String, String)> {
        if let Expr::Interval(start, end) = expr {
            return Ok((self.end(start, "'0000'")?, self.end(end, "'9999-99'")?));
        }
        let day = self.day(expr)?;
        Ok((day.clone(), day))
    }

    fn end(&mut self, expr: &Expr, open: &str) -> Result<String> {
        match expr {
            Expr::Text(text) if text == ".." => Ok(open.to_owned()),
            Expr::Text(text) => match super::ast::date(text) {
                Some(day) => self.day(&Expr::Date(day)),
                None => Err(FilterError::new(format!(
                    "'{}' is no end of an interval: write a day or '..'.",
                    shown(text)
                ))),
            },
            other => self.day(other),
        }
    }

    fn day(&mut self, expr: &Expr) -> Result<String> {
        match self.value(expr)? {
            (sql, Type::Date) => Ok(sql),
            (_, kind) => Err(FilterError::new(format!(
                "A day is expected, not {}: DATE('2026-03-01').",
                kind.noun()
            ))),
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
                SpatialOp::from_name(name).filter(|op| *op != SpatialOp::Disjoint)?;
                let ([Expr::Property(_), Expr::Geometry(shape)] | [Expr::Geometry(shape), Expr::Property(_)]) =
                    arguments.as_slice()
                else {
                    return None;
                };
                let rect = shape.bounding_rect()?;
                Some([rect.min().x, rect.min().y, rect.max().x, rect.max().y])
            }
            _ => None,
        }
    }
}

fn same(a: Type, b: Type) -> Result<()> {
    if a == b {
        return Ok(());
    }
    let hint = if [a, b].contains(&Type::Date) && [a, b].contains(&Type::Text) {
        ": write days as DATE('2026-03-01')"
    } else {
        ""
    };
    Err(FilterError::new(format!(
        "{} cannot be compared with {}{hint}.",
        upper(a.noun()),
        b.noun()
    )))
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
