//! `phteah sites --drawn`: every measure that a scenario names, of polygons drawn by hand.

use geo::{Geometry, MultiPolygon};
use phteah_layers::measures::{Measured, measure_all_drawn};
use phteah_layers::{Catalogue, Progress};
use phteah_planning::matrix::{Cell, Unknown};
use phteah_planning::measure::Measure;
use phteah_planning::scenario::Scenario;

use super::super::analyst::features::{area, into_polygons};
use super::super::analyst::{Column, Features, Table};
use super::super::progress::Shown;
use super::super::{CommandError, say, tell};
use super::{COMPACTNESS, Sites};

/// How the columns of a measure are to be read.
const BOUNDS: &str =
    "a measure that is known in part has no number but the lowest and highest that it may be";

type End = (&'static str, fn(f64, f64) -> f64);

const ENDS: [End; 2] = [("lowest", |low, _| low), ("highest", |_, high| high)];

/// A polygon of the file as a site; `None` where it is none.
type Row = Option<usize>;

pub(super) fn run(
    args: &Sites,
    file: &std::path::Path,
    catalogue: &Catalogue,
    scenario: &Scenario,
) -> Result<(), CommandError> {
    let mut progress = Shown::on_stderr();
    progress.start("Reading the drawn polygons", None);
    let mut features = Features::read(file, args.id.as_deref(), area)?;
    let crs = catalogue.crs()?;
    let placed = features.shapes_in(&crs)?.into_owned();
    let mut drawn: Vec<(usize, String, MultiPolygon<f64>)> = Vec::new();
    for (row, shape) in placed.into_iter().enumerate() {
        match shape {
            // Ids may be given twice, row numbers not.
            Some(shape) => drawn.push((row, row.to_string(), into_polygons(shape))),
            None if features.shapes[row].is_some() => note(
                &mut features,
                row,
                &format!("it cannot be brought to {}", crs.name()),
            ),
            None => {}
        }
    }
    let named: Vec<(&str, &MultiPolygon<f64>)> = drawn
        .iter()
        .map(|(_, name, shape)| (name.as_str(), shape))
        .collect();
    let (measured, refused) = measure_all_drawn(catalogue, scenario, &named, &mut progress)?;
    for (index, why) in &refused {
        note(&mut features, drawn[*index].0, why.trim_end_matches('.'));
    }
    let mut sites: Vec<Row> = vec![None; features.len()];
    for (site, found) in measured.sites.iter().enumerate() {
        if let Ok(row) = found.id.parse::<usize>() {
            sites[row] = Some(site);
        }
    }
    features.crs = crs;
    for (row, site) in sites.iter().enumerate() {
        features.shapes[row] = site.map(|site| Geometry::MultiPolygon(measured.sites[site].shape.clone()));
    }
    progress.start("Writing", None);
    let mut conventions = vec![
        ("compactness".to_owned(), COMPACTNESS.to_owned()),
        ("bounds".to_owned(), BOUNDS.to_owned()),
        ("illustrative".to_owned(), catalogue.is_illustrative().to_string()),
    ];
    let warnings = measured.warnings.iter();
    conventions.extend(warnings.map(|warning| (warning.code.clone(), warning.message.clone())));
    Table {
        features: &features,
        columns: columns(&measured, &sites, &scenario.measures()),
        name: "drawn",
        conventions,
    }
    .write(&args.out, file)?;
    progress.finish();
    features.problems.tell();
    measured
        .warnings
        .iter()
        .for_each(|warning| tell(format!("Note: {}", warning.message)));
    say(format!(
        "{} polygons: {} measured as sites, {} with something wrong. Written to {}.",
        features.len(),
        measured.sites.len(),
        features.problems.count(),
        args.out.display()
    ));
    Ok(())
}

fn note(features: &mut Features, row: usize, why: &str) {
    let record = format!("record {} ({})", row + 1, features.ids[row]);
    features.problems.note(
        &features.file,
        &record,
        format_args!("{why}; its measures are unknown"),
    );
}

fn columns<'a>(measured: &'a Measured, sites: &'a [Row], measures: &[Measure]) -> Vec<Column<'a>> {
    let site = move |row: usize| sites[row].map(|site| &measured.sites[site]);
    let code = |division: &'a Option<phteah_layers::measures::DivisionName>| {
        division.as_ref().map(|division| division.code.as_str())
    };
    let mut columns = vec![
        Column::text("khan", move |row| code(&site(row)?.place.khan)),
        Column::text("sangkat", move |row| code(&site(row)?.place.sangkat)),
        Column::number("net_area_m2", "m²", move |row| Some(site(row)?.area_m2)),
        Column::integer("capacity", move |row| Some(i64::from(site(row)?.capacity))),
        Column::number("compactness", "", move |row| Some(site(row)?.compactness)),
        Column::text("tenure", move |row| Some(site(row)?.tenure.name())),
        Column::number("price_usd_m2", "USD/m²", move |row| site(row)?.price_usd_m2),
    ];
    for measure in measures {
        let name = measure.id();
        // Those that every site has stand above.
        if matches!(
            measure,
            Measure::Tenure | Measure::LandPrice | Measure::Area | Measure::Capacity | Measure::Compactness
        ) {
            continue;
        }
        let Some(column) = measured.matrix.column(&name) else {
            continue;
        };
        let cell = move |row: usize| sites[row].map(|site| column.cell(site));
        let unit = measure.unit().symbol();
        columns.push(Column::number(name.clone(), unit, move |row| match cell(row)? {
            Cell::Known(number) => Some(number),
            _ => None,
        }));
        for (end, pick) in ENDS {
            columns.push(Column::number(
                format!("{name}_{end}"),
                unit,
                move |row| match cell(row)? {
                    Cell::Known(number) => Some(number),
                    Cell::Interval(low, high) => Some(pick(low, high)),
                    Cell::Category(_) | Cell::Unknown(_) => None,
                },
            ));
        }
        if matches!(measure, Measure::Disruption { .. }) {
            columns.push(Column::number(
                format!("{name}_reached_share"),
                "share",
                move |row| {
                    let site = sites[row]?;
                    let known = !matches!(column.cell(site), Cell::Unknown(_));
                    known.then(|| column.reached_share(site))
                },
            ));
        }
        if column.is_coarse() {
            columns.push(Column::text(format!("{name}_coarse"), |_| Some("true")));
        }
        columns.push(Column::text(format!("{name}_status"), move |row| {
            Some(cell(row).map_or("no_site", status))
        }));
    }
    columns
}

/// How much is known of a measure.
fn status(cell: Cell<'_>) -> &'static str {
    match cell {
        Cell::Known(_) | Cell::Category(_) => "known",
        Cell::Interval(..) => "known_in_part",
        Cell::Unknown(Unknown::NoData) => "unknown",
        Cell::Unknown(Unknown::Unreachable) => "unreachable",
        Cell::Unknown(Unknown::OffNetwork) => "off_network",
    }
}
