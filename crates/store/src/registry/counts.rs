//! Counts for releases: all tables of a deployment, protected together on one state of the registry, the **cut**.
//!
//! ```text
//! events up to the cut ─► counted ─► protected against all counts and releases before ─► sealed
//!                                                     │
//!                         planner's counts ◄── tables ┴──► previews, releases
//! ```
//!
//! Whoever prepares releases may not read the families, but sees every preview. Two previews that differ by one family would tell that family. So
//! previews are audited as releases are; and the cut moves on only when at least as many families as the threshold have come, gone or changed.
//! Until then the same tables are the same to the byte. A table that is declared meanwhile, or in another way, waits: counted alone it would not be
//! protected together with those that stand.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use phteah_registry::disclosure::rules::Rules;
use phteah_registry::event::HouseholdId;
use phteah_registry::fold::fold;
use phteah_registry::indicators::{Count, Counted, Indicator, IndicatorSet, Place, Said, counts};
use phteah_registry::releases::{Before, LeftOut, ReleaseSet, prepare_what_can_be};
use phteah_registry::state::{Consent, REGISTRATION, State};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::conflicts::{histories, tied};
use super::desk::known;
use super::directory::Entry;
use super::releases::{day_of, failed, hash_of, least_threshold, note};
use super::seal::DataKey;
use super::store::{Registry, last_number};
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::ids::hex;
use crate::rights::Right;
use crate::sql::{Connection, params};

/// Counts without what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountRecord {
    /// Their number.
    pub n: i64,
    /// The last number of the registry's counter that is in them.
    pub(super) cut: i64,
    /// The day on which families were counted.
    pub day: Date,
    /// The least count that is told.
    pub threshold: u64,
    /// When they were made, and by whom (an actor as the audit has it).
    pub made: (Timestamp, String),
    /// SHA-256 of what readers would get, hexadecimal.
    pub hash: String,
}

/// What planners are shown: the tables of the latest cut, whichever of its counts has them.
#[derive(Debug, Clone)]
pub struct Counts {
    /// The newest of these counts.
    pub record: CountRecord,
    /// The tables, each as it was protected last, with reasons.
    pub set: ReleaseSet,
}

/// What counts say, as they are sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Sealed {
    set: ReleaseSet,
    /// What each table was counted by: a digest of its file's meaning.
    definitions: BTreeMap<String, String>,
    /// What each table that was told asks.
    #[serde(default)]
    asked: BTreeMap<String, Asked>,
    /// Tables that were not counted, since they ask in another way what was told before.
    #[serde(default)]
    not_counted: Vec<String>,
}

/// What a table asks of whom: another one that asks the same in another way, or of other families, would tell of those between the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    over: String,
    period: String,
    /// The place that it begins with: `area` or `site`. Where it is missing, nobody kept it then.
    #[serde(default)]
    place: Option<String>,
    /// Each question but the place, with its column and its groups.
    questions: BTreeMap<String, String>,
    /// The fact of its median, with the table and the step that it is told in.
    #[serde(default)]
    medians: BTreeMap<String, String>,
}

impl Asked {
    fn of(indicator: &Indicator) -> Self {
        let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
        let questions = indicator.by.iter().skip(1).map(|by| {
            let how = format!("{}: {}", by.columns.join(">"), by.source.groups());
            (by.source.question().to_owned(), how)
        });
        let place = indicator.by.first().map(|by| by.source.question().to_owned());
        let medians = indicator.median.iter().map(|median| {
            let how = format!("{} in steps of {}", indicator.id, median.step);
            (median.fact.clone(), how)
        });
        Self {
            place,
            medians: medians.collect(),
            over: indicator.population.word().to_owned(),
            period: format!("{}..{}", day(indicator.period.from), day(indicator.period.to)),
            questions: questions.collect(),
        }
    }

