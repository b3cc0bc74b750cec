//! A measure out of a scenario's table, every mistake reported.

use super::{DepthStatistic, Measure};
use crate::mistake::Mistake;
use crate::tree::{Named, Table};

/// The kinds by name, for a sentence that lists them.
#[derive(Clone, Copy)]
enum Kind {
    FloodDepth,
    AnnualFlood,
    TravelTime,
    ServicesWithin,
    Disruption,
    ZoneShare,
    Indicator,
    Tenure,
    LandPrice,
    CostPerHousehold,
    Area,
    Capacity,
    Compactness,
    Slope,
}

impl Named for Kind {
    const WHAT: &'static str = "a measure kind";
    const ALL: &'static [Self] = &[
        Self::FloodDepth,
        Self::AnnualFlood,
        Self::TravelTime,
        Self::ServicesWithin,
        Self::Disruption,
        Self::ZoneShare,
        Self::Indicator,
        Self::Tenure,
        Self::LandPrice,
        Self::CostPerHousehold,
        Self::Area,
        Self::Capacity,
        Self::Compactness,
        Self::Slope,
    ];
    fn name(self) -> &'static str {
        match self {
            Self::FloodDepth => "flood_depth",
            Self::AnnualFlood => "annual_flood",
            Self::TravelTime => "travel_time",
            Self::ServicesWithin => "services_within",
            Self::Disruption => "disruption",
            Self::ZoneShare => "zone_share",
            Self::Indicator => "indicator",
            Self::Tenure => "tenure",
            Self::LandPrice => "land_price",
            Self::CostPerHousehold => "cost_per_household",
            Self::Area => "area",
            Self::Capacity => "capacity",
            Self::Compactness => "compactness",
            Self::Slope => "slope",
        }
    }
}

/// Rarest flood accepted: beyond it a depth map is a number without a meaning.
const LONGEST_RETURN_PERIOD: u32 = 10_000;

impl Measure {
    /// Reads a measure; problems go to the table's list.
    pub(crate) fn read(mut table: Table<'_, '_>) -> Option<Self> {
        let kind = table.choice::<Kind>("kind")?;
        let measure = match kind {
            Kind::FloodDepth => flood_depth(&mut table),
            Kind::AnnualFlood => table
                .choice("statistic")
                .map(|statistic| Self::AnnualFlood { statistic }),
            Kind::TravelTime => {
                let (service, mode) = (table.choice("service"), table.choice("mode"));
                let cut_return_period = table.optional_whole("cut_return_period", 2, LONGEST_RETURN_PERIOD);
                service.zip(mode).map(|(service, mode)| Self::TravelTime {
                    service,
                    mode,
                    cut_return_period,
                })
            }
            Kind::ServicesWithin => {
                let (service, mode) = (table.choice("service"), table.choice("mode"));
                let minutes = table.number("minutes");
                if minutes.is_some_and(|minutes| minutes <= 0.0) {
                    table.problem("minutes", Mistake::NotAbove0);
                }
                let cut_return_period = table.optional_whole("cut_return_period", 2, LONGEST_RETURN_PERIOD);
                service
                    .zip(mode)
                    .zip(minutes)
                    .map(|((service, mode), minutes)| Self::ServicesWithin {
                        service,
                        mode,
                        minutes,
                        cut_return_period,
                    })
            }
            Kind::Disruption => Some(Self::Disruption {
                mode: table.optional_choice("mode"),
            }),
            Kind::ZoneShare => Some(Self::ZoneShare {
                class: table.optional_text("class").map(String::from),
            }),
            Kind::Indicator => {
                let field = table.text("field").map(String::from);
                let year = table.optional_whole("year", 1900, 2200);
                field.map(|field| Self::Indicator { field, year })
            }
            Kind::Tenure => Some(Self::Tenure),
            Kind::LandPrice => Some(Self::LandPrice),
            Kind::CostPerHousehold => Some(Self::CostPerHousehold),
            Kind::Area => Some(Self::Area),
            Kind::Capacity => Some(Self::Capacity),
            Kind::Compactness => Some(Self::Compactness),
            Kind::Slope => Some(Self::Slope),
        };
        table.close();
        measure
    }
}

fn flood_depth(table: &mut Table<'_, '_>) -> Option<Measure> {
    let return_period = table.optional_whole("return_period", 2, LONGEST_RETURN_PERIOD);
    if !table.has("return_period") {
        table.problem("return_period", Mistake::MissingReturnPeriod);
    }
    let statistic = table.choice("statistic");
    let deeper_than_m = table.optional_number("deeper_than_m");
    if deeper_than_m.is_some_and(|limit| limit < 0.0) {
        table.problem("deeper_than_m", Mistake::Negative);
    }
    match statistic {
        Some(DepthStatistic::DeeperShare) if !table.has("deeper_than_m") => {
            table.problem("deeper_than_m", Mistake::MissingDepth);
        }
        Some(DepthStatistic::Mean | DepthStatistic::Max) if table.has("deeper_than_m") => {
            table.problem("deeper_than_m", Mistake::DepthNotHere);
        }
        _ => {}
    }
    return_period
        .zip(statistic)
        .map(|(return_period, statistic)| Measure::FloodDepth {
            return_period,
            statistic,
            deeper_than_m,
        })
}
