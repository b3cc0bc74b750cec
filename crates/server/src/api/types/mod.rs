//! The JSON that travels. Domain types stay free of it; everything here is made from them and nothing else serialises to clients.

mod comparison;
mod deployment;
mod doubt;
mod ground;
mod here;
mod layer;
mod matrix;
mod ranking;
mod robustness;
mod room;
mod said;
mod site;
mod streets;
mod take_away;
mod work;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use comparison::{ComparedCriterion, Comparison, LeadBy, Pair, SmallestSwap, WeightChange};
pub use deployment::{Deployment, Health, PlotList, PlotsRequest, ScenarioList, ScenarioName};
pub use doubt::{Agreement, Fact, MethodRank, Methods, Part, SiteRanks, Unknowns};
pub use ground::{
    DrawnRequest, DrawnSite, Flood, FloodDepth, Route, RouteEnd, RouteList, Settlement, SettlementList,
    name as place_name,
};
pub use here::{Here, HereCell, HereFeature, HereLayer, HereValue};
pub use layer::{Layer, LayerCoverage, LayerField, LayerList};
pub use matrix::{Matrix, MatrixSites};
pub use ranking::{Criterion, ExclusionTotal, Input, Order, Ranking, RankingRequest, Totals, Warning};
pub use robustness::{Robustness, SiteRobustness};
pub use room::{Room, SiteSet};
pub use said::{Said, sentences};
pub use site::{Exclusion, Place, SiteCriterion, SiteDetail, SitePage, SiteSummary};
pub use streets::{Street, StreetList};
pub use take_away::{RecordOverride, RecordRequest};
pub use work::{WorkList, WorkStep};

/// Words for people in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Text {
    /// English.
    pub en: String,
    /// Khmer.
    pub km: String,
}

impl From<&phteah_planning::text::Text> for Text {
    fn from(text: &phteah_planning::text::Text) -> Self {
        Self {
            en: text.en.clone(),
            km: text.km.clone(),
        }
    }
}

impl From<&phteah_layers::LocalText> for Text {
    fn from(text: &phteah_layers::LocalText) -> Self {
        Self {
            en: text.en.clone(),
            km: text.km.clone(),
        }
    }
}

/// A net area as every answer gives it, with the decimals that a measured area has in [`site::SiteCriterion`]: whoever shows it in whole
/// square metres rounds it once, and shows the same number everywhere.
fn square_metres(area: f64) -> f64 {
    rounded(area, 6)
}

/// A number with so many decimals: what is shown and compared needs no more, and JSON stays small.
fn rounded(number: f64, decimals: i32) -> f64 {
    let factor = 10_f64.powi(decimals);
    let rounded = (number * factor).round() / factor;
    // Both zeros are one number, and a number too large to scale stays itself.
    if rounded.is_finite() {
        rounded + 0.0
    } else {
        number
    }
}
