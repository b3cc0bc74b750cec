//! From rows to events.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use serde_json::{Map, Value, json};

use super::cell::Cell;
use super::mapping::{Fact, FactKind, Mapping, Place, RepeatPlace};
use super::sheet::{Book, Sheet, SheetRow};
use super::who::{Numbered, renamed};
use super::{Derive, for_id};
use crate::check::faults;
use crate::event::{Event, EventId, HouseholdId, MemberId};
use crate::table::{Mistake, key};
use crate::vocabulary;
use crate::vocabulary::path::SOURCE;

/// Cambodia's clocks, where a time has no offset.
const OFFSET: Offset = Offset::constant(7);
/// Columns in which Kobo and ODK Central tell when a form came in, by their server's clock: in UTC, also where no offset says so.
const SERVER_TIMES: [&str; 3] = ["_submission_time", "submissiondate", "__system/submissiondate"];
/// Members of a household that stand in columns beside one another, at most.
const MAX_NUMBERED: usize = 40;

/// A household's record before it has an id and a place among its events.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The household.
    pub household: HouseholdId,
    recorded_at: Timestamp,
    fields: Map<String, Value>,
    numbered: Vec<Numbered>,
}

impl Draft {
    /// The same record with the members that it had `before`, where the survey does not name them.
    ///
    /// # Errors
    /// A sentence, if nobody can tell who is who.
    pub fn with_members_of(&self, before: &[Event], derive: Derive<'_>) -> Result<Self, String> {
        let mut made = self.clone();
        if self.numbered.is_empty() || before.is_empty() {
            return Ok(made);
        }
        let own = self.event(&[], derive)?;
        for numbered in &self.numbered {
            let ids = numbered.follow(&own, before, derive)?;
            if let Some(Value::Object(facts)) = made.fields.get_mut("facts") {
                *facts = renamed(facts, &numbered.list, &ids);
            }
        }
        Ok(made)
    }

    /// The event that comes after `after`. The same record after the same events has the same id.
    pub fn event(&self, after: &[EventId], derive: Derive<'_>) -> Result<Event, String> {
        let mut fields = self.fields.clone();
        fields.insert("after".into(), json!(after));
        fields.insert("id".into(), json!(EventId::new(self.recorded_at, [0; 10])));
        let text = Value::Object(fields).to_string();
        let mut event = Event::read(text.as_bytes()).map_err(|unreadable| {
            let words: Vec<String> = unreadable.faults.iter().map(ToString::to_string).collect();
            words.join(" ")
        })?;
        let hash = derive(&[b"event", event.canonical().as_bytes()]);
        let mut random = [0; 10];
        random.copy_from_slice(&hash[..10]);
        event.id = EventId::new(self.recorded_at, random);
        Ok(event)
    }

    /// Whether an event that was made of this record before says the same.
    pub fn says_the_same(&self, event: &Event, derive: Derive<'_>) -> bool {
        self.event(&event.after, derive).is_ok_and(|mut own| {
            own.id = event.id;
            own.canonical() == event.canonical()
        })
    }
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Where it stands, such as `row 3`.
    pub place: String,
    /// The record, or what is wrong with it.
    pub draft: Result<Draft, Vec<Mistake>>,
    /// The family did not agree: it is left out.
    pub declined: bool,
}

/// All records of a survey.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drafts {
    /// In the order of the rows.
    pub records: Vec<Record>,
    /// What is wrong with the survey as a whole; nothing can be taken in then.
    pub mistakes: Vec<Mistake>,
    /// Columns that the mapping does not name: they are left out.
    pub left_out: Vec<String>,
}

