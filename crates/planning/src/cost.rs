//! What a place costs for a household: land, preparation and house.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::matrix::{Cell, Column, Matrix, Unknown};
use crate::measure::{Measure, Tenure};
use crate::mistake::Mistake;
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::tree::{Named, Table};

/// Unit costs in US dollars. What is absent is not given; a cost that is nothing is written as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct UnitCosts {
    /// Land, for a square metre; without it the land's own price counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub land_per_m2: Option<f64>,
    /// Filling, lanes, drains and lines, for a square metre.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preparation_per_m2: Option<f64>,
    /// Preparation that is counted by households, such as connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preparation_per_household: Option<f64>,
    /// A house.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub house_per_household: Option<f64>,
}

/// `[cost]`: what a place for a household costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Costs {
    /// Unit costs wherever nothing else is said.
    #[serde(flatten)]
    pub units: UnitCosts,
    /// What a household's place may cost. It excludes nothing: a site above it is named. An exclusion of
    /// `cost_per_household` excludes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_per_household: Option<f64>,
    /// What all together may cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_total: Option<f64>,
    /// Unit costs that differ on land of a tenure.
    #[serde(rename = "tenure", skip_serializing_if = "BTreeMap::is_empty")]
    pub by_tenure: BTreeMap<Tenure, UnitCosts>,
}

/// The most US dollars of a unit cost or a budget.
const MOST_DOLLARS: f64 = 1e12;

impl UnitCosts {
    fn read(table: &mut Table<'_, '_>) -> Self {
        let mut dollars = |key: &'static str| dollars(table, key);
        Self {
            land_per_m2: dollars("land_per_m2"),
            preparation_per_m2: dollars("preparation_per_m2"),
            preparation_per_household: dollars("preparation_per_household"),
            house_per_household: dollars("house_per_household"),
        }
    }

    /// These, and where they say nothing, those.
    fn or(self, those: Self) -> Self {
        Self {
            land_per_m2: self.land_per_m2.or(those.land_per_m2),
            preparation_per_m2: self.preparation_per_m2.or(those.preparation_per_m2),
            preparation_per_household: self.preparation_per_household.or(those.preparation_per_household),
            house_per_household: self.house_per_household.or(those.house_per_household),
        }
    }
}

fn dollars(table: &mut Table<'_, '_>, key: &'static str) -> Option<f64> {
    let given = table.optional_number(key)?;
    if (0.0..=MOST_DOLLARS).contains(&given) {
        return Some(given);
    }
    let (low, high, found) = (0.0, MOST_DOLLARS, given);
    table.problem(key, Mistake::OutOfRange { low, high, found });
    None
}

impl Costs {
    /// Reads `[cost]`; problems go to the table's list.
    pub(crate) fn read(mut table: Table<'_, '_>) -> Self {
        let units = UnitCosts::read(&mut table);
        if !table.has("preparation_per_m2") && !table.has("preparation_per_household") {
            table.problem("preparation_per_m2", Mistake::MissingCost);
        }
        if !table.has("house_per_household") {
            table.problem("house_per_household", Mistake::MissingCost);
        }
        let budget_per_household = dollars(&mut table, "budget_per_household");
        let budget_total = dollars(&mut table, "budget_total");
        let mut by_tenure = BTreeMap::new();
        if let Some(tenures) = table.optional_table("tenure") {
            for (name, value) in tenures.entries() {
                let place = tenures.at(name);
                let Some(tenure) = Tenure::of(name).filter(|tenure| *tenure != Tenure::Unknown) else {
                    let all = Tenure::ALL.iter().filter(|tenure| **tenure != Tenure::Unknown);
                    let known = all.map(|tenure| tenure.name().to_owned()).collect();
                    tenures
                        .problems
                        .push(Problem::new(place, Mistake::NotATenure { known }));
                    continue;
                };
                if let Some(mut own) = Table::open(value, place, tenures.problems) {
                    by_tenure.insert(tenure, UnitCosts::read(&mut own));
                    own.close();
                }
            }
        }
        table.close();
        Self {
            units,
            budget_per_household,
            budget_total,
            by_tenure,
        }
    }