    /// Why nothing may be told of what this asks, after what was counted before: whoever prepares has seen it.
    fn differs(&self, id: &str, before: &Self) -> Option<String> {
        let both = self.questions.iter();
        let mut shared =
            both.filter_map(|(question, how)| Some((question, how, before.questions.get(question)?)));
        if self.over != before.over {
            let place = self
                .place
                .as_ref()
                .filter(|place| before.place.as_ref() == Some(place));
            return place.or(shared.next().map(|(question, ..)| question)).map(|question| {
                format!("refused: {id} was counted over other families by {question} as well. Together they would tell of those who are in one of them only")
            });
        }
        if self.period != before.period {
            return Some(format!(
                "refused: {id} was counted over another period. Together they would tell of those in one of them only. Keep the period"
            ));
        }
        if let Some((question, _, was)) = shared.find(|(_, how, was)| how != was) {
            return Some(format!(
                "refused: {id} was counted by {question} in other groups, or under another name of the column ({was}). Together they would tell of those between the two. Keep what was counted, also where it was only previewed: whoever prepared it has seen it"
            ));
        }
        let counted = |one: &Self, other: &Self| {
            let mut facts = one.medians.keys();
            facts.find(|fact| other.questions.contains_key(*fact)).cloned()
        };
        if let Some(fact) = counted(self, before).or(counted(before, self)) {
            return Some(format!(
                "refused: {id} was counted with {fact}, of which one of them tells the median and the other how many gave each answer. Together they would tell how many have not answered. Keep what was counted"
            ));
        }
        let mut medians = self.medians.iter();
        let (fact, was) = medians.find_map(|(fact, how)| {
            let was = before.medians.get(fact)?;
            (was != how).then_some((fact, was))
        })?;
        Some(format!(
            "refused: the median of {fact} was counted otherwise before ({was}). Two medians of the same answers would tell where they lie. Keep what was counted"
        ))
    }
}

/// What has happened to families since a cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Since {
    /// Families who are counted now and were not, were and are not any more, or stand elsewhere in some table.
    pub changed: u64,
    /// Families who were counted, or may have been, and must be in no table any more: hidden, erased, without consent.
    pub gone: u64,
}

impl Registry {
    /// The tables of the latest cut, for whoever prepares releases; none where nobody has counted yet.
    ///
    /// Who is hidden or erased since is in them still, as in a release that was published: to take them out would tell them.
    pub fn counts(&self, actor: &Actor) -> Result<Option<Counts>> {
        actor.require(Right::PrepareReleases)?;
        self.read(|conn| {
            let Some(record) = records(conn)?.pop() else {
                return Ok(None);
            };
            let set = self.tables_of(conn, record.cut, None)?;
            Ok(Some(Counts { record, set }))
        })
    }

    /// Counts families for all tables of a deployment, or finds that the counts of before stand: where fewer families than the threshold have
    /// come, gone or changed since. Tells the counts, and whether they are new.
    ///
    /// All tables are counted at once, whichever are asked for, so that they are protected together.
    ///
    /// # Errors
    /// If no table can be made safe, or if the threshold was raised and who may be counted has changed while too little else has.
    pub fn count_for_releases(
        &self,
        actor: &Actor,
        set: &IndicatorSet,
        (why, now): (&str, Timestamp),
    ) -> Result<(CountRecord, bool)> {
        actor.require(Right::PrepareReleases)?;
        self.refresh()?;
        let (rows, before, least, newest) = self.read(|conn| {
            let before = self.said_before(conn, None)?;
            Ok((records(conn)?, before, least_threshold(conn)?, last_number(conn)?))
        })?;
        let rules = Rules::new(least).map_err(|error| StoreError::Usage(error.to_string()))?;
        let mut cut = (newest, day_of(now)?);
        let mut counted = set.clone();
        if let Some(last) = rows.last() {
            let since = self.since(set, last.cut, last.day)?;
            if since.changed < least {
                if last.threshold >= least {
                    return Ok((last.clone(), false));
                }
                // The threshold was raised: the same families once more.
                if since.gone > 0 {
                    return Err(too_little_changed(least));
                }
                cut = (last.cut, last.day);
            }
        }
        let definitions = counted.indicators().iter();
        let definitions = definitions.map(|one| (one.id.clone(), definition(one))).collect();
        let otherwise = self.asked_otherwise(&rows, &counted)?;
        for out in &otherwise {
            counted = counted.without(&out.id);
        }
        let counts = self.counted(actor, &counted, cut)?;
        let mut made = prepare_what_can_be(&counted, &counts, cut.1, rules, &before)
            .map_err(|error| not_safe(&error))?;
        let not_counted = otherwise.iter().map(|out| out.id.clone()).collect();
        made.left_out.extend(otherwise);
        if made.tables.is_empty() {
            return Err(not_safe(&made.why_left_out()));
        }
        let told = made.tables.iter().filter_map(|table| counted.get(&table.id));
        let sealed = Sealed {
            definitions,
            asked: told.map(|one| (one.id.clone(), Asked::of(one))).collect(),
            not_counted,
            set: made,
        };
        let last = rows.last().map_or(0, |row| row.n);
        let record = self.keep_counts(actor, sealed, (last, cut.0), (why, now))?;
        Ok((record, true))
    }

