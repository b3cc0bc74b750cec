//! Measures in words. Khmer keeps the digits 0–9, as on the map's legends and in its units.

use super::{AnnualStatistic, DepthStatistic, Measure, Mode, Unit};
use crate::text::Text;

/// A number for people: no more digits than it needs, thousands separated.
pub fn plain_number(number: f64) -> String {
    let rounded = if number.abs() >= 100.0 {
        number.round()
    } else {
        (number * 1000.0).round() / 1000.0
    };
    let text = format!("{rounded}");
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    // A minus before a zero would only puzzle.
    let sign = if rounded == 0.0 { "" } else { sign };
    match fraction {
        Some(fraction) => format!("{sign}{grouped}.{fraction}"),
        None => format!("{sign}{grouped}"),
    }
}

fn percent(share: f64) -> String {
    plain_number(share * 100.0)
}

/// What follows the name of a measure whose roads a flood cuts.
fn with_roads_cut(cut_return_period: Option<u32>) -> (String, String) {
    cut_return_period.map_or_else(Default::default, |years| {
        (
            format!(", with roads cut by the flood of {years} years"),
            format!(" ពេលផ្លូវដាច់ដោយទឹកជំនន់ម្ដងក្នុង {years} ឆ្នាំ"),
        )
    })
}

impl Measure {
    /// What is measured, as a noun: "flood depth once in 100 years (mean)".
    pub fn label(&self) -> Text {
        match self {
            Self::FloodDepth {
                return_period,
                statistic: DepthStatistic::DeeperShare,
                deeper_than_m,
            } => {
                let limit = plain_number(deeper_than_m.unwrap_or_default());
                Text::new(
                    format!(
                        "share of the site under more than {limit} m of water once in {return_period} years"
                    ),
                    format!("ចំណែកនៃទីតាំងដែលលិចទឹកជ្រៅជាង {limit} ម៉ែត្រ ម្ដងក្នុង {return_period} ឆ្នាំ"),
                )
            }
            Self::FloodDepth {
                return_period,
                statistic,
                ..
            } => {
                let statistic = statistic.label();
                Text::new(
                    format!("{} flood depth once in {return_period} years", statistic.en),
                    format!("ជម្រៅទឹកជំនន់{}ម្ដងក្នុង {return_period} ឆ្នាំ", statistic.km),
                )
            }
            Self::AnnualFlood {
                statistic: AnnualStatistic::Depth,
            } => Text::new("expected flood depth in a year", "ជម្រៅទឹកជំនន់រំពឹងទុកក្នុងមួយឆ្នាំ"),
            Self::AnnualFlood {
                statistic: AnnualStatistic::Share,
            } => Text::new(
                "share of the site expected to flood in a year",
                "ចំណែកនៃទីតាំងដែលរំពឹងថានឹងលិចទឹកក្នុងមួយឆ្នាំ",
            ),
            Self::TravelTime {
                service,
                mode,
                cut_return_period,
            } => {
                let (service, mode) = (service.label(), mode.label());
                let (en, km) = with_roads_cut(*cut_return_period);
                Text::new(
                    format!("time {} to the nearest {}{en}", mode.en, service.en),
                    format!("រយៈពេលធ្វើដំណើរ{}ទៅ{}ដែលនៅជិតបំផុត{km}", mode.km, service.km),
                )
            }
            Self::ServicesWithin {
                service,
                mode,
                minutes,
                cut_return_period,
            } => {
                let (service, mode, minutes) = (service.label(), mode.label(), plain_number(*minutes));
                let (en, km) = with_roads_cut(*cut_return_period);
                Text::new(
                    format!(
                        "number of services ({}) within {minutes} minutes {}{en}",
                        service.en, mode.en
                    ),
                    format!("ចំនួន{}ដែលទៅដល់ក្នុងរយៈពេល {minutes} នាទី{}{km}", service.km, mode.km),
                )
            }
            Self::Disruption { .. } => Text::new(
                "travel time from where the families live now",
                "រយៈពេលធ្វើដំណើរពីកន្លែងដែលគ្រួសាររស់នៅសព្វថ្ងៃ",
            ),
            Self::ZoneShare { class: Some(class) } => Text::new(
                format!("share of the site in flood zones of class {class}"),
                format!("ចំណែកនៃទីតាំងក្នុងតំបន់លិចទឹកប្រភេទ {class}"),
            ),
            Self::ZoneShare { class: None } => {
                Text::new("share of the site in flood zones", "ចំណែកនៃទីតាំងក្នុងតំបន់លិចទឹក")
            }
            Self::Indicator { field, year } => match year {
                Some(year) => Text::new(
                    format!("indicator {field} in {year}"),
                    format!("សូចនាករ {field} ឆ្នាំ {year}"),
                ),
                None => Text::new(format!("indicator {field}"), format!("សូចនាករ {field}")),
            },
            Self::Tenure => Text::new("tenure", "ការកាន់កាប់ដីធ្លី"),
            Self::LandPrice => Text::new("land price", "តម្លៃដី"),
            Self::CostPerHousehold => Text::new("cost per household", "តម្លៃក្នុងមួយគ្រួសារ"),
            Self::Area => Text::new("net area", "ផ្ទៃក្រឡាដែលអាចសាងសង់បាន"),
            Self::Capacity => Text::new("capacity", "ចំនួនគ្រួសារដែលអាចរស់នៅបាន"),
            Self::Compactness => Text::new("compactness", "ភាពបង្រួមនៃរូបរាងដី"),
            Self::Slope => Text::new("slope", "ជម្រាលដី"),
        }
    }

