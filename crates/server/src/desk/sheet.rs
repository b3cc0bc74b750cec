//! `POST /api/desk/sheets`: what stands on a family's sheet: the sites it may be offered, the ways from each, the water, and what nobody knows.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use geo::{Coord, MultiPolygon};
use phteah_layers::measures::{Ground, Reached, ServiceRoute, Site};
use phteah_layers::{Catalogue, Crs, Reprojector};
use phteah_planning::measure::{Mode, Service};
use phteah_store::registry::desk::Need;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Person;
use super::family::{self, Family, Part};
use super::placement::{PlacementCriterion, PlacementReason, criteria, ids, told_part};
use super::types::Names;
use super::{decisions, map};
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::JsonBody;
use crate::api::types::{Flood, Text};
use crate::ranking::RankedSites;
use crate::state::AppState;

/// The most families whose sheets are made at once.
const MAX_SHEETS: usize = 50;
/// The most sites on one sheet.
const MAX_SITES: usize = 3;

/// Whose sheets.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SheetsRequest {
    /// The decision's seal.
    pub decision: String,
    /// Households, at most 50.
    pub households: Vec<String>,
    /// For each household the sites on its sheet in their order, at most three; the best for it that have room where nothing is said. The site
    /// that a family holds comes first in any case.
    #[serde(default)]
    pub sites: BTreeMap<String, Vec<String>>,
}

/// The way to a service.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SheetWay {
    /// The kind of service.
    pub service: String,
    /// What people call it.
    pub label: Text,
    /// `walk` or `motorbike`.
    pub mode: String,
    /// From the site; null where it is not known or there is no way.
    pub minutes: Option<f64>,
    /// Whether it is known that there is no way.
    pub no_way: bool,
    /// What the service is called.
    pub name: Option<Text>,
    /// From the family's home today; null where it is not known.
    pub now: Option<f64>,
}

/// A site on a sheet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SheetSite {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: Text,
    /// How good it is for this family, 0 to 100.
    pub score: f64,
    /// Kilometres from the family's home, in a straight line.
    pub kilometres: Option<f64>,
    /// Minutes by motorbike to the present home, estimated from the straight line.
    pub minutes_home: Option<f64>,
    /// Ways to services.
    pub ways: Vec<SheetWay>,
    /// Workplaces within reach, where the decision counts them.
    pub workplaces: Option<f64>,
    /// How deep it stands under water.
    pub flood: Option<Flood>,
    /// Its tenure.
    pub tenure: String,
    /// Households that find room.
    pub capacity: u32,
    /// A small map: an SVG.
    pub map: String,
    /// Every criterion for this family.
    pub parts: Vec<PlacementReason>,
    /// What nobody knows of it, by the labels of the criteria.
    pub unknown: Vec<Text>,
}

/// The site that a family holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetHeld {
    /// Its id.
    pub site: String,
    /// `offered`, `accepted` or `moved`.
    pub how: String,
    /// Whether it is one of the decision's sites. If not, other sites of the decision are no help to this family.
    pub in_decision: bool,
}

/// A family's sheet.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sheet {
    /// The household.
    pub household: String,
    /// Its name.
    pub names: Names,
    /// The code on its card.
    pub code: Option<String>,
    /// How many people.
    pub size: Option<i64>,
    /// Its needs.
    pub needs: Vec<String>,
    /// What is not known of it.
    pub unknown: Vec<String>,
    /// Minutes to work now, as the family said.
    pub work_now: Option<f64>,
    /// Where it stands.
    pub statuses: Vec<String>,
    /// The site that it holds: offered and not answered, accepted, or moved to. It stands first among the sites, where the layers have it.
    pub held: Option<SheetHeld>,
    /// The sites: the one that it holds, then those that were asked for, or the best for this family.
    pub sites: Vec<SheetSite>,
}

/// The sheets.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sheets {
    /// One for each family that could be read.
    pub sheets: Vec<Sheet>,
    /// The decision's criteria.
    pub criteria: Vec<PlacementCriterion>,
    /// The scenario's title.
    pub title: Text,
    /// When it was decided.
    pub decided: String,
    /// Whether anything in it is illustrative.
    pub illustrative: bool,
    /// Households that could not be read.
    pub left_out: usize,
}

/// What stands on the sheets of these families. Each reading is written down.
#[utoipa::path(post, path = "/api/desk/sheets", operation_id = "deskSheets", request_body = SheetsRequest,
    responses((status = 200, body = Sheets), (status = "default", body = ErrorBody)))]
