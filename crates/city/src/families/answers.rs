//! What families answer, question by question as the forms that come with the program ask (`geodata/forms`). A test holds every answer against
//! the list of facts.

use jiff::civil::Date;
use phteah_registry::code::HouseholdCode;
use serde_json::{Map, Value, json};

use super::NewSite;
use super::people::Member;
use crate::draw::Draw;

/// The six questions of the Washington Group's short set, and the youngest of whom they are asked.
const DIFFICULTIES: [&str; 6] = [
    "seeing",
    "hearing",
    "walking",
    "remembering",
    "self_care",
    "communicating",
];
const ASKED_FROM: i16 = 5;
/// Ages at which the survey and a visit ask about school.
const SCHOOL_AT_SURVEY: std::ops::RangeInclusive<i16> = 3..=18;
const SCHOOL_AT_VISIT: std::ops::RangeInclusive<i16> = 6..=17;
/// Riel for a minute on the way to work, there and back, each working day of a month.
const RIEL_A_MINUTE: f64 = 1_500.0;

/// Answers to one form.
pub(super) struct Answers(Map<String, Value>);

impl Answers {
    pub fn none() -> Self {
        Self(Map::new())
    }

    pub fn set(&mut self, path: impl Into<String>, value: impl Into<Value>) -> &mut Self {
        self.0.insert(path.into(), value.into());
        self
    }

    pub fn facts(self) -> Value {
        Value::Object(self.0)
    }

    /// Yes, no or, now and then, "don't know".
    fn yes_no(&mut self, draw: &mut Draw, path: &str, yes: f64) -> &mut Self {
        let answer = if draw.chance(0.03) {
            json!("unknown")
        } else {
            json!(draw.chance(yes))
        };
        self.set(path, answer)
    }

    /// Who the head is.
    pub fn head(&mut self, head: &Member) -> &mut Self {
        self.set("head.name", head.name_km.as_str())
            .set("head.name_latin", head.name_en.as_str())
            .set("head.sex", sex(head))
    }
}

/// What a survey is answered about a family. The first member is the head.
pub(super) fn of_survey(draw: &mut Draw, members: &[Member], sangkat: &str, day: Date) -> Answers {
    let mut answers = Answers::none();
    for (i, member) in members.iter().enumerate() {
        let age = day.year() - member.birth_year;
        let person = if i == 0 {
            answers.head(member).set("head.birth_year", member.birth_year);
            "head.".to_owned()
        } else {
            let person = format!("members/{}/", member.id);
            answers
                .set(format!("{person}name"), member.name_km.as_str())
                .set(format!("{person}sex"), sex(member))
                .set(format!("{person}relation"), member.relation)
                .set(format!("{person}birth_year"), member.birth_year);
            if SCHOOL_AT_SURVEY.contains(&age) {
                answers.set(format!("{person}school_attends"), draw.chance(0.82));
            }
            person
        };
        if age >= ASKED_FROM {
            difficulties(draw, &mut answers, &person, member.has_difficulty);
        }
    }
    answers.set("size", members.len()).set("card.code", code(draw));
    // Now and then nobody has written down where.
    if draw.chance(0.98) {
        answers.set("dwelling.sangkat", sangkat);
    }
    // Nearly half of surveyed poor households had no family book at home (STT 2022), so that the card says little of need.
    let card = draw.weighted(&[
        ("none", 0.55),
        ("poor_1", 0.18),
        ("poor_2", 0.21),
        ("unknown", 0.06),
    ]);
    let tenure = draw.weighted(&[
        ("rented", 0.3),
        ("no_title", 0.55),
        ("soft_title", 0.12),
        ("unknown", 0.03),
    ]);
    answers.set("id_poor.card", card).set("dwelling.tenure", tenure);
    answers
        .yes_no(draw, "dwelling.flooded_last_year", 0.47)
        .yes_no(draw, "dwelling.water", 0.55)
        .yes_no(draw, "dwelling.electricity", 0.8)
        .yes_no(draw, "dwelling.toilet", 0.6)
        .yes_no(draw, "money.debt", 0.5);
    let work = work(draw, 0.1);
    answers.set("work.kind", work);
    if work != "none" {
        answers.set("work.minutes", draw.whole(5, 40));
    }
    let wishes: Vec<&str> = ["work", "school", "health", "market", "neighbours", "family"]
        .into_iter()
        .filter(|_| draw.chance(0.4))
        .collect();
    if !wishes.is_empty() {
        answers.set("wish.near", wishes);
    }
    answers
}

/// The least that a worker writes down of a family that is surveyed on the way: what the survey does not let go without.
pub(super) fn of_short_survey(draw: &mut Draw, head: &Member, size: usize, sangkat: &str) -> Answers {
    let mut answers = Answers::none();
    answers
        .head(head)
        .set("size", size)
        .set("card.code", code(draw))
        .set("dwelling.sangkat", sangkat)
        .set("dwelling.tenure", "unknown")
        .set("dwelling.flooded_last_year", "unknown")
        .set("work.kind", work(draw, 0.1))
        .set("id_poor.card", "unknown");
    answers
}

/// One visit after a move.
pub(super) struct Visit<'a> {
    pub members: &'a [Member],
    pub site: &'a NewSite,
    pub day: Date,
    /// Whether the home was flooded since the move.
    pub was_flooded: bool,
    /// Months since the move.
    pub months: i32,
}

