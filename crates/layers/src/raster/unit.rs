//! Units of length in which rasters come.

/// The factor from a unit of length to metres; `None` where it is no length known here.
pub(crate) fn metres(unit: &str) -> Option<f64> {
    Some(match unit.trim().to_lowercase().trim_end_matches('.') {
        "m" | "metre" | "metres" | "meter" | "meters" => 1.0,
        "dm" | "decimetre" | "decimetres" | "decimeter" | "decimeters" => 0.1,
        "cm" | "centimetre" | "centimetres" | "centimeter" | "centimeters" => 0.01,
        "mm" | "millimetre" | "millimetres" | "millimeter" | "millimeters" => 0.001,
        "ft" | "foot" | "feet" => 0.3048,
        _ => return None,
    })
}
