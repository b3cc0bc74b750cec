//! Where an imported layer is complete: as it was said, else as its extent or its features show.

use std::path::PathBuf;
use std::str::FromStr;

use geo::{
    BooleanOps, ConvexHull, Coord, CoordsIter, Densify, Euclidean, Geometry, MultiPoint, MultiPolygon, Point,
    Polygon, Rect, SimplifyVwPreserve, unary_union,
};
use phteah_geoproc::surface;

use super::report::ImportReport;
use super::sound_polygon;
use crate::catalogue::{Coverage, CoverageSource};
use crate::crs::{Crs, Reprojector};
use crate::deployment::Deployment;
use crate::error::{LayersError, Result, base_name};
use crate::open::OpenOptions;
use crate::raster::Grid;
use crate::reading_process::read_vector;
use crate::schema::Role;

/// So many vertices of features are held before they are reduced to those of their hull.
const HELD: usize = 1 << 16;
/// A coverage with more vertices than this is simplified: it is read with every look into the catalogue.
const MOST_VERTICES: usize = 1000;
/// A box in degrees gets a vertex at least so often, because its edges are curves in a projected CRS.
const STEP_DEGREES: f64 = 0.05;

/// What somebody says of where a layer is complete.
#[derive(Clone, Debug, PartialEq)]
pub enum CoverageRequest {
    /// All over the box around its features.
    Bbox,
    /// All over the deployment's extent.
    Extent,
    /// All over a box: west, south, east, north in WGS 84 degrees.
    Degrees([f64; 4]),
    /// All over the polygons of a file.
    File(PathBuf),
}

impl FromStr for CoverageRequest {
    type Err = LayersError;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        match text {
            "bbox" => return Ok(Self::Bbox),
            "extent" => return Ok(Self::Extent),
            "" => {
                return Err(LayersError::Usage(
                    "--coverage needs a file of polygons, W,S,E,N in degrees, bbox or extent.".into(),
                ));
            }
            _ => {}
        }
        let numbers: Option<Vec<f64>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
        let Some(numbers) = numbers else {
            return Ok(Self::File(PathBuf::from(text)));
        };
        match numbers[..] {
            [w, s, e, n] if w < e && s < n && w >= -180.0 && e <= 180.0 && s >= -90.0 && n <= 90.0 => {
                Ok(Self::Degrees([w, s, e, n]))
            }
            _ => Err(LayersError::Usage(format!(
                "'{text}' is no box: write --coverage W,S,E,N in degrees, for example 104.8,11.4,105.0,11.7."
            ))),
        }
    }
}

/// The area in which a layer's records can be complete at all: the deployment's extent, since what lies outside is not taken.
pub(super) fn extent(deployment: &Deployment, crs: &Crs) -> Result<MultiPolygon<f64>> {
    let [w, s, e, n] = Reprojector::new(&Crs::wgs84(), crs)?.bounds(deployment.extent)?;
    Ok(Rect::new((w, s), (e, n)).to_polygon().into())
}

/// The coverage that was asked for, in the deployment's CRS. `bounds` is the box around the features, `whole` the area beyond which the layer
/// has nothing (a raster's grid).
fn given(
    request: &CoverageRequest,
    bounds: [f64; 4],
    whole: Option<&MultiPolygon<f64>>,
    (crs, deployment): (&Crs, &Deployment),
    report: &mut ImportReport,
) -> Result<MultiPolygon<f64>> {
    let within = extent(deployment, crs)?;
    let polygon = match request {
        CoverageRequest::Bbox => {
            let [w, s, e, n] = bounds;
            Rect::new((w, s), (e, n)).to_polygon().into()
        }
        CoverageRequest::Extent => within.clone(),
        CoverageRequest::Degrees(sides) => of_box(*sides, crs)?,
        CoverageRequest::File(path) => {
            let options = OpenOptions {
                deployment: deployment.clone(),
                ..OpenOptions::default()
            };
            let mut parts: Vec<MultiPolygon<f64>> = Vec::new();
            for feature in read_vector(path, &options, crs)? {
                let Some(geometry) = feature.geometry else {
                    continue;
                };
                let (sound, _) = sound_polygon(geometry).map_err(|why| {
                    LayersError::refused(format!(
                        "{} cannot say where the layer is complete: feature {} is no polygon ({why}).",
                        base_name(path),
                        feature.id
                    ))
                })?;
                parts.push(polygons(sound));
            }
            unary_union(parts.iter())
        }
    };
    let mut polygon = polygon.intersection(&within);
    if let Some(whole) = whole {
        polygon = polygon.intersection(whole);
    }
    if surface::area(&polygon) <= 0.0 {
        return Err(LayersError::refused(
            "The coverage and the layer have nothing in common: give the area in which the layer is complete.",
        ));
    }
    Ok(simplified(polygon, report))
}

/// A box in degrees, in the deployment's CRS.
fn of_box([w, s, e, n]: [f64; 4], crs: &Crs) -> Result<MultiPolygon<f64>> {
    let outline = Rect::new((w, s), (e, n)).to_polygon();
    let mut geometry = Geometry::Polygon(Euclidean.densify(&outline, STEP_DEGREES));
    Reprojector::new(&Crs::wgs84(), crs)?.geometry(&mut geometry)?;
    Ok(polygons(geometry))
}

