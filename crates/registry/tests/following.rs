//! Visits that are due, referrals and duplicates. All households are made up.

mod support;

use jiff::civil::{Date, date};
use phteah_registry::event::Event;
use phteah_registry::fold::fold;
use phteah_registry::likeness::{Index, LIKELY, Person, Profile, Reason, likeness};
use phteah_registry::referral::{SILENT_AFTER_DAYS, Standing as Answer};
use phteah_registry::schedule::{Question, Schedule, Standing, due_visits, questions};
use phteah_registry::state::State;
use serde_json::{Value, json};
use support::{event, event_of, household, id, member};

fn state(events: &[Event]) -> State {
    fold(household(1), events).expect("a state")
}

fn moved() -> Event {
    event(1, "moved", &[], json!({"site": "A", "happened_on": "2026-01-31"}))
}

fn on(day: &str, more: Value) -> Value {
    let mut fields = more;
    fields["happened_on"] = json!(day);
    fields
}

fn standings(state: &State, today: Date) -> Vec<Standing> {
    due_visits(state, &Schedule::default(), today)
        .into_iter()
        .map(|visit| visit.standing)
        .collect()
}

#[test]
fn visits_are_due_after_a_move() {
    let state = state(&[moved()]);
    let visits = due_visits(&state, &Schedule::default(), date(2026, 1, 31));
    let months: Vec<i32> = visits.iter().map(|visit| visit.months).collect();
    assert_eq!(months, [1, 3, 6, 12, 24, 36, 60]);
    assert_eq!(
        (visits[0].on, visits[0].from, visits[0].until),
        (date(2026, 2, 28), date(2026, 2, 21), date(2026, 3, 7))
    );
    for (today, first) in [
        (date(2026, 2, 20), Standing::Upcoming),
        (date(2026, 2, 21), Standing::Due),
        (date(2026, 3, 7), Standing::Due),
        (date(2026, 3, 8), Standing::Overdue),
        (date(2026, 3, 22), Standing::Escalated),
        (date(2026, 4, 16), Standing::Missed),
    ] {
        assert_eq!(standings(&state, today)[0], first, "{today}");
    }
    assert_eq!(standings(&state, date(2026, 4, 16))[1], Standing::Due);
}

#[test]
fn a_visit_counts_for_the_last_window_that_had_opened() {
    let visit = |n: u32, day: &str| event(n, "visited", &[1], on(day, json!({})));
    let events = [
        moved(),
        visit(2, "2026-02-10"),
        visit(3, "2026-04-10"),
        visit(4, "2026-04-30"),
    ];
    let done = |n: u32, day: Date, in_window: bool| Standing::Done {
        event: id(n),
        on: day,
        in_window,
    };
    // Before the first window there is nothing due; in April the first one is late, and the end of April belongs to the third month.
    let standings = standings(&state(&events), date(2026, 5, 1));
    assert_eq!(standings[0], done(3, date(2026, 4, 10), false));
    assert_eq!(standings[1], done(4, date(2026, 4, 30), true));
    assert_eq!(standings[2], Standing::Upcoming);
}

#[test]
fn nobody_is_visited_after_they_left_and_nobody_without_a_move() {
    let left = event(
        2,
        "left",
        &[1],
        on("2026-06-01", json!({"first_gone": "2026-05-20"})),
    );
    let standings = standings(&state(&[moved(), left]), date(2026, 9, 1));
    assert_eq!(standings[0], Standing::Missed);
    assert_eq!(standings[2], Standing::NotNeeded);
    let surveyed = state(&[event(1, "surveyed", &[], json!({}))]);
    assert_eq!(due_visits(&surveyed, &Schedule::default(), date(2026, 9, 1)), []);
}

#[test]
fn not_found_on_two_days_is_a_question_until_somebody_meets_the_family() {
    let attempt = |n: u32, after: &[u32], day: &str| {
        event(n, "not_found", after, on(day, json!({"reason": "nobody_there"})))
    };
    let ask = |events: &[Event]| {
        questions(
            &state(events),
            &Schedule::default(),
            SILENT_AFTER_DAYS,
            date(2026, 3, 1),
        )
    };
    let mut events = vec![
        moved(),
        attempt(2, &[1], "2026-02-25"),
        attempt(3, &[1], "2026-02-25"),
    ];
    assert_eq!(ask(&events), []);
    events.push(attempt(4, &[2, 3], "2026-02-27"));
    assert_eq!(
        ask(&events),
        [Question::NotFoundTwice {
            attempts: vec![id(2), id(3), id(4)]
        }]
    );
    let visits = due_visits(&state(&events), &Schedule::default(), date(2026, 3, 1));
    assert_eq!(visits[0].attempts.len(), 3);
    events.push(event(5, "visited", &[4], on("2026-02-28", json!({}))));
    assert_eq!(ask(&events), []);
}

