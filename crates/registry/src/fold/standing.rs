//! Where a household stands, and at which site: what its events let follow from one another, and what excludes each other.
//!
//! Three questions are asked of the same steps, each with its own rule for which later step takes the place of which earlier one:
//!
//! * *progress*: how far it came, from the survey to the new home;
//! * *whereabouts*: met, not met, gone;
//! * *place*: which site.
//!
//! What takes no other's place and has none that takes its own *stands*. Steps that stand and exclude each other are a conflict.

use std::collections::BTreeMap;

use super::order::{Order, add, has};
use crate::status::Status;

/// What a step is about; a site is its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What<'a> {
    Surveyed,
    Verified,
    Offered(&'a str),
    Accepted(&'a str),
    Declined(Option<&'a str>),
    Moved(&'a str),
    /// Whether the family still lives there, as far as it was not denied.
    Visited {
        resident: bool,
    },
    NotFound,
    Left,
    /// A correction says the status.
    Status(Status),
    /// A correction says the site, or that there is none.
    Site(Option<&'a str>),
}

use What::{Accepted, Declined, Left, Moved, NotFound, Offered, Site, Surveyed, Verified, Visited};

/// An event's step. A correction may be two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step<'a> {
    /// The number of its event.
    pub(super) event: usize,
    pub(super) what: What<'a>,
}

/// The sides of a conflict: what each says, and the events that say it.
pub(super) type Sides<T> = Vec<(T, Vec<usize>)>;

/// Where a household stands.
#[derive(Debug, Default)]
pub(super) struct Standing<'a> {
    /// One status, or those that exclude each other.
    pub(super) statuses: Vec<Status>,
    /// The sides of the conflict over the status; empty if there is none.
    pub(super) status_sides: Sides<Status>,
    /// The sites that stand, in order.
    pub(super) sites: Vec<&'a str>,
    /// The sides of the conflict over the site; empty if there is none.
    pub(super) site_sides: Sides<Option<&'a str>>,
    /// The numbers of events of which a step stands.
    pub(super) standing: Vec<usize>,
    /// The numbers of events whose attempt or departure was replaced by later ones.
    pub(super) replaced: Vec<usize>,
    /// Moves that no correction undid.
    pub(super) moves: Vec<usize>,
}

/// Where a household stands by its steps, which are in the order's sequence.
pub(super) fn standing<'a>(steps: &[Step<'a>], order: &Order) -> Standing<'a> {
    let mut out = Standing::default();
    if steps.is_empty() {
        out.statuses = vec![Status::Recorded];
        return out;
    }
    let walk = Walk::new(steps, order);
    let progress = walk.standing(
        |what| rank(what).is_some(),
        |late, early| walk.passes(late, early),
    );
    let settled = walk.settled();
    let whereabouts = walk.standing(|what| met(what).is_some(), |late, early| walk.meets(late, early));
    let places = walk.standing(
        |what| matches!(what, Accepted(_) | Moved(_) | Declined(_) | Site(_)),
        |late, early| walk.replaces(late, early),
    );
    walk.statuses(&progress, &settled, &whereabouts, &mut out);
    sites(&places, steps, &mut out);
    for place in [&progress, &settled, &whereabouts, &places] {
        out.standing.extend(place.iter().map(|at| steps[*at].event));
    }
    out.replaced = walk.replaced();
    out.moves = walk.moves();
    out
}

/// Whether a step met the family.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Met {
    Here,
    NotFound,
    Gone,
}

fn met(what: What<'_>) -> Option<Met> {
    match what {
        NotFound | What::Status(Status::NotFound) => Some(Met::NotFound),
        Left | What::Status(Status::Left) => Some(Met::Gone),
        Offered(_) | Site(_) => None,
        Surveyed | Verified | Accepted(_) | Declined(_) | Moved(_) | Visited { .. } | What::Status(_) => {
            Some(Met::Here)
        }
    }
}

fn site_of(what: What<'_>) -> Option<&str> {
    match what {
        Offered(site) | Accepted(site) | Moved(site) => Some(site),
        Declined(site) | Site(site) => site,
        _ => None,
    }
}

