//! The attack on a table as it would be published, by itself and together with all releases before.

use crate::disclosure::attack::{Effort, Knowledge, narrow, narrowest};
use crate::disclosure::beliefs::Now;
use crate::disclosure::history::History;
use crate::disclosure::over_time::{Found, Hidden as HiddenCount, OverTime};
use crate::disclosure::programme::{AttackError, Proved};
use crate::disclosure::rules::Rules;
use crate::disclosure::table::{Cell, Table};

/// What an audit found.
#[derive(Clone, Debug, PartialEq)]
pub struct Audit {
    /// The width of the narrowest interval of a hidden cell; infinite if none has a bound, none if nothing is hidden.
    pub narrowest: Option<f64>,
    /// Whether that is the very width; if not, no interval is narrower.
    pub exact: bool,
    /// The cell with the narrowest interval.
    pub narrowest_cell: Option<Cell>,
}

/// Attacks a table of which the cells with `hidden` are not published. Answers with the cells that can be known closer than the rules
/// allow, or else with how close the attacker comes.
pub fn audit(
    table: &Table,
    hidden: &[bool],
    rules: Rules,
    history: &History,
) -> Result<Result<Audit, Vec<Cell>>, AttackError> {
    let known: Vec<bool> = (0..table.len())
        .map(|cell| history.is_known(cell) || !(hidden[cell] || history.unpublished[cell]))
        .collect();
    let exempt = history.exempt(table, rules);
    let knowledge = history.knowledge(table, &known, &exempt);
    let mut proved = Proved::nothing(table, &history.watched);
    let found = audit_from(&knowledge, hidden, rules, history, &mut proved)?;
    let told: Vec<bool> = (0..table.len())
        .map(|cell| !(hidden[cell] || history.unpublished[cell]))
        .collect();
    let now = Now {
        told: &told,
        known: &known,
        exempt: &exempt,
    };
    let over_time = narrower(table, history, &now, rules, None)?;
    let Ok(audit) = found else { return Ok(found) };
    if !over_time.narrow.is_empty() {
        let telling = over_time.narrow.iter();
        return Ok(Err(telling
            .map(|(hidden, _)| cell_of(table, history, *hidden))
            .collect()));
    }
    Ok(Ok(audit.with(over_time.narrowest)))
}

/// The cell of a hidden count, or the smallest one around it.
pub(super) fn cell_of(table: &Table, history: &History, hidden: HiddenCount) -> Cell {
    hidden.cell.unwrap_or_else(|number| {
        let sums = match history.past.get(hidden.release) {
            Some(past) => &past.hidden_sums,
            None => &history.watched,
        };
        sums[number].around(table)
    })
}

/// What all releases together tell of one another; of earlier ones only what they did not tell before.
pub(super) fn narrower(
    table: &Table,
    history: &History,
    now: &Now<'_>,
    rules: Rules,
    only: Option<&[HiddenCount]>,
) -> Result<Found, AttackError> {
    let mut found = OverTime::new(table, history, Some(now)).attack(rules, only)?;
    let latest = history.past.len();
    let of_before: Vec<HiddenCount> = found
        .narrow
        .iter()
        .filter(|(hidden, _)| hidden.release < latest)
        .map(|(hidden, _)| *hidden)
        .collect();
    if !of_before.is_empty() {
        let before = OverTime::new(table, history, None).attack(rules, Some(&of_before))?;
        found.narrow.retain(|(hidden, width)| {
            let mut before = before.narrow.iter();
            let was = before.find(|(other, _)| other == hidden);
            !was.is_some_and(|(_, was)| *width > was - 1e-6)
        });
    }
    Ok(found)
}

/// The audit, with what has been proved before.
pub(super) fn audit_from(
    knowledge: &Knowledge<'_>,
    hidden: &[bool],
    rules: Rules,
    history: &History,
    proved: &mut Proved,
) -> Result<Result<Audit, Vec<Cell>>, AttackError> {
    let table = knowledge.table;
    let (mut telling, _) = narrow(knowledge, rules.threshold(), proved, Effort::Thorough)?;
    for target in &mut telling {
        if let Some(sum) = target.checked_sub(table.len()) {
            *target = knowledge.watched[sum].around(table);
        }
    }
    telling.extend(
        (0..table.len())
            .filter(|&cell| hidden[cell] && history.told[cell] && history.settled[cell].is_none()),
    );
    telling.sort_unstable();
    telling.dedup();
    if !telling.is_empty() {
        return Ok(Err(telling));
    }
    Ok(Ok(match narrowest(knowledge, proved) {
        None => Audit {
            narrowest: None,
            exact: true,
            narrowest_cell: None,
        },
        Some((width, cell, exact)) => Audit {
            narrowest: Some(width),
            exact,
            narrowest_cell: Some(cell),
        },
    }))
}

impl Audit {
    /// The narrower one of this and another interval.
    pub(super) fn with(self, other: Option<(f64, Cell, bool)>) -> Self {
        match other {
            Some((width, cell, exact)) if self.narrowest.is_none_or(|own| width < own) => Self {
                narrowest: Some(width),
                exact,
                narrowest_cell: Some(cell),
            },
            _ => self,
        }
    }
}
