//! What happens to a family, and what is written down of it.

use jiff::ToSpan;
use jiff::civil::Date;
use phteah_registry::event::HouseholdId;
use phteah_registry::state::REGISTRATION;
use serde_json::json;

use super::answers::{self, Answers, Visit};
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
/// And so much more where water comes every year; in proportion where it comes less often.
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
        let facts = json!({ "head.birth_year": options.today.year() + 11 });
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
        let purposes = json!({ "purposes": [REGISTRATION] });
        self.out
            .write(draw, Told::new(self.day, "consent_given").more(purposes));
        let facts = answers::of_survey(draw, &self.members, self.sangkat, self.day).facts();
        self.out
            .write(draw, Told::new(self.day, "surveyed").facts(facts).at(&self.at));
        if draw.chance(0.8) && self.wait(draw, 5, 60) {
            self.out.write(draw, Told::new(self.day, "verified").at(&self.at));
        }
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
        let (service, need) = *draw.pick(&[
            ("health_centre", "health"),
            ("nursery", "childcare"),
            ("preschool", "childcare"),
            ("social_service", "social"),
        ]);
        let mut facts = Answers::none();
        facts
            .set("referral.need", need)
            .set("referral.urgency", *draw.pick(&["urgent", "soon", "can_wait"]))
            .set("referral.consent", true);
        let told = Told::new(self.day, "referred").facts(facts.facts());
        let referral = self.out.write(draw, told.more(json!({ "service": service })));
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
        let mut head = self.members[0].clone();
        // Everybody writes Khmer names in Latin letters in a way of their own.
        head.name_en = head.name_en.replace("ea", "ie");
        let facts = answers::of_short_survey(draw, &head, self.members.len(), self.sangkat).facts();
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
        let facts = answers::of_short_survey(draw, &member, 1, self.sangkat).facts();
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
        let floods = site.floods_a_year.unwrap_or(0.0);
        let rate = LEAVES_A_MONTH + LEAVES_A_MONTH_AND_HOUR * hours + LEAVES_FLOODED * floods;
        let moved = self.day;
        let leaves = happens_on(draw, moved, rate / 30.4);
        let flooded = happens_on(draw, moved, floods / 365.25);
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
                    ("work", 0.5),
                    ("debt", 0.2),
                    ("flood", if flooded < leaves { 0.4 } else { 0.0 }),
                    ("school", 0.15),
                    ("family", 0.05),
                    ("unknown", 0.1),
                ]);
                let more = json!({
                    "last_there": last_met.to_string(), "first_gone": self.day.to_string(), "to": to, "reason": why,
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
            let visit = Visit {
                members: &self.members,
                site,
                day: self.day,
                was_flooded: flooded <= self.day,
                months,
            };
            let facts = visit.answers(draw).facts();
            let told = Told::new(self.day, "visited").facts(facts);
            self.out.write(draw, told.more(place.clone()).at(&at));
            last_met = self.day;
        }
    }
}

/// The day after `from` on which something happens that happens so often a day, and may happen on every day alike.
fn happens_on(draw: &mut Draw, from: Date, rate: f64) -> Date {
    let days = -(1.0 - draw.unit()).ln() / rate;
    from.checked_add((days.min(40_000.0) as i64).days())
        .unwrap_or(Date::MAX)
}
