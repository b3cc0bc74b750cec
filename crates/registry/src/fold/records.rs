//! Which records make one history: merges and splits.

use std::collections::{BTreeMap, BTreeSet};

use super::Known;
use super::history::{self, History, Node, homes, order_of};
use crate::event::{EventId, FactPath, HouseholdId, Kind, MemberId, Value};
use crate::state::{Conflict, Origin, Said, Side, State, Trouble};
use crate::status::Status;

/// The path of the conflict over where a record goes on.
const MERGED_TO: &str = "merged.to";

/// The states of all households.
pub(super) fn fold(mut known: Vec<Known<'_>>) -> BTreeMap<HouseholdId, State> {
    known.sort_by_key(|known| (known.event.household, known.event.id));
    let (known, same_ids) = each_once(known);
    let mut records = Records {
        own: BTreeMap::new(),
        same_ids,
        ids: std::cell::OnceCell::new(),
    };
    let mut is_tied = false;
    for chunk in known.chunk_by(|a, b| a.event.household == b.event.household) {
        is_tied |= chunk
            .iter()
            .any(|known| matches!(known.event.kind, Kind::Merged | Kind::Split));
        records.own.insert(chunk[0].event.household, chunk);
    }
    let ties = if is_tied {
        Ties::find(&records)
    } else {
        Ties::default()
    };
    let mut states = BTreeMap::new();
    for &household in records.own.keys() {
        if !ties.touches(household) {
            let history = records.history(household, vec![household]);
            states.insert(household, history::fold(&history, &|id| records.is_known(id)));
        }
    }
    ties.fold(&records, &mut states);
    states
}

/// Each event of a household once. `known` is in order of household and id. Of two contents of one id the first in order of bytes stays.
fn each_once(known: Vec<Known<'_>>) -> (Vec<Known<'_>>, BTreeMap<HouseholdId, Vec<EventId>>) {
    let mut once: Vec<Known<'_>> = Vec::with_capacity(known.len());
    let mut same_ids: BTreeMap<HouseholdId, Vec<EventId>> = BTreeMap::new();
    for next in known {
        let Some(last) = once
            .last_mut()
            .filter(|last| last.event.id == next.event.id && last.event.household == next.event.household)
        else {
            once.push(next);
            continue;
        };
        // Of one event told twice, what is told of its coming may differ: the same choice is made in any order.
        let rank = |known: &Known<'_>| {
            (
                known.received_at,
                known.author.map(String::from),
                known.clock_offset,
            )
        };
        if last.event == next.event {
            if rank(&next) > rank(last) {
                *last = next;
            }
            continue;
        }
        let ids = same_ids.entry(next.event.household).or_default();
        if ids.last() != Some(&next.event.id) {
            ids.push(next.event.id);
        }
        if next.event.canonical() < last.event.canonical() {
            *last = next;
        }
    }
    (once, same_ids)
}

/// All events, by the record that they were written to.
struct Records<'k, 'a> {
    own: BTreeMap<HouseholdId, &'k [Known<'a>]>,
    same_ids: BTreeMap<HouseholdId, Vec<EventId>>,
    /// All ids in order, made when somebody asks.
    ids: std::cell::OnceCell<Vec<EventId>>,
}

impl<'k, 'a> Records<'k, 'a> {
    fn of(&self, household: HouseholdId) -> &'k [Known<'a>] {
        self.own.get(&household).copied().unwrap_or_default()
    }

    fn is_known(&self, id: EventId) -> bool {
        let ids = self.ids.get_or_init(|| {
            let all = self.own.values().flat_map(|known| known.iter());
            let mut ids: Vec<EventId> = all.map(|known| known.event.id).collect();
            ids.sort_unstable();
            ids
        });
        ids.binary_search(&id).is_ok()
    }

    /// The history of records, without what members brought along.
    fn history(&self, household: HouseholdId, records: Vec<HouseholdId>) -> History<'a> {
        let mut nodes: Vec<Node<'a>> = records
            .iter()
            .flat_map(|record| self.of(*record))
            .map(|known| Node::from(*known))
            .collect();
        if records.len() > 1 {
            nodes.sort_by_key(|node| node.known.event.id);
            nodes.dedup_by_key(|node| node.known.event.id);
        }
        let same_ids = records
            .iter()
            .filter_map(|record| self.same_ids.get(record))
            .flatten()
            .copied()
            .collect();
        History {
            household,
            records,
            nodes,
            same_ids,
            split_from: Vec::new(),
        }
    }
}

