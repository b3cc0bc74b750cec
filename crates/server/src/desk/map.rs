//! Small maps for paper and for one household's page, as SVG.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use geo::{Coord, CoordsIter, Geometry, MultiPolygon};
use phteah_layers::gpkg::Query;
use phteah_layers::measures::{Reached, ServiceRoute};
use phteah_layers::{Catalogue, Crs, LayersError, Reprojector, Role};
use phteah_planning::measure::Service;

use super::Person;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::PathParts;
use crate::state::AppState;

/// Half the width of a map, in metres.
const MAP_HALF_M: f64 = 1_200.0;
/// The map's own units.
const MAP_WIDTH: f64 = 300.0;
const MAP_HEIGHT: f64 = 200.0;
/// What lies farther outside is drawn there.
const FAR: f64 = 5_000.0;
/// Features of a layer drawn at most.
const MAX_DRAWN: usize = 4_000;

/// Where a household was recorded last, on a small map.
#[utoipa::path(get, path = "/api/desk/households/{household}/map.svg", operation_id = "deskMap", params(("household" = String, Path, description = "Its id")),
    responses((status = 200, content_type = "image/svg+xml", body = String), (status = "default", body = ErrorBody)))]
pub async fn household(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    PathParts(id): PathParts<String>,
) -> Result<Response, ApiError> {
    let nowhere = || {
        ApiError::not_found(
            "not_found",
            "There is no such household, or nobody has recorded its place.",
        )
    };
    let id = id.parse().map_err(|_| nowhere())?;
    let now = state.partner.now();
    let at = state
        .registry
        .ask(move |registry| registry.whereabouts(&person.actor, id, now))
        .await?;
    let [lon, lat] = at.ok_or_else(nowhere)?;
    let reader = Arc::clone(&state);
    let svg = state
        .work(move || {
            let catalogue = reader.catalogue()?;
            let (x, y) = Reprojector::new(&Crs::wgs84(), &catalogue.crs()?)?.point(lon, lat)?;
            draw(&catalogue, Coord { x, y }, None, &[])
        })
        .await?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}

/// A small map around a place: water, roads, the site, and the services that its ways lead to. North is up.
pub fn draw(
    catalogue: &Catalogue,
    centre: Coord<f64>,
    shape: Option<&MultiPolygon<f64>>,
    routes: &[ServiceRoute],
) -> Result<String, ApiError> {
    let Coord { x, y } = centre;
    let half_height = MAP_HALF_M * MAP_HEIGHT / MAP_WIDTH;
    let bbox = [x - MAP_HALF_M, y - half_height, x + MAP_HALF_M, y + half_height];
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {MAP_WIDTH} {MAP_HEIGHT}\"><rect width=\"{MAP_WIDTH}\" height=\"{MAP_HEIGHT}\" fill=\"#f6f2e8\"/>"
    );
    let place = |c: Coord<f64>| {
        let scale = MAP_WIDTH / (2.0 * MAP_HALF_M);
        ((c.x - bbox[0]) * scale, (bbox[3] - c.y) * scale)
    };
    for (role, style) in [
        (Role::Water, "fill=\"#b9d9ea\""),
        (
            Role::Roads,
            "fill=\"none\" stroke=\"#b9ad98\" stroke-width=\"1.2\"",
        ),
    ] {
        let mut path = String::new();
        for layer in catalogue.of_role(role) {
            let vector = catalogue.vector(&layer.name)?;
            let query = Query {
                bbox: Some(bbox),
                limit: Some(MAX_DRAWN),
                ..Query::default()
            };
            vector.for_each(&query, |feature| {
                if let Some(geometry) = &feature.geometry {
                    trace(&mut path, geometry, &place);
                }
                Ok::<(), LayersError>(())
            })?;
        }
        if !path.is_empty() {
            let _ = write!(svg, "<path d=\"{path}\" {style}/>");
        }
    }
    if let Some(shape) = shape {
        let mut path = String::new();
        trace(&mut path, &Geometry::MultiPolygon(shape.clone()), &place);
        let _ = write!(
            svg,
            "<path d=\"{path}\" fill=\"#d5420b\" fill-opacity=\".55\" stroke=\"#7c2410\"/>"
        );
    }
    let mut seen: Vec<String> = Vec::new();
    for route in routes.iter().filter(|route| route.cut.is_none()) {
        let Reached::By { to, .. } = &route.reached else {
            continue;
        };
        let Some(at) = to.place.map(place) else { continue };
        let inside = (4.0..MAP_WIDTH - 4.0).contains(&at.0) && (4.0..MAP_HEIGHT - 4.0).contains(&at.1);
        let sign = sign(route.service);
        if inside && !seen.contains(&to.id) && !sign.is_empty() {
            seen.push(to.id.clone());
            let _ = write!(
                svg,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"7\" fill=\"#fff\" stroke=\"#0b4f55\"/><g transform=\"translate({:.1} {:.1}) scale(.5)\" fill=\"#0b4f55\">{sign}</g>",
                at.0,
                at.1,
                at.0 - 5.0,
                at.1 - 5.0
            );
        }
    }
    // 500 m.
    let bar = 500.0 * MAP_WIDTH / (2.0 * MAP_HALF_M);
    let _ = write!(
        svg,
        "<path d=\"M8 {b}h{bar:.1}\" stroke=\"#23201c\" stroke-width=\"2\"/><text x=\"8\" y=\"{t}\" font-size=\"9\" fill=\"#23201c\">500 m</text>",
        b = MAP_HEIGHT - 8.0,
        t = MAP_HEIGHT - 12.0
    );
    // The site's own sign, where it is too small to be seen.
    let too_small = shape
        .and_then(geo::BoundingRect::bounding_rect)
        .is_none_or(|rect| rect.width() < 60.0);
    if too_small {
        let (cx, cy) = place(centre);
        let _ = write!(
            svg,
            "<circle cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"5\" fill=\"none\" stroke=\"#d5420b\" stroke-width=\"2\"/>"
        );
    }
    svg.push_str("</svg>");
    Ok(svg)
}