/// Reads all records of a survey; `now` tells what lies ahead.
pub fn read(book: &Book, mapping: &Mapping, derive: Derive<'_>, now: Timestamp) -> Drafts {
    let mut drafts = Drafts::default();
    for fault in mapping.faults() {
        drafts.mistakes.push(Mistake {
            file: "mapping".to_owned(),
            place: String::new(),
            message: fault,
        });
    }
    if !drafts.mistakes.is_empty() {
        return drafts;
    }
    let Some(plan) = Plan::of(book, mapping, &mut drafts) else {
        return drafts;
    };
    let reader = Reader {
        mapping,
        plan,
        derive,
        now,
    };
    let mut seen: HashMap<String, String> = HashMap::new();
    for row in &reader.plan.main.rows {
        drafts.records.push(reader.record(row, &mut seen));
    }
    for orphan in reader.plan.orphans {
        drafts.records.push(Record {
            place: orphan.place.clone(),
            draft: Err(vec![orphan]),
            declined: false,
        });
    }
    drafts
}

/// A fact and the column that it is taken from.
struct Source<'a> {
    path: &'a str,
    fact: &'a Fact,
    column: Option<usize>,
}

/// The members of households, found.
struct Members<'a> {
    name: &'a str,
    rows: MemberRows<'a>,
}

enum MemberRows<'a> {
    /// Rows of a sheet, by what names their household.
    Sheet {
        sheet: &'a Sheet,
        of: usize,
        id: Option<usize>,
        by_parent: BTreeMap<String, Vec<usize>>,
        sources: Vec<Source<'a>>,
    },
    /// Columns of the household's own row, for each number.
    Columns(Vec<(usize, Vec<Source<'a>>)>),
}

/// Where everything stands.
struct Plan<'a> {
    main: &'a Sheet,
    id: Vec<usize>,
    happened_on: Option<usize>,
    recorded_at: Option<usize>,
    consent: Option<usize>,
    location: [Option<usize>; 4],
    facts: Vec<Source<'a>>,
    members: Vec<Members<'a>>,
    /// Members whose household is not there.
    orphans: Vec<Mistake>,
}

impl<'a> Plan<'a> {
    fn of(book: &'a Book, mapping: &'a Mapping, drafts: &mut Drafts) -> Option<Self> {
        let named = |name: &str| {
            book.sheets
                .iter()
                .find(|sheet| key(sheet.name.trim()).eq_ignore_ascii_case(&key(name.trim())))
        };
        let main = match &mapping.sheet {
            None => book.sheets.first(),
            Some(name) => named(name),
        };
        let Some(main) = main else {
            let names: Vec<&str> = book.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
            drafts.mistakes.push(whole(
                "mapping",
                format!("sheet: there is no such sheet, only {}.", names.join(", ")),
            ));
            return None;
        };
        let mut used: BTreeSet<(String, usize)> = BTreeSet::new();
        let (mut wrong, mut orphans) = (Vec::new(), Vec::new());
        let mut find = |sheet: &Sheet, name: &str| match sheet.column(name) {
            Ok(at) => {
                used.insert((sheet.name.clone(), at));
                Some(at)
            }
            Err(why) => {
                wrong.push(whole(&sheet.file, format!("sheet {}: {why}", sheet.name)));
                None
            }
        };
        let id = mapping
            .record
            .id
            .all()
            .iter()
            .filter_map(|name| find(main, name))
            .collect();
        let happened_on = mapping
            .record
            .happened_on
            .as_deref()
            .and_then(|name| find(main, name));
        let recorded_at = mapping
            .record
            .recorded_at
            .as_deref()
            .and_then(|name| find(main, name));
        let consent = mapping
            .consent
            .as_ref()
            .and_then(|consent| find(main, &consent.column));
        let location = mapping.location.as_ref().map_or([None; 4], |place: &Place| {
            [&place.lon, &place.lat, &place.accuracy_m, &place.geopoint]
                .map(|name| name.as_deref().and_then(|name| find(main, name)))
        });
        let mut sources = |sheet: &Sheet, facts: &'a BTreeMap<String, Fact>| -> Vec<Source<'a>> {
            facts
                .iter()
                .map(|(path, fact)| Source {
                    path,
                    fact,
                    column: fact.column.as_deref().and_then(|name| find(sheet, name)),
                })
                .collect()
        };
        let facts = sources(main, &mapping.facts);
        let mut members = Vec::new();
        for (name, repeat) in &mapping.repeats {
            let rows = match &repeat.sheet {
                None => MemberRows::Columns(numbered(main, repeat, name, &mut used, &mut wrong)),
                Some(sheet_name) => {
                    let Some(sheet) = named(sheet_name) else {
                        wrong.push(whole(
                            "mapping",
                            format!("repeats.{name}.sheet: there is no sheet {sheet_name}."),
                        ));
                        continue;
                    };
                    in_sheet(sheet, main, repeat, &mut used, &mut wrong, &mut orphans)
                }
            };
            members.push(Members { name, rows });
        }
        drafts.mistakes.append(&mut wrong);
        drafts.left_out = left_out(main, &members, &used);
        drafts.mistakes.is_empty().then_some(Self {
            main,
            id,
            happened_on,
            recorded_at,
            consent,
            location,
            facts,
            members,
            orphans,
        })
    }
}

