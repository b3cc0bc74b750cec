//! CQL2 JSON. `serde_json` bounds the depth of the text itself; the budget bounds what is made of it.

use serde_json::{Map, Value};

use super::ast::{Arithmetic, Comparison, Expr, date, timestamp};
use super::{About, Budget, FilterError, Result, geojson, shown, wkt};

pub fn parse(text: &str) -> Result<Expr> {
    let value: Value =
        serde_json::from_str(text).map_err(|e| FilterError::new(format!("The filter is no JSON: {e}.")))?;
    expr(&value, &mut Budget::default())
}

fn expr(value: &Value, budget: &mut Budget) -> Result<Expr> {
    budget.node()?;
    match value {
        Value::Bool(b) => Ok(Expr::Boolean(*b)),
        Value::Number(n) => n
            .as_f64()
            .filter(|n| n.is_finite())
            .map(Expr::Number)
            .ok_or_else(|| FilterError::new("A number in the filter is too large.")),
        Value::String(text) => Ok(Expr::Text(text.clone())),
        Value::Object(object) => {
            budget.enter()?;
            let expr = from_object(object, budget)?;
            budget.leave();
            Ok(expr)
        }
        Value::Null | Value::Array(_) => Err(FilterError::new(
            "A list or null stands in the filter where a field or a value belongs.",
        )),
    }
}

fn from_object(object: &Map<String, Value>, budget: &mut Budget) -> Result<Expr> {
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    if let Some(op) = text("op") {
        let Some(arguments) = object.get("args").and_then(Value::as_array) else {
            return Err(FilterError::new(format!(
                "The operation '{}' has no list 'args'.",
                shown(op)
            )));
        };
        return operation(&op.to_lowercase(), arguments, budget);
    }
    if let Some(name) = text("property") {
        return Ok(Expr::Property(name.to_owned()));
    }
    if let Some(day) = text("date") {
        let day = date(day)
            .ok_or_else(|| FilterError::about(About::Time, format!("'{}' is no day.", shown(day))))?;
        return Ok(Expr::Date(day));
    }
    if let Some(at) = text("timestamp") {
        let at = timestamp(at)
            .ok_or_else(|| FilterError::about(About::Time, format!("'{}' is no moment.", shown(at))))?;
        return Ok(Expr::Timestamp(at));
    }
    if let Some(ends) = object.get("interval").and_then(Value::as_array) {
        let [start, end] = ends.as_slice() else {
            return Err(FilterError::about(About::Time, "An interval has two ends."));
        };
        return Ok(Expr::Interval(
            expr(start, budget)?.into(),
            expr(end, budget)?.into(),
        ));
    }
    if let Some(corners) = object.get("bbox").and_then(Value::as_array) {
        let corners: Option<Vec<f64>> = corners.iter().map(Value::as_f64).collect();
        return wkt::bbox(corners.as_deref().unwrap_or_default()).map(Expr::Geometry);
    }
    if let Some(kind) = text("type") {
        return geojson::geometry(kind, object).map(Expr::Geometry);
    }
    Err(FilterError::new(
        "An object in the filter is no operation, property, date, timestamp, interval or geometry.",
    ))
}

fn operation(op: &str, arguments: &[Value], budget: &mut Budget) -> Result<Expr> {
    let wrong = |count: &str| FilterError::new(format!("The operation '{}' takes {count}.", shown(op)));
    let two = |budget: &mut Budget| match arguments {
        [a, b] => Ok((Box::new(expr(a, budget)?), Box::new(expr(b, budget)?))),
        _ => Err(wrong("two arguments")),
    };
    match op {
        "and" | "or" => {
            if arguments.len() < 2 {
                return Err(wrong("two arguments or more"));
            }
            let parts: Result<Vec<_>> = arguments.iter().map(|a| expr(a, budget)).collect();
            return parts.map(if op == "and" { Expr::And } else { Expr::Or });
        }
        "not" | "isnull" => {
            let [argument] = arguments else {
                return Err(wrong("one argument"));
            };
            let argument = Box::new(expr(argument, budget)?);
            return Ok(if op == "not" {
                Expr::Not(argument)
            } else {
                Expr::IsNull(argument)
            });
        }
        "like" => return two(budget).map(|(a, b)| Expr::Like(a, b)),
        "between" => {
            let [value, low, high] = arguments else {
                return Err(wrong("three arguments"));
            };
            let (value, low) = (expr(value, budget)?, expr(low, budget)?);
            return Ok(Expr::Between(
                value.into(),
                low.into(),
                expr(high, budget)?.into(),
            ));
        }
        "in" => {
            let [value, Value::Array(list)] = arguments else {
                return Err(wrong("a value and a list"));
            };
            let value = expr(value, budget)?;
            let list: Result<Vec<_>> = list.iter().map(|v| expr(v, budget)).collect();
            return Ok(Expr::In(value.into(), list?));
        }
        _ => {}
    }
    if let Some(op) = Comparison::from_sign(op) {
        return two(budget).map(|(a, b)| Expr::Compare(op, a, b));
    }
    if let Some(op) = Arithmetic::from_sign(op) {
        return two(budget).map(|(a, b)| Expr::Arithmetic(op, a, b));
    }
    let arguments: Result<Vec<_>> = arguments.iter().map(|a| expr(a, budget)).collect();
    Ok(Expr::Call(op.to_owned(), arguments?))
}
