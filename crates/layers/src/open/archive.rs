//! Which file of an unpacked archive is read.

use std::path::{Path, PathBuf};

use super::OpenOptions;
use crate::error::{LayersError, Result, base_name};
use crate::import::unpack;

const KNOWN: [&str; 22] = [
    "shp", "gpkg", "geojson", "json", "geojsonl", "geojsons", "ndjson", "topojson", "fgb", "kml", "kmz",
    "csv", "tsv", "xlsx", "ods", "gml", "gpx", "tab", "mif", "dxf", "osm", "pbf",
];

/// An archive may hold an archive, as portals pack them; deeper ones are nobody's data.
const DEPTH: usize = 2;

/// The one file to be read of an unpacked archive; the options choose among several.
pub(super) fn vector_file(
    path: &Path,
    files: Vec<PathBuf>,
    options: &OpenOptions,
    work: &Path,
) -> Result<PathBuf> {
    chosen(path, files, options, work, 1)
}

fn chosen(
    path: &Path,
    files: Vec<PathBuf>,
    options: &OpenOptions,
    work: &Path,
    depth: usize,
) -> Result<PathBuf> {
    // Microsoft's `.csv.gz` holds GeoJSON, one feature a line; the name would lead astray.
    if let [only] = &files[..]
        && is(only, &["csv", "txt"])
        && begins_with_json(only)
    {
        let renamed = only.with_extension("geojsonl");
        std::fs::rename(only, &renamed).map_err(|e| LayersError::io(&renamed, "writing", e))?;
        return Ok(renamed);
    }
    let mut candidates: Vec<PathBuf> = Vec::new();
    let mut archives: Vec<PathBuf> = Vec::new();
    for file in files {
        // A file geodatabase is a folder of files that mean nothing alone.
        let folder = file.ancestors().skip(1).find(|folder| is(folder, &["gdb"]));
        if let Some(folder) = folder {
            if !candidates.iter().any(|known| known == folder) {
                candidates.push(folder.to_owned());
            }
        } else if is(&file, &KNOWN) {
            candidates.push(file);
        } else if unpack::is_archive(&file) {
            archives.push(file);
        }
    }
    if candidates.len() > 1
        && let Some(asked) = &options.layer
    {
        candidates.retain(|file| file.file_stem().is_some_and(|stem| stem == asked.as_str()));
    }
    match (candidates.len(), archives.len()) {
        (1, _) => Ok(candidates.swap_remove(0)),
        (0, 1) if depth < DEPTH => {
            let into = tempfile::tempdir_in(work)
                .map_err(|e| LayersError::io(work, "writing to", e))?
                .keep();
            let files = unpack::unpack(&archives[0], &into, options.deployment.max_unpacked_bytes)?;
            chosen(path, files, options, work, depth + 1)
        }
        (0, 0) => Err(LayersError::unreadable(
            path,
            "it holds no file that can be read here",
        )),
        (0, _) => {
            let names: Vec<String> = archives.iter().map(|file| base_name(file)).collect();
            Err(LayersError::unreadable(
                path,
                format!(
                    "it holds archives within the archive ({}): unpack it and give the one that you mean",
                    names.join(", ")
                ),
            ))
        }
        _ => {
            let stems: Vec<_> = candidates
                .iter()
                .filter_map(|file| file.file_stem())
                .map(|stem| stem.to_string_lossy())
                .collect();
            Err(LayersError::Usage(format!(
                "{} holds several layers; say which {}: {}.",
                base_name(path),
                options.advice.layer,
                stems.join(", ")
            )))
        }
    }
}

fn is(file: &Path, extensions: &[&str]) -> bool {
    file.extension()
        .is_some_and(|e| extensions.iter().any(|known| e.eq_ignore_ascii_case(known)))
}

fn begins_with_json(file: &Path) -> bool {
    use std::io::Read;
    let mut start = [0; 64];
    std::fs::File::open(file)
        .and_then(|mut file| file.read(&mut start))
        .is_ok_and(|n| start[..n].trim_ascii_start().starts_with(b"{"))
}
