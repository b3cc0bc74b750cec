//! What is said of a road: who may travel it, how fast, which way, and what it meets. One rule for files of roads and for stored layers.
//!
//! The words are OpenStreetMap's, those of its extracts, and this program's own fields. Of several tags that say who may go, the most
//! specific counts: for motorbikes `motorcycle`, `motor_vehicle`, `vehicle`, `access`; on foot `foot`, `access`. What a class allows or
//! forbids of itself, only a tag about that very way of travel changes.

use geo::{Coord, LineString};
use phteah_geoproc::network::{Direction, Joins, ModeSpeeds, Road, WALKING_PACE, default_speeds};

use crate::text::column_key;
use crate::value::{Field, Value};

/// What is known of a road's class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoadClass {
    /// A class with speeds.
    Known,
    /// A class on which nobody travels: not there yet, not there any more, or not for going anywhere.
    Closed(String),
    /// A word that is no class.
    Strange(String),
    /// It states none.
    NotStated,
}

/// How a road may be travelled.
#[derive(Clone, Debug, PartialEq)]
pub struct RoadUse {
    /// Its class.
    pub class: RoadClass,
    /// How fast; `None` for those who may not go. A road that states no class is walked and not ridden; one of a class that nobody knows is
    /// no street, unless a tag lets somebody in.
    pub speeds: ModeSpeeds,
    /// Which way motorbikes may go.
    pub direction: Direction,
    /// Whether that is said, or follows from what the road is.
    pub direction_stated: bool,
    /// The word for its direction that is not understood; it is then taken as open both ways.
    pub strange_direction: Option<String>,
    /// Whether it stands above the water beneath it.
    pub bridge: bool,
    /// Levels above the ground.
    pub level: i8,
    /// How its vertices meet those of others.
    pub joins: Joins,
    /// Vertices, counted from 0, at which a gate or the like stops somebody.
    pub barriers: Vec<(u32, Stops)>,
    /// Whether its tags, not its class, forbid somebody to go.
    pub forbidden: bool,
}

/// Whom a barrier on a road stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stops {
    /// People on foot.
    pub walk: bool,
    /// Motorbikes.
    pub motorbike: bool,
}

/// How much of a road is closed at a barrier, in metres. Who lives along it is near one side of the barrier or the other.
const AT_BARRIER: f64 = 1.0;

impl RoadUse {
    /// The roads of a network that a line in a metric CRS becomes: more than one where barriers stand on it. `whole` says whether the line is
    /// all of the record: vertices are named by their place in one line.
    pub fn roads(&self, line: LineString<f64>, whole: bool) -> Vec<Road> {
        let road = |line, speeds, joins| Road {
            line,
            speeds,
            direction: self.direction,
            level: self.level,
            joins,
        };
        if !whole {
            return vec![road(line, self.speeds, Joins::ByPlace)];
        }
        if self.barriers.is_empty() {
            return vec![road(line, self.speeds, self.joins.clone())];
        }
        let pieces = self.pieces(&line.0);
        pieces
            .into_iter()
            .filter(|piece| piece.speeds.walk.is_some() || piece.speeds.motorbike.is_some())
            .map(|piece| {
                road(
                    LineString(piece.course),
                    piece.speeds,
                    self.joins_of(&piece.vertices),
                )
            })
            .collect()
    }

    /// The line cut before and behind each of its barriers.
    fn pieces(&self, course: &[Coord<f64>]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut open = Piece::new(self.speeds);
        for (at, &here) in (0_u32..).zip(course) {
            open.push(here, Some(at));
            let Some((_, stops)) = self.barriers.iter().find(|(vertex, _)| *vertex == at) else {
                continue;
            };
            let next = course.get(at as usize + 1);
            let toward = next.or_else(|| course.get((at as usize).checked_sub(1)?));
            let Some(&toward) = toward.filter(|other| **other != here) else {
                continue;
            };
            let (dx, dy) = (toward.x - here.x, toward.y - here.y);
            let part = (AT_BARRIER / dx.hypot(dy)).min(0.5);
            let beside = Coord {
                x: here.x + dx * part,
                y: here.y + dy * part,
            };
            let mut closed = Piece::new(ModeSpeeds {
                walk: self.speeds.walk.filter(|_| !stops.walk),
                motorbike: self.speeds.motorbike.filter(|_| !stops.motorbike),
            });
            if next.is_some() {
                closed.push(here, Some(at));
                closed.push(beside, None);
            } else {
                // Behind the last vertex there is nothing: the piece before it is closed.
                open.course.pop();
                open.vertices.pop();
                open.push(beside, None);
                closed.push(beside, None);
                closed.push(here, Some(at));
            }
            pieces.push(std::mem::replace(&mut open, Piece::new(self.speeds)));
            pieces.push(closed);
            if next.is_some() {
                open.push(beside, None);
            }
        }
        pieces.push(open);
        pieces.retain(|piece| piece.course.len() > 1);
        pieces
    }

