//! A site on the ground: ways to services, flood depths; sites drawn by hand; settlements.

use phteah_layers::measures::{FloodProfile, Reached, ServiceRoute};
use phteah_planning::measure::Measure;
use phteah_planning::scenario::Scenario;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Comparison, SiteDetail, Text, Warning, rounded};
use crate::api::geojson;
use crate::tiles::plane::Plane;

/// Decimals of depths, shares and minutes.
const DECIMALS: i32 = 6;

/// Ways from a site to the nearest service of every kind that the scenario travels to.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RouteList {
    /// By kind and mode in the scenario's order, dry first.
    pub routes: Vec<Route>,
}

/// The way to the nearest service of a kind.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Route {
    /// The criterion that measures it; null where none does.
    pub criterion: Option<String>,
    /// Kind of service, such as `primary_school`.
    pub service: String,
    /// What people call the kind.
    pub label: Text,
    /// `walk` or `motorbike`.
    pub mode: String,
    /// Return period in years of the flood that cuts roads; null while they are dry.
    pub cut: Option<u32>,
    /// `known`, `unreachable`, `off_network`, or `unknown` where no service of the kind is loaded.
    pub status: String,
    /// Minutes, the ways to and from the road included.
    pub minutes: Option<f64>,
    /// Metres likewise.
    pub metres: Option<f64>,
    /// The service.
    pub to: Option<RouteEnd>,
    /// The course as a `GeoJSON` `LineString`.
    #[schema(value_type = Option<Object>)]
    pub line: Option<Value>,
}

/// A service at the end of a route.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RouteEnd {
    /// Its id in its layer.
    pub id: String,
    /// Its name; null where none is stated.
    pub name: Option<Text>,
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
}

/// How deep a site stands under water at every return period that is loaded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Flood {
    /// By return period, ascending; of several floods of one period (the river's and the rain's) the worse.
    pub depths: Vec<FloodDepth>,
    /// Mean depth expected in a year, metres; null where it is not exactly known.
    pub annual_depth: Option<f64>,
    /// The least that it can be; null where a return period is unknown.
    pub annual_lowest: Option<f64>,
    /// The greatest.
    pub annual_highest: Option<f64>,
    /// The depth in metres over which `deeper_share` counts.
    pub limit_m: f64,
}

/// How deep a site stands under water at one return period.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FloodDepth {
    /// Years.
    pub return_period: u32,
    /// Mean depth of the known part, metres; null where nothing is known.
    pub mean: Option<f64>,
    /// Depth of the deepest known part, metres.
    pub max: Option<f64>,
    /// Share of the known part that is deeper than the limit.
    pub deeper_share: Option<f64>,
    /// Share of the site of which the depth is known.
    pub known_share: f64,
    /// The least that the mean depth of the whole site can be, metres.
    pub lowest: Option<f64>,
    /// The greatest.
    pub highest: Option<f64>,
}

/// A site drawn by hand.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DrawnRequest {
    /// `GeoJSON` Polygon in degrees (WGS 84).
    #[schema(value_type = Object)]
    pub polygon: Value,
    /// What to call it.
    pub name: Option<String>,
    /// Its tenure, such as `hard_title`; absent or null takes that of the parcels under it.
    #[serde(default)]
    pub tenure: Option<String>,
    /// Its price in US$ per m²; absent or null takes that of the parcels under it.
    #[serde(default)]
    pub price_usd_m2: Option<f64>,
    /// Ids of one to three sites of the ranking to hold the drawn one against; none where it is absent.
    #[serde(default)]
    pub compare: Vec<String>,
}

/// A drawn site, measured and ranked among the others; nothing is kept of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DrawnSite {
    /// The site, id `drawn`.
    pub site: SiteDetail,
    /// Its rank among the ranked; null where it has none.
    pub rank: Option<u32>,
    /// How many are ranked, itself included.
    pub of: usize,
    /// What a planner should know of it.
    pub warnings: Vec<Warning>,
    /// Ways from it, as for other sites.
    pub routes: Vec<Route>,
    /// Flood depths, as for other sites.
    pub flood: Flood,
    /// The drawn site, called `drawn`, beside those asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

/// The settlements that may move.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SettlementList {
    /// By layer and number.
    pub settlements: Vec<Settlement>,
}

/// A settlement; its id goes into the scenario's `move.settlements`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Settlement {
    /// Its survey id.
    pub id: String,
    /// Its name; null where none is stated.
    pub name: Option<Text>,
    /// The sangkat in which it lies; null where the boundaries do not say.
    #[serde(default)]
    pub sangkat: Option<super::Place>,
    /// Its number of households; null where it is not known.
    pub households: Option<f64>,
    /// Longitude of a point on it, degrees.
    pub lon: f64,
    /// Latitude.
    pub lat: f64,
}

impl Route {
    /// A route as JSON.
    pub fn of(route: ServiceRoute, scenario: &Scenario, plane: &Plane) -> Self {
        let measure = Measure::TravelTime {
            service: route.service,
            mode: route.mode,
            cut_return_period: route.cut,
        };
        let criterion = scenario
            .criteria
            .iter()
            .find(|criterion| criterion.measure == measure);
        let mut json = Self {
            criterion: criterion.map(|criterion| criterion.id.clone()),
            service: route.service.name().to_owned(),
            label: (&route.service.label()).into(),
            mode: route.mode.name().to_owned(),
            cut: route.cut,
            status: status(&route.reached).to_owned(),
            minutes: None,
            metres: None,
            to: None,
            line: None,
        };
        if let Reached::By {
            minutes,
            metres,
            to,
            line,
        } = route.reached
        {
            json.minutes = Some(rounded(minutes, DECIMALS));
            json.metres = Some(rounded(metres, 1));
            json.line = geojson::line(&line, plane);
            let position = to.place.and_then(|place| plane.to_degrees(place.x, place.y));
            json.to = position.map(|(lon, lat)| RouteEnd {
                id: to.id,
                name: name(to.name, to.name_km),
                lon: rounded(lon, 7),
                lat: rounded(lat, 7),
            });
        }
        json
    }
}

fn status(reached: &Reached) -> &'static str {
    match reached {
        Reached::By { .. } => "known",
        Reached::Unreachable => "unreachable",
        Reached::OffNetwork => "off_network",
        Reached::Unknown => "unknown",
    }
}

/// Where one language is missing, the other stands for it.
pub fn name(en: Option<String>, km: Option<String>) -> Option<Text> {
    let any = en.clone().or_else(|| km.clone())?;
    Some(Text {
        en: en.unwrap_or_else(|| any.clone()),
        km: km.unwrap_or(any),
    })
}

impl From<&FloodProfile> for Flood {
    fn from(profile: &FloodProfile) -> Self {
        let number = |number: f64| rounded(number, DECIMALS);
        let annual = profile.annual_depth;
        Self {
            depths: profile
                .depths
                .iter()
                .map(|depth| FloodDepth {
                    return_period: depth.return_period,
                    mean: depth.mean.map(number),
                    max: depth.max.map(number),
                    deeper_share: depth.deeper_share.map(number),
                    known_share: number(depth.known_share),
                    lowest: depth.mean_bounds.map(|bounds| number(bounds.lowest)),
                    highest: depth.mean_bounds.map(|bounds| number(bounds.highest)),
                })
                .collect(),
            annual_depth: annual
                .filter(|bounds| bounds.lowest >= bounds.highest)
                .map(|bounds| number(bounds.lowest)),
            annual_lowest: annual.map(|bounds| number(bounds.lowest)),
            annual_highest: annual.map(|bounds| number(bounds.highest)),
            limit_m: profile.limit_m,
        }
    }
}
