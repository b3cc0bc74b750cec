//! Groups and judgements out of the common tree.

use serde_json::Value;

use super::{Group, Judgements, Levels, Pair, Weighting};
use crate::mistake::Mistake;
use crate::scenario::read_text;
use crate::tree::{Named, Table};

impl Named for Weighting {
    const WHAT: &'static str = "a meaning of weights";
    const ALL: &'static [Self] = &[Self::Levels, Self::Overall];
    fn name(self) -> &'static str {
        match self {
            Self::Overall => "overall",
            Self::Levels => "levels",
        }
    }
}

/// Reads `weights`, `[[group]]` and `[[judgements]]`, and what the criteria's weights mean: within their groups
/// wherever there are levels, unless the file says `weights = "overall"`.
///
/// No levels where one of them is broken; its problem has been reported.
pub(crate) fn levels(table: &mut Table<'_, '_>) -> (Option<Levels>, Weighting) {
    let said = table.optional_choice::<Weighting>("weights");
    let groups = table.each("group", group);
    let judgements = table.each("judgements", judgements);
    let some = !groups.is_empty() || !judgements.is_empty();
    let weighting = said.unwrap_or(if some {
        Weighting::Levels
    } else {
        Weighting::Overall
    });
    let levels = groups
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .zip(judgements.into_iter().collect::<Option<Vec<_>>>())
        .map(|(groups, judgements)| Levels {
            weights: some.then_some(Weighting::Overall),
            groups,
            judgements,
        });
    (levels, weighting)
}

/// A criterion's weight as given; none where judgements may stand for it.
pub(crate) struct Given(pub(crate) Option<f64>);

/// Reads a criterion's weight; `None` where it is broken.
pub(crate) fn weight(table: &mut Table<'_, '_>, weighting: Weighting) -> Option<Given> {
    let weight = match weighting {
        Weighting::Levels if !table.has("weight") => table.optional_number("weight"),
        _ => Some(table.number("weight")?),
    };
    if weight.is_some_and(|weight| weight < 0.0) {
        table.problem("weight", Mistake::NegativeWeight);
    }
    Some(Given(weight))
}

fn group(mut table: Table<'_, '_>) -> Option<Group> {
    let id = table.text("id").map(String::from);
    let has_label = table.has("label");
    let label = table.optional_table("label").and_then(read_text);
    let weight = table.optional_number("weight");
    if weight.is_some_and(|weight| weight < 0.0) {
        table.problem("weight", Mistake::NegativeWeight);
    }
    let within = table.optional_text("within").map(String::from);
    table.close();
    if has_label && label.is_none() {
        return None;
    }
    Some(Group {
        id: id?,
        label,
        weight,
        within,
    })
}

fn judgements(mut table: Table<'_, '_>) -> Option<Judgements> {
    let of = table.optional_text("of").map(String::from);
    let by = table.optional_text("by").map(String::from);
    let list = table.list("pairs");
    let pairs = list.map(|list| {
        let read = |(index, item): (usize, &Value)| {
            let found = pair(item);
            if found.is_none() {
                table.problem(&format!("pairs[{index}]"), Mistake::NotAPair);
            }
            found
        };
        list.iter().enumerate().map(read).collect::<Vec<_>>()
    });
    table.close();
    Some(Judgements {
        of,
        by,
        pairs: pairs?.into_iter().collect::<Option<_>>()?,
    })
}

fn pair(item: &Value) -> Option<Pair> {
    let [first, second, times] = item.as_array()?.as_slice() else {
        return None;
    };
    let times = match times {
        Value::String(text) => {
            let (above, below) = text.split_once('/').unwrap_or((text, "1"));
            above.trim().parse::<f64>().ok()? / below.trim().parse::<f64>().ok()?
        }
        number => number.as_f64()?,
    };
    times.is_finite().then_some(())?;
    Some(Pair(
        first.as_str()?.to_owned(),
        second.as_str()?.to_owned(),
        times,
    ))
}
