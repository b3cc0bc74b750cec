//! What happens to a family, and what is written down of it.

use jiff::ToSpan;
use jiff::civil::Date;
use phteah_registry::code::HouseholdCode;
use phteah_registry::event::HouseholdId;
use serde_json::{Map, Value, json};

use super::people::{self, Member};
use super::writer::{At, Told, Writer};
use super::{FamiliesOptions, FamilyRecord, Home, NewSite, WORKERS};
use crate::draw::{Draw, Part};

/// Days of the survey's four years.
const SURVEY_DAYS: u32 = 4 * 365;
/// Months after a move at which a visit is due.
const VISITS: [i32; 7] = [1, 3, 6, 12, 24, 36, 60];
/// One family of so many was surveyed twice, by two workers.
const DUPLICATE_EVERY: u64 = 80;
/// In one family of so many, somebody moves out with a household of their own.
const SPLIT_EVERY: u64 = 150;
/// One family of so many is in danger.
const HIDDEN_EVERY: u64 = 200;
/// In one family of so many, a worker types a year of birth that has not come yet.
const FAULT_EVERY: u64 = 250;
/// Families leave a site at this rate a month where work is near …
const LEAVES_A_MONTH: f64 = 0.004;
/// … and at so much more for each hour on the way to work.
const LEAVES_A_MONTH_AND_HOUR: f64 = 0.018;
/// And so much more where the site floods.
const LEAVES_FLOODED: f64 = 0.01;

pub(super) fn of(options: &FamiliesOptions, homes: &[Home], sites: &[NewSite], n: u64) -> Vec<FamilyRecord> {
    let draw = &mut Draw::new(options.seed, Part::Families, n);
    let weighted: Vec<(usize, f64)> = homes
        .iter()
        .enumerate()
        .map(|(i, home)| (i, f64::from(home.households.max(1))))
        .collect();
    let home = &homes[draw.weighted(&weighted)];
    let surveyed = options.today - i64::from(draw.whole(1, SURVEY_DAYS)).days();
    let mut life = Life {
        number: n,
        options,
        sites,
        members: people::draw(draw, surveyed.year()),
        sangkat: &home.sangkat,
        at: At {
            lon: home.lon + draw.between(-0.0006, 0.0006),
            lat: home.lat + draw.between(-0.0006, 0.0006),
        },
        day: surveyed,
        out: Writer::new(HouseholdId::new(draw.bytes())),
    };
    life.survey(draw);
    if n.is_multiple_of(FAULT_EVERY) {
        let path = format!("members/{}/birth_year", life.members[0].id);
        let facts = json!({ path: options.today.year() + 11 });
        life.out.fault(draw, Told::new(life.day, "surveyed").facts(facts));
    }
    life.conflict(draw);
    life.refer(draw);
    let mut others = Vec::new();
    if n % DUPLICATE_EVERY == DUPLICATE_EVERY - 1 {
        others.push(life.again(draw));
    }
    if n % SPLIT_EVERY == SPLIT_EVERY - 1 {
        others.extend(life.split(draw));
    }
    if let Some(site) = life.place(draw) {
        life.follow(draw, site);
    }
    others.insert(0, life.out);
    let worker = (n % u64::from(WORKERS)) as u8;
    others
        .into_iter()
        .enumerate()
        .map(|(i, out)| FamilyRecord {
            household: out.household,
            sangkat: home.sangkat.clone(),
            // Who surveys a family once more is somebody else.
            worker: (worker + i as u8) % WORKERS,
            hidden: n % HIDDEN_EVERY == HIDDEN_EVERY - 1,
            events: out.events,
            by_another: out.by_another,
            faulty: out.faulty,
        })
        .collect()
}

struct Life<'a> {
    /// Which family it is, from 0.
    number: u64,
    options: &'a FamiliesOptions,
    sites: &'a [NewSite],
    members: Vec<Member>,
    /// Code of the sangkat of their home.
    sangkat: &'a str,
    at: At,
    /// The day of what was written last.
    day: Date,
    out: Writer,
}