    fn joins_of(&self, vertices: &[Option<u32>]) -> Joins {
        let Joins::ByNode(apart) = &self.joins else {
            return Joins::ByPlace;
        };
        let named = |&(vertex, node): &(u32, i64)| {
            let at = vertices.iter().position(|one| *one == Some(vertex))?;
            Some((u32::try_from(at).ok()?, node))
        };
        Joins::ByNode(apart.iter().filter_map(named).collect())
    }

    /// What a layer stores in a field that this rule decides; `None` for every other field. So a stored road is travelled as the tags of
    /// its source say, which are not stored themselves.
    pub(crate) fn stored(&self, field: &str) -> Option<Option<Value>> {
        // Of a road of no known class it is not known whether it can be ridden.
        let known = !matches!(self.class, RoadClass::Strange(_) | RoadClass::NotStated);
        Some(match field {
            "walk" => Some(Value::Boolean(self.speeds.walk.is_some())),
            "motorbike" => (known || self.forbidden || self.speeds.motorbike.is_some())
                .then(|| Value::Boolean(self.speeds.motorbike.is_some())),
            "one_way" if self.direction_stated => {
                Some(Value::Text(direction_name(self.direction).to_owned()))
            }
            "bridge" if self.bridge => Some(Value::Boolean(true)),
            "level" if self.level != 0 => Some(Value::Integer(self.level.into())),
            "joins" => match &self.joins {
                Joins::ByPlace => None,
                Joins::ByNode(apart) => Some(Value::Text(joins_text(apart, &self.barriers))),
            },
            _ => return None,
        })
    }
}

/// A part of a road between barriers, or at one.
struct Piece {
    course: Vec<Coord<f64>>,
    /// Which vertex of the whole each of its own is.
    vertices: Vec<Option<u32>>,
    speeds: ModeSpeeds,
}

impl Piece {
    fn new(speeds: ModeSpeeds) -> Self {
        Self {
            course: Vec::new(),
            vertices: Vec::new(),
            speeds,
        }
    }

    fn push(&mut self, place: Coord<f64>, vertex: Option<u32>) {
        self.course.push(place);
        self.vertices.push(vertex);
    }
}

/// Every tag that the rule reads, with the columns that may hold it.
const TAGS: &[(&str, &[&str])] = &[
    ("class", &["class", "highway", "fclass", "road_class"]),
    ("one_way", &["one_way", "oneway"]),
    ("bridge", &["bridge", "viaduct"]),
    ("tunnel", &["tunnel"]),
    ("layer", &["layer"]),
    ("level", &["level"]),
    ("joins", &["joins"]),
    ("walk", &["walk"]),
    ("motorbike", &["motorbike"]),
    ("junction", &["junction"]),
    ("area", &["area"]),
    ("access", &["access"]),
    ("foot", &["foot"]),
    ("vehicle", &["vehicle"]),
    ("motor_vehicle", &["motor_vehicle"]),
    ("motorcycle", &["motorcycle"]),
    ("motorroad", &["motorroad"]),
    ("oneway:motorcycle", &["oneway:motorcycle"]),
    ("oneway:motor_vehicle", &["oneway:motor_vehicle"]),
    ("oneway:vehicle", &["oneway:vehicle"]),
    ("motorcycle:forward", &["motorcycle:forward"]),
    ("motorcycle:backward", &["motorcycle:backward"]),
    ("motor_vehicle:forward", &["motor_vehicle:forward"]),
    ("motor_vehicle:backward", &["motor_vehicle:backward"]),
    ("vehicle:forward", &["vehicle:forward"]),
    ("vehicle:backward", &["vehicle:backward"]),
    ("construction", &["construction"]),
    ("proposed", &["proposed"]),
    ("disused", &["disused"]),
    ("abandoned", &["abandoned"]),
    ("demolished", &["demolished"]),
    ("razed", &["razed"]),
    ("impassable", &["impassable"]),
];

