//! Shares and medians that are told beside counts.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Counted, Indicator, Share};
use crate::disclosure::dimension::is_total;
use crate::disclosure::release::ReleaseCell;
use crate::disclosure::rules::Rules;
use crate::disclosure::sums;

/// Categories of a cell, column by column.
type Labels = BTreeMap<String, String>;

/// The shares of a published table, for the cells that are totals over the share's column: **made of published counts alone**, so that they
/// tell nothing which these do not.
pub fn shares(
    indicator: &Indicator,
    cells: &BTreeMap<Labels, Option<u64>>,
    day: Date,
) -> BTreeMap<Labels, BTreeMap<String, f64>> {
    let mut found: BTreeMap<Labels, BTreeMap<String, f64>> = BTreeMap::new();
    for labels in cells.keys() {
        for share in &indicator.shares {
            if labels.get(&share.column).is_some_and(|name| is_total(name))
                && is_due(share, labels, day)
                && let (Some(of), Some(among)) = (
                    sum(cells, labels, &share.column, &share.of),
                    sum(cells, labels, &share.column, &share.among),
                )
                && among > 0
            {
                found
                    .entry(labels.clone())
                    .or_default()
                    .insert(share.name.clone(), of as f64 / among as f64);
            }
        }
    }
    found
}

/// Whether the months of a share are over for everybody of the cell's year.
fn is_due(share: &Share, labels: &Labels, day: Date) -> bool {
    let Some(after) = &share.after else {
        return true;
    };
    labels
        .get(&after.column)
        .and_then(|year| year.parse().ok())
        .and_then(|year| Date::new(year, 12, 31).ok())
        .and_then(|last| last.checked_add(after.months.months()).ok())
        .is_some_and(|over| over <= day)
}

fn sum(
    cells: &BTreeMap<Labels, Option<u64>>,
    labels: &Labels,
    column: &str,
    categories: &[String],
) -> Option<u64> {
    categories
        .iter()
        .map(|category| {
            let mut labels = labels.clone();
            labels.insert(column.to_owned(), category.clone());
            cells.get(&labels).copied().flatten()
        })
        .sum()
}

/// The median of the answers in a published cell, in multiples of the step; none where the rules on medians forbid it, the count is hidden, or is less
/// than three times the threshold.
///
/// It is told again only where the number of families has changed by the threshold: a median that moves while few came would tell where their
/// answers lie. `before` is what was told last, with the count of then.
pub fn median(
    indicator: &Indicator,
    counted: &Counted,
    cell: &ReleaseCell<'_>,
    before: Option<(f64, u64)>,
    rules: Rules,
) -> Option<f64> {
    let asked = indicator.median.as_ref()?;
    let families = cell.value?;
    if let Some((told, then)) = before
        && families.abs_diff(then) < rules.threshold()
    {
        return Some(told);
    }
    // That it is told says that so many at least have answered: with fewer families it would tell how many have not.
    if families < 3 * rules.threshold() {
        return None;
    }
    let columns: Vec<&String> = indicator.by.iter().flat_map(|one| &one.columns).collect();
    let inside = |path: &[String]| {
        columns.iter().zip(path).all(|(column, name)| {
            let label = cell.labels.iter().find(|(label, _)| label == column);
            label.is_some_and(|(_, label)| is_total(label) || label == name)
        })
    };
    let answers: Vec<f64> = counted
        .answers
        .iter()
        .filter(|(path, _)| inside(path))
        .flat_map(|(_, answers)| answers.iter().copied())
        .collect();
    let step = f64::from(asked.step);
    let value = sums::median(&answers, rules)?;
    Some((value / step).round() * step)
}
