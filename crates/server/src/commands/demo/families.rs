//! The families of the illustrative city go into the registry through the door that phones use: checked, sealed, receipted. Nobody in it exists.

use std::collections::BTreeSet;
use std::path::Path;

use geo::{BoundingRect, Centroid, Contains, Point};
use jiff::{SignedDuration, Timestamp, ToSpan};
use phteah_city::families::{FamiliesOptions, FamilyRecord, Home, NewSite, family};
use phteah_city::{City, Level, NOTICE, ServiceKind, SettlementShape};
use phteah_layers::{Progress, Reprojector};
use phteah_registry::event::Event;
use phteah_store::registry::{Clocks, Incoming, MAX_BATCH, ReceiptStatus, Registry};
use phteah_store::{Database, Store};
use serde::{Deserialize, Serialize};

use super::people::{self, Crew, WHY};
use crate::commands::progress::Shown;
use crate::commands::{CommandError, say};
use crate::field::registry::{KeyPlace, entropy};
use crate::ranking::RankedSites;
use crate::releases::tables;

/// Families that are made, sent and noted as done together.
const PORTION: u64 = 500;
/// One family of so many is in the hands of one field worker alone.
const GIVEN_EVERY: u64 = 25;
/// Sites of the decision to which families move: the first ones, and some that are not as good.
const BEST_SITES: usize = 6;

/// How deep water stands in homes when it comes, in metres: the depth expected in a year, over this, is how often a year it comes. Sites that can
/// be offered are dry in most years, so that a limit of the expected depth would find none of them.
const USUAL_DEPTH_M: f64 = 0.3;

/// What the families in a registry were made of. Noted in the data directory: another city's are never mixed with them.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Recipe {
    seed: u64,
    city: String,
    decision: String,
    /// Nothing was recorded after this day.
    today: jiff::civil::Date,
    /// So many families are there.
    done: u64,
    /// So many households the registry got by them.
    #[serde(default)]
    rows: i64,
}

/// Whether a registry holds illustrative families and nobody else; `None` where there are no illustrative ones.
pub fn are_alone(store: &Store, data: &Path, database: &Database) -> Result<Option<bool>, CommandError> {
    let Some(text) = store.illustrative_families()? else {
        return Ok(None);
    };
    let recipe: Option<Recipe> = serde_json::from_str(&text).ok();
    let all = Registry::last_household_in(data, database)?;
    Ok(Some(recipe.is_some_and(|recipe| recipe.rows == all)))
}

/// Where families live and work in the city.
pub struct Ground {
    homes: Vec<Home>,
    /// Sangkats of the northern and of the southern team.
    areas: [BTreeSet<String>; 2],
    /// Places of work, in metres.
    work: Vec<Point<f64>>,
}

impl Ground {
    /// Reads a city before it becomes layers.
    pub fn of(city: &City, to_degrees: &Reprojector) -> Result<Self, CommandError> {
        let sangkats: Vec<_> = city
            .boundaries
            .iter()
            .filter(|boundary| boundary.level == Level::Sangkat)
            .filter_map(|boundary| Some((boundary, boundary.geometry.bounding_rect()?)))
            .collect();
        let mut homes = Vec::new();
        for settlement in &city.settlements {
            let place = match &settlement.geometry {
                SettlementShape::Area(area) => area.centroid(),
                SettlementShape::Place(place) => Some(*place),
            };
            let Some(place) = place else { continue };
            let within = sangkats
                .iter()
                .find(|(boundary, frame)| frame.contains(&place) && boundary.geometry.contains(&place));
            // Settlements beyond the municipality belong to no team.
            let Some((boundary, _)) = within else { continue };
            let (lon, lat) = to_degrees.point(place.x(), place.y())?;
            homes.push(Home {
                lon,
                lat,
                sangkat: boundary.code.clone(),
                households: settlement.households,
            });
        }
        let factories = city.services.iter().filter(|s| s.kind == ServiceKind::Factory);
        let work = factories.map(|service| service.geometry).collect();
        let areas = areas(
            &homes,
            sangkats.iter().map(|(boundary, _)| boundary.code.as_str()),
        );
        Ok(Self { homes, areas, work })
    }

