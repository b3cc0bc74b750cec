//! Measures: a number or a category for each candidate site, with its unit.

mod names;
mod read;
mod unit;
mod words;

use serde::{Deserialize, Serialize};

pub use names::{AnnualStatistic, CutOut, DepthStatistic, Mode, Service, Tenure};
pub use unit::Unit;
pub use words::plain_number;

/// What is measured of every candidate site. A closed set: each one is an algorithm elsewhere, named here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Measure {
    /// Flood depth at an annual return period.
    FloodDepth {
        /// Annual return period, years.
        return_period: u32,
        /// What is said of the depths over the site.
        statistic: DepthStatistic,
        /// For `deeper_share`: the depth limit, metres.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        deeper_than_m: Option<f64>,
    },
    /// Integral over annual exceedance probability.
    AnnualFlood {
        /// What is integrated.
        statistic: AnnualStatistic,
    },
    /// Travel time along roads to the nearest service of a kind, minutes, the way to the road included.
    TravelTime {
        /// Kind of service.
        service: Service,
        /// How people travel.
        mode: Mode,
        /// With roads cut where this return period's flood is deeper than the scenario's `travel.cut_depth_m`.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        cut_return_period: Option<u32>,
    },
    /// How many services of a kind lie within a time.
    ServicesWithin {
        /// Kind of service.
        service: Service,
        /// How people travel.
        mode: Mode,
        /// Within how many minutes.
        minutes: f64,
        /// With roads cut where this return period's flood is deeper than the scenario's `travel.cut_depth_m`.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        cut_return_period: Option<u32>,
    },
    /// Household-weighted travel time, minutes, from the settlements (or to the places) of the scenario's `[move]`.
    Disruption {
        /// How people travel; without it, the mode of `[move]`.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        mode: Option<Mode>,
    },
    /// Share of the site inside flood zones, of one class or of any.
    ZoneShare {
        /// The class; without it, any.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        class: Option<String>,
    },
    /// The value that an indicator (a poverty rate, a flood index) has for the boundary the site lies in; area-weighted where the site lies in
    /// several, unknown where one of them has none.
    Indicator {
        /// The field of the indicators' layer.
        field: String,
        /// The year; without it, the latest that each boundary has.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        year: Option<u32>,
    },
    /// Tenure of the site's parcels: a category.
    Tenure,
    /// Land price, US dollars for a square metre.
    LandPrice,
    /// What a household's place costs, US dollars, by the scenario's unit costs: land, preparation and house.
    CostPerHousehold,
    /// Net area, square metres.
    Area,
    /// How many households the site holds.
    Capacity,
    /// Compactness: 4π × area ÷ perimeter² (Polsby & Popper 1991), 1 for a circle.
    Compactness,
    /// Mean slope, per cent.
    Slope,
}

impl Measure {
    /// The unit of the raw number.
    pub fn unit(&self) -> Unit {
        match self {
            Self::FloodDepth {
                statistic: DepthStatistic::DeeperShare,
                ..
            }
            | Self::AnnualFlood {
                statistic: AnnualStatistic::Share,
            }
            | Self::ZoneShare { .. } => Unit::Share,
            Self::FloodDepth { .. } | Self::AnnualFlood { .. } => Unit::Metre,
            Self::TravelTime { .. } | Self::Disruption { .. } => Unit::Minute,
            Self::ServicesWithin { .. } => Unit::Services,
            Self::Tenure => Unit::Category,
            Self::LandPrice => Unit::DollarPerSquareMetre,
            Self::CostPerHousehold => Unit::DollarPerHousehold,
            Self::Area => Unit::SquareMetre,
            Self::Capacity => Unit::Households,
            // Its unit is the table's own, which a scenario does not know.
            Self::Compactness | Self::Indicator { .. } => Unit::Ratio,
            Self::Slope => Unit::Percent,
        }
    }

    /// Whether the measure yields a category rather than a number.
    pub fn is_category(&self) -> bool {
        matches!(self, Self::Tenure)
    }

    /// Whether the measure is a time along roads.
    pub fn is_travel(&self) -> bool {
        matches!(self, Self::TravelTime { .. } | Self::Disruption { .. })
    }

    /// Whether the measure is taken along roads, so that there may be no way at all.
    pub fn is_along_roads(&self) -> bool {
        self.is_travel() || matches!(self, Self::ServicesWithin { .. })
    }

    /// The flood return period that must be loaded for this measure, where it names one.
    pub fn return_period(&self) -> Option<u32> {
        match self {
            Self::FloodDepth { return_period, .. } => Some(*return_period),
            Self::TravelTime {
                cut_return_period, ..
            }
            | Self::ServicesWithin {
                cut_return_period, ..
            } => *cut_return_period,
            _ => None,
        }
    }

    /// A stable id, the same for the same measure in every scenario: the name of its column in a
    /// [`Matrix`](crate::matrix::Matrix).
    pub fn id(&self) -> String {
        match self {
            Self::FloodDepth {
                return_period,
                statistic,
                deeper_than_m,
            } => {
                let limit = deeper_than_m
                    .map(|limit| format!("_{limit}m"))
                    .unwrap_or_default();
                format!("flood_depth_rp{return_period}_{statistic}{limit}")
            }
            Self::AnnualFlood { statistic } => format!("annual_flood_{statistic}"),
            Self::TravelTime {
                service,
                mode,
                cut_return_period,
            } => {
                let cut = cut_return_period
                    .map(|years| format!("_cut_rp{years}"))
                    .unwrap_or_default();
                format!("travel_time_{mode}_{service}{cut}")
            }
            Self::ServicesWithin {
                service,
                mode,
                minutes,
                cut_return_period,
            } => {
                let cut = cut_return_period
                    .map(|years| format!("_cut_rp{years}"))
                    .unwrap_or_default();
                format!("services_within_{minutes}min_{mode}_{service}{cut}")
            }
            Self::Disruption { mode } => {
                let mode = mode.map(|mode| format!("_{mode}")).unwrap_or_default();
                format!("disruption{mode}")
            }
            Self::ZoneShare { class } => {
                let class = class
                    .as_ref()
                    .map(|class| format!("_{class}"))
                    .unwrap_or_default();
                format!("zone_share{class}")
            }
            Self::Indicator { field, year } => {
                let year = year.map(|year| format!("_{year}")).unwrap_or_default();
                format!("indicator_{field}{year}")
            }
            Self::Tenure => "tenure".into(),
            Self::LandPrice => "land_price".into(),
            Self::CostPerHousehold => "cost_per_household".into(),
            Self::Area => "area".into(),
            Self::Capacity => "capacity".into(),
            Self::Compactness => "compactness".into(),
            Self::Slope => "slope".into(),
        }
    }
}

impl std::fmt::Display for Measure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.id())
    }
}
