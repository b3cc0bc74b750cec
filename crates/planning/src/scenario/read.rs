//! A scenario out of the common tree, section by section: one broken table never hides another.

use serde_json::Value;

use super::{Criterion, Flooded, Move, Order, Place, Scenario, Settlements, Sites, Travel, check};
use crate::cost::Costs;
use crate::day::Day;
use crate::exclusion::Exclusion;
use crate::measure::{Measure, Service};
use crate::methods::Method;
use crate::mistake::Mistake;
use crate::problem::Problem;
use crate::text::Text;
use crate::tree::{Named, Table, not_a};
use crate::value::ValueFunction;
use crate::weights::levels::{Given, Weighting, levels, weigh, weight};

/// Reads the whole; the result is meaningful only while `problems` is empty.
pub(super) fn scenario(value: &Value, problems: &mut Vec<Problem>) -> Option<Scenario> {
    let mut table = Table::open(value, String::new(), problems)?;
    let title = table.table("title").and_then(text);
    let method = Method::read(&mut table);
    let as_of = day(&mut table, "as_of");
    let sites = table.optional_table("sites").map(sites);
    let travel = table.optional_table("travel").map(travel);
    let moving = table.optional_table("move").map(moving);
    let order = table.optional_table("order").map(Order::read);
    let cost = table.optional_table("cost").map(Costs::read);
    let (levels, weighting) = levels(&mut table);
    let criteria = table.each("criterion", |table| criterion(table, weighting));
    let exclusions = table.each("exclusion", Exclusion::read);
    check::references(value, &mut table);
    check::costs(value, &mut table);
    check::implied_ids(value, &exclusions, &mut table);
    let criteria = weigh(criteria, levels.as_ref(), weighting, table.problems);
    table.close();
    Some(Scenario {
        title: title?,
        method: method?,
        as_of,
        sites: sites.unwrap_or_default(),
        travel: travel.unwrap_or_default(),
        moving: moving.unwrap_or_default(),
        order: order.unwrap_or_default(),
        cost,
        criteria: criteria?,
        exclusions: exclusions.into_iter().collect::<Option<_>>()?,
        levels: levels?,
    })
}

/// A day that may be absent.
fn day(table: &mut Table<'_, '_>, key: &'static str) -> Option<Day> {
    let value = table.get(key)?;
    let day = value.as_str().and_then(Day::parse);
    if day.is_none() {
        table.problem(key, Mistake::NotADay { found: value.into() });
    }
    day
}

/// Words in both languages.
pub(crate) fn text(mut table: Table<'_, '_>) -> Option<Text> {
    let (en, km) = (table.text("en"), table.text("km"));
    table.close();
    en.zip(km).map(|(en, km)| Text::new(en, km))
}

/// A criterion with its weight as given: within its group it may come from judgements instead.
fn criterion(mut table: Table<'_, '_>, weighting: Weighting) -> Option<(Criterion, Given)> {
    let id = table.text("id").map(String::from);
    let label = if table.has("label") {
        Some(table.table("label").and_then(text))
    } else {
        None
    };
    // A label that was given but is broken must not fall back silently: its problem has been reported.
    let _ = table.get("label");
    let measure = table.table("measure").and_then(Measure::read);
    let weight = weight(&mut table, weighting);
    let group = table.optional_text("group").map(String::from);
    let value = table.table("value").and_then(ValueFunction::read);
    let goal = check::goal(&mut table, value.as_ref());
    if let Some((measure, value)) = measure.as_ref().zip(value.as_ref()) {
        check::value_suits(&mut table, measure, value);
    }
    table.close();
    let measure = measure?;
    let label = match label {
        Some(label) => label?,
        None => measure.label(),
    };
    let criterion = Criterion {
        id: id?,
        label,
        measure,
        goal: goal?,
        weight: 0.0,
        group,
        value: value?,
    };
    Some((criterion, weight?))
}

fn sites(mut table: Table<'_, '_>) -> Sites {
    let default = Sites::default();
    let plot_width_m = table.number_within("plot_width_m", 1.0, 1000.0, default.plot_width_m);
    let plot_depth_m = table.number_within("plot_depth_m", 1.0, 1000.0, default.plot_depth_m);
    let circulation_share = table.number_within("circulation_share", 0.0, 0.95, default.circulation_share);
    let join_gap_m = table.number_within("join_gap_m", 0.0, 50.0, default.join_gap_m);
    let min_capacity = table
        .optional_whole("min_capacity", 1, 1_000_000)
        .unwrap_or(default.min_capacity);
    let take_unknown_availability = table
        .optional_bool("take_unknown_availability")
        .unwrap_or(default.take_unknown_availability);
    let without = match table.optional_list("without") {
        Some(list) => names(&mut table, "without", list),
        None => default.without,
    };
    let tenures = match table.optional_list("tenures") {
        Some(list) => tenures(&mut table, list),
        None => default.tenures,
    };
    let road_reserve_m = table.number_within("road_reserve_m", 0.0, 200.0, default.road_reserve_m);
    let flooded = table.optional_table("flooded").and_then(flooded);
    table.close();
    Sites {
        plot_width_m,
        plot_depth_m,
        circulation_share,
        join_gap_m,
        tenures,
        min_capacity,
        take_unknown_availability,
        without,
        road_reserve_m,
        flooded,
    }
}

