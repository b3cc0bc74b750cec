//! The illustrative city: a generated Phnom Penh with the skeleton of the real one, the same bytes from the same seed.
//!
//! Real are the facts under `geodata/city` and `geodata/gazetteer.csv`: khans and sangkats and about where they lie, the
//! course of rivers, canals, main roads and rail, lakes, factory belts, relocation areas. Everything else is drawn from
//! the seed. All geometry is in EPSG:32648 metres, rounded to 1 cm; rasters are rounded to 1 cm as well.
//!
//! ```
//! use phteah_city::{City, CityOptions};
//! let city = City::generate(&CityOptions { parcels: 200, cell_m: 500.0, ..CityOptions::default() })?;
//! assert_eq!(city.parcels.len(), 200);
//! # Ok::<(), phteah_city::CityError>(())
//! ```

mod anchors;
mod blocks;
mod boundaries;
mod cadastre;
mod contour;
mod draw;
mod event;
mod fabric;
mod facts;
pub mod families;
mod model;
mod near;
mod parcels;
mod planar;
mod plots;
mod raster;
mod services;
mod settlements;
mod shape;
mod streets;
mod terrain;
mod water;

pub use model::{
    Boundary, City, CityError, CityOptions, EPSG, Flood, FloodZone, FloodZoneClass, Grid, Known, LandUse,
    Level, NODATA, NOTICE, Parcel, Protected, RETURN_PERIODS, Rail, Road, RoadClass, Service, ServiceKind,
    Settlement, SettlementShape, Surface, Tenure, Threat, Water, WaterKind,
};

use facts::Facts;
use near::Obstacles;

impl City {
    /// Generates the city. The same options give the same bytes on every machine; nothing depends on threads.
    pub fn generate(options: &CityOptions) -> Result<Self, CityError> {
        if !(10..=2_000_000).contains(&options.parcels) {
            return Err(CityError::Parcels(options.parcels));
        }
        if !(5.0..=500.0).contains(&options.cell_m) {
            return Err(CityError::Cell(options.cell_m));
        }
        let facts = Facts::embedded()?;
        let seed = options.seed;
        let boundaries = boundaries::generate(&facts, seed)?;
        let water = water::generate(&facts, seed);
        let rail = water::rail(&facts);
        let filled = water::filled_lake(&facts, seed);
        let sangkats = fabric::Sangkats::new(&boundaries);
        let density = fabric::Density::new(&facts, options.parcels, seed, &sangkats);
        let fabric = fabric::generate(&facts, &density, seed)?;
        let banks = Obstacles::new(&water, &[], 8.0, 0.0);
        let roads = streets::roads(fabric.lines, facts.skeleton.road.len(), &banks);
        let obstacles = Obstacles::new(&water, &rail, 6.0, 12.0);
        let blocks = fabric::served(fabric.blocks, &roads);
        let quarters = parcels::generate(
            &blocks,
            options.parcels,
            &density,
            &obstacles,
            &Obstacles::reserves(&roads),
            &filled,
            seed,
        )?;
        let parcels = cadastre::generate(&quarters, &density, &sangkats, &filled, seed);
        let anchors = anchors::generate(&blocks, &density, &sangkats, &obstacles);
        let services = services::generate(&facts, &anchors, &roads, &density, &sangkats, &obstacles, seed);
        let settlements = settlements::generate(&water, &rail, &anchors, &density, &sangkats, seed);
        let terrain = terrain::Terrain::new(&facts, &water, seed);
        let (elevation, flood_depth) = terrain.rasters(options.cell_m);
        Ok(Self {
            flood_zones: event::generate(&terrain, facts.centre(), seed),
            protected: water::protected(&facts, seed),
            roads,
            rail,
            parcels,
            settlements,
            services,
            elevation,
            flood_depth,
            boundaries,
            water,
        })
    }
}
