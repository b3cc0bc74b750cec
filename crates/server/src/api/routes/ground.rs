//! A site on the ground: ways to services, flood depths; sites drawn by hand; settlements.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use phteah_geoproc::surface::representative_point;
use phteah_layers::gpkg::Query;
use phteah_layers::measures::{Ground, Site, sangkats};
use phteah_layers::{Catalogue, LayersError, Role};
use phteah_planning::scenario::Scenario;
use serde::Deserialize;

use super::caching;
use super::insight::{self, MOST_COMPARED, row};
use super::rankings::{kept, refusal};
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::{JsonBody, PathParts};
use crate::api::types::{
    Comparison, Deployment, DrawnRequest, DrawnSite, Flood, Place, Route, RouteList, Settlement,
    SettlementList, SiteDetail, Text, Warning, place_name,
};
use crate::ranking::RankedSites;
use crate::ranking::drawn::{self, DrawnError, Land};
use crate::scenarios::plots;
use crate::state::AppState;
use crate::tiles::plane::Plane;

/// Ways from a site to the nearest service of every kind that the scenario travels to, dry and with roads cut by the scenario's
/// flood (the rarest that is loaded where it names none).
#[utoipa::path(get, path = "/api/rankings/{id}/sites/{site}/routes", operation_id = "routes",
    params(("id" = String, Path, description = "The ranking's id"), ("site" = String, Path, description = "The site's id")),
    responses((status = 200, body = RouteList), (status = "default", body = ErrorBody)))]
pub async fn routes(
    State(state): State<Arc<AppState>>,
    PathParts((id, site)): PathParts<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let ranked = kept(&state, &id).await?;
    let row = row(&ranked, &site)?;
    let reader = Arc::clone(&state);
    let make = move || {
        let catalogue = reader.catalogue()?;
        let ground = ground(&reader, &catalogue, &ranked)?;
        let plane = Plane::of(&catalogue.crs()?)?;
        Ok(RouteList {
            routes: ways(&ground, &ranked.scenario, ranked.site(row), &plane),
        })
    };
    caching::derived(&state, &headers, format!("{id}-routes-{site}"), make).await
}

/// How deep a site stands under water at every return period that is loaded, whether or not the scenario asks.
#[utoipa::path(get, path = "/api/rankings/{id}/sites/{site}/flood", operation_id = "flood",
    params(("id" = String, Path, description = "The ranking's id"), ("site" = String, Path, description = "The site's id")),
    responses((status = 200, body = Flood), (status = "default", body = ErrorBody)))]
pub async fn flood(
    State(state): State<Arc<AppState>>,
    PathParts((id, site)): PathParts<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let ranked = kept(&state, &id).await?;
    let row = row(&ranked, &site)?;
    let reader = Arc::clone(&state);
    let make = move || {
        let catalogue = reader.catalogue()?;
        if !ranked.is_of(&catalogue) {
            return Err(ApiError::layers_changed());
        }
        Ok(Flood::from(&Ground::flood(
            &catalogue,
            &ranked.scenario,
            ranked.site(row),
        )?))
    };
    caching::derived(&state, &headers, format!("{id}-flood-{site}"), make).await
}

/// Measures a site drawn by hand and ranks it among the others. Nothing is kept of it.
#[utoipa::path(post, path = "/api/rankings/{id}/drawn", operation_id = "drawn", request_body = DrawnRequest,
    params(("id" = String, Path, description = "The ranking's id")),
    responses((status = 200, body = DrawnSite), (status = 400, description = "What is wrong with the outline", body = ErrorBody),
        (status = "default", body = ErrorBody)))]
pub async fn drawn(
    State(state): State<Arc<AppState>>,
    PathParts(id): PathParts<String>,
    JsonBody(request): JsonBody<DrawnRequest>,
) -> Result<Json<DrawnSite>, ApiError> {
    let ranked = kept(&state, &id).await?;
    let rings = rings(&request)?;
    let called = called(request.name)?;
    let land = land(request.tenure.as_deref(), request.price_usd_m2)?;
    let beside = request.compare;
    if beside.len() >= MOST_COMPARED || beside.iter().collect::<BTreeSet<_>>().len() < beside.len() {
        return Err(ApiError::bad_parameter(
            "compare",
            format!("compare must be at most {} different ids.", MOST_COMPARED - 1),
        ));
    }
    let reader = Arc::clone(&state);
    let answer = state.work(move || {
        let catalogue = reader.catalogue()?;
        let ground = ground(&reader, &catalogue, &ranked)?;
        let rules = &ranked.scenario.sites;
        let bounds = Deployment::bounds_of(&catalogue);
        let shape = drawn::outline(
            &catalogue,
            bounds,
            rules.plot_width_m * rules.plot_depth_m,
            &rings,
        )
        .map_err(|error| refused(&error))?;
        let (all, warnings) =
            drawn::rank(&ranked, &ground, &catalogue, &shape, land).map_err(|error| refused(&error))?;
        let plane = Plane::of(&catalogue.crs()?)?;
        let row = row(&all, drawn::ID)?;
        let comparison = if beside.is_empty() {
            None
        } else {
            let others = beside.iter().map(|site| insight::row(&all, site));
            let rows = std::iter::once(Ok(row))
                .chain(others)
                .collect::<Result<Vec<_>, _>>()?;
            Some(Comparison::of(&all, &rows))
        };
        let mut site = SiteDetail::of(&all, row, &plane)?;
        site.summary.name = called;
        Ok(DrawnSite {
            rank: site.summary.rank,
            of: all.ranking.totals().ranked,
            warnings: warnings.iter().map(Warning::from).collect(),
            routes: ways(&ground, &ranked.scenario, all.site(row), &plane),
            flood: Flood::from(&Ground::flood(&catalogue, &ranked.scenario, all.site(row))?),
            comparison,
            site,
        })
    });
    Ok(Json(answer.await?))
}

