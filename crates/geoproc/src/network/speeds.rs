//! Speeds per mode and road class.

use super::{Mode, WALKING_PACE};

/// How fast each mode travels on a road, in km/h; `None` where it may not go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModeSpeeds {
    /// On foot.
    pub walk: Option<f64>,
    /// By motorbike.
    pub motorbike: Option<f64>,
}

impl ModeSpeeds {
    /// The speed of a mode.
    pub fn of(&self, mode: Mode) -> Option<f64> {
        match mode {
            Mode::Walk => self.walk,
            Mode::Motorbike => self.motorbike,
        }
    }
}

/// Classes on which nobody travels: not there yet, not there any more, or not for going anywhere.
pub const CLOSED_CLASSES: &[&str] = &[
    "closed",
    "proposed",
    "planned",
    "construction",
    "disused",
    "abandoned",
    "demolished",
    "razed",
    "removed",
    "dismantled",
    "destroyed",
    "historic",
    "no",
    "raceway",
    "platform",
    "rest_area",
    "services",
    "elevator",
    "escape",
    "busway",
    "bus_guideway",
    "bus_stop",
    "emergency_bay",
    "emergency_access_point",
    "via_ferrata",
    "ladder",
];

/// Default speeds of a road class, named as OpenStreetMap's `highway` values; `_link` classes travel like their main
/// class. `None` for a class that is not known: the caller says what becomes of it.
///
/// Motorbike speeds are door-to-door averages in a dense city, below the legal limits, as a deployment's own
/// assumptions; set your own where they are known. Walking is 4.5 km/h wherever it is allowed.
pub fn default_speeds(class: &str) -> Option<ModeSpeeds> {
    let class = class.trim().to_lowercase();
    let class = class.as_str();
    let (walk, motorbike) = match class.strip_suffix("_link").unwrap_or(class) {
        // Expressways are closed to walkers and to motorbikes alike.
        "motorway" => (None, None),
        closed if CLOSED_CLASSES.contains(&closed) => (None, None),
        "trunk" => (Some(WALKING_PACE), Some(35.0)),
        "primary" => (Some(WALKING_PACE), Some(30.0)),
        "secondary" => (Some(WALKING_PACE), Some(28.0)),
        "tertiary" => (Some(WALKING_PACE), Some(25.0)),
        "unclassified" | "residential" | "road" => (Some(WALKING_PACE), Some(20.0)),
        "living_street" | "service" | "track" => (Some(WALKING_PACE), Some(15.0)),
        "path" | "cycleway" | "bridleway" => (Some(WALKING_PACE), Some(10.0)),
        "footway" | "pedestrian" | "steps" | "corridor" => (Some(WALKING_PACE), None),
        _ => return None,
    };
    Some(ModeSpeeds { walk, motorbike })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_travel_like_their_class_and_unknown_classes_are_unknown() {
        assert_eq!(default_speeds("trunk_link"), default_speeds("trunk"));
        assert_eq!(default_speeds("0"), None);
        assert_eq!(default_speeds(" Primary"), default_speeds("primary"));
        let proposed = default_speeds("proposed");
        assert!(proposed.is_some_and(|s| s.of(Mode::Walk).is_none() && s.of(Mode::Motorbike).is_none()));
        assert_eq!(default_speeds("steps").and_then(|s| s.of(Mode::Motorbike)), None);
    }
}
