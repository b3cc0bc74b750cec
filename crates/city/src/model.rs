//! What the illustrative city consists of: one type per layer role, its closed vocabularies, and the raster grid.

use geo::{LineString, MultiPolygon, Point, Polygon};

/// Coordinate reference system of every geometry and raster: WGS 84 / UTM zone 48N.
pub const EPSG: u32 = 32_648;
/// Value of a raster cell about which the raster says nothing.
pub const NODATA: f32 = -9999.0;
/// The words every screen and every export of this city must show.
pub const NOTICE: &str = "illustrative data";
/// Return periods, in years, of the flood depth rasters.
pub const RETURN_PERIODS: [u32; 6] = [10, 20, 50, 100, 200, 500];

/// What to generate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CityOptions {
    /// Number of parcels, met exactly; 10 to 2,000,000.
    pub parcels: usize,
    /// Seed of everything that is not a fact.
    pub seed: u64,
    /// Side of a raster cell in metres; 5 to 500. The rasters span 40 × 42 km: 30 m gives 1,334 × 1,400 cells.
    pub cell_m: f64,
}

impl Default for CityOptions {
    fn default() -> Self {
        Self {
            parcels: 30_000,
            seed: 1,
            cell_m: 30.0,
        }
    }
}

/// Why no city could be generated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CityError {
    /// The number of parcels is out of range.
    #[error("{0} parcels were asked for; ask for 10 to 2,000,000")]
    Parcels(usize),
    /// The raster cell is out of range or not a number.
    #[error("the raster cell is {0} m; choose 5 to 500 m")]
    Cell(f64),
    /// The embedded facts contradict themselves: a defect of the program's own `geodata`.
    #[error("the facts in geodata are inconsistent: {0}; correct the file and build again")]
    Facts(String),
    /// The street fabric has no room for so many parcels.
    #[error(
        "the street fabric holds only {room} parcels, {asked} were asked for; ask for fewer or take another seed"
    )]
    Room {
        /// Parcels asked for.
        asked: usize,
        /// Parcels that the fabric of this seed can hold.
        room: usize,
    },
}

/// Declares a closed vocabulary whose `as_str` is the term used in files and on screen.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $term:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every term, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The term as written in files.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $term),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

vocabulary! {
    /// Level of an administrative unit.
    Level {
        /// Khan, four digits.
        Khan = "khan",
        /// Sangkat, six digits.
        Sangkat = "sangkat",
    }
}

vocabulary! {
    /// An answer that may be missing.
    Known {
        /// It is so.
        Yes = "yes",
        /// It is not so.
        No = "no",
        /// Nobody knows.
        Unknown = "unknown",
    }
}

vocabulary! {
    /// How land is held.
    Tenure {
        /// State public land: cannot be let or sold until it is reclassified.
        StatePublic = "state_public",
        /// State private land.
        StatePrivate = "state_private",
        /// Title registered with the cadastre.
        HardTitle = "hard_title",
        /// Title known to the local authority only.
        SoftTitle = "soft_title",
        /// Land conceded by the state for social purposes.
        SocialLandConcession = "social_land_concession",
        /// Monastery land.
        Monastery = "monastery",
        /// Not recorded.
        Unknown = "unknown",
    }
}

vocabulary! {
    /// What a parcel is used for.
    LandUse {
        /// Dwellings.
        Residential = "residential",
        /// Shop below, dwelling above.
        Mixed = "mixed",
        /// Shops, offices, hotels.
        Commercial = "commercial",
        /// Factories and warehouses.
        Industrial = "industrial",
        /// Ministries, schools, hospitals.
        Public = "public",
        /// Pagodas and other worship.
        Religious = "religious",
        /// Fields and gardens.
        Agricultural = "agricultural",
        /// Nothing built.
        Vacant = "vacant",
    }
}

vocabulary! {
    /// What kind of water.
    WaterKind {
        /// River.
        River = "river",
        /// Lake or wetland.
        Lake = "lake",
        /// Canal.
        Canal = "canal",
    }
}

vocabulary! {
    /// Class of a road, `OpenStreetMap`'s words.
    RoadClass {
        /// Motorway.
        Motorway = "motorway",
        /// National road.
        Trunk = "trunk",
        /// Boulevard or ring road.
        Primary = "primary",
        /// Main street.
        Secondary = "secondary",
        /// Collector street.
        Tertiary = "tertiary",
        /// Street of a block.
        Residential = "residential",
        /// Field or levee track.
        Track = "track",
    }
}