/// How records are tied to one another.
#[derive(Default)]
struct Ties<'a> {
    /// The record that each merged one goes on in.
    goes_on: BTreeMap<HouseholdId, HouseholdId>,
    /// Records that are said to go on in several others: what is said, and by which event.
    torn: BTreeMap<HouseholdId, Vec<(HouseholdId, Known<'a>)>>,
    /// All splits.
    splits: Vec<Known<'a>>,
    /// All records that any tie names.
    tied: BTreeSet<HouseholdId>,
}

impl<'a> Ties<'a> {
    fn find(records: &Records<'_, 'a>) -> Self {
        let mut ties = Self::default();
        for (&household, known) in &records.own {
            let mut is_merged = false;
            for one in *known {
                if let Some(to) = one.event.to_household() {
                    ties.tied.extend([household, to]);
                    is_merged |= one.event.kind == Kind::Merged;
                    if one.event.kind == Kind::Split {
                        ties.splits.push(*one);
                    }
                }
            }
            if is_merged {
                let mut targets = merge_targets(known);
                targets.dedup_by_key(|(to, _)| *to);
                match targets.as_slice() {
                    [] => {}
                    [(to, _)] => {
                        ties.goes_on.insert(household, *to);
                    }
                    _ => {
                        ties.torn.insert(household, targets);
                    }
                }
            }
        }
        ties
    }

    fn touches(&self, household: HouseholdId) -> bool {
        self.tied.contains(&household)
    }

    /// The record that a record goes on in at last, and the records of a circle if it ends in one.
    fn end(&self, household: HouseholdId) -> (HouseholdId, Vec<HouseholdId>) {
        let mut passed = vec![household];
        let mut at = household;
        while let Some(&next) = self.goes_on.get(&at) {
            if let Some(from) = passed.iter().position(|record| *record == next) {
                let mut circle = passed.split_off(from);
                circle.sort_unstable();
                return (circle[0], circle);
            }
            passed.push(next);
            at = next;
        }
        (at, Vec::new())
    }

    fn fold(&self, records: &Records<'_, 'a>, states: &mut BTreeMap<HouseholdId, State>) {
        let mut groups: BTreeMap<HouseholdId, (Vec<HouseholdId>, Vec<HouseholdId>)> = BTreeMap::new();
        for &household in &self.tied {
            let (end, circle) = self.end(household);
            let group = groups.entry(end).or_default();
            group.0.push(household);
            if !circle.is_empty() {
                group.1 = circle;
            }
        }
        let end_of: BTreeMap<HouseholdId, HouseholdId> = groups
            .iter()
            .flat_map(|(end, (members, _))| members.iter().map(|record| (*record, *end)))
            .collect();
        let gifts = self.gifts(records, &groups, &end_of);
        for (&end, (members, circle)) in &groups {
            let mut group = members.clone();
            group.sort_by_key(|record| (*record != end, *record));
            let mut history = records.history(end, group);
            if let Some(gifts) = gifts.get(&end) {
                self.inherit(&mut history, gifts, records);
            }
            let mut state = history::fold(&history, &|id| records.is_known(id));
            if circle.len() > 1 {
                state.troubles.push(Trouble::MergeCircle {
                    records: circle.clone(),
                });
            }
            for &record in members {
                self.tear(record, &mut state);
                if record != end {
                    let own = records.history(record, vec![record]);
                    let mut merged = history::fold(&own, &|id| records.is_known(id));
                    merged.merged_into = Some(end);
                    merged.statuses = vec![Status::Merged];
                    // What stands against each other about its status is told where the record goes on.
                    merged
                        .conflicts
                        .retain(|conflict| conflict.path.as_str() != "status");
                    states.insert(record, merged);
                }
            }
            states.insert(end, state);
        }
    }