#[test]
fn a_late_visit_and_a_silent_referral_are_questions() {
    let referred = event(
        2,
        "referred",
        &[1],
        on("2026-03-01", json!({"service": "school"})),
    );
    let mut events = vec![moved(), referred];
    let today = date(2026, 3, 22);
    let ask = |events: &[Event]| questions(&state(events), &Schedule::default(), SILENT_AFTER_DAYS, today);
    assert_eq!(
        ask(&events),
        [
            Question::VisitEscalated {
                months: 1,
                until: date(2026, 3, 7)
            },
            Question::ReferralSilent { referral: id(2) },
        ]
    );
    let standing = |events: &[Event], day| state(events).referrals[0].standing(day, SILENT_AFTER_DAYS);
    assert_eq!(standing(&events, date(2026, 3, 15)), Answer::Sent);
    assert_eq!(standing(&events, date(2026, 3, 16)), Answer::Escalated);
    for (n, answer, stands) in [
        (3, "accepted", Answer::Accepted),
        (4, "no_show", Answer::NoShow),
        (5, "done", Answer::Done),
        (6, "refused", Answer::Refused),
        (7, "wait_listed", Answer::Other),
    ] {
        events.push(event(
            n,
            "referral_answered",
            &[n - 1],
            json!({"referral": id(2), "answer": answer}),
        ));
        assert_eq!(standing(&events, today), stands);
    }
    events.push(event(
        8,
        "referral_answered",
        &[6],
        json!({"referral": id(2), "answer": "done"}),
    ));
    assert_eq!(standing(&events, today), Answer::InConflict);
}

/// Stands in for the form of all that searches: the tests of that rule have their place beside it.
fn form(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| *c != '\u{200b}')
        .flat_map(char::to_lowercase)
        .collect();
    // Coeng RO after coeng TA and before it.
    let ordered = plain.replace("\u{17d2}រ\u{17d2}ត", "\u{17d2}ត\u{17d2}រ");
    ordered.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn profile(n: u8, names: &[&str], birth_year: Option<i64>, place: &str) -> Profile {
    Profile {
        household: household(n),
        people: names
            .iter()
            .map(|name| Person::new(None, [*name], birth_year, &form))
            .collect(),
        place: Some(place.into()),
        tags: [].into(),
    }
}

#[test]
fn alike_households_are_found_with_their_reasons() {
    let index = Index::new([
        profile(1, &["ស្រ្តី សុខា"], Some(1980), "120101"),
        profile(2, &["Sok Samnang", "Chea Sophal"], Some(1975), "120101"),
        profile(3, &["Sok Samnang"], Some(1999), "120505"),
        profile(4, &["Keo Dara"], None, "120101"),
    ]);
    // The signs of Khmer in another order, an invisible blank.
    let khmer = index.likely(&profile(9, &["ស្ត្រី\u{200b} សុខា"], Some(1981), "120101"), LIKELY);
    assert_eq!(khmer.len(), 1);
    assert_eq!(khmer[0].household, household(1));
    assert_eq!(
        khmer[0].reasons,
        [Reason::SameName, Reason::SameAge, Reason::SamePlace]
    );
    // Words in another order; a slip in the second name; the namesake who is young and lives elsewhere is none.
    let latin = index.likely(
        &profile(9, &["SAMNANG Sok", "Chea Sophall"], Some(1975), "120101"),
        LIKELY,
    );
    assert_eq!(latin.len(), 1);
    assert_eq!(latin[0].household, household(2));
    assert!(latin[0].reasons.contains(&Reason::SecondName));
    assert!(
        likeness(
            &profile(9, &["Sok Samnang"], Some(1975), "1"),
            &profile(3, &["Sok Samnang"], Some(1999), "2")
        )
        .score
            < LIKELY
    );
    // Itself is no duplicate.
    assert_eq!(
        index.likely(&profile(4, &["Keo Dara"], None, "120101"), LIKELY),
        []
    );
}

#[test]
fn a_shared_tag_or_member_is_enough() {
    let with_tag = |n: u8| Profile {
        tags: ["phone 7f3a".into()].into(),
        ..profile(n, &["A"], None, "x")
    };
    let index = Index::new([with_tag(1)]);
    assert_eq!(
        index.likely(&with_tag(2), LIKELY)[0].reasons[..1],
        [Reason::SameTag]
    );
    let of = |household_n: u8| {
        let mut fields = json!({"facts": {"head.name": "សុខ", "head.birth_year": 1970}});
        fields["facts"][format!("members/{}/name_km", member(5))] = json!("ចាន់");
        let event = event_of(
            household(household_n),
            u32::from(household_n),
            "surveyed",
            &[],
            fields,
        );
        let state = fold(household(household_n), [&event]).expect("a state");
        Profile::of(&state, None, [], &form)
    };
    let found = Index::new([of(1)]).likely(&of(2), LIKELY);
    assert_eq!(
        found[0].reasons,
        [
            Reason::SameMember,
            Reason::SameName,
            Reason::SameAge,
            Reason::SecondName
        ]
    );
}