pub async fn sheets(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    JsonBody(request): JsonBody<SheetsRequest>,
) -> Result<Json<Sheets>, ApiError> {
    let ids = ids(&request.households, MAX_SHEETS)?;
    let (now, actor, asked) = (state.partner.now(), person.actor, ids.len());
    let (cases, taken) = state
        .registry
        .ask(move |registry| {
            Ok((
                registry.cases(&actor, &ids, "family sheet", now)?,
                registry.places_taken(&actor)?,
            ))
        })
        .await?;
    let families: Vec<Family> = cases.iter().map(Family::of).collect();
    let worker = Arc::clone(&state);
    let answer = state.work(move || {
        let decision = decisions::named(worker.dir(), &request.decision)?;
        let ranked = decisions::ranked(&worker, &decision)?;
        let catalogue = worker.catalogue()?;
        let ground = worker
            .rankings
            .ground(&catalogue, &ranked)
            .map_err(|error| crate::api::routes::rankings::refusal(&error))?;
        let mut maker = Maker {
            catalogue: &catalogue,
            ranked: &ranked,
            ground: ground.as_deref(),
            rows: decisions::rows(&decision, &ranked),
            taken: &taken,
            drawn: BTreeMap::new(),
        };
        let mut sheets = Vec::with_capacity(families.len());
        for family in &families {
            let named = request.sites.get(&family.id.to_string());
            sheets.push(maker.sheet(family, named)?);
        }
        Ok(Sheets {
            left_out: asked - sheets.len(),
            sheets,
            criteria: criteria(&ranked),
            title: Text::from(&decision.record.scenario.title),
            decided: decision.record.when.clone(),
            illustrative: ranked.illustrative(),
        })
    });
    Ok(Json(answer.await?))
}

/// Ways, water and a map of a site.
type Drawn = (Vec<ServiceRoute>, Option<Flood>, String);

/// Makes sheets; what is the same for several families is worked out once.
struct Maker<'a> {
    catalogue: &'a Catalogue,
    ranked: &'a RankedSites,
    ground: Option<&'a Ground>,
    /// The decision's sites.
    rows: Vec<usize>,
    /// Places of sites that are offered or taken.
    taken: &'a BTreeMap<String, u32>,
    drawn: BTreeMap<usize, Rc<Drawn>>,
}

impl Maker<'_> {
    fn sheet(&mut self, family: &Family, named: Option<&Vec<String>>) -> Result<Sheet, ApiError> {
        let held = family.held.as_ref().map(|(site, how)| SheetHeld {
            in_decision: self.rows.iter().any(|row| self.ranked.site(*row).id == *site),
            site: site.clone(),
            how: (*how).to_owned(),
        });
        let now = self.ways_now(family)?;
        let sites = self
            .chosen(family, named)
            .into_iter()
            .map(|(row, score, parts)| self.site(family, &now, score, row, &parts))
            .collect::<Result<_, _>>()?;
        let [km, latin] = family.names.clone();
        Ok(Sheet {
            household: family.id.to_string(),
            names: Names { km, latin },
            code: family.code.clone(),
            size: family.size,
            needs: family.needs.iter().map(|need| need.as_str().to_owned()).collect(),
            unknown: family.unknown().into_iter().map(str::to_owned).collect(),
            work_now: family.work_minutes,
            statuses: family.statuses.iter().map(ToString::to_string).collect(),
            held,
            sites,
        })
    }

    /// The sites on a family's sheet with their scores: the one that it holds, then those that are named, else the best that have room and that
    /// it has not declined.
    fn chosen(&self, family: &Family, named: Option<&Vec<String>>) -> Vec<(usize, f64, Vec<Part>)> {
        let scored = |row: usize| {
            let parts = family::parts(family, self.ranked, row);
            (row, family::score(&parts) * 100.0, parts)
        };
        let held = family.held.as_ref().and_then(|(site, _)| self.ranked.row(site));
        let others = self.rows.iter().copied().filter(|row| Some(*row) != held);
        let mut others: Vec<_> = if let Some(named) = named {
            let place = |row: &usize| named.iter().position(|id| *id == self.ranked.site(*row).id);
            let mut rows: Vec<_> = others.filter_map(|row| Some((place(&row)?, row))).collect();
            rows.sort_unstable();
            rows.into_iter().map(|(_, row)| scored(row)).collect()
        } else {
            let mut best: Vec<_> = others
                .filter(|row| self.may_offer(family, *row))
                .map(scored)
                .collect();
            best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            best
        };
        others.truncate(MAX_SITES - usize::from(held.is_some()));
        held.map(scored).into_iter().chain(others).collect()
    }

    /// Whether a site has room and the family has not declined it.
    fn may_offer(&self, family: &Family, row: usize) -> bool {
        let site = self.ranked.site(row);
        let taken = self.taken.get(&site.id).copied().unwrap_or_default();
        taken < site.capacity && !family.declined.contains(&site.id)
    }

    /// The ways from the family's home, where it is known and lies within the layers.
    fn ways_now(&self, family: &Family) -> Result<Vec<ServiceRoute>, ApiError> {
        let (Some(ground), Some([lon, lat])) = (self.ground, family.home) else {
            return Ok(Vec::new());
        };
        let (x, y) = Reprojector::new(&Crs::wgs84(), &self.catalogue.crs()?)?.point(lon, lat)?;
        // A way begins at a point; what else a site has plays no part in it.
        let home = Site {
            id: String::new(),
            parcels: Vec::new(),
            shape: MultiPolygon(Vec::new()),
            centre: Coord { x, y },
            area_m2: 0.0,
            capacity: 0,
            compactness: 0.0,
            tenure: phteah_planning::measure::Tenure::Unknown,
            price_usd_m2: None,
            place: phteah_layers::measures::Place {
                khan: None,
                sangkat: None,
                elsewhere: None,
                number: 0,
            },
        };
        Ok(ground.routes(&self.ranked.scenario, &home))
    }

    /// What is the same for every family: ways, water and the map.
    fn drawn(&mut self, row: usize) -> Result<Rc<Drawn>, ApiError> {
        if let Some(drawn) = self.drawn.get(&row) {
            return Ok(Rc::clone(drawn));
        }
        let ranked = self.ranked;
        let (scenario, site) = (&ranked.scenario, ranked.site(row));
        let routes = self
            .ground
            .map_or_else(Vec::new, |ground| ground.routes(scenario, site));
        let flood = match Ground::flood(self.catalogue, scenario, site) {
            Ok(profile) => Some(Flood::from(&profile)),
            Err(error) => {
                tracing::warn!(%error, "the flood depths of a site cannot be read");
                None
            }
        };
        let map = map::draw(self.catalogue, site.centre, Some(&site.shape), &routes)?;
        let drawn = Rc::new((routes, flood, map));
        self.drawn.insert(row, Rc::clone(&drawn));
        Ok(drawn)
    }

    fn site(
        &mut self,
        family: &Family,
        now: &[ServiceRoute],
        score: f64,
        row: usize,
        parts: &[Part],
    ) -> Result<SheetSite, ApiError> {
        let ranked = self.ranked;
        let site = ranked.site(row);
        let drawn = self.drawn(row)?;
        let (routes, flood, map) = &*drawn;
        let (lon, lat) = ranked.position(row);
        let kilometres = family.home.map(|home| family::kilometres(home, [lon, lat]));
        let workplaces = parts.iter().find(|part| {
            matches!(
                ranked.ranking.criteria[part.criterion].measure,
                phteah_planning::measure::Measure::ServicesWithin {
                    service: Service::Factory,
                    cut_return_period: None,
                    ..
                }
            )
        });
        Ok(SheetSite {
            id: site.id.clone(),
            name: Text::from(&ranked.name(row)),
            score: round(score),
            kilometres: kilometres.map(round),
            minutes_home: family
                .home
                .map(|home| round(family::own_minutes(home, (lon, lat), None))),
            ways: ways(routes, now, family),
            workplaces: workplaces.and_then(|part| part.raw),
            flood: flood.clone(),
            tenure: site.tenure.name().to_owned(),
            capacity: site.capacity,
            map: map.clone(),
            parts: parts.iter().map(told_part).collect(),
            unknown: parts
                .iter()
                .filter(|part| !part.known)
                .map(|part| Text::from(&ranked.ranking.criteria[part.criterion].label))
                .collect(),
        })
    }
}

