//! Whether records lie where the deployment is, and what is probably wrong where they do not.

use crate::crs::{Crs, Reprojector};
use crate::deployment::Deployment;
use crate::error::Result;

/// So many misplaced coordinates are kept to find the cause.
const SAMPLE: usize = 200;

/// Checks records against the deployment's extent.
pub(super) struct Place {
    /// The extent in the deployment's CRS.
    extent: [f64; 4],
    /// Where misplaced records lie, in the source's CRS.
    stray: Vec<(f64, f64)>,
}

impl Place {
    pub fn new(deployment: &Deployment, crs: &Crs) -> Result<Self> {
        let extent = Reprojector::new(&Crs::wgs84(), crs)?.bounds(deployment.extent)?;
        Ok(Self {
            extent,
            stray: Vec::new(),
        })
    }

    /// Whether a box in the deployment's CRS meets the extent.
    pub fn meets(&self, [west, south, east, north]: [f64; 4]) -> bool {
        let [w, s, e, n] = self.extent;
        west <= e && east >= w && south <= n && north >= s
    }

    /// Remembers a misplaced record by one of its coordinates, as the source gave it.
    pub fn stray(&mut self, at: (f64, f64)) {
        if self.stray.len() < SAMPLE {
            self.stray.push(at);
        }
    }

    /// Why nothing lies within the extent: the likely cause, in a sentence that says what to do. `who` lies outside: "Every record lies".
    pub fn cause(&self, who: &str, source: &Crs, deployment: &Deployment) -> String {
        let [w, s, e, n] = deployment.extent;
        let outside = format!("{who} outside the deployment's extent ({w}, {s} to {e}, {n}).");
        if let Some(cause) = guess(&self.stray, source, deployment) {
            return format!("{outside} {cause}");
        }
        let where_ = Reprojector::new(source, &Crs::wgs84())
            .ok()
            .zip(self.stray.first())
            .and_then(|(way, (x, y))| way.point(*x, *y).ok())
            .map_or_else(
                || {
                    self.stray.first().map_or(String::new(), |(x, y)| {
                        format!(" The first has the coordinates {x}, {y}.")
                    })
                },
                |(lon, lat)| format!(" The first is at longitude {lon:.4}, latitude {lat:.4}."),
            );
        format!(
            "{outside}{where_} Is it the right file? If its CRS is not {}, give the right one with --crs.",
            source.name()
        )
    }
}

/// Tries the usual mistakes on misplaced coordinates.
fn guess(stray: &[(f64, f64)], source: &Crs, deployment: &Deployment) -> Option<String> {
    let [w, s, e, n] = deployment.extent;
    let inside = |lon: f64, lat: f64| lon >= w && lon <= e && lat >= s && lat <= n;
    let most = |fits: &dyn Fn(f64, f64) -> bool| {
        let hits = stray.iter().filter(|(x, y)| fits(*x, *y)).count();
        hits > 0 && hits * 2 > stray.len()
    };
    if most(&|x, y| inside(y, x)) {
        return Some(
            "Latitude and longitude are swapped: write longitude (x) first, or name the columns lon and lat."
                .into(),
        );
    }
    if !source.is_geographic() && most(&|x, y| inside(x, y)) {
        return Some(format!(
            "The coordinates are degrees, not metres of {}: give --crs EPSG:4326.",
            source.name()
        ));
    }
    let fits = |text: &str, swapped: bool| {
        let Ok(crs) = Crs::parse(text, deployment) else {
            return false;
        };
        let Ok(way) = Reprojector::new(&crs, &Crs::wgs84()) else {
            return false;
        };
        most(&|x, y| {
            let (x, y) = if swapped { (y, x) } else { (x, y) };
            way.point(x, y).is_ok_and(|(lon, lat)| inside(lon, lat))
        })
    };
    let read_as = if source.is_geographic() {
        "metres read as degrees"
    } else {
        "in another CRS than stated"
    };
    let home = deployment.crs.as_str();
    if source.name() != home && fits(home, false) {
        return Some(format!(
            "The coordinates are probably {read_as}: give --crs {home}, or --crs EPSG:3148 if they come from the old cadastre (Indian 1960)."
        ));
    }
    if fits(home, true) {
        return Some(format!(
            "East and north are swapped: the file has {home} northing before easting."
        ));
    }
    for (code, name) in [
        ("EPSG:3857", "Web Mercator"),
        ("EPSG:32647", "UTM zone 47N"),
        ("EPSG:32649", "UTM zone 49N"),
    ] {
        if source.name() != code && fits(code, false) {
            return Some(format!(
                "The coordinates are probably {name}, {read_as}: give --crs {code}."
            ));
        }
    }
    None
}