vocabulary! {
    /// Surface of a road.
    Surface {
        /// Asphalt.
        Asphalt = "asphalt",
        /// Concrete.
        Concrete = "concrete",
        /// Laterite, gravel or rolled stone.
        Unpaved = "unpaved",
        /// Bare earth, impassable when wet.
        Earth = "earth",
    }
}

vocabulary! {
    /// Kind of a service.
    ServiceKind {
        /// Primary school; capacity in pupils.
        PrimarySchool = "primary_school",
        /// Health centre; capacity in consultations a day.
        HealthCentre = "health_centre",
        /// Hospital; capacity in beds.
        Hospital = "hospital",
        /// Market; capacity in stalls.
        Market = "market",
        /// Nursery; capacity in places.
        Nursery = "nursery",
        /// Preschool; capacity in places.
        Preschool = "preschool",
        /// Factory; capacity in employees.
        Factory = "factory",
        /// Social service; capacity in families served.
        SocialService = "social_service",
        /// Bus stop; no capacity.
        BusStop = "bus_stop",
        /// Water point; capacity in households served.
        WaterPoint = "water_point",
    }
}

vocabulary! {
    /// How near an eviction is thought to be.
    Threat {
        /// None known.
        None = "none",
        /// Spoken of.
        Rumoured = "rumoured",
        /// Served with a notice.
        Notified = "notified",
        /// Not recorded.
        Unknown = "unknown",
    }
}

vocabulary! {
    /// What a satellite saw on the day of the event.
    FloodZoneClass {
        /// Open flood water.
        Flooded = "flooded",
        /// Wet or shallow: probably flooded.
        ProbablyFlooded = "probably_flooded",
        /// Could not be seen (roofs, cloud): unknown, not dry.
        NotSeen = "not_seen",
    }
}

/// A khan or sangkat. Its outline is generated around the real place; the sangkats tile the municipality.
#[derive(Debug, Clone, PartialEq)]
pub struct Boundary {
    /// Four or six digits; the P-code is `KH` + code.
    pub code: String,
    /// Khan or sangkat.
    pub level: Level,
    /// Code of the khan above a sangkat; a khan's is the municipality's, `12`.
    pub parent: String,
    /// Name in Latin letters.
    pub name_en: String,
    /// Name in Khmer.
    pub name_km: String,
    /// Outline; a khan's is exactly the union of its sangkats'.
    pub geometry: MultiPolygon<f64>,
}

/// River, lake or canal.
#[derive(Debug, Clone, PartialEq)]
pub struct Water {
    /// What kind.
    pub kind: WaterKind,
    /// Name in Latin letters.
    pub name_en: String,
    /// Surface. Waters touch where they meet and do not overlap.
    pub geometry: Polygon<f64>,
}

/// Land on which nothing may be built.
#[derive(Debug, Clone, PartialEq)]
pub struct Protected {
    /// Name in Latin letters, marked as illustrative.
    pub name_en: String,
    /// Why it is protected, in words.
    pub reason: String,
    /// Outline.
    pub geometry: Polygon<f64>,
}

/// A road. Roads meet at shared vertices, often in the middle of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Road {
    /// Stable within a seed and size.
    pub road_id: String,
    /// Name of a main road; none for a generated street.
    pub name_en: Option<String>,
    /// Class.
    pub class: RoadClass,
    /// Surface.
    pub surface: Surface,
    /// Traffic runs only from the first to the last vertex.
    pub oneway: bool,
    /// Carried over water: a depth raster's water beneath it does not cut it.
    pub bridge: bool,
    /// Width of the road reserve in metres: no parcel lies within half of it on either side. The last half
    /// width at the ends of a road is not kept free: there the road it ends on decides.
    pub reserve_m: f64,
    /// Course.
    pub geometry: LineString<f64>,
}

/// A railway line.
#[derive(Debug, Clone, PartialEq)]
pub struct Rail {
    /// Name in Latin letters.
    pub name_en: String,
    /// Course.
    pub geometry: LineString<f64>,
}