/// The signs of services, within 20 × 20.
fn sign(service: Service) -> &'static str {
    match service {
        Service::PrimarySchool | Service::Preschool => {
            "<path d=\"M10 3 1 8l9 5 7-3.900V15h2V8ZM4 12v3c3 3 9 3 12 0v-3l-6 3.300Z\"/>"
        }
        Service::HealthCentre | Service::Hospital => "<path d=\"M8 2h4v6h6v4h-6v6H8v-6H2V8h6Z\"/>",
        Service::Market => "<path d=\"M3 3h14l2 5H1Zm-1 7h16v8H2Zm3 2v4h4v-4Z\"/>",
        Service::Factory => "<path d=\"M2 18V9l5 3V9l5 3V2h4v16Z\"/>",
        Service::Nursery => "<path d=\"M10 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM5 10h10v4h-2v4H7v-4H5Z\"/>",
        Service::SocialService | Service::BusStop | Service::WaterPoint => "",
    }
}

fn trace(path: &mut String, geometry: &Geometry<f64>, place: &impl Fn(Coord<f64>) -> (f64, f64)) {
    match geometry {
        Geometry::Polygon(polygon) => {
            for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                line(path, ring, place);
                path.push('Z');
            }
        }
        Geometry::MultiPolygon(many) => many
            .iter()
            .for_each(|one| trace(path, &Geometry::Polygon(one.clone()), place)),
        Geometry::LineString(ring) => line(path, ring, place),
        Geometry::MultiLineString(many) => many.iter().for_each(|one| line(path, one, place)),
        Geometry::GeometryCollection(many) => many.iter().for_each(|one| trace(path, one, place)),
        _ => {}
    }
}

fn line(path: &mut String, ring: &geo::LineString<f64>, place: &impl Fn(Coord<f64>) -> (f64, f64)) {
    let mut last = (f64::NAN, f64::NAN);
    for (i, c) in ring.coords_iter().enumerate() {
        // Half units are enough, and what lies far outside need not be told apart.
        let (x, y) = place(c);
        let at = (
            (x.clamp(-FAR, FAR) * 2.0).round() / 2.0,
            (y.clamp(-FAR, FAR) * 2.0).round() / 2.0,
        );
        if at != last {
            let _ = write!(path, "{}{} {}", if i == 0 { 'M' } else { 'L' }, at.0, at.1);
            last = at;
        }
    }
}