fn flooded(mut table: Table<'_, '_>) -> Option<Flooded> {
    let return_period = table.optional_whole("return_period", 1, 100_000);
    if !table.has("return_period") {
        table.problem("return_period", Mistake::MissingReturnPeriod);
    }
    let deeper_than_m = table.number("deeper_than_m");
    if deeper_than_m.is_some_and(|depth| depth < 0.0) {
        table.problem("deeper_than_m", Mistake::Negative);
    }
    table.close();
    Some(Flooded {
        return_period: return_period?,
        deeper_than_m: deeper_than_m?,
    })
}

fn tenures(table: &mut Table<'_, '_>, list: &[Value]) -> Vec<Vec<crate::measure::Tenure>> {
    let mut groups: Vec<Vec<crate::measure::Tenure>> = Vec::with_capacity(list.len());
    for (index, group) in list.iter().enumerate() {
        let place = format!("tenures[{index}]");
        match group.as_array() {
            Some(members) => groups.push(names(table, &place, members)),
            None => table.problem(&place, Mistake::NotTenureList),
        }
    }
    let mut seen = Vec::new();
    for tenure in groups.iter().flatten() {
        if seen.contains(tenure) {
            table.problem(
                "tenures",
                Mistake::TenureTwice {
                    tenure: tenure.name().to_owned(),
                },
            );
        }
        seen.push(*tenure);
    }
    groups
}

fn names<T: Named>(table: &mut Table<'_, '_>, key: &str, list: &[Value]) -> Vec<T> {
    let mut all = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        match item.as_str().and_then(T::of) {
            Some(name) => all.push(name),
            None => table.problem(&format!("{key}[{index}]"), not_a::<T>(item)),
        }
    }
    all
}

fn travel(mut table: Table<'_, '_>) -> Travel {
    let default = Travel::default();
    let travel = Travel {
        max_snap_m: table.number_within("max_snap_m", 0.0, 100_000.0, default.max_snap_m),
        join_tolerance_m: table.number_within("join_tolerance_m", 0.0, 100.0, default.join_tolerance_m),
        cut_depth_m: table.number_within("cut_depth_m", 0.0, 100.0, default.cut_depth_m),
    };
    table.close();
    travel
}

fn moving(mut table: Table<'_, '_>) -> Move {
    let default = Move::default();
    let settlements = match table.get("settlements") {
        None => default.settlements,
        Some(Value::String(word)) if word == "all" => Settlements::All,
        Some(Value::Array(list)) => {
            let mut ids = Vec::with_capacity(list.len());
            for (index, item) in list.iter().enumerate() {
                match item.as_str() {
                    Some(id) => ids.push(id.to_owned()),
                    None => table.problem(&format!("settlements[{index}]"), Mistake::NotSettlementId),
                }
            }
            if list.is_empty() {
                table.problem("settlements", Mistake::NoSettlements);
            }
            Settlements::Ids(ids)
        }
        Some(_) => {
            table.problem("settlements", Mistake::NotSettlements);
            default.settlements
        }
    };
    let mode = table.optional_choice("mode").unwrap_or(default.mode);
    let places = table.each("places", place).into_iter().flatten().collect();
    table.close();
    Move {
        settlements,
        mode,
        places,
    }
}

fn place(mut table: Table<'_, '_>) -> Option<Place> {
    let kind = table.choice::<Service>("kind");
    let (lon, lat) = (table.number("lon"), table.number("lat"));
    for (key, degrees, most) in [("lon", lon, 180.0), ("lat", lat, 90.0)] {
        if let Some(found) = degrees.filter(|degrees| degrees.abs() > most) {
            let (low, high) = (-most, most);
            table.problem(key, Mistake::OutOfRange { low, high, found });
        }
    }
    let weight = table.optional_number("weight").unwrap_or(1.0);
    if weight <= 0.0 {
        table.problem("weight", Mistake::NotAbove0);
    }
    table.close();
    Some(Place {
        kind: kind?,
        lon: lon?,
        lat: lat?,
        weight,
    })
}
