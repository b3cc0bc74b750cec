//! The deployment, its scenarios, the server's health.

use phteah_layers::Catalogue;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Text;
use crate::scenarios::keep::Kept;
use crate::scenarios::plots::{KeptPlots, Plot};

/// That the server answers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`.
    pub status: String,
    /// The program's version.
    pub version: String,
}

/// What this deployment is about.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Deployment {
    /// Shown on every screen.
    pub title: Text,
    /// Whether any layer is generated: every screen and every export must say so.
    pub illustrative: bool,
    /// West, south, east, north in degrees (WGS 84): the layers' common box, or the deployment's extent where there is no layer.
    pub bounds: [f64; 4],
    /// The projected CRS in which everything is measured.
    #[schema(example = "EPSG:32648")]
    pub crs: String,
    /// The program's version.
    pub version: String,
    /// Whether who asks has signed in, and can sign out again by `POST /sign-out`. False where the map asks for no key, or a key came with the
    /// request.
    pub signed_in: bool,
}

impl Deployment {
    /// What somebody is told who has signed in or has not.
    pub fn of(catalogue: &Catalogue, signed_in: bool) -> Self {
        let deployment = catalogue.deployment();
        Self {
            title: (&deployment.title).into(),
            illustrative: catalogue.is_illustrative(),
            bounds: Self::bounds_of(catalogue),
            crs: deployment.crs.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            signed_in,
        }
    }

    /// West, south, east, north in degrees of all layers together.
    pub fn bounds_of(catalogue: &Catalogue) -> [f64; 4] {
        let all = catalogue.layers().iter().map(|layer| layer.bounds);
        let union = all.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
        union.unwrap_or(catalogue.deployment().extent)
    }
}

/// The scenarios of the deployment.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ScenarioList {
    /// By name.
    pub scenarios: Vec<ScenarioName>,
}

/// One scenario.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ScenarioName {
    /// Its name in addresses.
    pub name: String,
    /// Its title.
    pub title: Text,
    /// Whether it comes with the program and cannot be overwritten: save a copy.
    pub built_in: bool,
    /// Changes with every change; it goes into If-Match when the scenario is written or deleted.
    pub version: String,
}

impl From<Kept> for ScenarioName {
    fn from(kept: Kept) -> Self {
        Self {
            title: (&kept.scenario.title).into(),
            name: kept.name,
            built_in: kept.built_in,
            version: kept.version,
        }
    }
}

/// The plots drawn by hand that are kept with a scenario.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PlotList {
    /// In the order in which they were kept.
    pub plots: Vec<Plot>,
    /// Changes with every change; it goes into If-Match when the plots are written. Null where none were ever kept.
    #[serde(default)]
    pub version: Option<String>,
}

impl From<KeptPlots> for PlotList {
    fn from(KeptPlots { plots, version }: KeptPlots) -> Self {
        Self { plots, version }
    }
}

/// The plots to keep with a scenario.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PlotsRequest {
    /// All of them: they take the place of those kept before.
    pub plots: Vec<Plot>,
}
