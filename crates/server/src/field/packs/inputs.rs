//! What the map of an area is drawn from, for one actor: layers, their fields, and the names that follow from both.

use phteah_layers::{Catalogue, Field, LayerEntry, LayerKind, Role};
use phteah_store::{Actor, Area, Store};

use crate::api::error::ApiError;
use crate::bundle::hex;
use sha2::{Digest, Sha256};

/// Counts changes of how packs are encoded: one more, and phones take their maps anew.
const REVISION: u32 = 1;

/// The first zoom of a pack.
pub const MIN_ZOOM: u8 = 10;

/// The last: clients enlarge it beyond. A unit of a tile is 30 cm there.
pub const MAX_ZOOM: u8 = 15;

/// Which features of a layer stand on the map from which zoom on, by one of its fields.
#[derive(Debug, Clone, Copy)]
pub struct Kinds {
    /// The field; empty where all features count.
    field: &'static str,
    /// Its values.
    values: &'static [&'static str],
    /// Whether these are meant, or all others.
    these: bool,
}

impl Kinds {
    const ALL: Self = Self {
        field: "",
        values: &[],
        these: false,
    };

    /// Whether a feature with this value of the field is meant.
    pub fn has(&self, value: Option<&str>) -> bool {
        value.is_some_and(|value| self.values.contains(&value)) == self.these
    }

    /// The field that decides; `None` where all features count.
    pub fn field(&self) -> Option<&'static str> {
        (!self.field.is_empty()).then_some(self.field)
    }
}

/// A layer of the map and from where it comes.
struct Sort {
    /// Its name in the tiles.
    layer: &'static str,
    role: Role,
    /// Fields of the source and what they are called in the tiles.
    fields: &'static [(&'static str, &'static str)],
    from: &'static [(u8, Kinds)],
}

const NAMES: [(&str, &str); 2] = [("name", "name"), ("name_km", "name_km")];
const WITH_KIND: [(&str, &str); 3] = [NAMES[0], NAMES[1], ("kind", "kind")];

/// Roads that lead from one part of the city to another.
const MAIN_ROADS: &[&str] = &["motorway", "trunk", "primary", "secondary", "tertiary"];

/// Services of which there are so many that they would hide the others.
const EVERYWHERE: &[&str] = &["bus_stop", "water_point", "factory"];

