//! What each role's layer holds: geometry, fields, units, allowed values and the names that sources give them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{LayersError, Result};
use crate::text::column_key;
use crate::value::{Field, FieldType};

mod choices;
mod roles;

pub use choices::Choice;
pub(crate) use choices::find as choice;

/// What a layer is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Plots of land.
    Parcels,
    /// Where families live now.
    Settlements,
    /// Flood depth in metres at one annual return period.
    FloodDepth,
    /// Areas flooded, or classed by flood hazard.
    FloodZones,
    /// The road network.
    Roads,
    /// Schools, clinics, markets, work and more.
    Services,
    /// Khans, sangkats, villages.
    Boundaries,
    /// Rivers, lakes, ponds.
    Water,
    /// Land that must not be built on.
    Protected,
    /// Ground or surface height in metres.
    Elevation,
    /// Building footprints.
    Buildings,
    /// Numbers about boundaries (poverty rates, flood indices), in a table without geometry that is joined to them by code.
    Indicators,
    /// Candidate sites as a decision ranked them. Made from a decision record, never imported.
    RankedSites,
    /// Counts of families that went through the gate, with the areas that they are about. Made from a release, never imported.
    ReleasedTable,
}

impl Role {
    /// All roles that can be imported, in the order in which they are listed.
    pub const ALL: [Self; 12] = [
        Self::Parcels,
        Self::Settlements,
        Self::FloodDepth,
        Self::FloodZones,
        Self::Roads,
        Self::Services,
        Self::Boundaries,
        Self::Water,
        Self::Protected,
        Self::Elevation,
        Self::Buildings,
        Self::Indicators,
    ];

    /// The role's name in files, commands and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parcels => "parcels",
            Self::Settlements => "settlements",
            Self::FloodDepth => "flood_depth",
            Self::FloodZones => "flood_zones",
            Self::Roads => "roads",
            Self::Services => "services",
            Self::Boundaries => "boundaries",
            Self::Water => "water",
            Self::Protected => "protected",
            Self::Elevation => "elevation",
            Self::Buildings => "buildings",
            Self::Indicators => "indicators",
            Self::RankedSites => "ranked_sites",
            Self::ReleasedTable => "released_table",
        }
    }

    /// Shape of the role's features; `None` for rasters.
    pub fn geometry(self) -> Option<GeometryKind> {
        match self {
            Self::Parcels
            | Self::FloodZones
            | Self::Boundaries
            | Self::Water
            | Self::Protected
            | Self::Buildings
            // The outlines are those of the boundaries.
            | Self::Indicators
            | Self::RankedSites
            // The outlines are those of the boundaries or sites.
            | Self::ReleasedTable => Some(GeometryKind::Polygon),
            Self::Settlements => Some(GeometryKind::PolygonOrPoint),
            Self::Roads => Some(GeometryKind::Line),
            Self::Services => Some(GeometryKind::Point),
            Self::FloodDepth | Self::Elevation => None,
        }
    }

    /// Whether layers of this role are rasters.
    pub fn is_raster(self) -> bool {
        self.geometry().is_none()
    }

    /// Whether something follows from what a layer of this role does *not* hold: no road near by, no flood. Then it matters where the layer
    /// is complete.
    pub fn absence_counts(self) -> bool {
        match self {
            Self::FloodZones | Self::Roads | Self::Services | Self::Water | Self::Protected => true,
            Self::Parcels
            | Self::Settlements
            | Self::FloodDepth
            | Self::Boundaries
            | Self::Elevation
            | Self::Buildings
            | Self::Indicators
            | Self::RankedSites
            | Self::ReleasedTable => false,
        }
    }

    /// Whether layers of this role are results of this program, made from a record or a release: no input of any ranking.
    pub fn is_result(self) -> bool {
        matches!(self, Self::RankedSites | Self::ReleasedTable)
    }

    /// The role's fields, besides the `id` that every feature has.
    pub fn fields(self) -> &'static [FieldSpec] {
        roles::fields(self)
    }

    /// Names under which sources give the id.
    pub(crate) fn id_names(self) -> &'static [&'static str] {
        roles::id_names(self)
    }

    /// Whether a column of this name holds the id.
    pub(crate) fn is_id(self, column: &str) -> bool {
        let key = column_key(column);
        key == "id" || self.id_names().iter().any(|name| column_key(name) == key)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = LayersError;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| {
                let all: Vec<_> = Self::ALL.iter().map(|role| role.as_str()).collect();
                LayersError::Usage(format!("'{text}' is no role. The roles are: {}.", all.join(", ")))
            })
    }
}

/// Shape of a layer's features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GeometryKind {
    /// Points.
    Point,
    /// Lines.
    Line,
    /// Polygons with one part or more.
    Polygon,
    /// Polygons where outlines were drawn, points where not.
    PolygonOrPoint,
    /// Any shape, in files that belong to no role.
    Any,
}

impl GeometryKind {
    /// `point`, `line` or `polygon`; what a map draws it as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Line => "line",
            Self::Polygon | Self::PolygonOrPoint => "polygon",
            Self::Any => "any",
        }
    }
}

/// What may stand in a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldRule {
    /// Any text.
    Text,
    /// An administrative code of so many digits: khan 4, sangkat 6, village 8. Zeros lost in a number are restored, `KH` is removed.
    Code(usize),
    /// An administrative code of any of these lengths.
    AnyCode,
    /// One of a closed set.
    Choice(&'static [Choice]),
    /// A whole number within bounds.
    Integer(i64, i64),
    /// A number within bounds.
    Number(f64, f64),
    /// Yes or no; unknown where neither.
    YesNo,
    /// A calendar day.
    Date,
    /// A day, a month or a year, as far as it is known: `2012-05-17`, `2012-05`, `2012`.
    PartialDate,
}

/// A field of a role.
#[derive(Debug, PartialEq)]
pub struct FieldSpec {
    /// Its name.
    pub name: &'static str,
    /// What may stand in it.
    pub rule: FieldRule,
    /// A record without it is refused.
    pub required: bool,
    /// Unit of its numbers.
    pub unit: Option<&'static str>,
    /// What it means.
    pub meaning: &'static str,
    /// Other names under which sources give it.
    pub synonyms: &'static [&'static str],
}

/// The column that holds the names of a feature in the form that searching compares ([`crate::text::search_form`]).
pub const SEARCH: &str = "name_search";

/// Whether a field is one of this program's own work, which nobody outside is shown: not exported, not published.
pub fn is_working(field: &str) -> bool {
    field == SEARCH
}

impl FieldSpec {
    /// Whether it holds a name, in whatever script.
    pub fn is_name(&self) -> bool {
        matches!(self.name, "name" | "name_km")
    }

    /// The field as it is stored.
    pub fn field(&self) -> Field {
        let kind = match self.rule {
            FieldRule::Text
            | FieldRule::Code(_)
            | FieldRule::AnyCode
            | FieldRule::Choice(_)
            | FieldRule::PartialDate => FieldType::Text,
            FieldRule::Integer(..) => FieldType::Integer,
            FieldRule::Number(..) => FieldType::Number,
            FieldRule::YesNo => FieldType::Boolean,
            FieldRule::Date => FieldType::Date,
        };
        Field {
            name: self.name.to_owned(),
            kind,
            unit: self.unit.map(str::to_owned),
            meaning: Some(self.meaning.to_owned()),
        }
    }
}
