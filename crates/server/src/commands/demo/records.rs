//! Things of the illustrative city as records of layers. What the city does not know is left out, as unknown.

use std::borrow::Cow;

use geo::Geometry;
use phteah_city::{
    Boundary, FloodZone, FloodZoneClass, Known, Parcel, Protected, Road, Service, Settlement,
    SettlementShape, Surface, Threat, Water,
};
use phteah_layers::{Record, Value};

/// Attributes in the making.
struct Attributes(Vec<(Cow<'static, str>, Value)>);

impl Attributes {
    fn of(id: String) -> Self {
        Self(vec![("id".into(), id.into())])
    }

    fn with(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((field.into(), value.into()));
        self
    }

    fn known(self, field: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(field, value),
            None => self,
        }
    }

    fn at(self, geometry: impl Into<Geometry<f64>>) -> Record {
        Record {
            geometry: geometry.into(),
            attributes: self.0,
        }
    }
}

fn yes_or_no(answer: Known) -> Option<bool> {
    match answer {
        Known::Yes => Some(true),
        Known::No => Some(false),
        Known::Unknown => None,
    }
}

/// A survey's answer in words, where there is one.
fn words(answer: Known) -> Option<&'static str> {
    yes_or_no(answer).map(|yes| if yes { "yes" } else { "no" })
}

pub fn boundary(_: usize, boundary: Boundary) -> Record {
    Attributes::of(boundary.code.clone())
        .with("code", boundary.code)
        .with("level", boundary.level.as_str())
        .with("name", boundary.name_en)
        .with("name_km", boundary.name_km)
        .at(boundary.geometry)
}

pub fn water(n: usize, water: Water) -> Record {
    Attributes::of(format!("water-{:03}", n + 1))
        .with("kind", water.kind.as_str())
        .with("name", water.name_en)
        .at(water.geometry)
}

pub fn protected(n: usize, protected: Protected) -> Record {
    Attributes::of(format!("protected-{:03}", n + 1))
        .with("kind", protected.reason)
        .with("name", protected.name_en)
        .at(protected.geometry)
}

pub fn road(_: usize, road: Road) -> Record {
    // The words of the layer's schema: what decides is whether a road can be used in all seasons.
    let surface = match road.surface {
        Surface::Asphalt | Surface::Concrete => "paved",
        Surface::Unpaved => "gravel",
        Surface::Earth => "unpaved",
    };
    Attributes::of(road.road_id)
        .with("class", road.class.as_str())
        .with("surface", surface)
        .with("one_way", if road.oneway { "forward" } else { "no" })
        .known("name", road.name_en)
        .with("bridge", road.bridge)
        .at(road.geometry)
}

pub fn parcel(_: usize, parcel: Parcel) -> Record {
    Attributes::of(parcel.parcel_id)
        .with("tenure", parcel.tenure.as_str())
        .with("land_use", parcel.land_use.as_str())
        .with("available", parcel.available.as_str())
        .known("price_usd_m2", parcel.price_usd_m2)
        .known(
            "khan",
            parcel
                .sangkat
                .as_deref()
                .and_then(|code| code.get(..4))
                .map(str::to_owned),
        )
        .known("sangkat", parcel.sangkat)
        .at(parcel.geometry)
}

pub fn settlement(_: usize, settlement: Settlement) -> Record {
    let flooding = settlement.flooding_per_year.map(|times| match times {
        t if t <= 0.0 => "never",
        t if t < 1.0 => "rarely",
        t if t < 2.0 => "yearly",
        _ => "often",
    });
    let eviction = match settlement.eviction_threat {
        Threat::None => Some(false),
        Threat::Rumoured | Threat::Notified => Some(true),
        Threat::Unknown => None,
    };
    let geometry: Geometry<f64> = match settlement.geometry {
        SettlementShape::Area(polygon) => polygon.into(),
        SettlementShape::Place(point) => point.into(),
    };
    Attributes::of(settlement.survey_id)
        .with("name", settlement.name_en)
        .with("name_km", settlement.name_km)
        .with("households", i64::from(settlement.households))
        .with("tenure", settlement.tenure.as_str())
        .known("flooding", flooding)
        .known("flood_depth_m", settlement.flood_depth_m)
        .known("eviction_threat", eviction)
        .known("water", words(settlement.water))
        .known("electricity", words(settlement.electricity))
        .known("toilets", words(settlement.toilets))
        .known("road", words(settlement.road))
        .known(
            "surveyed_on",
            settlement.surveyed_on.parse::<jiff::civil::Date>().ok(),
        )
        .at(geometry)
}

pub fn service(_: usize, service: Service) -> Record {
    Attributes::of(service.service_id)
        .with("kind", service.kind.as_str())
        .with("name", service.name_en)
        .known("capacity", service.capacity.map(i64::from))
        .known("employees", service.employees.map(i64::from))
        .known("has_nursery", service.has_nursery.and_then(yes_or_no))
        .at(service.geometry)
}

pub fn flood_zone(n: usize, zone: FloodZone) -> Record {
    let (class, doubt) = match zone.class {
        FloodZoneClass::Flooded => ("flooded", None),
        FloodZoneClass::ProbablyFlooded => ("flooded", Some("probable")),
        // Not seen is not dry.
        FloodZoneClass::NotSeen => ("unknown", None),
    };
    let confidence = zone.confidence.map(|share| match doubt {
        Some(doubt) => format!("{doubt}, {share}"),
        None => share.to_string(),
    });
    Attributes::of(format!("flood-zone-{:04}", n + 1))
        .with("class", class)
        .with("event", zone.event)
        .known("confidence", confidence)
        .at(zone.geometry)
}