/// Columns that hold all remaining tags in one text, `"key"=>"value","key"=>"value"`.
const OTHER_TAGS: &[&str] = &["other_tags", "all_tags", "tags"];

/// The tags of OpenStreetMap that the rule reads, for whoever has to ask for them.
pub(crate) fn osm_tags() -> impl Iterator<Item = &'static str> {
    let own = ["class", "one_way", "level", "joins", "walk", "motorbike"];
    let named = TAGS
        .iter()
        .map(|(tag, _)| *tag)
        .filter(move |tag| !own.contains(tag));
    named.chain(["highway", "oneway"])
}

/// Where the columns of a file or a layer hold what the rule reads.
#[derive(Clone, Debug)]
pub struct RoadColumns {
    /// By tag.
    columns: Vec<Option<usize>>,
    other: Option<usize>,
}

impl RoadColumns {
    /// Finds the columns by their usual names; `class` names that of the class, where it has another.
    pub fn find(columns: &[Field], class: Option<&str>) -> Self {
        let of = |names: &[&str]| {
            names.iter().find_map(|name| {
                let exact = columns.iter().position(|column| column.name == *name);
                let key = column_key(name);
                exact.or_else(|| columns.iter().position(|column| column_key(&column.name) == key))
            })
        };
        let mut found: Vec<Option<usize>> = TAGS.iter().map(|(_, names)| of(names)).collect();
        if let Some(class) = class {
            found[0] = columns.iter().position(|column| column.name == class);
        }
        Self {
            columns: found,
            other: of(OTHER_TAGS),
        }
    }

    /// Whether a column holds the class.
    pub fn has_class(&self) -> bool {
        self.columns[0].is_some() || self.other.is_some()
    }

    /// The columns that are read.
    pub(crate) fn used(&self) -> impl Iterator<Item = usize> {
        self.columns
            .iter()
            .chain(std::iter::once(&self.other))
            .flatten()
            .copied()
    }

    /// How the road of a record may be travelled.
    pub fn road(&self, values: &[Option<Value>]) -> RoadUse {
        self.road_with(values, |_| None)
    }

    /// The same, where a road of no known class has the speeds of another.
    pub fn road_of(&self, values: &[Option<Value>], others: Option<ModeSpeeds>) -> RoadUse {
        self.with(values, others, |_| None)
    }

    /// The same where some tags are given otherwise than by the columns.
    pub(crate) fn road_with(
        &self,
        values: &[Option<Value>],
        given: impl Fn(&str) -> Option<Value>,
    ) -> RoadUse {
        self.with(values, None, given)
    }

    fn with(
        &self,
        values: &[Option<Value>],
        others: Option<ModeSpeeds>,
        given: impl Fn(&str) -> Option<Value>,
    ) -> RoadUse {
        let other = self.other.and_then(|at| values.get(at)?.as_ref()?.as_str());
        let own = |at: usize, tag: &str| {
            let text = match given(tag) {
                Some(value) => plain(&value),
                None => plain(values.get(self.columns[at]?)?.as_ref()?),
            };
            Some(text).filter(|text| !text.is_empty())
        };
        let remaining = |at: usize| TAGS[at].1.iter().find_map(|name| in_other_tags(other?, name));
        // Most roads carry a few tags only, so that looking through them is quick.
        let tags: Vec<(&str, String)> = TAGS
            .iter()
            .enumerate()
            .filter_map(|(at, (tag, _))| Some((*tag, own(at, tag).or_else(|| remaining(at))?)))
            .collect();
        rule(others, &|tag| {
            tags.iter()
                .find(|(name, _)| *name == tag)
                .map(|(_, value)| value.as_str())
        })
    }
}