    fn keep_counts(
        &self,
        actor: &Actor,
        said: Sealed,
        (last, cut): (i64, i64),
        (why, now): (&str, Timestamp),
    ) -> Result<CountRecord> {
        let (actor, why) = (actor.clone(), why.to_owned());
        self.write(move |change| {
            let rows = records(change.conn())?;
            if rows.last().map_or(0, |row| row.n) != last {
                return Err(StoreError::Refused {
                    code: "release_overtaken",
                    message: "Somebody else has counted meanwhile, and these counts were not audited against it. Prepare it anew."
                        .into(),
                });
            }
            let n = last + 1;
            let hash = hash_of(&said.set)?;
            let name = of_counts(&hash);
            let key = DataKey::make(change.entropy())?;
            let wrapped = change.ring().current().wrap(&key, &name, change.entropy())?;
            let json =
                serde_json::to_vec(&said).map_err(|_| StoreError::DamagedRegistry("counts in the making".into()))?;
            let sealed = key.seal(&name, &json, change.entropy())?;
            let record = CountRecord {
                n,
                cut,
                day: said.set.day,
                threshold: said.set.threshold,
                made: (now, actor.id().to_string()),
                hash: hex(&hash),
            };
            change
                .conn()
                .execute(
                    "INSERT INTO release_count (n, cut, day, threshold, made_at, made_by, hash, data_key, sealed)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    params![
                        n,
                        cut,
                        record.day.to_string(),
                        record.threshold as i64,
                        now.to_string(),
                        record.made.1,
                        hash,
                        wrapped,
                        sealed
                    ],
                )
                .map_err(failed())?;
            note(change, &actor, "release_counted", &format!("counts {n}"), &why, now)?;
            Ok(record)
        })
    }

    /// The tables of a cut, each from the newest of its counts that have it; where the threshold was raised meanwhile, those counted since. With what is
    /// declared: as it is called there, and tables that are declared otherwise by now, or were not then, are among those left out.
    pub(super) fn tables_of(
        &self,
        conn: &Connection,
        cut: i64,
        declared: Option<&IndicatorSet>,
    ) -> Result<ReleaseSet> {
        let mut found: Option<ReleaseSet> = None;
        let rows: Vec<CountRecord> = records(conn)?.into_iter().filter(|row| row.cut == cut).collect();
        let strictest = rows.iter().map(|row| row.threshold).max();
        for row in rows.iter().filter(|row| Some(row.threshold) == strictest) {
            let Sealed {
                set: mut said,
                definitions,
                ..
            } = self.counted_by(conn, row)?;
            let is_as_declared = |id: &str| {
                let one = declared.and_then(|set| set.get(id));
                one.is_none_or(|one| definitions.get(id) == Some(&definition(one)))
            };
            said.tables.retain(|table| is_as_declared(&table.id));
            said.left_out.retain(|out| is_as_declared(&out.id));
            if let Some(before) = found {
                let is_new = |id: &str| said.table(id).is_some();
                let kept = before.tables.into_iter().filter(|table| !is_new(&table.id));
                let out = before.left_out.into_iter().filter(|out| !is_new(&out.id));
                let (kept, out) = (kept.collect::<Vec<_>>(), out.collect::<Vec<_>>());
                said.illustrative |= before.illustrative;
                said.tables.extend(kept);
                said.left_out.extend(out);
            }
            found = Some(said);
        }
        let mut found = found.ok_or_else(|| StoreError::DamagedRegistry("the counts of a release".into()))?;
        for one in declared.into_iter().flat_map(IndicatorSet::indicators) {
            if let Some(table) = found.tables.iter_mut().find(|table| table.id == one.id) {
                table.title = [one.title.en.clone(), one.title.km.clone()];
                table.about = [one.about.en.clone(), one.about.km.clone()];
            } else if found.left_out.iter().all(|out| out.id != one.id) {
                found.left_out.push(waits(&one.id, found.day, found.threshold));
            }
        }
        Ok(found)
    }

    /// Which of these tables ask in another way, or of other families, what was told before, and why they cannot be told.
    fn asked_otherwise(&self, rows: &[CountRecord], wanted: &IndicatorSet) -> Result<Vec<LeftOut>> {
        let mut told: Vec<(String, Asked)> = Vec::new();
        for row in rows {
            let said = self.read(|conn| self.counted_by(conn, row))?;
            told.extend(said.asked);
        }
        let why = |one: &Indicator| {
            let own = Asked::of(one);
            let why = told.iter().find_map(|(id, before)| own.differs(id, before))?;
            Some(LeftOut {
                id: one.id.clone(),
                why,
            })
        };
        Ok(wanted.indicators().iter().filter_map(why).collect())
    }

    /// All that was ever said to anybody who may not read the families: counts, and releases that were published before there were any.
    /// The oldest first; with `until`, what was said before these counts.
    pub(super) fn said_before(&self, conn: &Connection, until: Option<i64>) -> Result<Vec<Before>> {
        let mut before = self.published_without_counts(conn)?;
        let published: Vec<i64> = conn
            .prepare_cached(
                "SELECT DISTINCT cut FROM release WHERE cut IS NOT NULL AND state IN ('confirmed', 'withdrawn')",
            )
            .and_then(|mut s| s.query_map([], |row| row.get(0))?.collect())
            .map_err(failed())?;
        for row in records(conn)? {
            if until.is_some_and(|until| row.n >= until) {
                continue;
            }
            let erased: i64 = conn
                .prepare_cached("SELECT COUNT(*) FROM household WHERE data_key IS NULL AND changed > ?1")
                .and_then(|mut s| s.query_row([row.cut], |row| row.get(0)))
                .map_err(failed())?;
            before.push(Before {
                name: format!("the counts of {}", row.day),
                of: Some(row.cut),
                set: self.counted_by(conn, &row)?.set,
                erased_since: erased.unsigned_abs(),
                is_published: published.contains(&row.cut),
            });
        }
        Ok(before)
    }

    /// Counts the families of all tables of a set over the events up to a cut, as of its day. Who is hidden, erased, merged into another
    /// record or has taken the consent back is in none. Counts leave the program through the gate alone.
    pub(super) fn counted(
        &self,
        actor: &Actor,
        set: &IndicatorSet,
        (cut, day): (i64, Date),
    ) -> Result<Vec<Counted>> {
        actor.require(Right::PrepareReleases)?;
        self.refresh()?;
        let mut entries: Vec<Entry> = {
            let directory = self.directory();
            let counted = directory.iter().filter(|entry| is_counted(entry));
            counted.cloned().collect()
        };
        entries.sort_unstable_by_key(|entry| entry.n);
        let mut counts: Vec<Count<'_>> = set
            .indicators()
            .iter()
            .map(|indicator| Count::new(indicator, set.places(), day))
            .collect();
        self.read(|conn| {
            for entry in &entries {
                if let Some(state) = self.state_at(conn, entry, cut)? {
                    for count in &mut counts {
                        count.add(&state);
                    }
                }
            }
            Ok(())
        })?;
        Ok(counts.into_iter().filter_map(Count::finish).collect())
    }

    /// What has happened to the families of these tables since a cut, as of its day: nobody changes by growing older.
    pub(super) fn since(&self, set: &IndicatorSet, cut: i64, day: Date) -> Result<Since> {
        self.refresh()?;
        let mut since = Since { changed: 0, gone: 0 };
        self.read(|conn| {
            let mut numbers: Vec<i64> = conn
                .prepare_cached("SELECT n FROM household WHERE changed > ?1")
                .and_then(|mut s| s.query_map([cut], |row| row.get(0))?.collect())
                .map_err(failed())?;
            let mut ids = Vec::new();
            for n in &numbers {
                let id = self.directory().get(*n).map(|entry| entry.id);
                if let Some(id) = id {
                    ids.extend(tied(conn, id)?);
                }
            }
            {
                let directory = self.directory();
                numbers.extend(ids.into_iter().filter_map(|id| Some(directory.find(id)?.n)));
            }
            numbers.sort_unstable();
            numbers.dedup();
            for n in numbers {
                let Some(entry) = self.directory().get(n).cloned() else {
                    continue;
                };
                if entry.key.is_none() {
                    // Where it stood nobody knows any more.
                    since.changed += 1;
                    since.gone += 1;
                    continue;
                }
                let before = self.state_at(conn, &entry, cut)?.filter(counts);
                let now = self.state_at(conn, &entry, i64::MAX)?;
                let places = |state: Option<&State>| -> Vec<Option<Place>> {
                    let place = |one: &Indicator| state.and_then(|state| one.place(state, set.places(), day));
                    set.indicators().iter().map(place).collect()
                };
                let kept = now
                    .as_ref()
                    .filter(|state| counts(state) && !entry.summary.hidden);
                if places(before.as_ref()) != places(kept) {
                    since.changed += 1;
                }
                let may_not_be = entry.summary.hidden
                    || now.as_ref().is_some_and(|state| {
                        let consent = state.consent(REGISTRATION);
                        state.is_hidden() || matches!(consent, Consent::Withdrawn | Consent::InConflict)
                    });
                since.gone += u64::from(before.is_some() && may_not_be);
            }
            Ok(())
        })?;
        Ok(since)
    }

    /// What was known of a household at a cut.
    fn state_at(&self, conn: &Connection, entry: &Entry, cut: i64) -> Result<Option<State>> {
        let find = |id: HouseholdId| {
            let directory = self.directory();
            directory.find(id).filter(|entry| is_counted(entry)).cloned()
        };
        let events = histories(conn, entry, find)?;
        let up_to = events.iter().filter(|stored| stored.seq <= cut);
        Ok(fold(entry.id, up_to.map(known)))
    }

    /// What counts say, with the reasons.
    pub(super) fn counted_set(&self, conn: &Connection, record: &CountRecord) -> Result<ReleaseSet> {
        let mut said = self.counted_by(conn, record)?;
        let is_counted = |id: &String| !said.not_counted.contains(id);
        said.set.left_out.retain(|out| is_counted(&out.id));
        Ok(said.set)
    }

    fn counted_by(&self, conn: &Connection, record: &CountRecord) -> Result<Sealed> {
        let (wrapped, sealed, hash): (Vec<u8>, Vec<u8>, Vec<u8>) = conn
            .prepare_cached("SELECT data_key, sealed, hash FROM release_count WHERE n = ?1")
            .and_then(|mut s| s.query_row([record.n], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))))
            .map_err(failed())?;
        let key = self.inner().unwrap_key(&wrapped, &of_counts(&hash))?;
        let json = key.open(&of_counts(&hash), &sealed)?;
        serde_json::from_slice(&json).map_err(|_| StoreError::DamagedRegistry("counts for releases".into()))
    }
}