/// How far a step brings a household; None for those that say nothing about it. Visits are asked for themselves.
fn rank(what: What<'_>) -> Option<Status> {
    Some(match what {
        Surveyed => Status::Surveyed,
        Verified => Status::Verified,
        Offered(_) => Status::Offered,
        Declined(_) => Status::Declined,
        Accepted(_) => Status::Accepted,
        Moved(_) => Status::Moved,
        // Ends what was before, and brings nobody further.
        Left | What::Status(Status::Left | Status::NotFound | Status::Merged) => Status::Recorded,
        What::Status(status) => status,
        Visited { .. } | NotFound | Site(_) => return None,
    })
}

struct Walk<'s, 'a> {
    steps: &'s [Step<'a>],
    order: &'s Order,
    /// For each step the events that come before a new beginning (a survey, an offer) that it comes after. Empty where nobody left.
    reopened: Vec<Vec<u64>>,
    /// For each step with a site the events that come before an offer of that site, or a departure, that it comes after. Empty where there
    /// is one site at most and nobody declined.
    offered: Vec<Vec<u64>>,
}

impl<'s, 'a> Walk<'s, 'a> {
    fn new(steps: &'s [Step<'a>], order: &'s Order) -> Self {
        let mut walk = Self {
            steps,
            order,
            reopened: Vec::new(),
            offered: Vec::new(),
        };
        if steps.iter().any(|step| is_gone(step.what)) {
            walk.reopened = steps
                .iter()
                .map(|step| walk.before_any(step, |what| matches!(what, Surveyed | Offered(_))))
                .collect();
        }
        let mut sites = steps.iter().filter_map(|step| site_of(step.what));
        let first = sites.next();
        let is_declined = |step: &Step<'a>| matches!(step.what, Declined(_));
        if sites.any(|site| Some(site) != first) || steps.iter().any(is_declined) {
            walk.offered = steps
                .iter()
                .map(|step| {
                    walk.before_any(step, |what| {
                        what == Left || (matches!(what, Offered(_)) && site_of(what) == site_of(step.what))
                    })
                })
                .collect();
        }
        walk
    }

    /// The events that come before any step of a kind that comes before `late`.
    fn before_any(&self, late: &Step<'a>, is_meant: impl Fn(What<'a>) -> bool) -> Vec<u64> {
        let mut row = self.order.empty_row();
        for step in self.steps {
            if is_meant(step.what) && self.order.is_after(late.event, step.event) {
                add(&mut row, self.order.row(step.event));
            }
        }
        row
    }

    /// The places of the steps of one question of which no later one takes the place.
    fn standing(
        &self,
        is_asked: impl Fn(What<'a>) -> bool,
        takes_place: impl Fn(&At<'a>, &At<'a>) -> bool,
    ) -> Vec<usize> {
        let asked: Vec<At<'a>> = (0..self.steps.len())
            .filter(|at| is_asked(self.steps[*at].what))
            .map(|at| At {
                at,
                event: self.steps[at].event,
                what: self.steps[at].what,
            })
            .collect();
        let mut stands = vec![true; asked.len()];
        for (i, late) in asked.iter().enumerate() {
            for (early, stands) in asked[..i].iter().zip(&mut stands) {
                *stands &= !(self.order.is_after(late.event, early.event) && takes_place(late, early));
            }
        }
        asked
            .iter()
            .zip(stands)
            .filter_map(|(step, stands)| stands.then_some(step.at))
            .collect()
    }

    /// The places of visits that found the family at its new home, and that no later move, departure or correction made old.
    fn settled(&self) -> Vec<usize> {
        let is_visit = |step: &Step<'a>| matches!(step.what, Visited { resident: true });
        if !self.steps.iter().any(is_visit) {
            return Vec::new();
        }
        // Moves of before a departure count no more once the family has begun anew.
        let mut departed: Vec<(usize, Vec<u64>)> = Vec::new();
        if !self.reopened.is_empty() {
            for step in self.steps {
                if matches!(step.what, Surveyed | Offered(_)) {
                    departed.push((step.event, self.before_any(step, is_gone)));
                }
            }
        }
        let has_moved = |visit: &Step<'a>| {
            let mut closed = self.order.empty_row();
            for (opening, before) in &departed {
                if self.order.is_after(visit.event, *opening) {
                    add(&mut closed, before);
                }
            }
            self.steps.iter().any(|step| {
                matches!(
                    step.what,
                    Moved(_) | What::Status(Status::Moved | Status::Settled)
                ) && self.order.is_after(visit.event, step.event)
                    && !has(&closed, step.event)
            })
        };
        let is_old = |visit: &Step<'a>| {
            self.steps.iter().any(|step| {
                matches!(step.what, Moved(_) | Left | What::Status(_))
                    && self.order.is_after(step.event, visit.event)
            })
        };
        (0..self.steps.len())
            .filter(|at| {
                let step = &self.steps[*at];
                is_visit(step) && has_moved(step) && !is_old(step)
            })
            .collect()
    }

    /// Progress: whether a later step takes the place of an earlier one.
    fn passes(&self, late: &At<'a>, early: &At<'a>) -> bool {
        match (late.what, early.what) {
            // Moving where one declined needs a new offer or an acceptance in between.
            (Moved(site), Declined(declined)) => {
                declined.is_some_and(|declined| declined != site) || self.was_offered(late, early)
            }
            (What::Status(_) | Left | Moved(_), _) => true,
            (Offered(site), Declined(declined)) => declined == Some(site),
            (Declined(declined), Accepted(site)) => declined.is_none_or(|declined| declined == site),
            (Declined(_), early) => rank(early) <= Some(Status::Offered),
            (Surveyed | Verified, Declined(_)) => false,
            (late, early) => rank(late) >= rank(early),
        }
    }

    /// Whether the site of a step was offered, or the family left, between two steps.
    fn was_offered(&self, late: &At<'a>, early: &At<'a>) -> bool {
        self.offered.get(late.at).is_some_and(|row| has(row, early.event))
    }

    /// Whereabouts: whether a later step takes the place of an earlier one.
    fn meets(&self, late: &At<'a>, early: &At<'a>) -> bool {
        match (late.what, met(late.what), met(early.what)) {
            (What::Status(_), ..) | (_, Some(Met::Gone), _) => true,
            (_, Some(Met::NotFound), early) => early != Some(Met::Gone),
            // Who is surveyed or offered a site after leaving begins anew.
            (what, Some(Met::Here), Some(Met::Gone)) => {
                what == Surveyed
                    || self
                        .reopened
                        .get(late.at)
                        .is_some_and(|row| has(row, early.event))
            }
            _ => true,
        }
    }

    /// Place: whether a later step takes the place of an earlier one.
    fn replaces(&self, late: &At<'a>, early: &At<'a>) -> bool {
        match (late.what, early.what) {
            (Site(_), _) | (_, Declined(_) | Site(None)) => true,
            (Declined(_), Moved(_)) => false,
            (Declined(declined), other) => declined.is_none() || declined == site_of(other),
            // Another site needs a new offer of it, or a departure, made after the first was taken.
            (what, other) => site_of(what) == site_of(other) || self.was_offered(late, early),
        }
    }

    fn statuses(&self, progress: &[usize], settled: &[usize], whereabouts: &[usize], out: &mut Standing<'a>) {
        let furthest = if settled.is_empty() {
            progress
                .iter()
                .filter_map(|at| rank(self.steps[*at].what))
                .max()
                .unwrap_or(Status::Recorded)
        } else {
            Status::Settled
        };
        let events = |wanted: Met| -> Vec<usize> {
            whereabouts
                .iter()
                .map(|at| &self.steps[*at])
                .filter(|step| met(step.what) == Some(wanted))
                .map(|step| step.event)
                .collect()
        };
        let (here, not_found, gone) = (events(Met::Here), events(Met::NotFound), events(Met::Gone));
        if !gone.is_empty() && !here.is_empty() {
            out.status_sides = vec![(furthest, here), (Status::Left, gone)];
        } else if !gone.is_empty() {
            out.statuses = vec![Status::Left];
        } else if here.is_empty() && !not_found.is_empty() {
            out.statuses = vec![Status::NotFound];
        } else {
            self.exclusive_progress(progress, settled, out);
            if out.status_sides.is_empty() {
                out.statuses = vec![furthest];
            }
        }
        if !out.status_sides.is_empty() {
            out.statuses = out.status_sides.iter().map(|(status, _)| *status).collect();
        }
    }

    /// Steps of progress that exclude each other, by status.
    fn exclusive_progress(&self, progress: &[usize], settled: &[usize], out: &mut Standing<'a>) {
        let ranked: Vec<(Status, &Step<'a>)> = progress
            .iter()
            .filter_map(|at| Some((rank(self.steps[*at].what)?, &self.steps[*at])))
            .chain(settled.iter().map(|at| (Status::Settled, &self.steps[*at])))
            .collect();
        let mut is_excluded = vec![false; ranked.len()];
        for (i, (rank_a, a)) in ranked.iter().enumerate() {
            for (j, (rank_b, b)) in ranked.iter().enumerate().skip(i + 1) {
                if rank_a != rank_b && (self.excludes(a, b) || self.excludes(b, a)) {
                    is_excluded[i] = true;
                    is_excluded[j] = true;
                }
            }
        }
        let mut sides: BTreeMap<Status, Vec<usize>> = BTreeMap::new();
        for ((status, step), _) in ranked.iter().zip(is_excluded).filter(|(_, is)| *is) {
            sides.entry(*status).or_default().push(step.event);
        }
        out.status_sides = sides.into_iter().collect();
    }

    /// Whether `a`, a correction or a refusal, excludes `b`; both stand.
    fn excludes(&self, a: &Step<'a>, b: &Step<'a>) -> bool {
        let is_after = self.order.is_after(a.event, b.event);
        match (a.what, b.what) {
            (What::Status(_), _) => a.event != b.event && !is_after && !self.order.is_after(b.event, a.event),
            (Declined(declined), Accepted(site) | Moved(site)) => {
                declined.is_none_or(|declined| declined == site) && !is_after
            }
            _ => false,
        }
    }

    /// Attempts after which somebody met the family, and departures that were undone.
    fn replaced(&self) -> Vec<usize> {
        let at = |at: usize| At {
            at,
            event: self.steps[at].event,
            what: self.steps[at].what,
        };
        (0..self.steps.len())
            .filter(|early| matches!(self.steps[*early].what, NotFound | Left))
            .filter(|early| {
                let early = at(*early);
                (early.at + 1..self.steps.len()).map(at).any(|late| {
                    let is_other = met(late.what).is_some_and(|kind| Some(kind) != met(early.what));
                    is_other
                        && self.order.is_after(late.event, early.event)
                        && (early.what == Left || !is_gone(late.what))
                        && self.meets(&late, &early)
                })
            })
            .map(|early| self.steps[early].event)
            .collect()
    }

    /// Moves that no correction of the site undid.
    fn moves(&self) -> Vec<usize> {
        // A correction that came after the family had moved on undoes the last move, not the ones before.
        let corrections: Vec<(&Step<'a>, Vec<u64>)> = self
            .steps
            .iter()
            .filter(|step| matches!(step.what, Site(_)))
            .map(|step| {
                (
                    step,
                    self.before_any(step, |what| matches!(what, Moved(_) | Left)),
                )
            })
            .collect();
        let is_undone = |moved: &Step<'a>| {
            corrections.iter().any(|(correction, passed)| {
                site_of(correction.what) != site_of(moved.what)
                    && self.order.is_after(correction.event, moved.event)
                    && !has(passed, moved.event)
            })
        };
        self.steps
            .iter()
            .filter(|step| matches!(step.what, Moved(_)) && !is_undone(step))
            .map(|step| step.event)
            .collect()
    }
}

/// A step and its place among the steps.
struct At<'a> {
    at: usize,
    event: usize,
    what: What<'a>,
}

fn is_gone(what: What<'_>) -> bool {
    met(what) == Some(Met::Gone)
}

fn sites<'a>(places: &[usize], steps: &[Step<'a>], out: &mut Standing<'a>) {
    let mut sides: BTreeMap<Option<&'a str>, Vec<usize>> = BTreeMap::new();
    for step in places.iter().map(|at| &steps[*at]) {
        if !matches!(step.what, Declined(_)) {
            sides.entry(site_of(step.what)).or_default().push(step.event);
        }
    }
    out.sites = sides.keys().copied().flatten().collect();
    if sides.len() > 1 {
        out.site_sides = sides.into_iter().collect();
    }
}