    /// Adds the conflict of a record that is said to go on in several others.
    fn tear(&self, record: HouseholdId, state: &mut State) {
        let (Some(targets), Ok(path)) = (self.torn.get(&record), MERGED_TO.parse::<FactPath>()) else {
            return;
        };
        let side = |(to, known): &(HouseholdId, Known<'a>)| Side {
            value: Value::from(to.to_string().as_str()),
            said: vec![Said {
                event: known.event.id,
                author: known.author.map(Into::into),
                happened_on: known.event.happened_on,
                recorded_at: known.event.recorded_at.at,
                received_at: known.received_at,
            }],
        };
        state.conflicts.push(Conflict {
            path,
            sides: targets.iter().map(side).collect(),
        });
        state.conflicts.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// What each history is given by splits of others: the split and the members who came by it.
    fn gifts(
        &self,
        records: &Records<'_, 'a>,
        groups: &BTreeMap<HouseholdId, (Vec<HouseholdId>, Vec<HouseholdId>)>,
        end_of: &BTreeMap<HouseholdId, HouseholdId>,
    ) -> BTreeMap<HouseholdId, Vec<(Known<'a>, BTreeSet<MemberId>)>> {
        let mut homes_of: BTreeMap<HouseholdId, BTreeMap<MemberId, Vec<HouseholdId>>> = BTreeMap::new();
        let mut gifts: BTreeMap<HouseholdId, Vec<(Known<'a>, BTreeSet<MemberId>)>> = BTreeMap::new();
        for split in &self.splits {
            let (Some(to), Some(&giver)) = (split.event.to_household(), end_of.get(&split.event.household))
            else {
                continue;
            };
            let Some(&taker) = end_of.get(&to).filter(|taker| **taker != giver) else {
                continue;
            };
            let homes = homes_of.entry(giver).or_insert_with(|| {
                let group = groups
                    .get(&giver)
                    .map(|group| group.0.clone())
                    .unwrap_or_default();
                let history = records.history(giver, group);
                homes(&history.nodes, &order_of(&history.nodes))
            });
            let members: BTreeSet<MemberId> = split
                .event
                .split_members()
                .into_iter()
                .filter(|member| homes.get(member).is_some_and(|homes| homes.contains(&to)))
                .collect();
            gifts.entry(taker).or_default().push((*split, members));
        }
        gifts
    }

    /// Adds the events of other histories that tell of members who came from there.
    fn inherit(
        &self,
        history: &mut History<'a>,
        gifts: &[(Known<'a>, BTreeSet<MemberId>)],
        records: &Records<'_, 'a>,
    ) {
        let mut inherited: BTreeMap<EventId, (Known<'a>, BTreeSet<MemberId>)> = BTreeMap::new();
        let of_tied: BTreeMap<EventId, Known<'a>> = self
            .tied
            .iter()
            .flat_map(|record| records.of(*record))
            .map(|known| (known.event.id, *known))
            .collect();
        for (split, members) in gifts {
            history.split_from.push(Origin {
                household: split.event.household,
                event: split.event.id,
            });
            let mut passed = BTreeSet::from([split.event.id]);
            let mut open = vec![*split];
            while let Some(known) = open.pop() {
                let entry = inherited
                    .entry(known.event.id)
                    .or_insert_with(|| (known, BTreeSet::new()));
                entry.1.extend(members);
                // A split that brought members to the giver leads on to where they were before.
                let earlier = self
                    .splits
                    .iter()
                    .filter(|split| split.event.to_household() == Some(known.event.household))
                    .map(|split| split.event.id);
                for id in known.event.after.iter().copied().chain(earlier) {
                    if let Some(before) = of_tied.get(&id)
                        && passed.insert(id)
                    {
                        open.push(*before);
                    }
                }
            }
        }
        history.split_from.sort_unstable();
        for (known, members) in inherited.into_values() {
            let is_own = history.records.contains(&known.event.household);
            if !is_own {
                history.nodes.push(Node {
                    known,
                    members: Some(members),
                });
            }
        }
        history.nodes.sort_by_key(|node| node.known.event.id);
        history.nodes.dedup_by_key(|node| node.known.event.id);
    }
}

/// Where a record's events say that it goes on, in order of household: all that nothing came after and no correction of the status undid.
fn merge_targets<'a>(known: &[Known<'a>]) -> Vec<(HouseholdId, Known<'a>)> {
    let nodes: Vec<Node<'a>> = known.iter().map(|known| Node::from(*known)).collect();
    let order = order_of(&nodes);
    let takes_place = |number: &usize| {
        let event = nodes[*number].known.event;
        event.kind == Kind::Merged || (event.kind == Kind::Corrected && event.facts.contains_key("status"))
    };
    let numbers: Vec<usize> = (0..nodes.len()).filter(takes_place).collect();
    let mut targets: Vec<(HouseholdId, Known<'a>)> = numbers
        .iter()
        .filter(|number| !numbers.iter().any(|late| order.is_after(*late, **number)))
        .filter_map(|number| {
            let known = nodes[*number].known;
            (known.event.kind == Kind::Merged)
                .then(|| Some((known.event.to_household()?, known)))
                .flatten()
        })
        .collect();
    targets.sort_by_key(|(to, known)| (*to, known.event.id));
    targets
}