fn plain(value: &Value) -> String {
    let text = match value {
        Value::Number(n) if n.fract() == 0.0 && n.abs() < 1e15 => format!("{n:.0}"),
        other => other.to_string(),
    };
    text.trim().to_lowercase()
}

/// A value in a text of all remaining tags; quotes and backslashes are escaped with a backslash.
fn in_other_tags(text: &str, key: &str) -> Option<String> {
    let mut from = text;
    let asked = format!("\"{key}\"=>\"");
    loop {
        let at = from.find(&asked)?;
        let starts = from[..at].trim_end().ends_with(',') || from[..at].trim_end().is_empty();
        let rest = &from[at + asked.len()..];
        if starts {
            let mut value = String::new();
            let mut chars = rest.chars();
            while let Some(c) = chars.next() {
                match c {
                    '\\' => value.extend(chars.next()),
                    '"' => return Some(value.trim().to_lowercase()).filter(|value| !value.is_empty()),
                    other => value.push(other),
                }
            }
            return None;
        }
        from = rest;
    }
}

/// Speed of a motorbike where a tag lets it onto what is not made for it.
const LET_IN: f64 = 10.0;
/// Speed of a motorbike where a tag lets it onto an expressway: that of a trunk road.
const ON_EXPRESSWAY: f64 = 35.0;

fn rule<'t>(others: Option<ModeSpeeds>, tag: &dyn Fn(&str) -> Option<&'t str>) -> RoadUse {
    // Of several classes in one value the first counts.
    let word = tag("class")
        .and_then(|text| text.split(';').next())
        .map(str::trim)
        .filter(|w| !w.is_empty());
    let known = word.and_then(default_speeds);
    let closed_class = known.is_some_and(|speeds| speeds.walk.is_none() && speeds.motorbike.is_none());
    let expressway = word.is_some_and(|word| word.trim_end_matches("_link") == "motorway");
    let class = match (word, known) {
        (None, _) => RoadClass::NotStated,
        (Some(word), None) => RoadClass::Strange(word.to_owned()),
        (Some(word), Some(_)) if closed_class => RoadClass::Closed(word.to_owned()),
        (Some(_), Some(_)) => RoadClass::Known,
    };
    let of_class = known.or(others).unwrap_or(ModeSpeeds {
        walk: matches!(class, RoadClass::NotStated).then_some(WALKING_PACE),
        motorbike: None,
    });
    let gone = is_gone(tag) || closed_class && !expressway;
    let on_foot = ["walk", "foot"];
    let ridden = ["motorbike", "motorcycle", "motor_vehicle", "vehicle"];
    let says = |keys: &[&str]| keys.iter().find_map(|key| verdict(tag(key)?));
    let walk = match says(&on_foot) {
        Some(true) => of_class.walk.or(Some(WALKING_PACE)),
        Some(false) => None,
        None if tag("motorroad") == Some("yes") || says(&["access"]) == Some(false) => None,
        None => of_class.walk,
    };
    let motorbike = match says(&ridden) {
        Some(true) => of_class
            .motorbike
            .or(Some(if expressway { ON_EXPRESSWAY } else { LET_IN })),
        Some(false) => None,
        None if says(&["access"]) == Some(false) => None,
        None => of_class.motorbike,
    };
    let speeds = if gone {
        ModeSpeeds {
            walk: None,
            motorbike: None,
        }
    } else {
        ModeSpeeds { walk, motorbike }
    };
    let (direction, direction_stated, strange_direction) = direction(tag, expressway);
    let bridge = tag("bridge").is_some_and(is_bridge);
    RoadUse {
        forbidden: of_class.walk.is_some() && speeds.walk.is_none()
            || of_class.motorbike.is_some() && speeds.motorbike.is_none(),
        class,
        speeds,
        direction,
        direction_stated,
        strange_direction,
        bridge,
        level: level(tag, bridge),
        joins: tag("joins").map_or(Joins::ByPlace, joins),
        barriers: tag("joins").map(barriers).unwrap_or_default(),
    }
}