const fn kinds(field: &'static str, values: &'static [&'static str], these: bool) -> Kinds {
    Kinds { field, values, these }
}

/// All that is ever on the map, from the bottom to the top.
const SORTS: [Sort; 7] = [
    Sort {
        layer: "boundaries",
        role: Role::Boundaries,
        fields: &[NAMES[0], NAMES[1], ("level", "kind")],
        from: &[(MIN_ZOOM, Kinds::ALL)],
    },
    Sort {
        layer: "water",
        role: Role::Water,
        fields: &WITH_KIND,
        from: &[(MIN_ZOOM, Kinds::ALL)],
    },
    Sort {
        layer: "buildings",
        role: Role::Buildings,
        fields: &[("kind", "kind")],
        from: &[(14, Kinds::ALL)],
    },
    Sort {
        layer: "roads",
        role: Role::Roads,
        fields: &[NAMES[0], NAMES[1], ("class", "class")],
        from: &[
            (MIN_ZOOM, kinds("class", MAIN_ROADS, true)),
            (13, kinds("class", MAIN_ROADS, false)),
        ],
    },
    Sort {
        layer: "settlements",
        role: Role::Settlements,
        fields: &NAMES,
        from: &[(MIN_ZOOM, Kinds::ALL)],
    },
    Sort {
        layer: "services",
        role: Role::Services,
        fields: &WITH_KIND,
        from: &[
            (12, kinds("kind", EVERYWHERE, false)),
            (14, kinds("kind", EVERYWHERE, true)),
        ],
    },
    Sort {
        layer: "sites",
        role: Role::RankedSites,
        fields: &[NAMES[0], NAMES[1], ("status", "kind")],
        from: &[(MIN_ZOOM, kinds("status", &["excluded"], false))],
    },
];

/// A part of a layer of the map.
#[derive(Debug, Clone)]
pub struct Slice {
    /// The layer's name in the tiles.
    pub layer: &'static str,
    /// From where it comes.
    pub entry: LayerEntry,
    /// The fields that go along.
    pub fields: Vec<Field>,
    /// What they are called in the tiles.
    pub keys: Vec<String>,
    /// The first zoom that shows it.
    pub min_zoom: u8,
    /// Its features.
    pub kinds: Kinds,
}

/// What the map of an area is drawn from.
#[derive(Debug)]
pub struct Inputs {
    /// The area.
    pub area: Area,
    /// What is drawn, layers from the bottom to the top.
    pub slices: Vec<Slice>,
    /// Names who may have the pack: those of this area who see these fields of these layers.
    pub scope: String,
    /// Names the pack's contents.
    pub version: String,
}

impl Inputs {
    /// The inputs for one actor; `None` for somebody who has no area's map.
    pub fn of(catalogue: &Catalogue, store: &Store, actor: &Actor) -> Result<Option<Self>, ApiError> {
        let Some(team) = actor.area_viewer() else {
            return Ok(None);
        };
        let own = actor.viewer();
        let area = actor.scope().area.clone();
        let mut slices = Vec::new();
        let (mut scope, mut version) = (Name::new("scope"), Name::new("version"));
        scope.part(&area.to_string());
        version.part(&REVISION.to_string());
        version.part(&catalogue.deployment().crs);
        for entry in catalogue.of_role(Role::Boundaries) {
            version.part(&entry.hash);
        }
        for sort in &SORTS {
            // Where families may live next is told to the field when it is public; the map of the ground helps whoever walks there.
            let viewer = if sort.role == Role::RankedSites {
                &own
            } else {
                &team
            };
            for entry in catalogue.of_role(sort.role) {
                if entry.kind != LayerKind::Vector {
                    continue;
                }
                let fields = entry.fields.iter().map(|field| field.name.as_str());
                let Some(grant) = store.grant(viewer, &entry.name, fields)? else {
                    continue;
                };
                let shown: Vec<(&Field, &str)> = sort
                    .fields
                    .iter()
                    .filter_map(|(name, key)| {
                        let field = entry.fields.iter().find(|field| field.name == *name)?;
                        grant.shows(name).then_some((field, *key))
                    })
                    .collect();
                scope.part(sort.layer);
                scope.part(&entry.name);
                version.part(&entry.hash);
                for (field, _) in &shown {
                    scope.part(&field.name);
                }
                slices.extend(sort.from.iter().map(|&(min_zoom, kinds)| Slice {
                    layer: sort.layer,
                    entry: entry.clone(),
                    fields: shown.iter().map(|(field, _)| (*field).clone()).collect(),
                    keys: shown.iter().map(|(_, key)| (*key).to_owned()).collect(),
                    min_zoom,
                    kinds,
                }));
            }
        }
        let scope = scope.finish();
        version.part(&scope);
        Ok(Some(Self {
            area,
            slices,
            scope,
            version: version.finish(),
        }))
    }

    /// The name of the pack's file.
    pub fn file_name(&self) -> String {
        file_name(&self.scope, &self.version)
    }
}

/// The name of a pack's file.
pub fn file_name(scope: &str, version: &str) -> String {
    format!("{scope}-{version}.pmtiles")
}

/// A name made of parts, none of which can be taken for another.
pub struct Name(Sha256);

impl Name {
    /// No part yet.
    pub fn new(what: &str) -> Self {
        let mut name = Self(Sha256::new());
        name.part(what);
        name
    }

    /// One more part.
    pub fn part(&mut self, part: &str) {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part.as_bytes());
    }

    /// Sixteen hexadecimal digits.
    pub fn finish(self) -> String {
        hex(&self.0.finalize()[..8])
    }
}