/// The dry ways that matter to a family, with those from its home today.
fn ways(routes: &[ServiceRoute], now: &[ServiceRoute], family: &Family) -> Vec<SheetWay> {
    let wanted = |service: Service| match service {
        Service::Nursery | Service::Preschool => family.needs.contains(&Need::UnderSix) || !family.ages_known,
        Service::PrimarySchool => {
            family.needs.contains(&Need::SchoolAge)
                || family.needs.contains(&Need::UnderSix)
                || !family.ages_known
        }
        Service::SocialService | Service::BusStop | Service::WaterPoint => false,
        _ => true,
    };
    let mut seen: Vec<Service> = Vec::new();
    let mut ways = Vec::new();
    for route in routes
        .iter()
        .filter(|route| route.cut.is_none() && wanted(route.service))
    {
        if seen.contains(&route.service) {
            continue;
        }
        seen.push(route.service);
        let (minutes, name) = match &route.reached {
            Reached::By { minutes, to, .. } => (Some(round(*minutes)), name(to)),
            _ => (None, None),
        };
        let from_home = now.iter().find_map(|way| match &way.reached {
            Reached::By { minutes, .. }
                if way.service == route.service && way.mode == route.mode && way.cut.is_none() =>
            {
                Some(round(*minutes))
            }
            _ => None,
        });
        ways.push(SheetWay {
            service: route.service.name().to_owned(),
            label: Text::from(&route.service.label()),
            mode: if route.mode == Mode::Walk {
                "walk"
            } else {
                "motorbike"
            }
            .to_owned(),
            minutes,
            no_way: matches!(route.reached, Reached::Unreachable),
            name,
            now: from_home,
        });
    }
    ways
}

fn name(to: &phteah_layers::measures::ServicePlace) -> Option<Text> {
    let either = to.name.clone().or_else(|| to.name_km.clone())?;
    Some(Text {
        en: to.name.clone().unwrap_or_else(|| either.clone()),
        km: to.name_km.clone().unwrap_or(either),
    })
}

fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