    /// The measures out of which costs are made.
    pub(crate) fn measures(&self) -> Vec<Measure> {
        let mut all = vec![Measure::Area, Measure::Capacity, Measure::LandPrice];
        if !self.by_tenure.is_empty() {
            all.push(Measure::Tenure);
        }
        all
    }

    /// What a household's place costs on a site, US dollars: `(land + preparation) × area ÷ capacity + preparation + house`.
    ///
    /// Not known where the land's price is not known, or the tenure on which the unit costs depend, or where no household
    /// has room. Between bounds where the price is.
    ///
    /// Example: 1,000 m² at 50 $/m² for 20 households, prepared at 10 $/m², houses of 4,000 $: 7,000 $.
    pub fn per_household(
        &self,
        area_m2: &Cell<'_>,
        households: &Cell<'_>,
        price: &Cell<'_>,
        tenure: &Cell<'_>,
    ) -> Cell<'static> {
        const NOT_KNOWN: Cell<'static> = Cell::Unknown(Unknown::NoData);
        let own = match tenure {
            _ if self.by_tenure.is_empty() => UnitCosts::default(),
            Cell::Category(name) => {
                let tenure = Tenure::from_name(name);
                let own = tenure.and_then(|tenure| self.by_tenure.get(&tenure));
                own.copied().unwrap_or_default()
            }
            _ => return NOT_KNOWN,
        };
        let units = own.or(self.units);
        let (low, high) = match (units.land_per_m2, *price) {
            (Some(given), _) => (given, given),
            (None, Cell::Known(price)) => (price, price),
            (None, Cell::Interval(low, high)) => (low, high),
            _ => return NOT_KNOWN,
        };
        let (Cell::Known(area), Cell::Known(households)) = (*area_m2, *households) else {
            return NOT_KNOWN;
        };
        if households < 1.0 {
            return NOT_KNOWN;
        }
        let each = area / households;
        // One of the two kinds of preparation may be left out; the reader saw to it that not both are.
        let counted =
            units.preparation_per_household.unwrap_or(0.0) + units.house_per_household.unwrap_or(0.0);
        let at = |land: f64| (land + units.preparation_per_m2.unwrap_or(0.0)) * each + counted;
        let (low, high) = (at(low), at(high));
        match high.is_finite() && high <= crate::matrix::LARGEST {
            false => NOT_KNOWN,
            true if low < high => Cell::Interval(low, high),
            true => Cell::Known(low),
        }
    }
}

/// The matrix with the column of costs, where the scenario has unit costs. The columns that costs are made of have been
/// checked.
pub(crate) fn with_costs<'m>(
    scenario: &Scenario,
    matrix: &'m Matrix,
) -> Result<Cow<'m, Matrix>, Vec<Problem>> {
    let id = Measure::CostPerHousehold.id();
    let Some(costs) = scenario.cost.as_ref().filter(|_| matrix.column(&id).is_none()) else {
        return Ok(Cow::Borrowed(matrix));
    };
    let not_measured = |id: &str| vec![Problem::new(id, Mistake::NotMeasured)];
    let of = |measure: Measure| {
        let id = measure.id();
        matrix.column(&id).ok_or_else(|| not_measured(&id))
    };
    let (area, capacity, price) = (
        of(Measure::Area)?,
        of(Measure::Capacity)?,
        of(Measure::LandPrice)?,
    );
    let tenure = if costs.by_tenure.is_empty() {
        None
    } else {
        Some(of(Measure::Tenure)?)
    };
    let cells = (0..matrix.len()).map(|row| {
        let tenure = tenure.map_or(Cell::Unknown(Unknown::NoData), |tenure| tenure.cell(row));
        costs.per_household(&area.cell(row), &capacity.cell(row), &price.cell(row), &tenure)
    });
    let mut whole = matrix.clone();
    Column::from_cells(cells)
        .and_then(|column| whole.push(id.clone(), column))
        .map_err(|_| not_measured(&id))?;
    Ok(Cow::Owned(whole))
}
