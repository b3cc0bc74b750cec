//! What the codes of boundaries mean: compared with today's gazetteer by code and by name.

use std::collections::BTreeSet;
use std::path::Path;

use super::attributes::Plan;
use super::report::{Detail, Effect, ImportReport};
use crate::error::{LayersError, Result};
use crate::gazetteer;
use crate::gpkg::{Query, VectorLayer};
use crate::names::Names;

/// Tells which codes mean another place today, and which of today's divisions the file lacks. Nothing of the file is changed: its own names are
/// those that are shown.
pub(super) fn compare_with_gazetteer(
    path: &Path,
    name: &str,
    plan: &Plan,
    report: &mut ImportReport,
) -> Result<()> {
    let layer = VectorLayer::open(path, name, plan.fields())?;
    // Codes of today's divisions that are in the file, whatever code the file gives them.
    let (mut there, mut levels) = (BTreeSet::new(), BTreeSet::new());
    let (mut shared, mut others, mut number) = (0_u64, 0_u64, 0_u64);
    layer.for_each(&Query::default(), |feature| {
        number += 1;
        let Some(code) = feature.text("code") else {
            return Ok::<(), LayersError>(());
        };
        levels.insert(code.len());
        let own = Names::new(feature.text("name"), feature.text("name_km"));
        let joined = gazetteer::join(code, own, true);
        there.extend(joined.map(|division| division.code.clone()));
        let Some(known) = gazetteer::division(code) else {
            return Ok(());
        };
        shared += 1;
        if gazetteer::is_of_another_place(code, own) {
            others += 1;
            let today = match joined {
                Some(division) => format!("; by its name it is {} today", division.code),
                None => "; today's gazetteer has no place of its name".to_owned(),
            };
            let message = format!(
                "{code} is '{}' here and '{}' in the gazetteer{today}",
                own.en.or(own.km).unwrap_or_default(),
                if own.en.is_some() { &known.en } else { &known.km },
            );
            report.found(
                "code_of_another_place",
                Effect::Noted,
                "codes that mean another place in today's gazetteer; the file's own names are kept",
                || Detail {
                    record: number,
                    id: Some(feature.id.clone()),
                    place: Some("field code".to_owned()),
                    message,
                },
            );
        }
        Ok(())
    })?;
    if others > 0 {
        report.warn(format!(
            "{others} of the {shared} codes that are in today's gazetteer too mean another place there: this is another division than today's. The file's own names are kept; khans are found by name, not by code. Join tables to it by name, or use tables of the same division."
        ));
    }
    for (what, digits, all) in [
        ("khans", 4, gazetteer::khans().collect::<Vec<_>>()),
        ("sangkats", 6, gazetteer::sangkats().collect::<Vec<_>>()),
    ] {
        if !levels.contains(&digits) {
            continue;
        }
        let missing: Vec<String> = all
            .iter()
            .filter(|division| !there.contains(&division.code))
            .map(|division| format!("{} {}", division.code, division.en))
            .collect();
        if !missing.is_empty() {
            report.warn(format!(
                "Of today's {} {what} {} have no boundary here: {}.",
                all.len(),
                missing.len(),
                missing.join(", ")
            ));
        }
    }
    Ok(())
}
