//! The fields of each role.

use super::FieldRule::{AnyCode, Choice, Code, Date, Integer, Number, PartialDate, Text, YesNo};
use super::choices as c;
use super::{FieldRule, FieldSpec, Role};

const fn field(
    name: &'static str,
    rule: FieldRule,
    unit: Option<&'static str>,
    meaning: &'static str,
    synonyms: &'static [&'static str],
) -> FieldSpec {
    FieldSpec {
        name,
        rule,
        required: false,
        unit,
        meaning,
        synonyms,
    }
}

#[allow(clippy::needless_pass_by_value, reason = "a constant is made from another")]
const fn required(spec: FieldSpec) -> FieldSpec {
    FieldSpec {
        required: true,
        ..spec
    }
}

const NAME: FieldSpec = field(
    "name",
    Text,
    None,
    "name in English letters",
    &["name_en", "name:en"],
);
const SETTLEMENT_NAME: FieldSpec = FieldSpec {
    synonyms: &[
        "name_en",
        "name:en",
        "settlement_name",
        "community_name",
        "site_name",
    ],
    ..NAME
};
const SERVICE_NAME: FieldSpec = FieldSpec {
    synonyms: &[
        "name_en",
        "name:en",
        "facilitnam",
        "facility_name",
        "fac_name",
        "school_name",
        "hospital_name",
        "market_name",
        "factory_name",
        "name_of_facility",
    ],
    ..NAME
};
const NAME_KM: FieldSpec = field(
    "name_km",
    Text,
    None,
    "name in Khmer",
    &["name:km", "khmer name", "name_kh"],
);
const KHAN: FieldSpec = field(
    "khan",
    Code(4),
    None,
    "code of the khan",
    &["khan_code", "dcode", "district_code"],
);
const SANGKAT: FieldSpec = field(
    "sangkat",
    Code(6),
    None,
    "code of the sangkat",
    &["sangkat_code", "ccode", "commune_code"],
);
const VILLAGE: FieldSpec = field(
    "village",
    Code(8),
    None,
    "code of the village",
    &["village_code", "vcode"],
);

const PARCELS: &[FieldSpec] = &[
    field(
        "tenure",
        Choice(c::TENURE),
        None,
        "who holds the land, and how",
        &["land_tenure", "ownership_type"],
    ),
    field(
        "land_use",
        Text,
        None,
        "what the land is used for",
        &["landuse", "use"],
    ),
    field(
        "available",
        Choice(c::AVAILABLE),
        None,
        "whether the land can be had",
        &["availability"],
    ),
    field(
        "price_usd_m2",
        Number(0.0, 1e6),
        Some("USD/m²"),
        "asking or assessed price",
        &["price", "price_m2", "land_price"],
    ),
    KHAN,
    SANGKAT,
];

const SETTLEMENTS: &[FieldSpec] = &[
    SETTLEMENT_NAME,
    NAME_KM,
    field(
        "households",
        Integer(0, 100_000),
        Some("households"),
        "families that live there",
        &[
            "hh",
            "families",
            "num_hh",
            "no_of_families",
            "no_families",
            "num_families",
            "number_of_families",
            "total_families",
            "household",
            "no_of_households",
            "number_of_households",
            "total_households",
            "hh_count",
            "no_hh",
            "total_hh",
        ],
    ),
    field(
        "tenure",
        Choice(c::TENURE),
        None,
        "who holds the land, and how",
        &["land_tenure"],
    ),
    field(
        "flooding",
        Choice(c::FLOODING),
        None,
        "how often it floods",
        &["flood_frequency", "floods"],
    ),
    field(
        "flood_depth_m",
        Number(0.0, 20.0),
        Some("m"),
        "how deep it floods",
        &["flood_depth"],
    ),
    field(
        "eviction_threat",
        YesNo,
        None,
        "an eviction has been announced or threatened",
        &["eviction"],
    ),
    field("water", Text, None, "main source of water", &["water_source"]),
    field("electricity", Text, None, "source of electricity", &["power"]),
    field(
        "toilets",
        Text,
        None,
        "toilets that families use",
        &["toilet", "sanitation"],
    ),
    field("road", Text, None, "road that leads there", &["road_access"]),
    field(
        "surveyed_on",
        Date,
        None,
        "day of the survey",
        &["survey_date", "today", "date"],
    ),
    KHAN,
    SANGKAT,
];