    /// Minutes by motorbike to the nearest factory, roughly: 20 km/h as the crow flies, and some to set out.
    fn minutes_to_work(&self, place: Point<f64>) -> Option<f64> {
        use geo::{Distance, Euclidean};
        let metres = self.work.iter().map(|work| Euclidean.distance(*work, place));
        metres
            .min_by(f64::total_cmp)
            .map(|metres| (5.0 + metres / 1000.0 * 3.0).round())
    }
}

/// Shares the sangkats out among two teams, north and south, so that each has half of the families that live somewhere.
fn areas<'a>(homes: &[Home], sangkats: impl Iterator<Item = &'a str>) -> [BTreeSet<String>; 2] {
    let mut by_latitude: Vec<&Home> = homes.iter().collect();
    by_latitude.sort_by(|a, b| b.lat.total_cmp(&a.lat));
    let all: u64 = homes.iter().map(|home| u64::from(home.households.max(1))).sum();
    let mut passed = 0;
    let mut areas = [BTreeSet::new(), BTreeSet::new()];
    for home in by_latitude {
        let team = usize::from(2 * passed >= all);
        passed += u64::from(home.households.max(1));
        if !areas[0].contains(&home.sangkat) {
            areas[team].insert(home.sangkat.clone());
        }
    }
    // Where nobody of them lives yet somebody may be met tomorrow.
    for code in sangkats {
        if !areas.iter().any(|area| area.contains(code)) {
            let side = usize::from(areas[1].len() < areas[0].len());
            areas[side].insert(code.to_owned());
        }
    }
    areas
}

/// The sites of the decision to which families move.
fn new_sites(ground: &Ground, ranked: &RankedSites) -> Vec<NewSite> {
    let ranking = &ranked.ranking;
    let with_rank: Vec<usize> = ranking
        .order
        .iter()
        .map(|&row| row as usize)
        .filter(|&row| ranking.row(row).rank.is_some())
        .collect();
    let count = with_rank.len();
    let places: BTreeSet<usize> = (0..BEST_SITES)
        .chain([count / 2, count * 9 / 10])
        .filter(|place| *place < count)
        .collect();
    let site = |place: usize| {
        let row = with_rank[place];
        let (about, result) = (ranked.site(row), ranking.row(row));
        let raw = |id: &str| {
            let found = result.criteria.iter().find(|criterion| criterion.id == id);
            found.and_then(|criterion| criterion.raw)
        };
        let (lon, lat) = ranked.position(row);
        NewSite {
            id: about.id.clone(),
            lon,
            lat,
            minutes_to_work: about
                .shape
                .centroid()
                .and_then(|place| ground.minutes_to_work(place)),
            minutes_to_school: raw("primary_school"),
            floods_a_year: raw("flood_yearly").map(|depth| (depth / USUAL_DEPTH_M).min(1.0)),
        }
    };
    places.into_iter().map(site).collect()
}

/// Names the sites in the tables about families: some of them are not among the best of the decision.
fn name_sites(data: &Path, sites: &[NewSite]) -> Result<(), CommandError> {
    let folder = data.join(tables::FOLDER);
    let path = folder.join(tables::PLACES);
    let ids: Vec<String> = sites.iter().map(|site| format!("{:?}", site.id)).collect();
    let text = format!(
        "# Illustrative: the sites to which families moved.\nsites = [{}]\n",
        ids.join(", ")
    );
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&path, text))
        .map_err(|e| CommandError::Refused(format!("{} cannot be written: {e}.", path.display())))
}

/// What the demonstration was asked for.
pub struct Wanted<'a> {
    /// The data directory.
    pub data: &'a Path,
    /// Where accounts and the registry are.
    pub database: Database,
    /// Where the key lies.
    pub key: KeyPlace,
    pub seed: u64,
    /// What the city was made of.
    pub city: &'a str,
    /// The seal of the decision by which sites are offered.
    pub decision: &'a str,
    /// How many families.
    pub households: u64,
}

