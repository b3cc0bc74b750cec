//! One history: the events of a record and of those that go on in it, and the state that they give.

use std::collections::{BTreeMap, BTreeSet};

use super::Known;
use super::facts::{self, Write};
use super::order::Order;
use super::place::place;
use super::standing::{Step, What, standing};
use crate::check::marks;
use crate::event::{EventId, FactPath, HouseholdId, Kind, MemberId, Value};
use crate::state::{
    Conflict, Contact, Effect, Fact, Held, Move, Origin, Referral, Said, Side, State, Trace, Trouble,
};
use crate::status::Status;
use crate::vocabulary::path;

/// An event of a history.
pub(super) struct Node<'a> {
    pub(super) known: Known<'a>,
    /// Some if the event belongs to another household's history, of which these members came to this one: nothing else of it counts here.
    pub(super) members: Option<BTreeSet<MemberId>>,
}

impl<'a> From<Known<'a>> for Node<'a> {
    fn from(known: Known<'a>) -> Self {
        Self { known, members: None }
    }
}

/// A history to fold.
pub(super) struct History<'a> {
    /// The record that goes on.
    pub(super) household: HouseholdId,
    /// All its records.
    pub(super) records: Vec<HouseholdId>,
    /// Its events in order of id, each once.
    pub(super) nodes: Vec<Node<'a>>,
    /// Ids that came with two contents.
    pub(super) same_ids: Vec<EventId>,
    /// Where its members came from.
    pub(super) split_from: Vec<Origin>,
}

