//! `phteah demo`: the illustrative city becomes layers.

pub mod doors;
pub mod families;
mod people;
mod records;

use std::path::Path;

use jiff::Timestamp;
use phteah_city::{City, CityOptions, NODATA, NOTICE};
use phteah_layers::import::report::Outcome;
use phteah_layers::{
    Batch, Catalogue, CoverageRequest, Crs, Deployment, Grid, GridRequest, ImportReport, LayersError,
    Progress, Record as Feature, RecordsRequest, Reprojector, Role, import_grid, import_records,
};
use phteah_planning::record::{Record, Signature};

use super::progress::Shown;
use super::{CommandError, record, say};
use crate::build_id::VERSION;
use crate::ranking::RankedSites;
use crate::{cli, scenarios};

/// Of the generated data, not of the program: they rest on places that were read off data under this licence.
const LICENCE: &str = "CC BY 4.0";
/// How the source of its layers begins.
const SOURCE: &str = "illustrative city";
const ATTRIBUTION: &str = "Phteah, illustrative data";

pub fn run(args: &cli::Demo) -> Result<(), CommandError> {
    let catalogue = Catalogue::open_or_create(&args.data.dir)?;
    refuse_real_data(&catalogue)?;
    let options = CityOptions {
        parcels: args.parcels,
        seed: args.seed,
        cell_m: args.cell,
    };
    let mut progress = Shown::on_stderr();
    progress.start(
        &format!(
            "Making a city of {} parcels from seed {}",
            options.parcels, options.seed
        ),
        None,
    );
    let city = City::generate(&options).map_err(|error| CommandError::Usage(format!("{error}.")))?;
    progress.finish();
    // Listed together at the end: a city that is broken off leaves the one before, never half of each.
    let batch = catalogue.begin()?;
    let building = batch.catalogue()?;
    let place = to_degrees()?;
    let source = format!(
        "{SOURCE}, {} parcels, seed {}, cells of {} m",
        options.parcels, options.seed, options.cell_m
    );
    let area = area(&city, &place)?;
    let ground = families::Ground::of(&city, &place)?;
    let mut store = Store {
        catalogue: &building,
        made: Vec::new(),
        source: source.clone(),
        now: Timestamp::now(),
        progress,
        area,
        changed: 0,
        refused: 0,
    };
    store.all(city)?;
    if store.refused > 0 {
        let message = format!(
            "{} generated records were refused: a defect of the program.",
            store.refused
        );
        return Err(CommandError::Refused(message));
    }
    let made = std::mem::take(&mut store.made);
    batch.retain(|layer| made.contains(&layer.name) || !layer.source.starts_with(SOURCE));
    let decision = ranked_sites(&batch)?;
    let record_file = args.data.dir.join("ranked_sites.record.json");
    let record = decision.as_ref().map(|decision| decision.json.as_str());
    replace_record(&record_file, record, || Ok(batch.commit()?))?;
    // Nothing in it is real, so that everything can be tried at once.
    super::sharing::publish_all(&args.data)?;
    say(match store.changed {
        0 => "Unchanged: this city was there already.".to_owned(),
        n => format!("{n} layers of {NOTICE} stored in {}.", args.data.dir.display()),
    });
    let Some(decision) = decision else {
        return Ok(());
    };
    let wanted = families::Wanted {
        data: &args.data.dir,
        database: args.data.database()?,
        key: args.key.place_for(&args.data.dir),
        seed: args.seed,
        city: &source,
        decision: &decision.seal,
        households: u64::from(args.households),
    };
    families::make(&wanted, &ground, &decision.ranked, Timestamp::now())
}

/// A decision of the illustrative city.
struct Decided {
    /// Its record, as it is saved.
    json: String,
    seal: String,
    ranked: RankedSites,
}

