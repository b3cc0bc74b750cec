//! Measures of the land itself: area, capacity, compactness, tenure and price.

use phteah_planning::matrix::{Cell, Column, Unknown};
use phteah_planning::measure::{Measure, Tenure};

use super::sites::Site;
use super::{column, internal, of_measures};
use crate::error::Result;

pub(super) fn columns(measures: &[Measure], sites: &[Site]) -> Result<Vec<(usize, Column)>> {
    let numbers = |number: fn(&Site) -> f64| column(sites.iter().map(|site| Cell::Known(number(site))));
    of_measures(measures, |measure| match measure {
        Measure::Area => Some(numbers(|site| site.area_m2)),
        Measure::Capacity => Some(numbers(|site| f64::from(site.capacity))),
        Measure::Compactness => Some(numbers(|site| site.compactness)),
        Measure::Tenure => Some(tenure(sites)),
        Measure::LandPrice => Some(column(sites.iter().map(|site| {
            site.price_usd_m2
                .map_or(Cell::Unknown(Unknown::NoData), Cell::Known)
        }))),
        _ => None,
    })
}

fn tenure(sites: &[Site]) -> Result<Column> {
    let cell = |site: &Site| match site.tenure {
        Tenure::Unknown => Cell::Unknown(Unknown::NoData),
        known => Cell::Category(known.name()),
    };
    Column::from_cells(sites.iter().map(cell)).map_err(internal)
}
