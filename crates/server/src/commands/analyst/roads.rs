//! Roads of any file: their course, who may go how fast on them, and which way.

use std::collections::BTreeMap;
use std::path::Path;

use geo::{Geometry, LineString};
use phteah_geoproc::network::{Mode, Road, default_speeds};
use phteah_layers::Crs;
use phteah_layers::roads::{RoadClass, RoadColumns};

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
    forbidden: usize,
}

impl Roads {
    /// Classes for which no speed is known, with how many roads there are of each.
    pub fn unusable(&self) -> impl Iterator<Item = (&str, usize)> {
        self.unusable
            .iter()
            .map(|(class, count)| (class.as_str(), *count))
    }

    /// How many roads the tags close to the mode of travel, though their class does not.
    pub fn forbidden(&self) -> usize {
        self.forbidden
    }

    /// Classes on which nobody travels, with how many roads there are of each.
    pub fn closed(&self) -> impl Iterator<Item = (&str, usize)> {
        self.closed.iter().map(|(class, count)| (class.as_str(), *count))
    }
}

/// What stands for the class of roads that state none.
pub const NO_CLASS: &str = "(none)";

/// Which column holds the roads' classes, and which class stands for those that no speed is known for.
#[derive(Debug, Clone, Copy)]
pub struct Classes<'a> {
    /// The column; by default one of the usual names.
    pub field: Option<&'a str>,
    /// The class that roads of any other class, or of none, are travelled like; without it they are left out, but for those that state none, which are walked.
    pub other: Option<&'a str>,
}

/// Reads the roads of a file in a metric CRS, for one mode of travel.
pub fn read(path: &Path, crs: &Crs, mode: Mode, classes: Classes<'_>) -> Result<Roads, CommandError> {
    let file = features::open(path, None)?;
    let class = classes
        .field
        .map(|field| fields::required(&file, field))
        .transpose()?;
    let columns = RoadColumns::find(file.columns(), class.as_deref());
    let others = classes
        .other
        .map(|other| {
            default_speeds(other).ok_or_else(|| {
                CommandError::Usage(format!(
                    "--other-class {other}: no speed is known on such roads; give a class of OpenStreetMap, such as residential."
                ))
            })
        })
        .transpose()?;
    if !columns.has_class() && others.is_none() {
        return Err(CommandError::Refused(format!(
            "{} has no column 'class' (or highway, fclass, road_class): without it no speed is known on any road. Name the column with --class-field, or take all roads for one class with --other-class residential.",
            file.file()
        )));
    }
    let mut roads = Roads {
        file: file.file().to_owned(),
        usable: Vec::new(),
        bridges: Vec::new(),
        problems: Problems::default(),
        unusable: BTreeMap::new(),
        closed: BTreeMap::new(),
        forbidden: 0,
    };
    file.for_each(crs, |road| {
        let record = format!("road {}", road.id);
        let found = columns.road_of(&road.values, others);
        match &found.class {
            RoadClass::Known => {}
            RoadClass::Closed(class) => *roads.closed.entry(class.clone()).or_default() += 1,
            RoadClass::Strange(class) => *roads.unusable.entry(class.clone()).or_default() += 1,
            RoadClass::NotStated => *roads.unusable.entry(NO_CLASS.to_owned()).or_default() += 1,
        }
        roads.forbidden += usize::from(found.forbidden && found.speeds.of(mode).is_none());
        if found.speeds.walk.is_none() && found.speeds.motorbike.is_none() {
            return Ok(());
        }
        if let Some(word) = &found.strange_direction {
            roads.problems.note(
                file.file(),
                &record,
                format_args!("'{word}' is no direction known here; taken as open both ways"),
            );
        }
        let lines = road.geometry.map(lines).unwrap_or_default();
        if lines.is_empty() {
            roads.problems.note(
                file.file(),
                &record,
                "it is no line that can be read; it was left out",
            );
        }
        let whole = lines.len() == 1;
        for line in lines {
            roads.usable.extend(found.roads(line, whole));
            roads.bridges.resize(roads.usable.len(), found.bridge);
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