/// The order of a history's events.
pub(super) fn order_of(nodes: &[Node<'_>]) -> Order {
    let ids: Vec<EventId> = nodes.iter().map(|node| node.known.event.id).collect();
    Order::new(&ids, |i| &nodes[i].known.event.after)
}

/// The households that each member belongs to by `members/<id>/household`, as far as any event says.
pub(super) fn homes(nodes: &[Node<'_>], order: &Order) -> BTreeMap<MemberId, Vec<HouseholdId>> {
    let writes = facts::writes(nodes, order);
    writes
        .chunk_by(|a, b| a.path == b.path)
        .filter_map(|writes| {
            let member = facts::member_of_household_path(&writes[0].path)?;
            let stand = facts::standing(writes, order);
            let homes = facts::values(&stand)
                .into_iter()
                .filter_map(|(value, _)| value.as_text()?.parse().ok());
            Some((member, homes.collect()))
        })
        .collect()
}

/// The state that a history gives. `is_known` tells whether an event that is not in it is known in another.
pub(super) fn fold(history: &History<'_>, is_known: &dyn Fn(EventId) -> bool) -> State {
    let nodes = &history.nodes;
    let order = order_of(nodes);
    let mut work = Work {
        history,
        order: &order,
        holding: vec![0; nodes.len()],
        has_said: vec![false; nodes.len()],
        state: State {
            household: history.household,
            records: history.records.clone(),
            merged_into: None,
            split_from: history.split_from.clone(),
            statuses: Vec::new(),
            facts: BTreeMap::new(),
            sites: Vec::new(),
            place: None,
            moves: Vec::new(),
            contacts: Vec::new(),
            conflicts: Vec::new(),
            referrals: Vec::new(),
            given_away: BTreeMap::new(),
            heads: Vec::new(),
            troubles: Vec::new(),
            trace: Vec::with_capacity(nodes.len()),
        },
    };
    work.facts();
    let stands = work.standing();
    work.referrals();
    work.troubles(is_known);
    work.trace(&stands);
    work.state.conflicts.sort_by(|a, b| a.path.cmp(&b.path));
    work.state
}

struct Work<'h, 'a> {
    history: &'h History<'a>,
    order: &'h Order,
    /// How many facts of each event hold.
    holding: Vec<usize>,
    /// Whether an event said anything that a state is made of.
    has_said: Vec<bool>,
    state: State,
}

impl<'a> Work<'_, 'a> {
    fn event(&self, number: usize) -> &'a crate::event::Event {
        self.history.nodes[number].known.event
    }

    fn id(&self, number: usize) -> EventId {
        self.event(number).id
    }

    fn said(&self, number: usize) -> Said {
        let known = &self.history.nodes[number].known;
        Said {
            event: known.event.id,
            author: known.author.map(Into::into),
            happened_on: known.event.happened_on,
            recorded_at: known.event.recorded_at.at,
            received_at: known.received_at,
        }
    }

    fn side(&self, value: Value, events: &[usize]) -> Side {
        Side {
            value,
            said: events.iter().map(|number| self.said(*number)).collect(),
        }
    }

    fn facts(&mut self) {
        let order = self.order;
        let writes = facts::writes(&self.history.nodes, order);
        let departures = self.departures(&writes);
        let mut held = Vec::new();
        for writes in writes.chunk_by(|a, b| a.path == b.path) {
            for write in writes {
                self.has_said[write.event] = true;
            }
            // Our own paths are all well formed.
            let Ok(path) = writes[0].path.parse::<FactPath>() else {
                continue;
            };
            let mut stand = facts::standing(writes, order);
            if let Some(left) = path.member().and_then(|member| departures.get(&member))
                && path.field() != "household"
            {
                // What was known of a member who went to another household is known there.
                stand.retain(|write| {
                    !left
                        .iter()
                        .any(|at| *at == write.event || order.is_after(*at, write.event))
                });
                if stand.is_empty() {
                    continue;
                }
            }
            for write in &stand {
                self.holding[write.event] += 1;
            }
            let values = facts::values(&stand);
            if values.len() > 1 {
                let sides = values.iter().map(|(value, by)| self.side((*value).clone(), by));
                let sides = sides.collect();
                self.state.conflicts.push(Conflict {
                    path: path.clone(),
                    sides,
                });
            }
            let values = values
                .into_iter()
                .map(|(value, by)| Held {
                    value: value.clone(),
                    by: by.into_iter().map(|number| self.id(number)).collect(),
                })
                .collect();
            held.push((path, Fact { values }));
        }
        self.state.facts = held.into_iter().collect();
    }

    /// For members who went to other households the events that say so.
    fn departures(&mut self, writes: &[Write<'_>]) -> BTreeMap<MemberId, Vec<usize>> {
        let mut departures = BTreeMap::new();
        for writes in writes.chunk_by(|a, b| a.path == b.path) {
            let Some(member) = facts::member_of_household_path(&writes[0].path) else {
                continue;
            };
            let stand = facts::standing(writes, self.order);
            let homes: Vec<HouseholdId> = facts::values(&stand)
                .into_iter()
                .filter_map(|(value, _)| value.as_text()?.parse().ok())
                .collect();
            let is_away = !homes.is_empty() && !homes.iter().any(|home| self.state.records.contains(home));
            if is_away {
                departures.insert(member, stand.iter().map(|write| write.event).collect());
                self.state.given_away.insert(member, homes);
            }
        }
        departures
    }

    /// Makes the steps of the events, and sets what follows from them. The numbers of events of which a step stands.
    fn standing(&mut self) -> Vec<bool> {
        let nodes = &self.history.nodes;
        let mut steps = Vec::new();
        for &number in &self.order.sequence {
            if nodes[number].members.is_none() {
                add_steps(nodes[number].known.event, number, &mut steps);
            }
        }
        for step in &steps {
            self.has_said[step.event] = true;
        }
        let standing = standing(&steps, self.order);
        let mut stands = vec![false; nodes.len()];
        for number in &standing.standing {
            stands[*number] = true;
        }
        if !standing.status_sides.is_empty() {
            let sides = standing
                .status_sides
                .iter()
                .map(|(status, events)| self.side(status.as_str().into(), events));
            self.conflict("status", sides.collect());
        }
        if !standing.site_sides.is_empty() {
            let sides = standing
                .site_sides
                .iter()
                .map(|(site, events)| self.side(site.map_or(Value::Null, Value::from), events));
            self.conflict("placement.site", sides.collect());
        }
        self.state.statuses = standing.statuses;
        self.state.sites = standing.sites.into_iter().map(Into::into).collect();
        self.state.place = place(nodes, self.order, &standing.moves);
        for number in standing.moves {
            let event = self.event(number);
            if let Some(site) = event.site() {
                self.state.moves.push(Move {
                    event: event.id,
                    site: site.into(),
                    plot: event.text("plot").map(Into::into),
                    on: event.happened_on,
                });
            }
        }
        self.contacts(&standing.replaced);
        stands
    }

    fn conflict(&mut self, path: &str, sides: Vec<Side>) {
        if let Ok(path) = path.parse() {
            self.state.conflicts.push(Conflict { path, sides });
        }
    }

    fn contacts(&mut self, replaced: &[usize]) {
        for &number in &self.order.sequence {
            let event = self.event(number);
            let is_contact = matches!(event.kind, Kind::Visited | Kind::NotFound | Kind::Left);
            if is_contact && self.history.nodes[number].members.is_none() {
                self.state.contacts.push(Contact {
                    event: event.id,
                    kind: event.kind.clone(),
                    on: event.happened_on,
                    reason: event.text("reason").map(Into::into),
                    is_replaced: replaced.contains(&number),
                    last_there: event.day("last_there"),
                    first_gone: event.day("first_gone"),
                });
            }
        }
    }

    fn referrals(&mut self) {
        for &number in &self.order.sequence {
            let event = self.event(number);
            if event.kind != Kind::Referred || self.history.nodes[number].members.is_some() {
                continue;
            }
            let answers = self
                .state
                .facts
                .get(facts::answer_path(&event.id.to_string()).as_str());
            let answers = answers.map(|fact| {
                fact.values
                    .iter()
                    .filter_map(|held| held.value.as_text().map(Into::into))
                    .collect()
            });
            self.state.referrals.push(Referral {
                event: event.id,
                service: event.text("service").unwrap_or_default().into(),
                to: event.text("to").map(Into::into),
                on: event.happened_on,
                answers: answers.unwrap_or_default(),
            });
            self.has_said[number] = true;
            self.holding[number] += 1;
        }
    }

    fn troubles(&mut self, is_known: &dyn Fn(EventId) -> bool) {
        let order = self.order;
        for chunk in order.missing.chunk_by(|a, b| a.0 == b.0) {
            let missing: Vec<EventId> = chunk
                .iter()
                .map(|(_, id)| *id)
                .filter(|id| !is_known(*id))
                .collect();
            if !missing.is_empty() {
                self.state.troubles.push(Trouble::Waiting {
                    event: self.id(chunk[0].0),
                    missing,
                });
            }
        }
        for circle in &order.circles {
            self.state.troubles.push(Trouble::Circle {
                events: circle.iter().map(|number| self.id(*number)).collect(),
            });
        }
        for id in &self.history.same_ids {
            self.state.troubles.push(Trouble::SameId { event: *id });
        }
        self.state.troubles.sort();
    }

    fn trace(&mut self, stands: &[bool]) {
        for &number in &self.order.sequence {
            let node = &self.history.nodes[number];
            let event = node.known.event;
            let is_tie = matches!(event.kind, Kind::Merged | Kind::Split);
            let effect = if node.members.is_some() {
                Effect::Inherited
            } else if self.holding[number] > 0 || stands[number] || is_tie {
                Effect::Holds
            } else if self.has_said[number] {
                Effect::Replaced
            } else {
                Effect::Kept
            };
            let received = node.known.received_at.unwrap_or(event.recorded_at.at);
            self.state.trace.push(Trace {
                said: self.said(number),
                household: event.household,
                kind: event.kind.clone(),
                effect,
                holding: self.holding[number],
                marks: marks(event, received, node.known.clock_offset),
            });
            if self.order.is_head[number] {
                self.state.heads.push(event.id);
            }
        }
        self.state.heads.sort_unstable();
    }
}

/// The steps of an event.
fn add_steps<'a>(event: &'a crate::event::Event, number: usize, steps: &mut Vec<Step<'a>>) {
    let mut add = |what: What<'a>| {
        steps.push(Step { event: number, what });
    };
    match event.kind {
        Kind::Surveyed => add(What::Surveyed),
        Kind::Verified => add(What::Verified),
        Kind::Offered => event.site().map_or((), |site| add(What::Offered(site))),
        Kind::Accepted => event.site().map_or((), |site| add(What::Accepted(site))),
        Kind::Declined => add(What::Declined(event.site())),
        Kind::Moved => event.site().map_or((), |site| add(What::Moved(site))),
        Kind::Visited => {
            let resident = event.facts.get(path::RESIDENT).and_then(Value::as_bool);
            add(What::Visited {
                resident: resident != Some(false),
            });
        }
        Kind::NotFound => add(What::NotFound),
        Kind::Left => add(What::Left),
        Kind::Corrected => {
            let status = event.facts.get("status").and_then(Value::as_text);
            if let Some(status) = status.and_then(|name| name.parse::<Status>().ok()) {
                add(What::Status(status));
            }
            if let Some(site) = event.facts.get("placement.site") {
                add(What::Site(site.as_text()));
            }
        }
        Kind::ConsentGiven
        | Kind::ConsentWithdrawn
        | Kind::Referred
        | Kind::ReferralAnswered
        | Kind::Merged
        | Kind::Split
        | Kind::Noted
        | Kind::TaskAnswered
        | Kind::Other(_) => {}
    }
}