/// What boxes in degrees have in common with the deployment's extent; `None` where that is nothing.
fn of_boxes(boxes: &[[f64; 4]], (crs, deployment): (&Crs, &Deployment)) -> Result<Option<MultiPolygon<f64>>> {
    // A file may have been cut to the whole world, whose corners no projection of a city has.
    let [west, south, east, north] = deployment.extent;
    let near = |[w, s, e, n]: &[f64; 4]| {
        [
            w.max(west - 1.0),
            s.max(south - 1.0),
            e.min(east + 1.0),
            n.min(north + 1.0),
        ]
    };
    let parts = boxes.iter().map(near).filter(|[w, s, e, n]| w < e && s < n);
    let parts: Vec<MultiPolygon<f64>> = parts.map(|part| of_box(part, crs)).collect::<Result<_>>()?;
    let whole = unary_union(parts.iter()).intersection(&extent(deployment, crs)?);
    Ok((surface::area(&whole) > 0.0).then_some(whole))
}

/// The coverage of a vector layer. `stated` are the boxes, in degrees, that its files say they were cut to.
pub(super) fn of_features(
    request: Option<&CoverageRequest>,
    role: Role,
    (bounds, hull, stated): ([f64; 4], Hull, &[[f64; 4]]),
    (crs, deployment): (&Crs, &Deployment),
    report: &mut ImportReport,
) -> Result<Coverage> {
    let (how, polygon) = if let Some(request) = request {
        let polygon = given(request, bounds, None, (crs, deployment), report)?;
        (CoverageSource::Given, polygon)
    } else if let Some(polygon) = of_boxes(stated, (crs, deployment))? {
        (CoverageSource::Extent, polygon)
    } else {
        if role.absence_counts() {
            report.warn(
                "Nobody said where this layer is complete: the hull of its features is taken, and outside of it everything is unknown. Say it with --coverage FILE, --coverage W,S,E,N or --coverage extent.",
            );
        }
        (CoverageSource::Hull, hull.polygon())
    };
    Ok(coverage(how, crs, polygon))
}

/// The coverage of a raster: its grid, or the part of it that was asked for.
pub(crate) fn of_grid(
    request: Option<&CoverageRequest>,
    (grid, own): (&Grid, &Crs),
    (crs, deployment): (&Crs, &Deployment),
    report: &mut ImportReport,
) -> Result<Coverage> {
    let whole = outline(grid, own, crs)?;
    let (how, polygon) = match request {
        Some(request) => {
            let bounds = surface::bounds(&whole).map_or([0.0; 4], |rect| {
                [rect.min().x, rect.min().y, rect.max().x, rect.max().y]
            });
            let polygon = given(request, bounds, Some(&whole), (crs, deployment), report)?;
            (CoverageSource::Given, polygon)
        }
        None => (CoverageSource::Extent, whole),
    };
    Ok(coverage(how, crs, polygon))
}

/// The outline of a grid, brought into another CRS with its edges followed.
pub(crate) fn outline(grid: &Grid, own: &Crs, crs: &Crs) -> Result<MultiPolygon<f64>> {
    let [w, s, e, n] = grid.bounds();
    let outline = Rect::new((w, s), (e, n)).to_polygon();
    let step = (e - w).max(n - s) / 20.0;
    let mut geometry = Geometry::Polygon(Euclidean.densify(&outline, step));
    Reprojector::new(own, crs)?.geometry(&mut geometry)?;
    Ok(polygons(geometry))
}

/// Coordinates in a projected CRS are kept to the centimetre.
#[allow(clippy::needless_pass_by_value, reason = "its callers have made it for this")]
pub(crate) fn coverage(how: CoverageSource, crs: &Crs, polygon: MultiPolygon<f64>) -> Coverage {
    use geo::MapCoords;
    let rounded = |v: f64| (v * 100.0).round() / 100.0;
    Coverage {
        how,
        crs: crs.name().to_owned(),
        polygon: polygon.map_coords(|c| Coord {
            x: rounded(c.x),
            y: rounded(c.y),
        }),
    }
}

pub(super) fn simplified(polygon: MultiPolygon<f64>, report: &mut ImportReport) -> MultiPolygon<f64> {
    if polygon.coords_count() <= MOST_VERTICES {
        return polygon;
    }
    // Visvalingam's measure is the area in m² of the triangle that a vertex adds.
    let mut area = 100.0;
    let mut simple = polygon.simplify_vw_preserve(area);
    while simple.coords_count() > MOST_VERTICES && area < 1e9 {
        area *= 4.0;
        simple = polygon.simplify_vw_preserve(area);
    }
    report.warn(format!(
        "The coverage had {} vertices and was simplified to {}.",
        crate::text::thousands(polygon.coords_count() as u64),
        simple.coords_count()
    ));
    simple
}

fn polygons(geometry: Geometry<f64>) -> MultiPolygon<f64> {
    match geometry {
        Geometry::Polygon(polygon) => polygon.into(),
        Geometry::MultiPolygon(parts) => parts,
        _ => MultiPolygon::new(Vec::new()),
    }
}

/// The convex hull of features as they come, in bounded memory.
#[derive(Default)]
pub(crate) struct Hull {
    held: Vec<Point<f64>>,
}

impl Hull {
    /// Takes a feature's vertices.
    pub fn add(&mut self, geometry: &Geometry<f64>) {
        self.held.extend(geometry.exterior_coords_iter().map(Point));
        if self.held.len() > HELD {
            self.reduce();
        }
    }

    fn reduce(&mut self) -> Polygon<f64> {
        let hull = MultiPoint::new(std::mem::take(&mut self.held)).convex_hull();
        self.held = hull.exterior().points().collect();
        hull
    }

    /// The hull; empty where the features lie in one point or on one line.
    pub fn polygon(mut self) -> MultiPolygon<f64> {
        if self.held.is_empty() {
            return MultiPolygon::new(Vec::new());
        }
        let hull = self.reduce();
        if surface::area(&hull) > 0.0 {
            hull.into()
        } else {
            MultiPolygon::new(Vec::new())
        }
    }
}