/// Columns that nothing is taken from, with their sheets.
fn left_out(main: &Sheet, members: &[Members<'_>], used: &BTreeSet<(String, usize)>) -> Vec<String> {
    let mut sheets = vec![main];
    sheets.extend(members.iter().filter_map(|members| match &members.rows {
        MemberRows::Sheet { sheet, .. } => Some(*sheet),
        MemberRows::Columns(_) => None,
    }));
    let mut found = Vec::new();
    for sheet in sheets {
        for (at, name) in sheet.header.iter().enumerate() {
            if !used.contains(&(sheet.name.clone(), at)) {
                found.push(format!("{}: {name}", sheet.name));
            }
        }
    }
    found
}

fn whole(file: &str, message: String) -> Mistake {
    Mistake {
        file: file.to_owned(),
        place: String::new(),
        message,
    }
}

/// Members in columns beside one another: those of number 1, of number 2 and so on, as far as there are any.
fn numbered<'a>(
    sheet: &Sheet,
    repeat: &'a RepeatPlace,
    name: &str,
    used: &mut BTreeSet<(String, usize)>,
    wrong: &mut Vec<Mistake>,
) -> Vec<(usize, Vec<Source<'a>>)> {
    let mut found = Vec::new();
    for n in 1..=MAX_NUMBERED {
        let mut sources = Vec::new();
        let mut some = false;
        for (path, fact) in &repeat.facts {
            let column = fact
                .column
                .as_deref()
                .and_then(|column| sheet.column(&column.replace("{n}", &n.to_string())).ok());
            if let Some(at) = column {
                used.insert((sheet.name.clone(), at));
                some = true;
            }
            sources.push(Source { path, fact, column });
        }
        if some {
            found.push((n, sources));
        }
    }
    if found.is_empty() {
        wrong.push(whole(
            &sheet.file,
            format!(
                "sheet {}: has no columns for repeats.{name}, whatever the number for {{n}}.",
                sheet.name
            ),
        ));
    }
    found
}

