//! Facts: multi-value registers over the order of events.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::history::Node;
use super::order::{Order, add, has};
use crate::event::{Event, Kind, MemberId, Value};
use crate::state::REGISTRATION;

/// That an event set a fact.
pub(super) struct Write<'a> {
    pub(super) path: Cow<'a, str>,
    /// The event's number.
    pub(super) event: usize,
    pub(super) value: Cow<'a, Value>,
}

/// Whether the facts of an event count. Notes are protected, and what a later version's kinds mean by facts is not known.
fn counts(kind: &Kind) -> bool {
    kind.is_known() && *kind != Kind::Noted
}

/// All writes of a history, in order of path and then of the order's sequence.
pub(super) fn writes<'a>(nodes: &[Node<'a>], order: &Order) -> Vec<Write<'a>> {
    let purposes = purposes(nodes);
    let mut writes = Vec::with_capacity(nodes.iter().map(|node| node.known.event.facts.len() + 1).sum());
    for &number in &order.sequence {
        let node = &nodes[number];
        let event = node.known.event;
        let mut write = |path: Cow<'a, str>, value: Cow<'a, Value>| {
            writes.push(Write {
                path,
                event: number,
                value,
            });
        };
        if counts(&event.kind) {
            for (path, value) in &event.facts {
                let is_asked = match &node.members {
                    // The status and the site follow from steps.
                    None => !matches!(path.as_str(), "status" | "placement.site"),
                    Some(members) => path.member().is_some_and(|member| members.contains(&member)),
                };
                if is_asked {
                    write(Cow::Borrowed(path.as_str()), Cow::Borrowed(value));
                }
            }
        }
        followed(node, event, &purposes, &mut write);
    }
    writes.sort_by(|a, b| a.path.cmp(&b.path));
    writes
}

/// Facts that follow from what an event tells.
fn followed<'a>(
    node: &Node<'a>,
    event: &'a Event,
    purposes: &BTreeSet<&str>,
    write: &mut impl FnMut(Cow<'a, str>, Cow<'a, Value>),
) {
    if event.kind == Kind::Split {
        let to = event.more.get("to").cloned().unwrap_or(Value::Null);
        for member in event.split_members() {
            if node
                .members
                .as_ref()
                .is_none_or(|members| members.contains(&member))
            {
                write(
                    format!("members/{member}/household").into(),
                    Cow::Owned(to.clone()),
                );
            }
        }
    }
    if node.members.is_some() {
        return;
    }
    match event.kind {
        Kind::ConsentGiven | Kind::ConsentWithdrawn => {
            let is_given = event.kind == Kind::ConsentGiven;
            let named = named_purposes(event);
            let meant = match (named.is_empty(), is_given) {
                (false, _) => named,
                (true, true) => BTreeSet::from([REGISTRATION]),
                // Who takes consent back and names no purpose takes back all.
                (true, false) => purposes.clone(),
            };
            for purpose in meant {
                write(
                    format!("consent.{purpose}").into(),
                    Cow::Owned(Value::Bool(is_given)),
                );
            }
        }
        Kind::Moved => {
            let plot = event
                .more
                .get("plot")
                .map_or(Cow::Owned(Value::Null), Cow::Borrowed);
            write("placement.plot".into(), plot);
        }
        Kind::ReferralAnswered => {
            if let (Some(referral), Some(answer)) = (event.text("referral"), event.more.get("answer")) {
                write(
                    answer_path(&referral.to_ascii_lowercase()).into(),
                    Cow::Borrowed(answer),
                );
            }
        }
        _ => {}
    }
}

/// The path of the answers to a referral.
pub(super) fn answer_path(referral: &str) -> String {
    format!("referrals/{referral}/answer")
}

fn named_purposes(event: &Event) -> BTreeSet<&str> {
    event
        .more
        .get("purposes")
        .and_then(Value::as_list)
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_text)
        .collect()
}

/// All purposes that any consent of the history names.
fn purposes<'a>(nodes: &[Node<'a>]) -> BTreeSet<&'a str> {
    nodes
        .iter()
        .map(|node| node.known.event)
        .filter(|event| matches!(event.kind, Kind::ConsentGiven | Kind::ConsentWithdrawn))
        .flat_map(named_purposes)
        .chain([REGISTRATION])
        .collect()
}

/// The writes to one path that nothing came after, in order of sequence.
pub(super) fn standing<'w, 'a>(writes: &'w [Write<'a>], order: &Order) -> Vec<&'w Write<'a>> {
    if let [one] = writes {
        return vec![one];
    }
    let mut passed = order.empty_row();
    let mut stand = Vec::with_capacity(1);
    for write in writes.iter().rev() {
        if !has(&passed, write.event) {
            stand.push(write);
        }
        add(&mut passed, order.row(write.event));
    }
    // A later answer of a service goes on from the earlier one, even where its author did not know of it.
    if stand.len() > 1 && writes[0].path.starts_with("referrals/") {
        let is_end = |write: &&Write<'_>| matches!(write.value.as_text(), Some("done" | "no_show"));
        if stand.iter().any(is_end) {
            stand.retain(|write| write.value.as_text() != Some("accepted"));
        }
    }
    // A move that names no plot does not gainsay one that does.
    if stand.len() > 1
        && writes[0].path == "placement.plot"
        && stand.iter().any(|write| *write.value != Value::Null)
    {
        stand.retain(|write| *write.value != Value::Null);
    }
    stand.reverse();
    stand
}

/// The values of writes, each once and in order, with the numbers of the events that say it.
pub(super) fn values<'a>(stand: &[&'a Write<'_>]) -> Vec<(&'a Value, Vec<usize>)> {
    let mut values: Vec<(&Value, Vec<usize>)> = Vec::with_capacity(1);
    let mut sorted = stand.to_vec();
    if sorted.len() > 1 {
        sorted.sort_by(|a, b| a.value.cmp(&b.value).then(a.event.cmp(&b.event)));
    }
    for write in sorted {
        match values
            .iter_mut()
            .find(|(value, _)| value.says_the_same(&write.value))
        {
            Some((_, by)) => by.push(write.event),
            None => values.push((&write.value, vec![write.event])),
        }
    }
    for (_, by) in &mut values {
        by.sort_unstable();
        by.dedup();
    }
    values
}

/// The household that a member belongs to, as far as writes to `members/<id>/household` say.
pub(super) fn member_of_household_path(path: &str) -> Option<MemberId> {
    path.strip_prefix("members/")?
        .strip_suffix("/household")?
        .parse()
        .ok()
}