/// A parcel of the cadastre.
#[derive(Debug, Clone, PartialEq)]
pub struct Parcel {
    /// Sangkat code and serial number, such as `120101-000017`; parcels outside the municipality begin with `000000`.
    pub parcel_id: String,
    /// Six-digit code of the sangkat, if within the municipality.
    pub sangkat: Option<String>,
    /// How it is held.
    pub tenure: Tenure,
    /// What it is used for.
    pub land_use: LandUse,
    /// Whether it could be had for housing.
    pub available: Known,
    /// Asking price in US$ per square metre, where known.
    pub price_usd_m2: Option<f64>,
    /// Outline: simple, counter-clockwise, free of other parcels, water and road reserves.
    pub geometry: Polygon<f64>,
}

/// Where a settlement is: surveyed as an outline or only as a place.
#[derive(Debug, Clone, PartialEq)]
pub enum SettlementShape {
    /// Outline.
    Area(Polygon<f64>),
    /// Place without outline.
    Place(Point<f64>),
}

/// An urban poor settlement, as a survey records it. No word about persons.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// Id of the survey record.
    pub survey_id: String,
    /// Made-up name in Latin letters, marked as illustrative.
    pub name_en: String,
    /// Made-up name in Khmer, marked as illustrative.
    pub name_km: String,
    /// Number of households.
    pub households: u32,
    /// How most of the land is held.
    pub tenure: Tenure,
    /// Floods in a usual year, where known.
    pub flooding_per_year: Option<f64>,
    /// Usual depth of these floods in metres, where known.
    pub flood_depth_m: Option<f64>,
    /// How near an eviction is thought to be.
    pub eviction_threat: Threat,
    /// Piped water.
    pub water: Known,
    /// Electricity from the grid.
    pub electricity: Known,
    /// Toilets in most houses.
    pub toilets: Known,
    /// A road for vehicles reaches it.
    pub road: Known,
    /// Date of the survey, ISO 8601.
    pub surveyed_on: String,
    /// Outline or place.
    pub geometry: SettlementShape,
}

/// A service or a workplace.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Stable within a seed and size.
    pub service_id: String,
    /// Name, marked as illustrative.
    pub name_en: String,
    /// Kind.
    pub kind: ServiceKind,
    /// Capacity in the unit of the kind, where known.
    pub capacity: Option<u32>,
    /// Employees of a factory.
    pub employees: Option<u32>,
    /// Whether a factory has a nursery.
    pub has_nursery: Option<Known>,
    /// Where.
    pub geometry: Point<f64>,
}

/// Part of the extent of one flood event.
#[derive(Debug, Clone, PartialEq)]
pub struct FloodZone {
    /// What was seen.
    pub class: FloodZoneClass,
    /// The event, marked as illustrative.
    pub event: String,
    /// Who says so.
    pub source: String,
    /// Confidence, 0 to 1; none where nothing could be seen.
    pub confidence: Option<f64>,
    /// Outline.
    pub geometry: Polygon<f64>,
}

/// A raster, row by row from the north-west corner, north up.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Easting of the left edge in metres.
    pub left: f64,
    /// Northing of the top edge in metres.
    pub top: f64,
    /// Side of a cell in metres.
    pub cell_m: f64,
    /// Cells in a row.
    pub cols: usize,
    /// Rows.
    pub rows: usize,
    /// Values in metres, `rows × cols` of them; [`NODATA`] where the raster says nothing. Never NaN.
    pub values: Vec<f32>,
}

/// Flood depth once in so many years.
#[derive(Debug, Clone, PartialEq)]
pub struct Flood {
    /// Return period in years.
    pub return_period: u32,
    /// Depth in metres, 0 where dry.
    pub depth: Grid,
}

/// The whole city, layer by layer.
#[derive(Debug, Clone, PartialEq)]
pub struct City {
    /// Khans, then sangkats.
    pub boundaries: Vec<Boundary>,
    /// Rivers, lakes, canals.
    pub water: Vec<Water>,
    /// Protected land.
    pub protected: Vec<Protected>,
    /// Roads, one connected network.
    pub roads: Vec<Road>,
    /// Railway lines.
    pub rail: Vec<Rail>,
    /// Parcels, exactly as many as asked for.
    pub parcels: Vec<Parcel>,
    /// Settlements that might move.
    pub settlements: Vec<Settlement>,
    /// Services and factories.
    pub services: Vec<Service>,
    /// Extent of one event.
    pub flood_zones: Vec<FloodZone>,
    /// Ground level in metres above sea level.
    pub elevation: Grid,
    /// Flood depths, in the order of [`RETURN_PERIODS`]; cell by cell never shallower for a rarer flood.
    pub flood_depth: Vec<Flood>,
}