fn in_sheet<'a>(
    sheet: &'a Sheet,
    main: &Sheet,
    repeat: &'a RepeatPlace,
    used: &mut BTreeSet<(String, usize)>,
    wrong: &mut Vec<Mistake>,
    orphans: &mut Vec<Mistake>,
) -> MemberRows<'a> {
    let mut find = |sheet: &Sheet, name: &str| match sheet.column(name) {
        Ok(at) => {
            used.insert((sheet.name.clone(), at));
            Some(at)
        }
        Err(why) => {
            wrong.push(whole(&sheet.file, format!("sheet {}: {why}", sheet.name)));
            None
        }
    };
    let of = repeat.of.as_deref().and_then(|name| find(main, name));
    let parent = repeat.parent.as_deref().and_then(|name| find(sheet, name));
    let id = repeat.id.as_deref().and_then(|name| find(sheet, name));
    let sources = repeat
        .facts
        .iter()
        .map(|(path, fact)| Source {
            path,
            fact,
            column: fact.column.as_deref().and_then(|name| find(sheet, name)),
        })
        .collect();
    let (Some(of), Some(parent)) = (of, parent) else {
        // Told already; the households are read all the same, for what else is wrong.
        return MemberRows::Columns(Vec::new());
    };
    let mut by_parent: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, row) in sheet.rows.iter().enumerate() {
        match row.cells.get(parent).map(Cell::text) {
            Some(Ok(Some(parent))) => by_parent.entry(parent).or_default().push(at),
            _ => orphans.push(Mistake {
                file: sheet.file.clone(),
                place: sheet.place(row, Some(parent)),
                message: "does not name the household that it belongs to.".into(),
            }),
        }
    }
    let known: BTreeSet<String> = main
        .rows
        .iter()
        .filter_map(|row| row.cells.get(of)?.text().ok()?)
        .collect();
    for (parent_name, rows) in &by_parent {
        if !known.contains(parent_name) {
            for at in rows {
                orphans.push(Mistake {
                    file: sheet.file.clone(),
                    place: sheet.place(&sheet.rows[*at], Some(parent)),
                    message: "names a household that is not in the survey.".into(),
                });
            }
        }
    }
    MemberRows::Sheet {
        sheet,
        of,
        id,
        by_parent,
        sources,
    }
}

struct Reader<'a> {
    mapping: &'a Mapping,
    plan: Plan<'a>,
    derive: Derive<'a>,
    now: Timestamp,
}

/// What is being made of one row.
struct Row<'r> {
    sheet: &'r Sheet,
    row: &'r SheetRow,
    mistakes: Vec<Mistake>,
}

impl Row<'_> {
    fn wrong(&mut self, column: Option<usize>, message: impl Into<String>) {
        self.mistakes.push(Mistake {
            file: self.sheet.file.clone(),
            place: self.sheet.place(self.row, column),
            message: message.into(),
        });
    }

    fn cell(&self, column: usize) -> &Cell {
        self.row.cells.get(column).unwrap_or(&Cell::Empty)
    }
}

