//! Pure algorithms on geometries, grids and networks. No files, no databases, no clock.
//!
//! | question | module |
//! | --- | --- |
//! | which part of every grid cell does a polygon cover? | [`coverage`] |
//! | how deep is a feature flooded, and how much of it? | [`exposure`] |
//! | and per year, over all return periods? | [`annual`] |
//! | how much of a feature lies in zones of each class? | [`overlay`] |
//! | what is the road network, and where does a place meet it? | [`network`] |
//! | how far is the nearest service, by which route? | [`access`], [`reach`], [`route`] |
//! | how far is each site from each settlement? | [`matrix`] |
//! | how steep is the land? | [`slope`] |
//! | which roads does a flood cut? | [`flooded`] |
//! | which sites can be made of the parcels that are available? | [`sites`] |
//!
//! All lengths are metres of a projected CRS (rasters: any planar CRS). Unknown is never zero: it is `None`, or a share
//! below one with bounds. Every result is the same, bit for bit, on any number of threads. Bad geometry (empty, NaN)
//! never panics: it covers nothing and is nowhere.

pub mod access;
pub mod annual;
pub mod coverage;
pub mod exposure;
pub mod flooded;
pub mod grid;
mod heap;
pub mod hilbert;
mod index;
pub mod matrix;
pub mod network;
pub mod overlay;
pub mod reach;
pub mod route;
pub mod sites;
pub mod slope;
pub mod surface;
mod tiles;
mod travel;
pub mod union_find;