/// Barriers that nobody rides over, where no tag says otherwise. A motorbike passes between bollards, and gates stand open.
const NOT_RIDDEN: &[&str] = &[
    "block",
    "jersey_barrier",
    "debris",
    "log",
    "stile",
    "turnstile",
    "full-height_turnstile",
    "kissing_gate",
    "cycle_barrier",
    "motorcycle_barrier",
];

/// Barriers that nobody passes at all, where no tag says otherwise.
const NOT_PASSED: &[&str] = &["wall", "city_wall", "retaining_wall", "fence", "hedge", "ditch"];

/// Whom a node of a map stops, by its tags. Only barriers stop anybody: an entrance to a house is a node of a street too.
pub(crate) fn stops<'t>(tags: impl Iterator<Item = (&'t str, &'t str)>) -> Stops {
    let tags: Vec<(&str, &str)> = tags.collect();
    let tag = |key: &str| tags.iter().find(|(k, _)| *k == key).map(|(_, value)| *value);
    let Some(kind) = tag("barrier") else {
        return Stops::default();
    };
    let says = |keys: &[&str]| keys.iter().find_map(|key| verdict(tag(key)?));
    let closed = NOT_PASSED.contains(&kind);
    Stops {
        walk: !says(&["foot", "access"]).unwrap_or(!closed),
        motorbike: !says(&["motorcycle", "motor_vehicle", "vehicle", "access"])
            .unwrap_or(!closed && !NOT_RIDDEN.contains(&kind)),
    }
}

/// Whether its tags say that there is no road: it is an area, or not there yet or any more.
fn is_gone<'t>(tag: &dyn Fn(&str) -> Option<&'t str>) -> bool {
    let building = |value: &str| !matches!(value, "no" | "minor" | "widening" | "0" | "false");
    let signs = [
        "area",
        "proposed",
        "disused",
        "abandoned",
        "demolished",
        "razed",
        "impassable",
    ];
    tag("construction").is_some_and(building)
        || signs
            .iter()
            .any(|sign| matches!(tag(sign), Some("yes" | "true" | "1")))
}

/// Whether the public may pass, as far as a tag's value says.
fn verdict(value: &str) -> Option<bool> {
    let one = |value: &str| match value.trim() {
        "yes" | "true" | "1" | "y" | "t" | "permissive" | "designated" | "destination" | "customers"
        | "public" | "official" => Some(true),
        "no" | "false" | "0" | "n" | "f" | "private" | "agricultural" | "forestry" | "military"
        | "emergency" | "psv" | "bus" | "delivery" | "permit" | "residents" | "resident" | "staff"
        | "employees" | "restricted" | "use_sidepath" | "dismount" => Some(false),
        _ => None,
    };
    // Of several who may go, one is enough.
    value.split(';').filter_map(one).reduce(|a, b| a || b)
}

/// Which way motorbikes may go, whether that is said, and the word that is not understood.
fn direction<'t>(
    tag: &dyn Fn(&str) -> Option<&'t str>,
    expressway: bool,
) -> (Direction, bool, Option<String>) {
    let own = [
        "oneway:motorcycle",
        "oneway:motor_vehicle",
        "oneway:vehicle",
        "one_way",
    ];
    let ring = matches!(tag("junction"), Some("roundabout" | "circular"));
    let implied = if ring || expressway {
        Direction::Forward
    } else {
        Direction::Both
    };
    let mut strange = None;
    let stated = own.iter().find_map(|key| {
        let word = tag(key)?;
        let understood = direction_word(word);
        if understood.is_none() && strange.is_none() {
            strange = Some(word.to_owned());
        }
        understood
    });
    let direction = stated.unwrap_or(implied);
    let against = |keys: [&str; 3]| keys.iter().find_map(|key| verdict(tag(key)?)) == Some(false);
    let forward = against(["motorcycle:forward", "motor_vehicle:forward", "vehicle:forward"]);
    let backward = against([
        "motorcycle:backward",
        "motor_vehicle:backward",
        "vehicle:backward",
    ]);
    let direction = match (direction, forward, backward) {
        (Direction::Both, false, true) => Direction::Forward,
        (Direction::Both, true, false) => Direction::Backward,
        _ => direction,
    };
    (
        direction,
        stated.is_some() || direction != Direction::Both,
        strange,
    )
}

