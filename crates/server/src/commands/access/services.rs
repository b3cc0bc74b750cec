//! The services that features travel to.

use std::collections::BTreeMap;

use geo::Geometry;
use phteah_geoproc::network::Snap;
use phteah_geoproc::surface::representative_point;
use phteah_layers::Crs;

use super::Access;
use crate::commands::CommandError;
use crate::commands::analyst::ways::Ways;
use crate::commands::analyst::{Problems, features, fields};

/// A service's id and shape; no shape where it has no place.
type Named = (String, Option<Geometry<f64>>);

/// The services as their file gives them.
pub(super) struct Services {
    by_kind: BTreeMap<String, Vec<Named>>,
    pub(super) problems: Problems,
}

/// The services of one kind.
pub(super) struct Kind {
    /// Such as `primary_school`.
    pub(super) name: String,
    pub(super) ids: Vec<String>,
    /// Where each meets the roads.
    pub(super) snaps: Vec<Option<Snap>>,
}

impl Services {
    pub(super) fn read(args: &Access, crs: &Crs) -> Result<Self, CommandError> {
        let path = &args.services;
        let id = {
            let file = features::open(path, None)?;
            fields::usual(&file, &["id", "service_id", "osm_id"])
        };
        let file = features::open(path, id.as_deref())?;
        let by = match (&args.kind, &args.kind_field) {
            (Some(_), _) => None,
            (None, Some(field)) => Some(fields::required(&file, field)?),
            (None, None) => Some(fields::usual(&file, &["kind"]).ok_or_else(|| {
                CommandError::Refused(format!(
                    "{} has no column 'kind': it says what a service is, such as primary_school. Name the column with --kind-field, or say what all of them are with --kind.",
                    file.file()
                ))
            })?),
        };
        let mut services = Self {
            by_kind: BTreeMap::new(),
            problems: Problems::default(),
        };
        file.for_each(crs, |service| {
            let record = format!("service {}", service.id);
            let Some(kind) = args
                .kind
                .clone()
                .or_else(|| features::text(&service, by.as_deref()))
            else {
                services
                    .problems
                    .note(file.file(), &record, "its kind is empty; it was left out");
                return Ok(());
            };
            let shape = service
                .geometry
                .filter(|shape| representative_point(shape).is_some());
            if shape.is_none() {
                services
                    .problems
                    .note(file.file(), &record, "it has no place; nobody reaches it");
            }
            services
                .by_kind
                .entry(kind)
                .or_default()
                .push((service.id, shape));
            Ok(())
        })?;
        Ok(services)
    }

    pub(super) fn by_kind(&self, ways: &Ways, max_snap: f64) -> Vec<Kind> {
        let kind = |(name, services): (&String, &Vec<Named>)| Kind {
            name: name.clone(),
            ids: services.iter().map(|(id, _)| id.clone()).collect(),
            snaps: ways.snap(services.iter().map(|(_, shape)| shape.as_ref()), max_snap),
        };
        self.by_kind.iter().map(kind).collect()
    }
}