/// A decision under the scenario that comes with the program, so that partners find ranked sites as well. Its record, where there is one.
fn ranked_sites(batch: &Batch) -> Result<Option<Decided>, CommandError> {
    let catalogue = batch.catalogue()?;
    let Some(scenario) = scenarios::named(catalogue.dir(), scenarios::DEFAULT).transpose()? else {
        return Ok(None);
    };
    let (inputs, ranked) = record::recompute(&catalogue, &scenario)?;
    if ranked.ranking.order.is_empty() {
        say("No candidate sites: the city is too small to rank any.");
        batch.retain(|layer| layer.role != Role::RankedSites);
        return Ok(None);
    }
    // As old as the newest layer: the same city gives the same decision.
    let newest = catalogue
        .layers()
        .iter()
        .filter(|layer| !layer.role.is_result())
        .map(|layer| layer.imported_at)
        .max();
    let signature = Signature {
        version: VERSION.to_owned(),
        who: NOTICE.to_owned(),
        when: newest.unwrap_or(Timestamp::UNIX_EPOCH).to_string(),
        notes: String::new(),
        chosen: Vec::new(),
        overrides: Vec::new(),
    };
    let sealed = Record::seal(&scenario, inputs, &ranked.ranking, signature)
        .map_err(|error| CommandError::Refused(error.to_string()))?;
    let title = format!("{} ({NOTICE})", scenario.title.en);
    let mut progress = Shown::on_stderr();
    let report = record::publish::store(
        &catalogue,
        &sealed,
        &ranked,
        (record::publish::LAYER, &title),
        &mut progress,
    )?;
    if report.outcome == Outcome::Imported {
        say(format!("{}: {} stored", report.layer, report.kept));
    }
    let text =
        serde_json::to_string_pretty(&sealed).map_err(|error| CommandError::Refused(error.to_string()))?;
    Ok(Some(Decided {
        json: text + "\n",
        seal: sealed.seal,
        ranked,
    }))
}

/// Lists the city with the record of its decision beside it. The record of a former city goes first: should the program end between, there
/// is none, and making the city again writes it.
fn replace_record(
    file: &Path,
    record: Option<&str>,
    commit: impl FnOnce() -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let io = |doing: &str, error| LayersError::io(file, doing, error);
    let held = std::fs::read_to_string(file).ok();
    if held.is_some() && held.as_deref() == record {
        return commit();
    }
    if held.is_some() {
        std::fs::remove_file(file).map_err(|error| io("writing", error))?;
    }
    commit()?;
    if let Some(record) = record {
        phteah_layers::replace_file(file, record.as_bytes())?;
    }
    Ok(())
}

/// Where the city is complete: all over its terrain.
fn area(city: &City, to_degrees: &Reprojector) -> Result<[f64; 4], CommandError> {
    let grid = &city.elevation;
    let (width, height) = (grid.cols as f64 * grid.cell_m, grid.rows as f64 * grid.cell_m);
    let place = [grid.left, grid.top - height, grid.left + width, grid.top];
    Ok(to_degrees.bounds(place)?)
}

/// From the city's metres to degrees.
fn to_degrees() -> Result<Reprojector, CommandError> {
    let own = Crs::parse(&format!("EPSG:{}", phteah_city::EPSG), &Deployment::default())?;
    Ok(Reprojector::new(&own, &Crs::wgs84())?)
}

/// A generated layer must never take the place of a real one.
fn refuse_real_data(catalogue: &Catalogue) -> Result<(), CommandError> {
    let real: Vec<&str> = catalogue
        .layers()
        .iter()
        .filter(|layer| !layer.illustrative)
        .map(|layer| layer.name.as_str())
        .collect();
    if real.is_empty() {
        return Ok(());
    }
    Err(CommandError::Refused(format!(
        "{} holds real layers ({}). Make the illustrative city in a directory of its own.",
        catalogue.dir().display(),
        real.join(", ")
    )))
}

/// Stores layer after layer.
struct Store<'a> {
    catalogue: &'a Catalogue,
    source: String,
    now: Timestamp,
    progress: Shown,
    /// Where the city is made: west, south, east, north in degrees.
    area: [f64; 4],
    /// Names of its layers.
    made: Vec<String>,
    changed: u32,
    refused: u64,
}