/// A direction in the words of OpenStreetMap, of its extracts and of this program's own layers. Where it changes with the hour or the
/// lights, a road is open both ways.
fn direction_word(word: &str) -> Option<Direction> {
    Some(match word {
        "no" | "false" | "0" | "n" | "b" | "both" | "f_t" | "reversible" | "alternating" => Direction::Both,
        "yes" | "true" | "1" | "y" | "f" | "ft" | "forward" => Direction::Forward,
        "-1" | "reverse" | "t" | "tf" | "backward" => Direction::Backward,
        _ => return None,
    })
}

/// A low-water crossing is made to be flooded.
fn is_bridge(word: &str) -> bool {
    !matches!(
        word,
        "no" | "false" | "0" | "f" | "n" | "none" | "unknown" | "low_water_crossing" | "ទេ" | "គ្មាន"
    )
}

/// The highest level that a road may have; whatever is given beyond it counts as this.
const MOST_LEVELS: f64 = 20.0;

fn level<'t>(tag: &dyn Fn(&str) -> Option<&'t str>, bridge: bool) -> i8 {
    let number = |key: &str| tag(key)?.parse::<f64>().ok().filter(|level| level.is_finite());
    let tunnel = tag("tunnel").is_some_and(|word| matches!(word, "yes" | "true" | "t" | "1"));
    match number("layer").or_else(|| number("level")) {
        Some(level) => level.clamp(-MOST_LEVELS, MOST_LEVELS).round() as i8,
        None if bridge => 1,
        None if tunnel => -1,
        None => 0,
    }
}

/// How vertices meet, as [`joins_text`] writes it; whatever else stands there says nothing.
fn joins(text: &str) -> Joins {
    let mut words = text.split_whitespace();
    if words.next() != Some(BY_NODE) {
        return Joins::ByPlace;
    }
    let node = |word: &str| {
        let (vertex, node) = word.split_once(':')?;
        Some((vertex.parse().ok()?, node.parse().ok()?))
    };
    Joins::ByNode(words.filter_map(node).collect())
}

/// The barriers on a road, as [`joins_text`] writes them.
fn barriers(text: &str) -> Vec<(u32, Stops)> {
    let barrier = |word: &str| {
        let (vertex, whom) = word.split_once('!')?;
        let stops = Stops {
            walk: whom.contains('w'),
            motorbike: whom.contains('m'),
        };
        Some((vertex.parse().ok()?, stops))
    };
    text.split_whitespace().filter_map(barrier).collect()
}

const BY_NODE: &str = "nodes";

/// How vertices meet, as text: `nodes` where they are the nodes of a map, with those that share their place with another node: the
/// vertex, counted from 0, and its node, as in `nodes 3:412`. A barrier at a vertex says whom it stops, on foot and by motorbike:
/// `nodes 5!wm`.
pub(crate) fn joins_text(apart: &[(u32, i64)], barriers: &[(u32, Stops)]) -> String {
    let mut text = BY_NODE.to_owned();
    for (vertex, node) in apart {
        text.push_str(&format!(" {vertex}:{node}"));
    }
    for (vertex, stops) in barriers {
        let (walk, ride) = (
            if stops.walk { "w" } else { "" },
            if stops.motorbike { "m" } else { "" },
        );
        text.push_str(&format!(" {vertex}!{walk}{ride}"));
    }
    text
}

