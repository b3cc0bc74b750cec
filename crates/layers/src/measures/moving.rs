//! Who would move, or the places to which a family is tied.

use geo::{Coord, Geometry};
use phteah_geoproc::surface::representative_point;
use phteah_planning::mistake::Mistake;
use phteah_planning::notice::Notice;
use phteah_planning::problem::Problem;
use phteah_planning::scenario::{Scenario, Settlements};

use super::input::Inputs;
use crate::crs::{Crs, Reprojector};
use crate::error::{LayersError, Result};
use crate::schema::Role;

/// Who would move, or the places of one family; each with its weight.
#[derive(Debug, Default)]
pub(super) struct Moving {
    /// Where, and how many households or how often.
    pub(super) people: Vec<(Option<Coord<f64>>, f64)>,
    /// Whether these are the places to go to, not those to come from.
    pub(super) to_places: bool,
}

impl Moving {
    pub(super) fn load(inputs: &mut Inputs<'_>, scenario: &Scenario) -> Result<Self> {
        let places = &scenario.moving.places;
        if !places.is_empty() {
            let to_plane = Reprojector::new(&Crs::wgs84(), &inputs.catalogue().crs()?)?;
            let plane = |place: &phteah_planning::scenario::Place| -> Result<_> {
                let (x, y) = to_plane.point(place.lon, place.lat)?;
                Ok((Some(Coord { x, y }), place.weight))
            };
            return Ok(Self {
                people: places.iter().map(plane).collect::<Result<_>>()?,
                to_places: true,
            });
        }
        let mut people = Vec::new();
        let (mut no_number, mut found) = (0_usize, Vec::new());
        inputs.features(Role::Settlements, |feature| {
            let wanted = match &scenario.moving.settlements {
                Settlements::All => true,
                Settlements::Ids(ids) => ids.contains(&feature.id),
            };
            if !wanted {
                return;
            }
            found.push(feature.id.clone());
            match feature.number("households") {
                Some(households) => {
                    people.push((
                        feature
                            .geometry
                            .as_ref()
                            .and_then(|g: &Geometry<f64>| representative_point(g)),
                        households,
                    ));
                }
                None => no_number += 1,
            }
        })?;
        if let Settlements::Ids(ids) = &scenario.moving.settlements {
            let missing: Vec<String> = ids.iter().filter(|id| !found.contains(id)).cloned().collect();
            if !missing.is_empty() {
                let mistake = Mistake::NoSuchSettlement { ids: missing };
                return Err(LayersError::Scenario(vec![Problem::new(
                    "move.settlements",
                    mistake,
                )]));
            }
        }
        if found.is_empty() {
            inputs.warn(Notice::NoSettlements);
        }
        if no_number > 0 {
            inputs.warn(Notice::HouseholdsUnknown {
                silent: no_number,
                settlements: found.len(),
            });
        }
        Ok(Self {
            people,
            to_places: false,
        })
    }
}
