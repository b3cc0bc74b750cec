//! Following up: which visits are due after a move, and what to ask the coordinator.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use crate::event::{EventId, Kind};
use crate::state::State;
use crate::status::Status;

/// Which visits are due after a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The visits, in order of months.
    pub visits: Vec<Point>,
    /// Days after the end of a visit's window at which it is a question for the coordinator.
    pub escalate_after_days: i32,
}

/// One visit of the schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Point {
    /// Months after the move.
    pub months: i32,
    /// Days before its day on which its window opens.
    pub early_days: i32,
    /// Days after its day on which its window closes.
    pub late_days: i32,
}

impl Default for Schedule {
    /// Visits 1, 3, 6, 12, 24, 36 and 60 months after the move, with windows that widen from two weeks to three months in all.
    fn default() -> Self {
        let point = |months, early_days, late_days| Point {
            months,
            early_days,
            late_days,
        };
        Self {
            visits: vec![
                point(1, 7, 7),
                point(3, 14, 14),
                point(6, 30, 30),
                point(12, 30, 30),
                point(24, 45, 45),
                point(36, 45, 45),
                point(60, 45, 45),
            ],
            escalate_after_days: 14,
        }
    }
}

impl Schedule {
    /// Where a visit that nobody has made stands on a day, by the first and the last day of its window and the first day of the next visit's.
    pub fn open_standing(&self, from: Date, until: Date, next_opens: Option<Date>, today: Date) -> Standing {
        if today < from {
            Standing::Upcoming
        } else if today <= until {
            Standing::Due
        } else if next_opens.is_some_and(|next| next <= today) {
            Standing::Missed
        } else if days_between(until, today) > self.escalate_after_days {
            Standing::Escalated
        } else {
            Standing::Overdue
        }
    }
}

/// Where a visit of the schedule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// Its window has not opened.
    Upcoming,
    /// Its window is open.
    Due,
    /// Its window has closed.
    Overdue,
    /// Its window closed so long ago that the coordinator has to know.
    Escalated,
    /// Never made, and the next one's window is open: that one is to be made.
    Missed,
    /// Made.
    Done {
        /// The visit.
        event: EventId,
        /// Its day.
        on: Date,
        /// Whether it was made within its window.
        in_window: bool,
    },
    /// Not to be made: the family left, or the record goes on in another.
    NotNeeded,
}

/// A visit that the schedule asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueVisit {
    /// The move.
    pub of: EventId,
    /// Months after the move.
    pub months: i32,
    /// The day that it is meant for.
    pub on: Date,
    /// The first day of its window.
    pub from: Date,
    /// The last day of its window.
    pub until: Date,
    /// Where it stands.
    pub standing: Standing,
    /// Attempts without success in its time.
    pub attempts: Vec<EventId>,
}

/// Days from one day to another; negative if the second is before the first.
pub fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

fn add(day: Date, months: i32, days: i32) -> Date {
    let month = day.saturating_add(months.clamp(-12_000, 12_000).months());
    month.saturating_add(days.clamp(-400_000, 400_000).days())
}

/// The visits that are due after the household's last move, in order; none if it has not moved.
///
/// A visit counts for the last point whose window had opened on its day: who comes in the second month was late for the first one, not early
/// for the third. Where several say when the family moved to its site, the first day counts.
pub fn due_visits(state: &State, schedule: &Schedule, today: Date) -> Vec<DueVisit> {
    let is_here = |at: &&crate::state::Move| state.sites.is_empty() || state.sites.contains(&at.site);
    let Some(moved) = state
        .moves
        .iter()
        .filter(is_here)
        .min_by_key(|at| (at.on, at.event))
    else {
        return Vec::new();
    };
    let is_over = state.status() == Some(Status::Left) || state.merged_into.is_some();
    // The last day on which a visit made sense; a departure whose day nobody knows ends nothing before the day on which it was told.
    let ended_on = is_over.then(|| {
        state
            .contacts
            .iter()
            .filter(|contact| contact.kind == Kind::Left && !contact.is_replaced)
            .map(|contact| contact.first_gone.unwrap_or(contact.on))
            .min()
            .unwrap_or(Date::MIN)
    });
    let mut points = schedule.visits.clone();
    points.sort_by_key(|point| point.months);
    let mut visits: Vec<DueVisit> = points
        .iter()
        .map(|point| DueVisit {
            of: moved.event,
            months: point.months,
            on: add(moved.on, point.months, 0),
            from: add(moved.on, point.months, -point.early_days),
            until: add(moved.on, point.months, point.late_days),
            standing: Standing::Upcoming,
            attempts: Vec::new(),
        })
        .collect();
    let mut made: Vec<Option<(Date, EventId)>> = vec![None; visits.len()];
    for contact in &state.contacts {
        let Some(at) = visits.iter().rposition(|visit| visit.from <= contact.on) else {
            continue;
        };
        match contact.kind {
            Kind::Visited => {
                let visit = (contact.on, contact.event);
                if made[at].is_none_or(|first| visit < first) {
                    made[at] = Some(visit);
                }
            }
            Kind::NotFound => visits[at].attempts.push(contact.event),
            _ => {}
        }
    }
    let opens: Vec<Date> = visits.iter().skip(1).map(|visit| visit.from).collect();
    for (i, visit) in visits.iter_mut().enumerate() {
        visit.standing = if let Some((on, event)) = made[i] {
            Standing::Done {
                event,
                on,
                in_window: on <= visit.until,
            }
        } else if ended_on.is_some_and(|ended| ended <= visit.until) {
            Standing::NotNeeded
        } else {
            schedule.open_standing(visit.from, visit.until, opens.get(i).copied(), today)
        };
    }
    visits
}

/// Something for the coordinator to decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "question", rename_all = "snake_case")]
pub enum Question {
    /// Looked for on two days or more, and not met since: is the family gone, or is the record wrong?
    NotFoundTwice {
        /// The attempts.
        attempts: Vec<EventId>,
    },
    /// A visit is so late that somebody has to see to it.
    VisitEscalated {
        /// Months after the move.
        months: i32,
        /// The last day of its window.
        until: Date,
    },
    /// Nobody has answered a referral for too long.
    ReferralSilent {
        /// The referral.
        referral: EventId,
    },
}

/// What to ask the coordinator about a household on a day; `silent_after` is in days ([`crate::referral::SILENT_AFTER_DAYS`]).
pub fn questions(state: &State, schedule: &Schedule, silent_after: i32, today: Date) -> Vec<Question> {
    if state.merged_into.is_some() {
        return Vec::new();
    }
    let mut questions = Vec::new();
    let attempts: Vec<_> = state
        .contacts
        .iter()
        .filter(|contact| contact.kind == Kind::NotFound && !contact.is_replaced)
        .collect();
    let days: std::collections::BTreeSet<Date> = attempts.iter().map(|contact| contact.on).collect();
    if days.len() > 1 {
        questions.push(Question::NotFoundTwice {
            attempts: attempts.iter().map(|contact| contact.event).collect(),
        });
    }
    for visit in due_visits(state, schedule, today) {
        if visit.standing == Standing::Escalated {
            questions.push(Question::VisitEscalated {
                months: visit.months,
                until: visit.until,
            });
        }
    }
    for referral in &state.referrals {
        if referral.standing(today, silent_after) == crate::referral::Standing::Escalated {
            questions.push(Question::ReferralSilent {
                referral: referral.event,
            });
        }
    }
    questions
}