impl Store<'_> {
    fn all(&mut self, city: City) -> Result<(), CommandError> {
        self.vector(
            Role::Boundaries,
            "Khans and sangkats",
            city.boundaries,
            records::boundary,
        )?;
        self.vector(
            Role::Water,
            "Rivers, lakes and canals",
            city.water,
            records::water,
        )?;
        self.vector(
            Role::Protected,
            "Protected land",
            city.protected,
            records::protected,
        )?;
        self.vector(Role::Roads, "Roads", city.roads, records::road)?;
        self.vector(Role::Parcels, "Parcels", city.parcels, records::parcel)?;
        self.vector(
            Role::Settlements,
            "Urban poor settlements",
            city.settlements,
            records::settlement,
        )?;
        self.vector(
            Role::Services,
            "Services and workplaces",
            city.services,
            records::service,
        )?;
        self.vector(
            Role::FloodZones,
            "Extent of one flood",
            city.flood_zones,
            records::flood_zone,
        )?;
        self.raster(
            Role::Elevation,
            "elevation".to_owned(),
            "Ground level",
            &city.elevation,
            None,
        )?;
        for flood in &city.flood_depth {
            let years = flood.return_period;
            let (name, title) = (
                format!("flood_depth_rp{years}"),
                format!("Flood depth once in {years} years"),
            );
            self.raster(Role::FloodDepth, name, &title, &flood.depth, Some(years))?;
        }
        Ok(())
    }

    fn vector<T>(
        &mut self,
        role: Role,
        title: &str,
        things: Vec<T>,
        record: impl Fn(usize, T) -> Feature,
    ) -> Result<(), CommandError> {
        let request = RecordsRequest {
            role,
            layer: role.as_str().to_owned(),
            title: format!("{title} ({NOTICE})"),
            crs: format!("EPSG:{}", phteah_city::EPSG),
            source: self.source.clone(),
            licence: LICENCE.to_owned(),
            attribution: ATTRIBUTION.to_owned(),
            illustrative: true,
            record: None,
            extra: Vec::new(),
            strict: false,
            coverage: Some(CoverageRequest::Degrees(self.area)),
        };
        let total = things.len() as u64;
        let records = things.into_iter().enumerate().map(|(n, thing)| record(n, thing));
        let report = import_records(
            self.catalogue,
            &request,
            records,
            Some(total),
            self.now,
            &mut self.progress,
        )?;
        self.note(&report);
        Ok(())
    }

    fn raster(
        &mut self,
        role: Role,
        layer: String,
        title: &str,
        grid: &phteah_city::Grid,
        return_period: Option<u32>,
    ) -> Result<(), CommandError> {
        let request = GridRequest {
            role,
            layer,
            title: format!("{title} ({NOTICE})"),
            crs: format!("EPSG:{}", phteah_city::EPSG),
            source: self.source.clone(),
            licence: LICENCE.to_owned(),
            attribution: ATTRIBUTION.to_owned(),
            illustrative: true,
            return_period,
        };
        let place = Grid {
            west: grid.left,
            north: grid.top,
            cell_width: grid.cell_m,
            cell_height: grid.cell_m,
            columns: grid.cols,
            rows: grid.rows,
        };
        // A generated value of "nothing said" is exactly this constant.
        #[allow(clippy::float_cmp)]
        let known = |value: f32| (value != NODATA).then_some(value);
        let fill = |row: usize, cells: &mut [Option<f32>]| {
            let values = &grid.values[row * grid.cols..(row + 1) * grid.cols];
            for (cell, &value) in cells.iter_mut().zip(values) {
                *cell = known(value);
            }
        };
        let report = import_grid(
            self.catalogue,
            &request,
            &place,
            fill,
            self.now,
            &mut self.progress,
        )?;
        self.note(&report);
        Ok(())
    }

    fn note(&mut self, report: &ImportReport) {
        self.made.push(report.layer.clone());
        self.changed += u32::from(report.outcome != Outcome::Unchanged);
        self.refused += report.refused;
        if report.outcome == Outcome::Imported {
            say(format!("{}: {} stored", report.layer, report.kept));
        }
    }
}
