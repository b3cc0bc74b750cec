//! Units of measures.

use serde::{Deserialize, Serialize};

/// The unit in which a measure's raw number is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// Metres.
    #[serde(rename = "m")]
    Metre,
    /// Square metres.
    #[serde(rename = "m²")]
    SquareMetre,
    /// Minutes.
    #[serde(rename = "min")]
    Minute,
    /// A share from 0 to 1, shown to people as per cent.
    #[serde(rename = "share")]
    Share,
    /// A count of services.
    #[serde(rename = "services")]
    Services,
    /// A count of households.
    #[serde(rename = "households")]
    Households,
    /// US dollars for a square metre.
    #[serde(rename = "USD/m²")]
    DollarPerSquareMetre,
    /// US dollars for a household.
    #[serde(rename = "USD/household")]
    DollarPerHousehold,
    /// Rise over run, per cent.
    #[serde(rename = "%")]
    Percent,
    /// A ratio without unit.
    #[serde(rename = "ratio")]
    Ratio,
    /// A category, not a number.
    #[serde(rename = "category")]
    Category,
}

impl Unit {
    /// The symbol used in files and over the wire.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Metre => "m",
            Self::SquareMetre => "m²",
            Self::Minute => "min",
            Self::Share => "share",
            Self::Services => "services",
            Self::Households => "households",
            Self::DollarPerSquareMetre => "USD/m²",
            Self::DollarPerHousehold => "USD/household",
            Self::Percent => "%",
            Self::Ratio => "ratio",
            Self::Category => "category",
        }
    }
}

impl std::fmt::Display for Unit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.symbol())
    }
}