/// Makes the families that are missing. Called again it finds them there; with a greater number it adds some.
pub fn make(
    wanted: &Wanted<'_>,
    ground: &Ground,
    ranked: &RankedSites,
    now: Timestamp,
) -> Result<(), CommandError> {
    if wanted.households == 0 {
        return Ok(());
    }
    if ground.homes.is_empty() {
        say("No families: the city is too small to have a settlement.");
        return Ok(());
    }
    let store = Store::open_in(wanted.data, &wanted.database)?;
    let Some(mut recipe) = recipe(wanted, &store, now)? else {
        return Ok(());
    };
    let crews = people::make(&store, &ground.areas, now)?;
    if recipe.done >= wanted.households {
        return Ok(());
    }
    let made_key = wanted.key.make_first(wanted.data, &wanted.database)?;
    let registry = Registry::open_in(wanted.data, &wanted.database, &wanted.key.path, entropy())?;
    note(&store, &recipe)?;
    let options = FamiliesOptions {
        seed: recipe.seed,
        today: recipe.today,
        decision: recipe.decision.clone(),
    };
    let sites = new_sites(ground, ranked);
    name_sites(wanted.data, &sites)?;
    let mut progress = Shown::on_stderr();
    let first = recipe.done;
    progress.start("Recording illustrative families", Some(wanted.households - first));
    let mut sum = Sum::default();
    while recipe.done < wanted.households {
        let until = (recipe.done + PORTION).min(wanted.households);
        let records: Vec<(u64, usize, FamilyRecord)> = (recipe.done..until)
            .flat_map(|n| {
                let records = family(&options, &ground.homes, &sites, n);
                records
                    .into_iter()
                    .enumerate()
                    .map(move |(i, record)| (n, i, record))
            })
            .collect();
        let before = Registry::last_household_in(wanted.data, &wanted.database)?;
        send(&registry, &crews, &records, &mut sum)?;
        recipe.rows += Registry::last_household_in(wanted.data, &wanted.database)? - before;
        hand_out(&registry, &store, &crews, &records, now)?;
        recipe.done = until;
        note(&store, &recipe)?;
        progress.at(until - first);
    }
    progress.finish();
    say(format!(
        "{} families of {NOTICE} with {} events recorded; {} events lie in quarantine.",
        wanted.households - first,
        sum.stored,
        sum.quarantined
    ));
    if made_key {
        say(format!(
            "The key that seals them is {}: without it they cannot be read.",
            wanted.key.path.display()
        ));
    }
    Ok(())
}

/// What the families are made of, or `None` where those that are there were made of something else; that is said.
fn recipe(wanted: &Wanted<'_>, store: &Store, now: Timestamp) -> Result<Option<Recipe>, CommandError> {
    let damaged =
        |_| CommandError::Refused("The note about the illustrative families is damaged.".to_owned());
    let noted: Option<Recipe> = store
        .illustrative_families()?
        .map(|text| serde_json::from_str(&text).map_err(damaged))
        .transpose()?;
    let yesterday = now
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
        .checked_sub(1.day())
        .map_err(|e| CommandError::Refused(format!("The computer's clock is wrong: {e}.")))?;
    let fresh = Recipe {
        seed: wanted.seed,
        city: wanted.city.to_owned(),
        decision: wanted.decision.to_owned(),
        today: yesterday,
        done: 0,
        rows: 0,
    };
    let Some(noted) = noted else {
        if Registry::exists_in(wanted.data, &wanted.database)? {
            say(
                "No illustrative families: this directory has a registry that \"phteah demo\" did not make. It is left as it is.",
            );
            return Ok(None);
        }
        return Ok(Some(fresh));
    };
    let same = Recipe {
        today: noted.today,
        done: noted.done,
        rows: noted.rows,
        ..fresh
    };
    if same != noted {
        say(
            "The illustrative families are those of the city before and stay as they are. For others make the city in a directory of its own.",
        );
        return Ok(None);
    }
    Ok(Some(noted))
}

fn note(store: &Store, recipe: &Recipe) -> Result<(), CommandError> {
    let text = serde_json::to_string(recipe).map_err(|e| CommandError::Refused(e.to_string()))?;
    Ok(store.note_illustrative_families(&text)?)
}

