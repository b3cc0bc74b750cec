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
    for file in with_geodatabases(path, files, work)? {
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

/// The files, those of a geodatabase that lies loose in the archive, or in a folder of another name, in a folder `….gdb` of its own: only by
/// that name is it one. They are copied and removed, since between folders nothing can be renamed here.
fn with_geodatabases(path: &Path, files: Vec<PathBuf>, work: &Path) -> Result<Vec<PathBuf>> {
    let in_folder = |file: &Path| file.ancestors().skip(1).any(|folder| is(folder, &["gdb"]));
    let mut loose: Vec<PathBuf> = files
        .iter()
        .filter(|file| is(file, &["gdbtable"]) && !in_folder(file))
        .filter_map(|file| file.parent().map(Path::to_owned))
        .collect();
    loose.dedup();
    if loose.is_empty() {
        return Ok(files);
    }
    let io = |e| LayersError::io(work, "writing to", e);
    let (mut moved, mut rest) = (Vec::new(), files);
    for (n, folder) in loose.iter().enumerate() {
        let is_top = rest.iter().all(|file| file.starts_with(folder));
        let name = if is_top {
            path.file_stem()
        } else {
            folder.file_name()
        };
        let name = name.map_or_else(
            || format!("geodatabase_{n}"),
            |name| name.to_string_lossy().into_owned(),
        );
        let into = tempfile::tempdir_in(work)
            .map_err(io)?
            .keep()
            .join(format!("{name}.gdb"));
        std::fs::create_dir(&into).map_err(io)?;
        let (own, others): (Vec<PathBuf>, Vec<PathBuf>) = rest
            .into_iter()
            .partition(|file| file.parent() == Some(folder.as_path()) && !is(file, &KNOWN));
        for file in own {
            let Some(name) = file.file_name() else { continue };
            let target = into.join(name);
            std::fs::copy(&file, &target).map_err(io)?;
            std::fs::remove_file(&file).map_err(io)?;
            moved.push(target);
        }
        rest = others;
    }
    rest.extend(moved);
    Ok(rest)
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
