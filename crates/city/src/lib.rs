//! The illustrative city: a generated Phnom Penh with the skeleton of the real one, the same bytes from the same seed.
//!
//! Real are the facts under `geodata/city` and `geodata/gazetteer.csv`: khans and sangkats and about where they lie, the
//! course of rivers, canals, main roads and rail, lakes, factory belts, relocation areas. Everything else is drawn from
//! the seed. All geometry is in EPSG:32648 metres, rounded to 1 cm; rasters are rounded to 1 cm as well.

mod boundaries;
mod draw;
mod facts;
mod model;
mod shape;
mod water;

pub use model::{
    Boundary, City, CityError, CityOptions, EPSG, Flood, FloodZone, FloodZoneClass, Grid, Known, LandUse, Level,
    NODATA, NOTICE, Parcel, Protected, RETURN_PERIODS, Rail, Road, RoadClass, Service, ServiceKind, Settlement,
    SettlementShape, Surface, Tenure, Threat, Water, WaterKind,
};

use facts::Facts;

impl City {
    /// Generates the city.
    pub fn generate(options: &CityOptions) -> Result<Self, CityError> {
        if !(10..=2_000_000).contains(&options.parcels) {
            return Err(CityError::Parcels(options.parcels));
        }
        if !(5.0..=500.0).contains(&options.cell_m) {
            return Err(CityError::Cell(options.cell_m));
        }
        let facts = Facts::embedded()?;
        let seed = options.seed;
        let grid = Grid { left: 0.0, top: 0.0, cell_m: options.cell_m, cols: 0, rows: 0, values: vec![] };
        Ok(Self {
            boundaries: boundaries::generate(&facts, seed)?,
            water: water::generate(&facts, seed),
            protected: water::protected(&facts, seed),
            roads: vec![],
            rail: vec![],
            parcels: vec![],
            settlements: vec![],
            services: vec![],
            flood_zones: vec![],
            elevation: grid,
            flood_depth: vec![],
        })
    }
}