/// Whether a household may be in a table at all.
pub(super) fn is_counted(entry: &Entry) -> bool {
    entry.key.is_some() && !entry.summary.hidden
}

/// A digest of what a table counts, so that one whose file was changed is another one. What it is called does not matter.
fn definition(indicator: &Indicator) -> String {
    let counted = Indicator {
        title: Said::default(),
        about: Said::default(),
        ..indicator.clone()
    };
    hex(&Sha256::digest(format!("{counted:?}").as_bytes()))
}

/// Why a table is not among the counts that stand. Counted alone, it would not be protected together with the others.
fn waits(id: &str, day: Date, threshold: u64) -> LeftOut {
    LeftOut {
        id: id.to_owned(),
        why: format!(
            "families were counted on {day}, and this table was not declared then as it is now. It is counted with all others once {threshold} families or more have come, gone or changed since"
        ),
    }
}

fn too_little_changed(threshold: u64) -> StoreError {
    StoreError::Refused {
        code: "release_too_little_changed",
        message: format!(
            "Nothing was prepared. Fewer than {threshold} families have come, gone or changed since the last counts, and of those that were counted some may not be counted any more: other numbers would tell who. Wait until more has changed."
        ),
    }
}

pub(super) fn not_safe(error: &impl ToString) -> StoreError {
    StoreError::Refused {
        code: "release_not_safe",
        message: format!(
            "Nothing was prepared. {}.",
            error.to_string().trim_end_matches('.')
        ),
    }
}

