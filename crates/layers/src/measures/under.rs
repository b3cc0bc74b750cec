//! What lies under a site drawn by hand: whose land it is, and what it costs.

use geo::MultiPolygon;
use phteah_geoproc::overlay::Zones;
use phteah_geoproc::surface;
use phteah_planning::measure::Tenure;
use phteah_planning::notice::Notice;

use super::input::Inputs;
use super::sites::polygons;
use crate::error::Result;
use crate::schema::Role;

/// A price is that of the whole site only if parcels lie under at least so much of it; lanes between them have none.
const LEAST_SHARE: f64 = 0.5;

/// Tenure and price of the land under a drawn site, whether it can be had or not.
///
/// * Tenure: that of the largest part of its area; `Unknown` where a larger part lies on no parcel. Of several that cover the same, the
///   first of the domain's table.
/// * Price: mean of the parcels, weighted by how much of the site lies on each. `None` where the price of one of them is not known, or
///   where parcels lie under less than half of the site.
pub(super) fn land(inputs: &mut Inputs<'_>, site: &MultiPolygon<f64>) -> Result<(Tenure, Option<f64>)> {
    let Some(rect) = surface::bounds(site) else {
        return Ok((Tenure::Unknown, None));
    };
    let bbox = [rect.min().x, rect.min().y, rect.max().x, rect.max().y];
    let mut parcels: Vec<(MultiPolygon<f64>, Tenure, Option<f64>)> = Vec::new();
    let layers = inputs.features_in(Role::Parcels, bbox, |feature| {
        let tenure = feature
            .text("tenure")
            .and_then(Tenure::from_name)
            .unwrap_or(Tenure::Unknown);
        let price = feature.number("price_usd_m2");
        parcels.extend(
            feature
                .geometry
                .and_then(polygons)
                .map(|shape| (shape, tenure, price)),
        );
    })?;
    if layers == 0 {
        inputs.warn(Notice::NoParcelsUnder);
    }
    // Every parcel is a class of its own: what is asked is how much of the site lies on each.
    let zones = Zones::new(
        parcels
            .iter()
            .enumerate()
            .map(|(index, (shape, ..))| (shape, index)),
    );
    let laid = zones
        .overlay(std::slice::from_ref(site))
        .pop()
        .unwrap_or_default();
    let on_parcels: f64 = laid.classes.iter().map(|part| part.area).sum();
    let mut largest = (Tenure::Unknown, laid.area - on_parcels);
    for &tenure in Tenure::ALL {
        let of_tenure = laid.classes.iter().filter(|part| parcels[part.class].1 == tenure);
        let area: f64 = of_tenure.map(|part| part.area).sum();
        if area > largest.1 {
            largest = (tenure, area);
        }
    }
    let cost: Option<f64> = laid
        .classes
        .iter()
        .map(|part| parcels[part.class].2.map(|price| price * part.area))
        .sum();
    let enough = on_parcels > 0.0 && on_parcels >= LEAST_SHARE * laid.area;
    Ok((largest.0, cost.filter(|_| enough).map(|cost| cost / on_parcels)))
}
