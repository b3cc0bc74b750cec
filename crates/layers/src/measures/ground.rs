//! The ground that sites are measured against: roads, services, boundaries, flood zones. Read once and asked
//! about any number of sites, so that a site drawn by hand is measured within a second.

use std::collections::BTreeMap;

use phteah_planning::matrix::{Column, Matrix};
use phteah_planning::measure::Measure;
use phteah_planning::problem::Warning;
use phteah_planning::scenario::Scenario;

use super::flood::{self, FloodProfile};
use super::input::{InputLayer, Inputs};
use super::place::Divisions;
use super::routes::{self, ServiceRoute};
use super::sites::{self, DrawnSite, DroppedPiece, Site};
use super::travel::Ways;
use super::zones::{self, FloodZones};
use super::{Measured, cut_out, indicator, internal, land, slope};
use crate::catalogue::Catalogue;
use crate::error::Result;
use crate::import::Progress;

/// What a scenario's measures need of the layers. Scenarios with the same
/// [`measure_key`](phteah_planning::scenario::Scenario::measure_key) over the same layers share one.
#[derive(Debug)]
pub struct Ground {
    divisions: Divisions,
    zones: FloodZones,
    ways: Option<Ways>,
    inputs: Vec<InputLayer>,
    warnings: Vec<Warning>,
}

impl Ground {
    /// Reads it.
    pub fn load(catalogue: &Catalogue, scenario: &Scenario, progress: &mut dyn Progress) -> Result<Self> {
        progress.start("Reading roads, services and boundaries", None);
        let mut inputs = Inputs::new(catalogue);
        let measures = scenario.measures();
        let divisions = Divisions::load(&mut inputs)?;
        let ways = Ways::load(&mut inputs, scenario, &measures)?;
        let zones = zones::load(&mut inputs, &measures)?;
        let (inputs, warnings) = inputs.finish();
        Ok(Self {
            divisions,
            zones,
            ways,
            inputs,
            warnings,
        })
    }

    /// Makes the candidate sites and measures them. `catalogue` and `scenario` are those of [`Ground::load`].
    pub fn sites(
        &self,
        catalogue: &Catalogue,
        scenario: &Scenario,
        progress: &mut dyn Progress,
    ) -> Result<Measured> {
        let mut inputs = Inputs::resume(catalogue, &self.inputs, &self.warnings);
        progress.start("Joining available parcels into sites", None);
        let (sites, dropped) = sites::assemble(&mut inputs, scenario)?;
        self.measured(inputs, scenario, sites, dropped, progress)
    }

    /// Measures sites that were drawn by hand, in the deployment's CRS, each by its own: the same measures as of every other
    /// site. Beside what was measured it says which of those handed in (by index) are no site, and why, as a sentence. The
    /// scenario may differ from that of [`Ground::load`] in everything but its measure key.
    pub fn drawn(
        &self,
        catalogue: &Catalogue,
        scenario: &Scenario,
        drawn: &[DrawnSite<'_>],
        progress: &mut dyn Progress,
    ) -> Result<(Measured, Vec<(usize, String)>)> {
        let mut inputs = Inputs::resume(catalogue, &self.inputs, &self.warnings);
        progress.start("Cutting the drawn sites", None);
        let (mut sites, mut refused) = (Vec::new(), Vec::new());
        let found = sites::drawn(&mut inputs, scenario, drawn)?;
        for (index, site) in found.into_iter().enumerate() {
            match site {
                Ok(site) => sites.push(site),
                Err(why) => refused.push((index, why.to_owned())),
            }
        }
        let measured = self.measured(inputs, scenario, sites, Vec::new(), progress)?;
        Ok((measured, refused))
    }

    /// The routes from a site to the nearest service of every kind that the scenario travels to, dry and with roads cut by
    /// a flood.
    pub fn routes(&self, scenario: &Scenario, site: &Site) -> Vec<ServiceRoute> {
        self.ways.as_ref().map_or_else(Vec::new, |ways| {
            routes::of(ways, &scenario.measures(), site.centre)
        })
    }

    /// How deep a site stands under water at every return period that is loaded, whether or not the scenario asks.
    pub fn flood(catalogue: &Catalogue, scenario: &Scenario, site: &Site) -> Result<FloodProfile> {
        let named = scenario.measures().iter().find_map(|measure| match measure {
            Measure::FloodDepth { deeper_than_m, .. } => *deeper_than_m,
            _ => None,
        });
        let limit = named.unwrap_or(scenario.travel.cut_depth_m);
        flood::profile(&mut Inputs::new(catalogue), &site.shape, limit)
    }

    fn measured(
        &self,
        mut inputs: Inputs<'_>,
        scenario: &Scenario,
        mut sites: Vec<Site>,
        dropped: Vec<DroppedPiece>,
        progress: &mut dyn Progress,
    ) -> Result<Measured> {
        self.divisions.locate(&mut sites);
        cut_out::tell_incomplete(&mut inputs, scenario, &sites)?;
        let measures = scenario.measures();
        let mut matrix = Matrix::new(sites.iter().map(|site| site.id.clone()).collect()).map_err(internal)?;
        let mut columns: Vec<Option<Column>> = measures.iter().map(|_| None).collect();
        let mut fill = |found: Vec<(usize, Column)>| {
            for (index, column) in found {
                columns[index] = Some(column);
            }
        };
        progress.start("Measuring flood depths", None);
        fill(flood::columns(&mut inputs, &self.zones, &measures, &sites)?);
        progress.start("Measuring travel times", None);
        if let Some(ways) = &self.ways {
            fill(ways.columns(&mut inputs, scenario, &measures, &sites)?);
        }
        progress.start("Measuring the land", None);
        fill(zones::columns(&self.zones, &measures, &sites)?);
        let mut units = BTreeMap::new();
        fill(indicator::columns(&mut inputs, &measures, &sites, &mut units)?);
        fill(slope::columns(&mut inputs, &measures, &sites)?);
        fill(land::columns(&measures, &sites)?);
        for (measure, column) in measures.iter().zip(columns) {
            let column = column.ok_or_else(|| internal(format!("no part measures {measure}")))?;
            matrix.push(measure.id(), column).map_err(internal)?;
        }
        let (inputs, warnings) = inputs.finish();
        Ok(Measured {
            sites,
            matrix,
            inputs,
            warnings,
            dropped,
            units,
        })
    }
}