impl Reader<'_> {
    fn record(&self, row: &SheetRow, seen: &mut HashMap<String, String>) -> Record {
        let main = self.plan.main;
        let mut reading = Row {
            sheet: main,
            row,
            mistakes: Vec::new(),
        };
        let place = main.place(row, None);
        let name = self.name(&mut reading);
        if let Some(name) = &name
            && let Some(first) = seen.insert(name.clone(), place.clone())
        {
            reading.wrong(
                self.plan.id.first().copied(),
                format!("names the same record as {first}: each may stand once."),
            );
        }
        let declined = self
            .plan
            .consent
            .is_some_and(|column| !self.agreed(&mut reading, column));
        let household = self.household(name.as_deref().unwrap_or_default());
        let (day, recorded_at) = self.times(&mut reading);
        let mut facts = Map::new();
        facts.insert(SOURCE.into(), json!(self.mapping.source));
        if let Some(consent) = &self.mapping.consent {
            for purpose in &consent.purposes {
                facts.insert(format!("consent.{purpose}"), json!(true));
            }
        }
        let mut columns: BTreeMap<String, usize> = BTreeMap::new();
        for source in &self.plan.facts {
            if let Some(value) = self.answer(&mut reading, source) {
                columns.extend(source.column.map(|column| (source.path.to_owned(), column)));
                facts.insert(source.path.to_owned(), value);
            }
        }
        let mut numbered = Vec::new();
        for members in &self.plan.members {
            numbered.extend(self.members(&mut reading, members, household, &mut facts, &mut columns));
        }
        let location = self.location(&mut reading);
        let mut fields = Map::new();
        fields.insert("household".into(), json!(household));
        fields.insert("kind".into(), json!("surveyed"));
        fields.insert("happened_on".into(), json!(day.unwrap_or(Date::ZERO).to_string()));
        let recorded_at = recorded_at.unwrap_or(Timestamp::UNIX_EPOCH);
        fields.insert("recorded_at".into(), json!(recorded_at.to_string()));
        fields.insert("facts".into(), Value::Object(facts));
        if let Some(form) = &self.mapping.form {
            fields.insert("form".into(), json!({"id": form.id, "version": form.version}));
        }
        fields.extend(location.map(|location| ("location".to_owned(), location)));
        let draft = Draft {
            household,
            recorded_at,
            fields,
            numbered,
        };
        // Checked as at the door, so that the dry run tells what the door would.
        if reading.mistakes.is_empty() && !declined {
            match draft.event(&[], self.derive) {
                Err(why) => reading.wrong(None, why),
                Ok(event) => {
                    for fault in faults(&event, self.now) {
                        reading.wrong(columns.get(&fault.field).copied(), fault.message);
                    }
                    // Tables count such an answer as unknown, and nobody would see why.
                    for (path, value) in &event.facts {
                        let known = vocabulary::fact_at(path).filter(|known| !known.takes(value));
                        if let Some(known) = known {
                            let why = format!(
                                "is no answer to {}, which is {}. Say in the mapping what it means: type = … or values = {{ … }}.",
                                known.path,
                                known.answers.in_words()
                            );
                            reading.wrong(columns.get(path.as_str()).copied(), why);
                        }
                    }
                }
            }
        }
        Record {
            place,
            draft: if reading.mistakes.is_empty() {
                Ok(draft)
            } else {
                Err(reading.mistakes)
            },
            declined,
        }
    }

    /// What names a record.
    fn name(&self, reading: &mut Row<'_>) -> Option<String> {
        let mut parts = Vec::new();
        for &column in &self.plan.id {
            match reading.cell(column).text() {
                Ok(Some(part)) => parts.push(part),
                Ok(None) => reading.wrong(
                    Some(column),
                    "is empty: a record without a name would be made anew each time.",
                ),
                Err(why) => reading.wrong(Some(column), why),
            }
        }
        (parts.len() == self.plan.id.len()).then(|| parts.join("\u{1f}"))
    }

    fn household(&self, name: &str) -> HouseholdId {
        let parts: [&[u8]; 3] = [b"household", self.mapping.source.as_bytes(), name.as_bytes()];
        HouseholdId::new(for_id(self.derive, &parts))
    }

    fn agreed(&self, reading: &mut Row<'_>, column: usize) -> bool {
        let yes = self
            .mapping
            .consent
            .as_ref()
            .map_or(&[][..], |consent| &consent.yes);
        let text = match reading.cell(column).text() {
            Ok(text) => text.unwrap_or_default(),
            Err(why) => {
                reading.wrong(Some(column), why);
                return true;
            }
        };
        let same = |word: &str| key(word.trim()).to_lowercase() == text.to_lowercase();
        if yes.iter().any(|word| same(word)) {
            return true;
        }
        let (agrees, declines) = (["yes", "y", "true", "1"], ["no", "n", "false", "0"]);
        if !yes.is_empty() || declines.into_iter().any(same) {
            return false;
        }
        if !agrees.into_iter().any(same) {
            let why = if text.is_empty() {
                "is empty: whether the family agreed is not known, so that nothing can be kept."
            } else {
                "is neither yes nor no: name the answers that mean yes in the mapping, [consent] yes = […]."
            };
            reading.wrong(Some(column), why);
        }
        true
    }

    /// The day of the visit and the time at which it was written down.
    fn times(&self, reading: &mut Row<'_>) -> (Option<Date>, Option<Timestamp>) {
        let order = self.mapping.dates;
        let day = match (self.plan.happened_on, &self.mapping.record.day) {
            (Some(column), _) if !reading.cell(column).is_empty() => match reading.cell(column).day(order) {
                Ok(day) => Some(day),
                Err(why) => {
                    reading.wrong(Some(column), why);
                    None
                }
            },
            (_, Some(day)) => day.parse().ok(),
            (column, None) => {
                reading.wrong(column, "is empty: say when it was.");
                None
            }
        };
        if day.is_some_and(|day| day > self.today()) {
            reading.wrong(self.plan.happened_on, "lies ahead of today.");
        }
        let begun = day.and_then(|day| {
            let zone = TimeZone::fixed(OFFSET);
            day.at(0, 0, 0, 0).to_zoned(zone).ok().map(|at| at.timestamp())
        });
        let recorded = self.plan.recorded_at.and_then(|column| {
            if reading.cell(column).is_empty() {
                return None;
            }
            let is_server = SERVER_TIMES.contains(&self.plan.main.header[column].to_lowercase().as_str());
            let offset = if is_server { Offset::UTC } else { OFFSET };
            let read = moment(reading.cell(column), order, offset);
            if read.is_none() {
                reading.wrong(Some(column), "is no time such as 2024-05-31T09:30:00+07:00.");
            }
            read
        });
        if recorded.is_some_and(|at| at > self.now) {
            reading.wrong(self.plan.recorded_at, "lies ahead of now.");
        }
        (day, recorded.or(begun))
    }

    fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::fixed(OFFSET)).date()
    }

    fn answer(&self, reading: &mut Row<'_>, source: &Source<'_>) -> Option<Value> {
        let Some(column) = source.column else {
            return source.fact.constant.clone();
        };
        match reading.cell(column).answer(source.fact, self.mapping) {
            Ok(answer) => answer,
            Err(why) => {
                reading.wrong(Some(column), why);
                None
            }
        }
    }

    /// Takes in the members of a record. Answers with those that only their place tells apart.
    fn members(
        &self,
        reading: &mut Row<'_>,
        members: &Members<'_>,
        household: HouseholdId,
        facts: &mut Map<String, Value>,
        columns: &mut BTreeMap<String, usize>,
    ) -> Option<Numbered> {
        let mut ids = Vec::new();
        let mut by_place = true;
        match &members.rows {
            MemberRows::Columns(numbers) => {
                for (n, sources) in numbers {
                    let answers: Vec<(&Source<'_>, Value)> = sources
                        .iter()
                        .filter_map(|source| Some((source, self.answer(reading, source)?)))
                        .collect();
                    // Columns that are there for larger families.
                    if answers.iter().all(|(source, _)| source.column.is_none()) {
                        continue;
                    }
                    let id = self.member(members, household, &n.to_string());
                    for (source, value) in answers {
                        let path = format!("{}/{id}/{}", members.name, source.path);
                        columns.extend(source.column.map(|column| (path.clone(), column)));
                        facts.insert(path, value);
                    }
                    ids.push(id);
                }
            }
            MemberRows::Sheet {
                sheet,
                of,
                id,
                by_parent,
                sources,
            } => {
                let Ok(Some(own)) = reading.cell(*of).text() else {
                    return None;
                };
                by_place = id.is_none();
                let mut seen = BTreeSet::new();
                for (place, at) in by_parent.get(&own).into_iter().flatten().enumerate() {
                    let mut inner = Row {
                        sheet,
                        row: &sheet.rows[*at],
                        mistakes: Vec::new(),
                    };
                    let name = match id {
                        None => Some((place + 1).to_string()),
                        Some(column) => match inner.cell(*column).text() {
                            Ok(Some(name)) => Some(name),
                            Ok(None) => {
                                inner.wrong(Some(*column), "is empty: it names the member.");
                                None
                            }
                            Err(why) => {
                                inner.wrong(Some(*column), why);
                                None
                            }
                        },
                    };
                    if let Some(name) = &name
                        && !seen.insert(name.clone())
                    {
                        inner.wrong(*id, "names a member of this household that stands here already.");
                    }
                    let member = self.member(members, household, name.as_deref().unwrap_or_default());
                    for source in sources {
                        if let Some(value) = self.answer(&mut inner, source) {
                            facts.insert(format!("{}/{member}/{}", members.name, source.path), value);
                        }
                    }
                    reading.mistakes.append(&mut inner.mistakes);
                    ids.push(member);
                }
            }
        }
        by_place.then(|| Numbered {
            list: members.name.to_owned(),
            ids,
        })
    }

    /// The id of a member, or of whatever else there may be several of.
    fn member(&self, members: &Members<'_>, household: HouseholdId, name: &str) -> MemberId {
        let uuid = household.uuid();
        let parts = [
            &b"member"[..],
            members.name.as_bytes(),
            uuid.as_bytes(),
            name.as_bytes(),
        ];
        MemberId::new(for_id(self.derive, &parts))
    }

    fn location(&self, reading: &mut Row<'_>) -> Option<Value> {
        let [lon, lat, accuracy, geopoint] = self.plan.location;
        if let Some(column) = geopoint {
            let text = match reading.cell(column).text() {
                Ok(text) => text?,
                Err(why) => {
                    reading.wrong(Some(column), why);
                    return None;
                }
            };
            let parts: Option<Vec<f64>> = text.split_whitespace().map(|part| part.parse().ok()).collect();
            return match parts.as_deref() {
                Some([lat, lon, rest @ ..]) if rest.len() <= 2 => {
                    let accuracy = rest.get(1).copied().filter(|metres| *metres > 0.0);
                    placed(reading, Some(column), (*lon, *lat), accuracy)
                }
                _ => {
                    reading.wrong(
                        Some(column),
                        "is no place: latitude, longitude, height and radius with blanks between.",
                    );
                    None
                }
            };
        }
        let number = Fact {
            kind: FactKind::Number,
            ..Fact::default()
        };
        let mut read = |column: Option<usize>| {
            let column = column?;
            match reading.cell(column).answer(&number, self.mapping) {
                Ok(value) => value.and_then(|value| value.as_f64()),
                Err(why) => {
                    reading.wrong(Some(column), why);
                    None
                }
            }
        };
        let (x, y, metres) = (read(lon), read(lat), read(accuracy));
        match (x, y) {
            (Some(x), Some(y)) => placed(reading, lon, (x, y), metres),
            (None, None) => None,
            (found, _) => {
                let column = if found.is_none() { lon } else { lat };
                if reading.mistakes.is_empty() {
                    reading.wrong(column, "is empty, and the other half of the place is not.");
                }
                None
            }
        }
    }
}