const FLOOD_ZONES: &[FieldSpec] = &[
    field(
        "class",
        Choice(c::FLOOD_CLASS),
        None,
        "hazard class; unknown where nothing was seen",
        &["hazard", "hazard_class", "water_class"],
    ),
    field(
        "depth_min_m",
        Number(0.0, 50.0),
        Some("m"),
        "least depth",
        &["depth_min", "min_depth"],
    ),
    field(
        "depth_max_m",
        Number(0.0, 50.0),
        Some("m"),
        "greatest depth",
        &["depth_max", "max_depth"],
    ),
    field(
        "return_period",
        Integer(1, 100_000),
        Some("years"),
        "annual return period",
        &["rp"],
    ),
    field(
        "event",
        Text,
        None,
        "the flood that was seen",
        &["event_code", "eventid"],
    ),
    field(
        "observed_on",
        Date,
        None,
        "day of the observation",
        &["sensor_date", "sensordate", "date"],
    ),
    field(
        "source",
        Choice(c::FLOOD_SOURCE),
        None,
        "where the water comes from",
        &["flood_source"],
    ),
    field("confidence", Text, None, "how sure the analyst is", &["conf"]),
];

const ROADS: &[FieldSpec] = &[
    field(
        "class",
        Choice(c::ROAD_CLASS),
        None,
        "class of the road",
        &["highway", "road_class", "fclass"],
    ),
    field(
        "surface",
        Choice(c::SURFACE),
        None,
        "what it is covered with",
        &["pavement"],
    ),
    field(
        "one_way",
        Choice(c::ONE_WAY),
        None,
        "directions in which it may be driven, along its line",
        &["oneway"],
    ),
    field(
        "bridge",
        YesNo,
        None,
        "it crosses above water, which does not cut it",
        &["viaduct"],
    ),
    field("walk", YesNo, None, "people may walk on it", &[]),
    field("motorbike", YesNo, None, "motorbikes may be ridden on it", &[]),
    field(
        "level",
        Integer(-20, 20),
        None,
        "levels above the ground: 1 for a bridge, -1 for a tunnel",
        &[],
    ),
    field(
        "joins",
        Text,
        None,
        "how its vertices meet other roads: empty where they are in one place, 'nodes' where they are one node of the map; '5!wm' a barrier at vertex 5 that stops people on foot (w) and motorbikes (m)",
        &[],
    ),
    NAME,
    NAME_KM,
];

const SERVICES: &[FieldSpec] = &[
    required(field(
        "kind",
        Choice(c::SERVICE_KIND),
        None,
        "kind of service",
        &["amenity", "service", "type", "facilittyp", "facility_type"],
    )),
    SERVICE_NAME,
    NAME_KM,
    field(
        "capacity",
        Integer(0, 1_000_000),
        None,
        "places, beds or stalls",
        &["places", "beds"],
    ),
    field(
        "employees",
        Integer(0, 1_000_000),
        Some("people"),
        "people employed",
        &["workers", "staff"],
    ),
    field(
        "has_nursery",
        YesNo,
        None,
        "a nursery for the employees' children",
        &["nursery", "childcare"],
    ),
    field(
        "opened",
        PartialDate,
        None,
        "day, month or year in which it opens",
        &["opening_date", "start_date", "opened_on", "open_date"],
    ),
    field(
        "closed",
        PartialDate,
        None,
        "day, month or year in which it closes",
        &["closing_date", "end_date", "closed_on", "close_date"],
    ),
    KHAN,
    SANGKAT,
    VILLAGE,
];

const BOUNDARIES: &[FieldSpec] = &[
    required(field(
        "code",
        AnyCode,
        None,
        "administrative code: khan 4 digits, sangkat 6, village 8",
        &["pcode", "pcodes", "adm3_pcode", "adm2_pcode", "adm1_pcode"],
    )),
    field(
        "level",
        Choice(c::LEVEL),
        None,
        "level of the division",
        &["shapetype", "adm_level"],
    ),
    field(
        "name",
        Text,
        None,
        "name in English letters",
        &[
            "name_en",
            "adm3_en",
            "adm2_en",
            "adm1_en",
            "shapename",
            "sangkat_en",
        ],
    ),
    field(
        "name_km",
        Text,
        None,
        "name in Khmer",
        &[
            "name:km",
            "adm3_km",
            "adm2_km",
            "adm3_kh",
            "adm2_kh",
            "sangkat_km",
        ],
    ),
];

const WATER: &[FieldSpec] = &[
    field(
        "kind",
        Text,
        None,
        "river, lake, pond, canal",
        &["water", "natural", "waterway", "fclass"],
    ),
    NAME,
    NAME_KM,
];