/// What the key of counts is wrapped as, and what they say is sealed as.
fn of_counts(hash: &[u8]) -> Vec<u8> {
    [b"release_count\0", hash].concat()
}

/// All counts, the oldest first.
pub(super) fn records(conn: &Connection) -> Result<Vec<CountRecord>> {
    type Row = (i64, i64, String, i64, String, String, Vec<u8>);
    let damaged = || StoreError::DamagedRegistry("the list of counts".into());
    let rows: Vec<Row> = conn
        .prepare_cached("SELECT n, cut, day, threshold, made_at, made_by, hash FROM release_count ORDER BY n")
        .and_then(|mut s| {
            s.query_map([], |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                    row.get(5)?,
                    row.get(6)?,
                ))
            })?
            .collect()
        })
        .map_err(failed())?;
    rows.into_iter()
        .map(|(n, cut, day, threshold, at, by, hash)| {
            Ok(CountRecord {
                n,
                cut,
                day: day.parse().map_err(|_| damaged())?,
                threshold: threshold.unsigned_abs(),
                made: (at.parse().map_err(|_| damaged())?, by),
                hash: hex(&hash),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use phteah_registry::indicators::Vocabulary;

    use super::*;

    /// Recorded families by khan, and later those who moved by khan: both together would tell who has not moved.
    #[test]
    fn the_place_is_a_question_too() {
        let asked = |over: &str, by: &str| {
            let text = format!(
                "id = \"own\"\ntitle = {{ en = \"a\", km = \"ក\" }}\nabout = {{ en = \"a\", km = \"ក\" }}\nover = \"{over}\"\nby = [{by}]"
            );
            let set = IndicatorSet::read([("own.toml", text.as_str())], &Vocabulary::built_in());
            Asked::of(set.expect("it is right").get("own").expect("it is there"))
        };
        let recorded = asked("recorded", "\"khan>sangkat\"");
        let why = asked("moved", "\"khan\"")
            .differs("own", &recorded)
            .expect("refused");
        assert!(why.contains("over other families by area"), "{why}");
        assert_eq!(asked("moved", "\"site\"").differs("own", &recorded), None);
        assert_eq!(asked("recorded", "\"khan\"").differs("own", &recorded), None);
    }
}
