//! The one place where candidate sites are made and measured, and become what the rest of the server sees.

use geo::BoundingRect;
use phteah_layers::measures::{self, DivisionName, InputLayer, Measured};
use phteah_layers::{Catalogue, Crs, LayersError, LocalText, NoProgress, Progress, Reprojector};
use phteah_planning::scenario::Scenario;
use phteah_planning::text::Text;

use super::{Division, Input, MeasuredSites, RankError, Site};

/// Makes the candidate sites of a scenario out of the catalogue's layers and takes every measure that it names.
pub fn measure(
    catalogue: &Catalogue,
    scenario: &Scenario,
    progress: &mut dyn Progress,
) -> Result<MeasuredSites, RankError> {
    let measured = measures::measure(catalogue, scenario, progress)?;
    Ok(view(catalogue, measured)?)
}

/// The same, with nobody watching.
pub fn measure_quietly(catalogue: &Catalogue, scenario: &Scenario) -> Result<MeasuredSites, RankError> {
    measure(catalogue, scenario, &mut NoProgress)
}

fn view(catalogue: &Catalogue, measured: Measured) -> Result<MeasuredSites, LayersError> {
    let to_degrees = Reprojector::new(&catalogue.crs()?, &Crs::wgs84())?;
    let (mut x, mut y): (Vec<f64>, Vec<f64>) = measured
        .sites
        .iter()
        .map(|site| (site.centre.x, site.centre.y))
        .unzip();
    to_degrees.coords(&mut x, &mut y)?;
    let sites = measured
        .sites
        .into_iter()
        .zip(x.into_iter().zip(y))
        .map(|(site, position)| Site {
            name: Some(text(site.place.label())),
            khan: site.place.khan.map(division),
            sangkat: site.place.sangkat.map(division),
            area_m2: site.area_m2,
            capacity: u64::from(site.capacity),
            parcels: site.parcels,
            bounds: site.shape.bounding_rect().map_or(
                [site.centre.x, site.centre.y, site.centre.x, site.centre.y],
                |b| [b.min().x, b.min().y, b.max().x, b.max().y],
            ),
            geometry: site.shape,
            position,
        });
    Ok(MeasuredSites {
        sites: sites.collect(),
        matrix: measured.matrix,
        inputs: measured.inputs.into_iter().map(input).collect(),
        warnings: measured.warnings,
    })
}

fn input(layer: InputLayer) -> Input {
    Input {
        layer: layer.name,
        role: layer.role.to_string(),
        hash: layer.hash,
        illustrative: layer.illustrative,
        licence: layer.licence,
        attribution: layer.attribution,
    }
}

fn division(division: DivisionName) -> Division {
    Division {
        code: division.code,
        name: text(division.name),
    }
}

fn text(text: LocalText) -> Text {
    Text::new(text.en, text.km)
}