/// A place in degrees, or none.
fn placed(
    reading: &mut Row<'_>,
    column: Option<usize>,
    (lon, lat): (f64, f64),
    accuracy: Option<f64>,
) -> Option<Value> {
    if !(-180.0..=180.0).contains(&lon) || !(-90.0..=90.0).contains(&lat) {
        reading.wrong(
            column,
            "is no place in degrees: longitude and latitude may have changed places, or are metres.",
        );
        return None;
    }
    let mut place = json!({"lon": lon, "lat": lat, "method": "gps"});
    if let Some(metres) = accuracy {
        place["accuracy_m"] = json!(metres);
    }
    Some(place)
}

/// A time: with its offset, or as Cambodia's clocks have it.
fn moment(cell: &Cell, order: super::mapping::DateOrder, offset: Offset) -> Option<Timestamp> {
    let zone = || TimeZone::fixed(offset);
    if let Cell::Moment(at) = cell {
        return at.to_zoned(zone()).ok().map(|at| at.timestamp());
    }
    let text = cell.text().ok()??;
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Ok(at) = text.parse::<jiff::civil::DateTime>() {
        return at.to_zoned(zone()).ok().map(|at| at.timestamp());
    }
    let day = cell.day(order).ok()?;
    day.at(0, 0, 0, 0).to_zoned(zone()).ok().map(|at| at.timestamp())
}