impl Life<'_> {
    /// Goes on by some days; false if today is reached before.
    fn wait(&mut self, draw: &mut Draw, low: u32, high: u32) -> bool {
        let day = self.day + i64::from(draw.whole(low, high)).days();
        let has_come = day <= self.options.today;
        if has_come {
            self.day = day;
        }
        has_come
    }

    fn survey(&mut self, draw: &mut Draw) {
        let purposes = json!({ "purposes": ["survey", "follow_up"] });
        self.out
            .write(draw, Told::new(self.day, "consent_given").more(purposes));
        let facts = self.answers(draw);
        self.out
            .write(draw, Told::new(self.day, "surveyed").facts(facts).at(&self.at));
        if draw.chance(0.8) && self.wait(draw, 5, 60) {
            self.out.write(draw, Told::new(self.day, "verified").at(&self.at));
        }
    }

    fn answers(&self, draw: &mut Draw) -> Value {
        let mut facts = Map::new();
        let head = &self.members[0];
        facts.insert("head.name".into(), json!(head.name_km));
        facts.insert("head.name_latin".into(), json!(head.name_en));
        facts.insert("head.sex".into(), json!(sex(head)));
        facts.insert("size".into(), json!(self.members.len()));
        facts.insert("card.code".into(), json!(code(draw)));
        // Now and then nobody has written down where.
        if draw.chance(0.98) {
            facts.insert("dwelling.sangkat".into(), json!(self.sangkat));
        }
        for member in &self.members {
            let mut set =
                |field: &str, value: Value| facts.insert(format!("members/{}/{field}", member.id), value);
            set("name", json!(member.name_km));
            set("name_latin", json!(member.name_en));
            set("sex", json!(sex(member)));
            set("relation", json!(member.relation));
            set("birth_year", json!(member.birth_year));
            if member.has_difficulty {
                set(
                    "difficulty",
                    json!(draw.pick(&["seeing", "hearing", "walking", "remembering"])),
                );
            }
            if member.is_of_school_age(self.day.year()) {
                set("school_attends", json!(draw.chance(0.82)));
            }
        }
        // Nearly half of surveyed poor households had no family book at home (STT 2022), so that the card says little of need.
        let card = draw.weighted(&[
            ("none", 0.55),
            ("poor_1", 0.18),
            ("poor_2", 0.21),
            ("unknown", 0.06),
        ]);
        facts.insert("id_poor.card".into(), json!(card));
        let tenure = draw.weighted(&[
            ("rented", 0.3),
            ("no_title", 0.55),
            ("soft_title", 0.12),
            ("unknown", 0.03),
        ]);
        facts.insert("dwelling.tenure".into(), json!(tenure));
        facts.insert("dwelling.flooded_last_year".into(), json!(draw.chance(0.47)));
        let minutes = draw.whole(5, 40);
        facts.insert("work.minutes".into(), json!(minutes));
        let work = draw.weighted(&[
            ("vendor", 0.3),
            ("factory", 0.22),
            ("construction", 0.2),
            ("driver", 0.12),
            ("none", 0.1),
            ("other", 0.06),
        ]);
        facts.insert("work.kind".into(), json!(work));
        Value::Object(facts)
    }

    /// Two workers who have not seen each other's answer.
    fn conflict(&mut self, draw: &mut Draw) {
        if !draw.chance(0.03) || !self.wait(draw, 3, 40) {
            return;
        }
        let heads = self.out.heads.clone();
        let size = self.members.len();
        let day = self.day;
        let told = |size: usize| Told::new(day, "verified").facts(json!({ "size": size }));
        let one = self.out.beside(draw, &heads, told(size));
        let other = self.out.beside(draw, &heads, told(size + 1));
        self.out.by_another.insert(other);
        self.out.heads = vec![one, other];
        if draw.chance(0.5) && self.wait(draw, 2, 30) {
            let reason = json!({ "reason": "Asked the family again (illustrative)." });
            let told = Told::new(self.day, "corrected").facts(json!({ "size": size }));
            self.out.write(draw, told.more(reason));
        }
    }

    fn refer(&mut self, draw: &mut Draw) {
        if !draw.chance(0.15) || !self.wait(draw, 1, 90) {
            return;
        }
        let service = *draw.pick(&["health_centre", "nursery", "preschool", "social_service"]);
        let more = json!({ "service": service });
        let referral = self.out.write(draw, Told::new(self.day, "referred").more(more));
        if draw.chance(0.65) && self.wait(draw, 2, 45) {
            let answer = draw.weighted(&[
                ("done", 0.5),
                ("accepted", 0.25),
                ("refused", 0.15),
                ("no_show", 0.1),
            ]);
            let more = json!({ "referral": referral, "answer": answer });
            self.out
                .write(draw, Told::new(self.day, "referral_answered").more(more));
        }
    }

    /// Another worker surveys the same family as a new one; half of these are found and joined.
    fn again(&mut self, draw: &mut Draw) -> Writer {
        let mut twice = Writer::new(HouseholdId::new(draw.bytes()));
        let head = &self.members[0];
        let facts = json!({
            "head.name": head.name_km, "head.name_latin": head.name_en.replace("ea", "ie"), "head.sex": sex(head),
            "size": self.members.len(), "dwelling.tenure": "unknown", "dwelling.sangkat": self.sangkat, "card.code": code(draw),
        });
        twice.write(draw, Told::new(self.day, "surveyed").facts(facts).at(&self.at));
        if draw.chance(0.5) && self.wait(draw, 10, 90) {
            let more = json!({ "to": self.out.household, "reason": "Surveyed twice (illustrative)." });
            twice.write(draw, Told::new(self.day, "merged").more(more));
        }
        twice
    }

    /// A grown child moves out and becomes a household of its own.
    fn split(&mut self, draw: &mut Draw) -> Option<Writer> {
        let grown = |member: &Member| member.relation == "child" && self.day.year() - member.birth_year >= 18;
        let leaves = self.members.iter().position(grown)?;
        if !self.wait(draw, 20, 200) {
            return None;
        }
        let member = self.members.remove(leaves);
        let mut own = Writer::new(HouseholdId::new(draw.bytes()));
        let more =
            json!({ "to": own.household, "members": [member.id], "reason": "Married (illustrative)." });
        self.out.write(draw, Told::new(self.day, "split").more(more));
        let facts = json!({
            "head.name": member.name_km, "head.name_latin": member.name_en, "head.sex": sex(&member), "size": 1,
            "dwelling.sangkat": self.sangkat, "card.code": code(draw),
        });
        own.write(draw, Told::new(self.day, "surveyed").facts(facts).at(&self.at));
        Some(own)
    }

    /// A site is offered; the one to which the family moves, if it does.
    fn place(&mut self, draw: &mut Draw) -> Option<usize> {
        if self.sites.is_empty() || !draw.chance(0.6) || !self.wait(draw, 30, 240) {
            return None;
        }
        let chosen = (draw.unit() * self.sites.len() as f64) as usize;
        let site = json!({ "site": self.sites[chosen].id });
        let mut offer = site.clone();
        offer["decision"] = json!(self.options.decision);
        self.out.write(draw, Told::new(self.day, "offered").more(offer));
        if !self.wait(draw, 3, 40) {
            return None;
        }
        if draw.chance(0.22) {
            let reason = *draw.pick(&[
                "too far from work",
                "no school near by",
                "wants to stay with neighbours",
            ]);
            let more = json!({ "site": self.sites[chosen].id, "reason": format!("{reason} (illustrative)") });
            self.out.write(draw, Told::new(self.day, "declined").more(more));
            return None;
        }
        self.out
            .write(draw, Told::new(self.day, "accepted").more(site.clone()));
        if !self.wait(draw, 20, 150) {
            return None;
        }
        let mut more = site;
        // One plot has one household.
        more["plot"] = json!(format!("{}-{}", draw.pick(&["A", "B", "C"]), self.number + 1));
        let at = self.site_at(chosen);
        self.out
            .write(draw, Told::new(self.day, "moved").more(more).at(&at));
        Some(chosen)
    }

    fn site_at(&self, site: usize) -> At {
        At {
            lon: self.sites[site].lon,
            lat: self.sites[site].lat,
        }
    }

    /// Visits after the move, until the family leaves or today comes.
    fn follow(&mut self, draw: &mut Draw, chosen: usize) {
        let site = &self.sites[chosen];
        let hours = site.minutes_to_work.unwrap_or(45.0) / 60.0;
        let rate =
            LEAVES_A_MONTH + LEAVES_A_MONTH_AND_HOUR * hours + if site.floods { LEAVES_FLOODED } else { 0.0 };
        let moved = self.day;
        // Time to leaving, exponential, in days.
        let stays = -(1.0 - draw.unit()).ln() / rate * 30.4;
        let leaves = moved
            .checked_add((stays.min(40_000.0) as i64).days())
            .unwrap_or(Date::MAX);
        let at = self.site_at(chosen);
        let place = json!({ "site": site.id });
        let mut last_met = moved;
        for months in VISITS {
            let Ok(due) = moved.checked_add(months.months()) else {
                return;
            };
            let day = due + i64::from(draw.whole(0, 20)).days();
            if day > self.options.today {
                return;
            }
            // One visit of eight is never made: it stands overdue.
            if draw.chance(0.12) {
                continue;
            }
            self.day = day.max(self.day);
            if self.day >= leaves {
                let mut more = place.clone();
                more["reason"] = json!("neighbours_say_gone");
                self.out
                    .write(draw, Told::new(self.day, "not_found").more(more).at(&at));
                let to = draw.weighted(&[
                    ("former settlement", 0.45),
                    ("province", 0.3),
                    ("rented room", 0.25),
                ]);
                let why = draw.weighted(&[
                    ("work too far", 0.5),
                    ("debt", 0.2),
                    ("flooded", 0.1),
                    ("school too far", 0.2),
                ]);
                let more = json!({
                    "last_there": last_met.to_string(), "first_gone": self.day.to_string(), "to": to,
                    "reason": format!("{why} (illustrative)"),
                });
                self.out.write(draw, Told::new(self.day, "left").more(more));
                return;
            }
            if draw.chance(0.05) {
                let mut more = place.clone();
                more["reason"] = json!("nobody_there");
                self.out
                    .write(draw, Told::new(self.day, "not_found").more(more).at(&at));
                continue;
            }
            let facts = self.outcomes(draw, site);
            let told = Told::new(self.day, "visited").facts(facts);
            self.out.write(draw, told.more(place.clone()).at(&at));
            last_met = self.day;
        }
    }

    fn outcomes(&self, draw: &mut Draw, site: &NewSite) -> Value {
        let mut facts = Map::new();
        let minutes = site.minutes_to_work.unwrap_or(45.0);
        let kept = draw.chance((1.0 - minutes / 110.0).clamp(0.15, 0.95));
        facts.insert("outcome.nights_a_week".into(), json!(draw.whole(4, 7)));
        facts.insert("outcome.work_kept".into(), json!(kept));
        if kept {
            facts.insert("work.minutes".into(), json!(minutes.round()));
        }
        let school = site.minutes_to_school.unwrap_or(30.0);
        for member in self
            .members
            .iter()
            .filter(|member| member.is_of_school_age(self.day.year()))
        {
            let attends = draw.chance((0.95 - school / 150.0).clamp(0.3, 0.95));
            facts.insert(format!("members/{}/school_attends", member.id), json!(attends));
        }
        facts.insert("outcome.water".into(), json!(draw.chance(0.7)));
        facts.insert("outcome.electricity".into(), json!(draw.chance(0.85)));
        facts.insert("outcome.toilet".into(), json!(draw.chance(0.75)));
        facts.insert("outcome.flooded".into(), json!(site.floods && draw.chance(0.6)));
        // What somebody would rather not say stays unknown, and is not no.
        if draw.chance(0.8) {
            facts.insert("outcome.debt".into(), json!(draw.chance(0.55)));
        }
        Value::Object(facts)
    }
}

/// What stands on the household's card.
fn code(draw: &mut Draw) -> String {
    HouseholdCode::new(draw.bytes()).to_string()
}

fn sex(member: &Member) -> &'static str {
    if member.is_woman { "female" } else { "male" }
}
