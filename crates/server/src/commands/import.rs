//! `phteah import`: files become a layer.

use std::fs;
use std::path::{Path, PathBuf};

use phteah_layers::import::notes::Notes;
use phteah_layers::{
    Catalogue, ImportReport, ImportRequest, LayersError, check_layer_names, import, import_preset, parse_map,
};

use super::progress::Shown;
use super::{CommandError, say, tell};
use crate::cli;

pub fn run(args: cli::Import) -> Result<(), CommandError> {
    let report_file = args.report.clone();
    let dir = args.data.dir.clone();
    let mut requests = requests(args)?;
    check_layer_names(&requests)?;
    let (report_file, notes) = report_files(report_file)?;
    for request in &mut requests {
        request.notes.clone_from(&notes);
    }
    let catalogue = Catalogue::open_or_create(&dir)?;
    let now = jiff::Timestamp::now();
    let mut reports = Vec::new();
    let mut outcome = Ok(());
    for request in &requests {
        let mut progress = Shown::on_stderr();
        let done = if request.preset.is_some() {
            import_preset(&catalogue, request, now, &mut progress)
        } else {
            import(&catalogue, request, now, &mut progress).map(|report| vec![report])
        };
        match done {
            Ok(done) => {
                done.iter().for_each(say);
                reports.extend(done);
            }
            Err(error) => {
                // A refusal carries what was found until then, which is what a person needs to mend the file.
                if let Some(report) = error.report() {
                    tell(report);
                    reports.push(report.clone());
                }
                outcome = Err(error);
                break;
            }
        }
    }
    if let Some(file) = report_file {
        write_report(&file, &reports)?;
    }
    if let Some(notes) = notes {
        notes.finish()?;
    }
    outcome.map_err(Into::into)
}

/// Where the report goes: JSON, or every note as a line of CSV.
fn report_files(file: Option<PathBuf>) -> Result<(Option<PathBuf>, Option<Notes>), CommandError> {
    match file {
        Some(file) if file.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv")) => {
            Ok((None, Some(Notes::create(&file)?)))
        }
        file => Ok((file, None)),
    }
}

/// What to import, one layer each: several rasters of one role are several layers.
fn requests(args: cli::Import) -> Result<Vec<ImportRequest>, CommandError> {
    let mut files: Vec<String> = args.arguments;
    let role = match &args.preset {
        Some(_) => None,
        None => Some(files.remove(0).parse::<phteah_layers::Role>()?),
    };
    if files.is_empty() {
        return Err(CommandError::Usage(
            "Name at least one file: phteah import ROLE FILE… --data DIR.".to_owned(),
        ));
    }
    let files: Vec<PathBuf> = files.into_iter().map(PathBuf::from).collect();
    let request = ImportRequest {
        role,
        files: Vec::new(),
        layer: args.layer,
        source_layer: args.source_layer,
        map: args
            .map
            .as_deref()
            .map(parse_map)
            .transpose()?
            .unwrap_or_default(),
        extra: args.extra,
        place: args.place,
        notes: None,
        crs: args.crs,
        encoding: args.encoding,
        title: args.title,
        licence: args.licence,
        attribution: args.attribution,
        strict: args.strict,
        illustrative: args.illustrative,
        preset: args.preset,
        return_period: args.return_period,
        coverage: args.coverage.as_deref().map(str::parse).transpose()?,
    };
    let apart = role.is_some_and(phteah_layers::Role::is_raster);
    if apart && files.len() > 1 && (request.layer.is_some() || request.return_period.is_some()) {
        let message =
            "Several rasters make several layers: with --layer or --return-period import them one by one.";
        return Err(CommandError::Usage(message.to_owned()));
    }
    Ok(if apart {
        files
            .into_iter()
            .map(|file| ImportRequest {
                files: vec![file],
                ..request.clone()
            })
            .collect()
    } else {
        vec![ImportRequest { files, ..request }]
    })
}

/// One report as an object, several as a list.
fn write_report(file: &Path, reports: &[ImportReport]) -> Result<(), CommandError> {
    let json = match reports {
        [report] => serde_json::to_string_pretty(report),
        reports => serde_json::to_string_pretty(reports),
    };
    let json = json.map_err(|e| CommandError::Refused(format!("The report cannot be written: {e}.")))?;
    fs::write(file, json + "\n").map_err(|e| LayersError::io(file, "writing", e).into())
}