/// A direction as it is stored.
pub(crate) fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Both => "no",
        Direction::Forward => "forward",
        Direction::Backward => "backward",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::FieldType;

    fn road(tags: &[(&str, &str)]) -> RoadUse {
        let columns: Vec<Field> = tags
            .iter()
            .map(|(key, _)| Field::new(*key, FieldType::Text))
            .collect();
        let values: Vec<Option<Value>> = tags
            .iter()
            .map(|(_, value)| Some(Value::Text((*value).to_owned())))
            .collect();
        RoadColumns::find(&columns, None).road(&values)
    }

    fn may(tags: &[(&str, &str)]) -> (bool, bool) {
        let speeds = road(tags).speeds;
        (speeds.walk.is_some(), speeds.motorbike.is_some())
    }

    #[test]
    fn the_most_specific_tag_says_who_may_go() {
        let of = |tags: &[(&str, &str)]| {
            let mut all = vec![("highway", "service")];
            all.extend(tags);
            may(&all)
        };
        assert_eq!(of(&[]), (true, true));
        for forbidden in ["no", "private", "military", "agricultural;forestry"] {
            assert_eq!(of(&[("access", forbidden)]), (false, false), "{forbidden}");
        }
        for open in [
            "yes",
            "permissive",
            "destination",
            "customers",
            "designated",
            "some word",
            "delivery;customers",
        ] {
            assert_eq!(of(&[("access", open)]), (true, true), "{open}");
        }
        assert_eq!(of(&[("access", "no"), ("foot", "yes")]), (true, false));
        assert_eq!(of(&[("access", "no"), ("motorcycle", "yes")]), (false, true));
        assert_eq!(of(&[("vehicle", "no")]), (true, false));
        assert_eq!(of(&[("vehicle", "no"), ("motor_vehicle", "yes")]), (true, true));
        assert_eq!(
            of(&[("motor_vehicle", "no"), ("motorcycle", "designated")]),
            (true, true)
        );
        assert_eq!(
            of(&[("motor_vehicle", "yes"), ("motorcycle", "no")]),
            (true, false)
        );
        assert_eq!(of(&[("foot", "use_sidepath")]), (false, true));
        assert_eq!(of(&[("access", "yes"), ("foot", "private")]), (false, true));
    }

    #[test]
    fn a_class_yields_only_to_a_tag_about_that_way_of_travel() {
        assert_eq!(may(&[("highway", "footway"), ("access", "yes")]), (true, false));
        assert_eq!(
            may(&[("highway", "footway"), ("motorcycle", "yes")]),
            (true, true)
        );
        assert_eq!(may(&[("highway", "motorway")]), (false, false));
        assert_eq!(
            may(&[("highway", "motorway"), ("motorcycle", "yes")]),
            (false, true)
        );
        assert_eq!(may(&[("highway", "trunk"), ("motorroad", "yes")]), (false, true));
        assert_eq!(may(&[("highway", "cycleway"), ("foot", "no")]), (false, true));
    }

    #[test]
    fn what_is_not_there_is_closed_whoever_it_lets_in() {
        for class in [
            "disused",
            "planned",
            "proposed",
            "construction",
            "abandoned",
            "razed",
            "demolished",
            "raceway",
            "Disused",
            "closed",
        ] {
            let found = road(&[("highway", class), ("foot", "yes"), ("motorcycle", "yes")]);
            assert_eq!(
                (found.speeds.walk, found.speeds.motorbike),
                (None, None),
                "{class}"
            );
            assert!(matches!(found.class, RoadClass::Closed(_)), "{class}");
        }
        for (key, value) in [
            ("area", "yes"),
            ("disused", "yes"),
            ("construction", "bridge"),
            ("impassable", "yes"),
        ] {
            assert_eq!(
                may(&[("highway", "primary"), (key, value)]),
                (false, false),
                "{key}"
            );
        }
        assert_eq!(
            may(&[
                ("highway", "primary"),
                ("construction", "minor"),
                ("area", "812.5")
            ]),
            (true, true)
        );
        assert_eq!(
            may(&[("highway", "footpath-ish")]),
            (false, false),
            "nobody knows what it is"
        );
        assert_eq!(
            may(&[("highway", "footpath-ish"), ("foot", "yes")]),
            (true, false)
        );
        assert_eq!(may(&[("name", "a road")]), (true, false), "it states no class");
        assert_eq!(road(&[("highway", "0")]).class, RoadClass::Strange("0".into()));
        assert_eq!(road(&[("name", "a road")]).class, RoadClass::NotStated);
        assert_eq!(
            road(&[("highway", "residential;service")]).class,
            RoadClass::Known
        );
    }

    #[test]
    fn directions_are_understood_in_every_usual_spelling() {
        for (word, expected) in [
            ("no", Some(Direction::Both)),
            ("b", Some(Direction::Both)),
            ("reversible", Some(Direction::Both)),
            ("yes", Some(Direction::Forward)),
            ("f", Some(Direction::Forward)),
            ("true", Some(Direction::Forward)),
            ("-1", Some(Direction::Backward)),
            ("t", Some(Direction::Backward)),
            ("sideways", None),
        ] {
            assert_eq!(direction_word(word), expected, "{word:?}");
        }
        let of = |tags: &[(&str, &str)]| road(tags).direction;
        assert_eq!(of(&[("junction", "roundabout")]), Direction::Forward);
        assert_eq!(of(&[("junction", "circular")]), Direction::Forward);
        assert_eq!(
            of(&[("junction", "roundabout"), ("oneway", "no")]),
            Direction::Both
        );
        assert_eq!(
            of(&[("junction", "roundabout"), ("oneway", "-1")]),
            Direction::Backward
        );
        assert_eq!(of(&[("junction", "jughandle")]), Direction::Both);
        assert_eq!(of(&[("highway", "motorway_link")]), Direction::Forward);
        assert_eq!(
            of(&[("oneway", "yes"), ("oneway:motorcycle", "no")]),
            Direction::Both
        );
        assert_eq!(of(&[("oneway:motorcycle", "-1")]), Direction::Backward);
        assert_eq!(of(&[("motor_vehicle:backward", "no")]), Direction::Forward);
        assert_eq!(
            of(&[("vehicle:backward", "no"), ("motorcycle:backward", "yes")]),
            Direction::Both
        );
        let strange = road(&[("oneway", "sideways")]);
        assert_eq!(
            (strange.direction, strange.strange_direction.as_deref()),
            (Direction::Both, Some("sideways"))
        );
    }

    #[test]
    fn bridges_and_levels() {
        let of = |tags: &[(&str, &str)]| {
            let found = road(tags);
            (found.bridge, found.level)
        };
        assert_eq!(of(&[("bridge", "yes")]), (true, 1));
        assert_eq!(of(&[("bridge", "viaduct"), ("layer", "2")]), (true, 2));
        assert_eq!(of(&[("bridge", "low_water_crossing")]), (false, 0));
        assert_eq!(of(&[("bridge", "F"), ("tunnel", "T")]), (false, -1));
        assert_eq!(of(&[("tunnel", "culvert")]), (false, 0));
        assert_eq!(of(&[("layer", "-1")]), (false, -1));
        assert_eq!(of(&[("layer", "Merged roads")]), (false, 0));
        assert_eq!(of(&[("level", "1")]), (false, 1));
        assert_eq!(of(&[("layer", "900")]), (false, 20));
    }

    #[test]
    fn remaining_tags_in_one_text_are_read() {
        let text = r#""note"=>"say \"access\"=>\"yes\"","bridge"=>"yes","access"=>"no","oneway"=>"-1""#;
        let found = road(&[("highway", "primary"), ("other_tags", text)]);
        assert!(found.bridge && found.forbidden && found.speeds.walk.is_none());
        assert_eq!(found.direction, Direction::Backward);
        assert_eq!(
            road(&[("other_tags", r#""highway"=>"primary""#)]).class,
            RoadClass::Known
        );
        for broken in [r#""access"=>"no"#, r#""access"=>"#, r#"""#, r#""access"=>"\"#] {
            assert_eq!(
                may(&[("highway", "primary"), ("other_tags", broken)]),
                (true, true),
                "{broken}"
            );
        }
    }

    #[test]
    fn how_vertices_meet_survives_as_text() {
        let apart = vec![(3, 412), (7, -1)];
        assert_eq!(joins_text(&apart, &[]), "nodes 3:412 7:-1");
        let everybody = Stops {
            walk: true,
            motorbike: true,
        };
        let riders = Stops {
            motorbike: true,
            ..Stops::default()
        };
        let stopped = vec![(0, everybody), (5, riders)];
        let text = joins_text(&apart, &stopped);
        assert_eq!(text, "nodes 3:412 7:-1 0!wm 5!m");
        assert_eq!(barriers(&text), stopped);
        assert_eq!(joins(&text), Joins::ByNode(apart.clone()));
        assert_eq!(joins(&joins_text(&apart, &[])), Joins::ByNode(apart));
        assert_eq!(joins(&joins_text(&[], &[])), Joins::ByNode(Vec::new()));
        assert_eq!(joins("whatever 3:4"), Joins::ByPlace);
    }
}
