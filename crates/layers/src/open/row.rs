//! A record's values.

use gdal::vector::{Feature, FieldValue, Layer, LayerAccess};

use super::field_type;
use crate::value::{Field, FieldType, Value};

/// The columns of a layer.
pub(super) fn columns(layer: &Layer<'_>) -> Vec<Field> {
    layer
        .defn()
        .fields()
        .map(|field| Field::new(field.name(), field_type(field.field_type())))
        .collect()
}

/// One value per column, `None` where the record has none.
pub(super) fn values(
    feature: &Feature<'_>,
    columns: &[Field],
    order: &[Option<usize>],
) -> Vec<Option<Value>> {
    columns
        .iter()
        .zip(order)
        .map(|(column, index)| value(feature, (*index)?, column.kind))
        .collect()
}

fn value(feature: &Feature<'_>, index: usize, kind: FieldType) -> Option<Value> {
    let text = |feature: &Feature<'_>| {
        feature
            .field_as_string(index)
            .ok()
            .flatten()
            .filter(|text| !text.is_empty())
    };
    if kind == FieldType::Text {
        // Lists and times too: GDAL writes them out.
        return text(feature).map(Value::Text);
    }
    // A field that the record lacks altogether is "unset", not "null": asked for a number, GDAL would answer 0. Its text is empty.
    text(feature)?;
    match feature.field(index).ok()?? {
        FieldValue::IntegerValue(n) => Some(Value::Integer(i64::from(n))),
        FieldValue::Integer64Value(n) => Some(Value::Integer(n)),
        FieldValue::RealValue(n) => n.is_finite().then_some(Value::Number(n)),
        FieldValue::DateValue(_) => text(feature)?.replace('/', "-").parse().ok().map(Value::Date),
        _ => None,
    }
}