impl Visit<'_> {
    pub fn answers(&self, draw: &mut Draw) -> Answers {
        let mut answers = Answers::none();
        let nights = draw.whole(4, 7);
        let titled = f64::from(self.months) / 80.0;
        let title = draw.weighted(&[
            ("issued", titled),
            ("promised", 0.6 * (1.0 - titled)),
            ("none", 0.3 * (1.0 - titled)),
            ("unknown", 0.05),
        ]);
        let plot = draw.weighted(&[
            ("kept", 0.87),
            ("pledged", 0.08),
            ("sold", 0.02),
            ("unknown", 0.03),
        ]);
        answers
            .set("visit.resident", true)
            .set("outcome.nights_a_week", nights)
            .set("outcome.title", title)
            .set("outcome.plot", plot)
            .yes_no(draw, "outcome.water", 0.7)
            .yes_no(draw, "outcome.electricity", 0.85)
            .yes_no(draw, "outcome.toilet", 0.75)
            .set("outcome.flooded", self.was_flooded);
        self.work(draw, &mut answers);
        debt(draw, &mut answers);
        self.school(draw, &mut answers);
        // Some questions may be left out, and some people leave them out.
        if draw.chance(0.85) {
            let clinic = draw.weighted(&[
                ("health_centre", 0.45),
                ("hospital", 0.15),
                ("private", 0.25),
                ("none", 0.12),
                ("unknown", 0.03),
            ]);
            answers.set("outcome.clinic", clinic);
        }
        let complains = draw.chance(0.12);
        answers.set("outcome.grievance", complains);
        if complains {
            let text = *draw.pick(&[
                "The drain is full after each rain (illustrative).",
                "The paper for the plot has not come (illustrative).",
                "No bus goes at night (illustrative).",
            ]);
            answers.set("outcome.grievance_text", text);
        }
        answers
    }

    fn work(&self, draw: &mut Draw, answers: &mut Answers) {
        let minutes = self.site.minutes_to_work.unwrap_or(45.0);
        let kept = draw.chance((1.0 - minutes / 110.0).clamp(0.15, 0.95));
        let kind = work(draw, if kept { 0.0 } else { 0.35 });
        answers.set("work.kind", kind);
        if kind != "none" {
            answers.set("outcome.work_kept", kept);
            let own = (minutes * draw.between(0.7, 1.4)).round().max(1.0);
            answers.set("work.minutes", own as u32);
            if draw.chance(0.8) {
                let riel = (own * RIEL_A_MINUTE * draw.between(0.6, 1.5) / 1_000.0).round() * 1_000.0;
                answers.set("work.cost_month_riel", riel as u32);
            }
        }
        if draw.chance(0.9) {
            let less = if kept { 0.25 } else { 0.65 };
            let income = draw.weighted(&[
                ("less", less),
                ("same", 0.8 - less),
                ("more", 0.15),
                ("unknown", 0.05),
            ]);
            answers.set("outcome.income", income);
        }
    }

    fn school(&self, draw: &mut Draw, answers: &mut Answers) {
        let way = self.site.minutes_to_school.unwrap_or(30.0);
        let of_age = |member: &&Member| SCHOOL_AT_VISIT.contains(&(self.day.year() - member.birth_year));
        let children = self.members[1..].iter().filter(of_age).count();
        let attend = (0..children).filter(|_| draw.chance((0.95 - way / 150.0).clamp(0.3, 0.95)));
        answers.set("outcome.children_of_school_age", children);
        if children > 0 {
            answers.set("outcome.children_at_school", attend.count());
        }
    }
}

fn debt(draw: &mut Draw, answers: &mut Answers) {
    // What somebody would rather not say stays unknown, and is not no.
    if draw.chance(0.2) {
        answers.set("outcome.debt", "unknown");
        return;
    }
    let owes = draw.chance(0.55);
    answers.set("outcome.debt", owes);
    if owes && draw.chance(0.7) {
        let owed = 100 * draw.whole(1, 40);
        answers.set("outcome.debt_usd", owed).set(
            "outcome.interest_month_usd",
            (f64::from(owed) * 0.015).round() as u32,
        );
    }
}

fn difficulties(draw: &mut Draw, answers: &mut Answers, person: &str, has_difficulty: bool) {
    let great = *draw.pick(&DIFFICULTIES[..4]);
    for question in DIFFICULTIES {
        let answer = if has_difficulty && question == great {
            draw.weighted(&[("a_lot", 0.8), ("cannot", 0.2)])
        } else {
            draw.weighted(&[("none", 0.94), ("some", 0.06)])
        };
        answers.set(format!("{person}wg_{question}"), answer);
    }
}

/// The main work; with probability `none` there is none.
fn work(draw: &mut Draw, none: f64) -> &'static str {
    draw.weighted(&[
        ("none", none),
        ("vendor", 0.3 * (1.0 - none)),
        ("factory", 0.25 * (1.0 - none)),
        ("construction", 0.22 * (1.0 - none)),
        ("driver", 0.15 * (1.0 - none)),
        ("other", 0.08 * (1.0 - none)),
    ])
}

/// What stands on the household's card.
fn code(draw: &mut Draw) -> String {
    HouseholdCode::new(draw.bytes()).to_string()
}

fn sex(member: &Member) -> &'static str {
    if member.is_woman { "female" } else { "male" }
}