const PROTECTED: &[FieldSpec] = &[
    field(
        "kind",
        Text,
        None,
        "why it is protected",
        &["protect_class", "desig"],
    ),
    NAME,
    NAME_KM,
];

const BUILDINGS: &[FieldSpec] = &[
    field("kind", Text, None, "what the building is", &["building"]),
    field(
        "height_m",
        Number(0.0, 1000.0),
        Some("m"),
        "height above ground",
        &["height"],
    ),
    field(
        "levels",
        Integer(0, 300),
        Some("storeys"),
        "number of storeys",
        &["building_levels", "building:levels"],
    ),
    field(
        "confidence",
        Number(0.0, 1.0),
        None,
        "how sure the detector was, 0 to 1",
        &[],
    ),
];

/// Beside these an indicators' layer has a field for each column of numbers.
const INDICATORS: &[FieldSpec] = &[
    required(field(
        "code",
        AnyCode,
        None,
        "administrative code: khan 4 digits, sangkat 6, village 8",
        &[
            "pcode",
            "pcodes",
            "p-code",
            "adm3_pcode",
            "adm2_pcode",
            "adm1_pcode",
            "sangkat_code",
            "commune_code",
            "ccode",
            "khan_code",
            "district_code",
            "dcode",
            "village_code",
            "vcode",
            "geocode",
        ],
    )),
    field(
        "year",
        Integer(1900, 2200),
        None,
        "year of the values",
        &["yr", "reference_year", "survey_year"],
    ),
    field(
        "name",
        Text,
        None,
        "name in English letters",
        &[
            "name_en",
            "adm3_en",
            "adm2_en",
            "adm1_en",
            "sangkat_en",
            "commune_en",
            "commune",
            "sangkat",
            "sangkat_name",
            "commune_name",
            "khan",
            "khan_name",
            "district",
            "district_name",
        ],
    ),
    field(
        "name_km",
        Text,
        None,
        "name in Khmer",
        &[
            "name:km",
            "name_kh",
            "adm3_km",
            "adm2_km",
            "adm3_kh",
            "adm2_kh",
            "sangkat_km",
            "commune_km",
            "khmer name",
        ],
    ),
];

/// Beside these a released table has a field for each breakdown and each share.
const RELEASED_TABLE: &[FieldSpec] = &[
    field("name", Text, None, "name in English letters", &[]),
    field("name_km", Text, None, "name in Khmer", &[]),
    field(
        "families",
        Integer(0, 1_000_000_000),
        Some("households"),
        "number of families; empty where it is hidden, which is not zero",
        &[],
    ),
    field(
        "hidden",
        YesNo,
        None,
        "the number is not told, so that nobody can be found by it",
        &[],
    ),
];

pub(super) fn fields(role: Role) -> &'static [FieldSpec] {
    match role {
        Role::Parcels => PARCELS,
        Role::Settlements => SETTLEMENTS,
        Role::FloodZones => FLOOD_ZONES,
        Role::Roads => ROADS,
        Role::Services => SERVICES,
        Role::Boundaries => BOUNDARIES,
        Role::Water => WATER,
        Role::Protected => PROTECTED,
        Role::Buildings => BUILDINGS,
        Role::Indicators => INDICATORS,
        Role::ReleasedTable => RELEASED_TABLE,
        // Their fields are the criteria of the decision.
        Role::FloodDepth | Role::Elevation | Role::RankedSites => &[],
    }
}

pub(super) fn id_names(role: Role) -> &'static [&'static str] {
    match role {
        Role::Parcels => &[
            "parcel_id",
            "parcel_no",
            "parcelno",
            "parcel_number",
            "parcel_num",
            "parcel_name",
            "parcel_code",
            "parcel",
            "plot_id",
            "plot_no",
            "plot_number",
            "lot_id",
            "lot_no",
            "upi",
        ],
        Role::Settlements => &[
            "survey_id",
            "settlement_id",
            "community_id",
            "_uuid",
            "instanceid",
        ],
        Role::Roads => &["road_id", "osm_id", "osm_way_id"],
        Role::Services => &["service_id", "facility_id", "facilitcod", "osm_id"],
        Role::Boundaries => &["code", "pcode", "pcodes", "adm3_pcode"],
        Role::Buildings => &["building_id", "full_plus_code", "osm_id"],
        Role::Water | Role::Protected | Role::FloodZones => &["osm_id", "zone_id"],
        // Made of code and year.
        Role::FloodDepth | Role::Elevation | Role::Indicators | Role::RankedSites | Role::ReleasedTable => {
            &[]
        }
    }
}