    /// A raw number of this measure in full: "15 minutes' walk".
    pub fn quantity(&self, number: f64) -> Text {
        let amount = self.amount(number);
        Text::new(amount.en, format!("{} {}", self.khmer_subject(), amount.km))
    }

    /// What a Khmer sentence puts before the amount: walking, water deep, price, …
    pub(crate) fn khmer_subject(&self) -> &'static str {
        match self {
            Self::FloodDepth {
                statistic: DepthStatistic::Mean | DepthStatistic::Max,
                ..
            }
            | Self::AnnualFlood {
                statistic: AnnualStatistic::Depth,
            } => "ទឹកជ្រៅ",
            Self::FloodDepth { .. } | Self::AnnualFlood { .. } | Self::ZoneShare { .. } => "លិចទឹក",
            Self::TravelTime { mode, .. } | Self::Disruption { mode: Some(mode) } => match mode {
                Mode::Walk => "ដើរ",
                Mode::Motorbike => "ជិះម៉ូតូ",
            },
            Self::Disruption { mode: None } => "ធ្វើដំណើរ",
            Self::ServicesWithin { .. } => "មាន",
            Self::Indicator { .. } => "សូចនាករ",
            Self::Tenure => "ការកាន់កាប់",
            Self::LandPrice | Self::CostPerHousehold => "តម្លៃ",
            Self::Area => "ផ្ទៃដី",
            Self::Capacity => "អាចរស់នៅបាន",
            Self::Compactness => "ភាពបង្រួម",
            Self::Slope => "ជម្រាល",
        }
    }

    /// A raw number with its unit; in Khmer without the subject, which the sentence has already named.
    pub(crate) fn amount(&self, number: f64) -> Text {
        let n = plain_number(number);
        // One is said in the singular, in English alone.
        let one = n == "1";
        let (en, km) = match self.unit() {
            Unit::Metre => (format!("{n} m of water"), format!("{n} ម៉ែត្រ")),
            Unit::Share => {
                let n = percent(number);
                (format!("{n}% of the site"), format!("{n}% នៃទីតាំង"))
            }
            Unit::Minute => (self.minutes(&n, one), format!("{n} នាទី")),
            Unit::Services => (
                format!("{n} {}", if one { "service" } else { "services" }),
                format!("{n} កន្លែង"),
            ),
            Unit::DollarPerSquareMetre => (format!("US${n} a square metre"), format!("{n} ដុល្លារក្នុងមួយម៉ែត្រការ៉េ")),
            Unit::DollarPerHousehold => (format!("US${n} a household"), format!("{n} ដុល្លារក្នុងមួយគ្រួសារ")),
            Unit::SquareMetre => (format!("{n} m²"), format!("{n} ម៉ែត្រការ៉េ")),
            Unit::Households => (
                format!("{n} {}", if one { "household" } else { "households" }),
                format!("{n} គ្រួសារ"),
            ),
            Unit::Percent => (format!("a slope of {n}%"), format!("{n}%")),
            Unit::Ratio | Unit::Category => (n.clone(), n),
        };
        Text { en, km }
    }

    fn minutes(&self, n: &str, one: bool) -> String {
        match self {
            Self::TravelTime { mode: Mode::Walk, .. }
            | Self::Disruption {
                mode: Some(Mode::Walk),
            } => {
                format!("{n} {} walk", if one { "minute's" } else { "minutes'" })
            }
            Self::TravelTime {
                mode: Mode::Motorbike,
                ..
            }
            | Self::Disruption {
                mode: Some(Mode::Motorbike),
            } => {
                format!("{n} {} by motorbike", if one { "minute" } else { "minutes" })
            }
            _ => format!("{n} {}", if one { "minute" } else { "minutes" }),
        }
    }

    /// The second number of an English sentence, without repeating the unit: the "60" of "none from 60".
    pub(crate) fn short_amount(&self, number: f64) -> String {
        match self.unit() {
            Unit::Share => format!("{}%", percent(number)),
            Unit::Percent => format!("{}%", plain_number(number)),
            _ => plain_number(number),
        }
    }
}
