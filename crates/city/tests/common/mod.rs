//! The cities the tests share, each generated once.

use std::sync::LazyLock;

use phteah_city::{City, CityOptions};

/// The default city with coarse rasters.
pub static DEFAULT: LazyLock<City> = LazyLock::new(|| generate(30_000, 1, 60.0));

/// A city, which must come out.
pub fn generate(parcels: usize, seed: u64, cell_m: f64) -> City {
    City::generate(&CityOptions {
        parcels,
        seed,
        cell_m,
    })
    .expect("the embedded facts hold")
}