/// What became of the events.
#[derive(Default)]
struct Sum {
    stored: u64,
    quarantined: u64,
}

/// Sends the families' events as their phones would have: in portions, in the order in which they were recorded, soon after.
fn send(
    registry: &Registry,
    crews: &[Crew],
    records: &[(u64, usize, FamilyRecord)],
    sum: &mut Sum,
) -> Result<(), CommandError> {
    // What a second worker has recorded beside names what the first one did, so it comes later.
    for round in 0..2 {
        for (at, crew) in crews.iter().enumerate() {
            for (n, phone) in crew.phones.iter().enumerate() {
                let mut mine: Vec<(Timestamp, Incoming)> = Vec::new();
                for (_, i, record) in records {
                    if crew_of(crews, record) != at {
                        continue;
                    }
                    let own = usize::from(record.worker) % crew.phones.len();
                    let beside = (own + 1) % crew.phones.len();
                    if own == n && usize::from(*i > 0) == round {
                        let events = record
                            .events
                            .iter()
                            .filter(|e| !record.by_another.contains(&e.id));
                        mine.extend(events.map(incoming));
                        mine.extend(record.faulty.iter().map(|json| faulty(json)));
                    }
                    if beside == n && round == 1 {
                        let events = record.events.iter().filter(|e| record.by_another.contains(&e.id));
                        mine.extend(events.map(incoming));
                    }
                }
                mine.sort_by_key(|(at, _)| *at);
                push(registry, phone, mine, sum)?;
            }
        }
    }
    Ok(())
}

fn crew_of(crews: &[Crew], record: &FamilyRecord) -> usize {
    crews
        .iter()
        .position(|crew| crew.area.contains(&record.sangkat))
        .unwrap_or(0)
}

fn incoming(event: &Event) -> (Timestamp, Incoming) {
    (event.recorded_at.at, Incoming::read(&event.canonical()))
}

fn faulty(json: &str) -> (Timestamp, Incoming) {
    let at = Event::read(json.as_bytes()).map_or(Timestamp::UNIX_EPOCH, |event| event.recorded_at.at);
    (at, Incoming::read(json))
}

fn push(
    registry: &Registry,
    phone: &phteah_store::Actor,
    events: Vec<(Timestamp, Incoming)>,
    sum: &mut Sum,
) -> Result<(), CommandError> {
    let mut events = events.into_iter().peekable();
    while events.peek().is_some() {
        let batch: Vec<(Timestamp, Incoming)> = events.by_ref().take(MAX_BATCH).collect();
        let last = batch.last().map_or(Timestamp::UNIX_EPOCH, |(at, _)| *at);
        let clocks = Clocks {
            now: last + SignedDuration::from_mins(20),
            offset: Some(SignedDuration::ZERO),
        };
        let batch = batch.into_iter().map(|(_, incoming)| incoming).collect();
        for receipt in registry.push(phone, batch, clocks)? {
            match receipt.status {
                ReceiptStatus::Stored => sum.stored += 1,
                ReceiptStatus::Quarantined => sum.quarantined += 1,
                ReceiptStatus::Duplicate => {}
            }
        }
    }
    Ok(())
}

/// Puts some families into one worker's hands, and hides those in which somebody is in danger.
fn hand_out(
    registry: &Registry,
    store: &Store,
    crews: &[Crew],
    records: &[(u64, usize, FamilyRecord)],
    now: Timestamp,
) -> Result<(), CommandError> {
    let operator = store.command_line();
    for (n, _, record) in records {
        let crew = &crews[crew_of(crews, record)];
        if record.hidden {
            let Some(account) = crew.caseworker.account() else {
                continue;
            };
            registry.give(
                &operator,
                record.household,
                std::slice::from_ref(account),
                WHY,
                now,
            )?;
            registry.hide(&crew.caseworker, record.household, true, WHY, now)?;
        } else if n % GIVEN_EVERY == 0 {
            let worker = &crew.workers[usize::from(record.worker) % crew.workers.len()];
            registry.give(
                &operator,
                record.household,
                std::slice::from_ref(worker),
                WHY,
                now,
            )?;
        }
    }
    Ok(())
}
