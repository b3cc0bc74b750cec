//! Where a household is.
//!
//! Only events that somebody recorded with the family, or about its house, say where it is: surveys, verifications, corrections, moves and
//! visits. An attempt says where somebody stood. One bad measurement must not move a house for everybody, so that a later location takes the
//! place of an earlier one only if it is as sure, and
//!
//! * it is surer, or
//! * it lies within [`FAR_M`] of it, or
//! * somebody was asked and said that the house is there (`location.confirmed`), or corrected the place, or the family had left the earlier
//!   one before.
//!
//! A location outside the country takes the place of none that lies in it. What was recorded before a move tells of another house.

use super::history::Node;
use super::order::Order;
use crate::check::{is_imprecise, is_outside_country};
use crate::event::{Event, Kind, Location};
use crate::state::{Certainty, Place};

/// From here on a place is another one, in metres: further than a phone errs among houses.
const FAR_M: f64 = 300.0;
const METRES_PER_DEGREE: f64 = 111_320.0;

fn certainty(location: &Location) -> Certainty {
    if is_outside_country(location) {
        Certainty::OutsideCountry
    } else if is_imprecise(location) {
        Certainty::Imprecise
    } else {
        Certainty::Precise
    }
}

struct Held<'a> {
    number: usize,
    event: &'a Event,
    location: &'a Location,
    certainty: Certainty,
}

impl Held<'_> {
    /// Somebody has said that the house is there, and did not only record something there.
    fn is_meant(&self) -> bool {
        self.event.kind == Kind::Corrected || self.location.is_confirmed()
    }
}

/// The place that a history gives; `moves` are the numbers of the moves that stand.
pub(super) fn place(nodes: &[Node<'_>], order: &Order, moves: &[usize]) -> Option<Place> {
    let own = || {
        let sequence = order.sequence.iter().copied();
        sequence.filter(|number| nodes[*number].members.is_none())
    };
    let departures: Vec<usize> = own()
        .filter(|number| nodes[*number].known.event.kind == Kind::Left)
        .collect();
    let mut held: Option<Held<'_>> = None;
    let mut elsewhere: Vec<usize> = Vec::new();
    for number in own() {
        let event = nodes[number].known.event;
        let says = matches!(
            event.kind,
            Kind::Surveyed | Kind::Verified | Kind::Corrected | Kind::Moved | Kind::Visited
        );
        let Some(location) = event.location.as_ref().filter(|_| says) else {
            continue;
        };
        if moves
            .iter()
            .any(|of_move| *of_move != number && !order.is_after(number, *of_move))
        {
            continue;
        }
        let next = Held {
            number,
            event,
            location,
            certainty: certainty(location),
        };
        if held
            .as_ref()
            .is_none_or(|held| takes_over(held, &next, &departures, order))
        {
            elsewhere.retain(|early| !order.is_after(number, *early));
            held = Some(next);
        } else {
            elsewhere.push(number);
        }
    }
    held.map(|held| Place {
        event: held.event.id,
        lon: held.location.lon.clone(),
        lat: held.location.lat.clone(),
        accuracy_m: held.location.accuracy_m.clone(),
        certainty: held.certainty,
        confirmed: held.is_meant(),
        elsewhere: elsewhere
            .into_iter()
            .map(|number| nodes[number].known.event.id)
            .collect(),
    })
}

fn takes_over(held: &Held<'_>, next: &Held<'_>, departures: &[usize], order: &Order) -> bool {
    let has_left = departures
        .iter()
        .any(|at| order.is_after(next.number, *at) && !order.is_after(held.number, *at));
    if (next.is_meant() || has_left) && next.certainty > Certainty::OutsideCountry {
        return true;
    }
    if next.certainty != held.certainty {
        return next.certainty > held.certainty;
    }
    next.certainty != Certainty::Precise
        || metres(held.location, next.location).is_none_or(|metres| metres <= FAR_M)
}

/// Metres between two places that are not far from one another.
fn metres(from: &Location, to: &Location) -> Option<f64> {
    let (from, to) = (degrees(from)?, degrees(to)?);
    let x = (from.0 - to.0) * METRES_PER_DEGREE * from.1.to_radians().cos();
    let y = (from.1 - to.1) * METRES_PER_DEGREE;
    Some(x.hypot(y))
}

fn degrees(location: &Location) -> Option<(f64, f64)> {
    location.lon.as_f64().zip(location.lat.as_f64())
}