/// The settlements, for choosing who moves.
#[utoipa::path(get, path = "/api/settlements", operation_id = "settlements",
    responses((status = 200, body = SettlementList), (status = "default", body = ErrorBody)))]
pub async fn settlements(State(state): State<Arc<AppState>>) -> Result<Json<SettlementList>, ApiError> {
    let reader = Arc::clone(&state);
    let answer = state.work(move || {
        let catalogue = reader.catalogue()?;
        let plane = Plane::of(&catalogue.crs()?)?;
        let (mut settlements, mut points) = (Vec::new(), Vec::new());
        for layer in catalogue.of_role(Role::Settlements) {
            let vector = catalogue.vector(&layer.name)?;
            vector.for_each(&Query::default(), |feature| {
                let text = |field: &str| feature.text(field).map(str::to_owned);
                let point = feature.geometry.as_ref().and_then(representative_point);
                // A settlement without a place cannot be shown on a map.
                let placed = point.and_then(|point| Some((point, plane.to_degrees(point.x, point.y)?)));
                if let Some((point, (lon, lat))) = placed {
                    points.push(point);
                    settlements.push(Settlement {
                        sangkat: None,
                        name: place_name(text("name"), text("name_km")),
                        households: feature.number("households"),
                        lon: (lon * 1e7).round() / 1e7,
                        lat: (lat * 1e7).round() / 1e7,
                        id: feature.id,
                    });
                }
                Ok::<(), LayersError>(())
            })?;
        }
        for (settlement, sangkat) in settlements.iter_mut().zip(sangkats(&catalogue, &points)?) {
            settlement.sangkat = sangkat.as_ref().map(Place::from);
        }
        Ok(SettlementList { settlements })
    });
    Ok(Json(answer.await?))
}

fn ways(ground: &Ground, scenario: &Scenario, site: &Site, plane: &Plane) -> Vec<Route> {
    let routes = ground.routes(scenario, site).into_iter();
    routes.map(|route| Route::of(route, scenario, plane)).collect()
}

/// What the ranking's sites were measured against.
fn ground(state: &AppState, catalogue: &Catalogue, ranked: &RankedSites) -> Result<Arc<Ground>, ApiError> {
    let ground = state.rankings.ground(catalogue, ranked);
    ground
        .map_err(|error| refusal(&error))?
        .ok_or_else(ApiError::layers_changed)
}

/// What a `GeoJSON` Polygon looks like.
#[derive(Deserialize)]
struct PolygonJson {
    #[serde(rename = "type")]
    kind: String,
    coordinates: Vec<Vec<Vec<f64>>>,
}

fn rings(request: &DrawnRequest) -> Result<Vec<Vec<[f64; 2]>>, ApiError> {
    let no_polygon = |why: String| ApiError::bad_outline("bad_polygon", why);
    let polygon = PolygonJson::deserialize(&request.polygon)
        .map_err(|error| no_polygon(format!("polygon must be a GeoJSON Polygon in degrees: {error}.")))?;
    if polygon.kind != "Polygon" {
        return Err(no_polygon(
            "polygon must be a GeoJSON Polygon, in one part.".to_owned(),
        ));
    }
    let position = |position: &Vec<f64>| match position.as_slice() {
        [lon, lat, ..] if lon.is_finite() && lat.is_finite() => Ok([*lon, *lat]),
        _ => Err(no_polygon(
            "Every corner of the polygon must be a longitude and a latitude.".to_owned(),
        )),
    };
    let ring = |ring: &Vec<Vec<f64>>| ring.iter().map(position).collect();
    polygon.coordinates.iter().map(ring).collect()
}

fn land(tenure: Option<&str>, price_usd_m2: Option<f64>) -> Result<Land, ApiError> {
    let known = |name| plots::tenure(name).map_err(|why| ApiError::bad_parameter("tenure", why));
    if let Some(price) = price_usd_m2 {
        plots::check_price(price).map_err(|why| ApiError::bad_parameter("price_usd_m2", why))?;
    }
    Ok(Land {
        tenure: tenure.map(known).transpose()?,
        price_usd_m2,
    })
}

fn called(name: Option<String>) -> Result<Text, ApiError> {
    let name = name
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty());
    match name {
        Some(name) if name.chars().count() > plots::LONGEST_NAME => Err(ApiError::bad_parameter(
            "name",
            format!("name must have {} characters at the most.", plots::LONGEST_NAME),
        )),
        Some(name) => Ok(Text {
            en: name.clone(),
            km: name,
        }),
        None => Ok(Text {
            en: "Drawn site".to_owned(),
            km: "ទីតាំងដែលបានគូរ".to_owned(),
        }),
    }
}

fn refused(error: &DrawnError) -> ApiError {
    let code = match error {
        DrawnError::NoPolygon(_) => "bad_polygon",
        DrawnError::Outside => "drawn_outside",
        DrawnError::Crossing => "drawn_crossing",
        DrawnError::TooSmall { .. } => "drawn_too_small",
        DrawnError::TooLarge { .. } => "drawn_too_large",
        DrawnError::NothingLeft(_) => "drawn_nothing_left",
        DrawnError::Rank(error) => return refusal(error),
    };
    ApiError::bad_outline(code, error.to_string())
}
