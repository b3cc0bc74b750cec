//! Roads of any file: their course, who may go how fast on them, and which way.

use std::collections::BTreeMap;
use std::path::Path;

use geo::{Geometry, LineString};
use phteah_geoproc::network::{Direction, Mode, ModeSpeeds, Road, WALKING_PACE, default_speeds};
use phteah_layers::Crs;

use super::{Problems, features, fields};
use crate::commands::CommandError;

/// The roads of a file.
pub struct Roads {
    /// Base name of the file.
    pub file: String,
    /// Those that can be travelled; each part of a road in several parts is one of its own.
    pub usable: Vec<Road>,
    /// Which of them stand above the water beneath them.
    pub bridges: Vec<bool>,
    /// What was wrong with single records.
    pub problems: Problems,
    unusable: BTreeMap<String, usize>,
    closed: BTreeMap<String, usize>,
}

impl Roads {
    /// Classes for which no speed is known, with how many roads there are of each.
    pub fn unusable(&self) -> impl Iterator<Item = (&str, usize)> {
        self.unusable
            .iter()
            .map(|(class, count)| (class.as_str(), *count))
    }

    /// Classes on which nobody travels, with how many roads there are of each.
    pub fn closed(&self) -> impl Iterator<Item = (&str, usize)> {
        self.closed.iter().map(|(class, count)| (class.as_str(), *count))
    }
}

/// Which column holds the roads' classes, and which class stands for those that no speed is known for.
#[derive(Debug, Clone, Copy)]
pub struct Classes<'a> {
    /// The column; by default one of the usual names.
    pub field: Option<&'a str>,
    /// The class that roads of any other class, or of none, are travelled like; without it they are walked on foot, and left out otherwise.
    pub other: Option<&'a str>,
}

/// On foot every road is walked at one pace; only what is known to be closed to walkers is not.
const ON_FOOT: ModeSpeeds = ModeSpeeds {
    walk: Some(WALKING_PACE),
    motorbike: None,
};

/// Reads the roads of a file in a metric CRS, for one mode of travel.
pub fn read(path: &Path, crs: &Crs, mode: Mode, classes: Classes<'_>) -> Result<Roads, CommandError> {
    let file = features::open(path, None)?;
    let class = match classes.field {
        Some(field) => Some(fields::required(&file, field)?),
        None => fields::usual(&file, &["class", "highway", "fclass", "road_class"]),
    };
    let others = match classes.other {
        None if mode == Mode::Walk => Some(ON_FOOT),
        None => None,
        Some(other) => Some(default_speeds(other).ok_or_else(|| {
            CommandError::Usage(format!(
                "--other-class {other}: no speed is known on such roads; give a class of OpenStreetMap, such as residential."
            ))
        })?),
    };
    if class.is_none() && classes.other.is_none() {
        return Err(CommandError::Refused(format!(
            "{} has no column 'class' (or highway, fclass, road_class): without it no speed is known on any road. Name the column with --class-field, or take all roads for one class with --other-class residential.",
            file.file()
        )));
    }
    let one_way = fields::usual(&file, &["one_way", "oneway"]);
    let bridge = fields::usual(&file, &["bridge"]);
    let mut roads = Roads {
        file: file.file().to_owned(),
        usable: Vec::new(),
        bridges: Vec::new(),
        problems: Problems::default(),
        unusable: BTreeMap::new(),
        closed: BTreeMap::new(),
    };
    file.for_each(crs, |road| {
        let record = format!("road {}", road.id);
        let class = features::text(&road, class.as_deref()).unwrap_or_default();
        let known = default_speeds(&class);
        if known.is_some_and(|speeds| speeds.walk.is_none() && speeds.motorbike.is_none()) {
            *roads.closed.entry(class).or_default() += 1;
            return Ok(());
        }
        if known.is_none() {
            let named = if class.is_empty() {
                "(none)".to_owned()
            } else {
                class
            };
            *roads.unusable.entry(named).or_default() += 1;
        }
        let Some(speeds) = known.or(others) else {
            return Ok(());
        };
        let given = features::text(&road, one_way.as_deref());
        let direction = direction(given.as_deref()).unwrap_or_else(|| {
            let given = given.unwrap_or_default();
            roads.problems.note(
                file.file(),
                &record,
                format_args!("'{given}' is no direction known here; taken as open both ways"),
            );
            Direction::Both
        });
        let stands_above = features::text(&road, bridge.as_deref()).is_some_and(|text| !is_no(&text));
        let lines = road.geometry.map(lines).unwrap_or_default();
        if lines.is_empty() {
            roads.problems.note(
                file.file(),
                &record,
                "it is no line that can be read; it was left out",
            );
        }
        for line in lines {
            roads.usable.push(Road {
                line,
                speeds,
                direction,
            });
            roads.bridges.push(stands_above);
        }
        Ok(())
    })?;
    Ok(roads)
}

fn lines(shape: Geometry<f64>) -> Vec<LineString<f64>> {
    match shape {
        Geometry::LineString(line) => vec![line],
        Geometry::MultiLineString(lines) => lines.0,
        _ => Vec::new(),
    }
}

/// Which way a road may be driven, in the words of OpenStreetMap, of its extracts and of this program's own layers.
fn direction(text: Option<&str>) -> Option<Direction> {
    Some(match text.map(str::to_lowercase).as_deref() {
        None | Some("no" | "false" | "0" | "b" | "both" | "f_t" | "reversible" | "alternating") => {
            Direction::Both
        }
        Some("yes" | "true" | "1" | "f" | "forward") => Direction::Forward,
        Some("-1" | "reverse" | "t" | "backward") => Direction::Backward,
        Some(_) => return None,
    })
}

fn is_no(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "no" | "false" | "0" | "f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_understood_in_every_usual_spelling() {
        for (text, expected) in [
            (None, Some(Direction::Both)),
            (Some("no"), Some(Direction::Both)),
            (Some("B"), Some(Direction::Both)),
            (Some("yes"), Some(Direction::Forward)),
            (Some("F"), Some(Direction::Forward)),
            (Some("true"), Some(Direction::Forward)),
            (Some("-1"), Some(Direction::Backward)),
            (Some("T"), Some(Direction::Backward)),
            (Some("sideways"), None),
        ] {
            assert_eq!(direction(text), expected, "{text:?}");
        }
    }
}
