//! Archives: opened here, within limits, before GDAL sees them. A small file that unpacks to a disk full of zeros is refused by what it
//! declares and, since declarations lie, by what it really gives.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::{LayersError, Result};
use crate::text::thousands;

/// More members than any real archive of layers has.
const MAX_MEMBERS: usize = 10_000;

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case(extension))
}

/// Whether a path names an archive that [`unpack`] opens.
pub(crate) fn is_archive(path: &Path) -> bool {
    has_extension(path, "zip") || has_extension(path, "gz")
}

/// Whether a file is an archive inside, which its own reader opens: it is measured, not unpacked.
pub(crate) fn is_packed_document(path: &Path) -> bool {
    ["kmz", "xlsx", "ods"].iter().any(|e| has_extension(path, e))
}

fn too_large(path: &Path, limit: u64) -> LayersError {
    LayersError::unreadable(
        path,
        format!(
            "it would unpack to more than {} bytes, the limit of this deployment (max_unpacked_bytes in deployment.toml)",
            thousands(limit)
        ),
    )
}

fn open_zip(path: &Path, limit: u64) -> Result<zip::ZipArchive<BufReader<File>>> {
    let file = File::open(path).map_err(|e| LayersError::unreadable(path, e.to_string()))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file))
        .map_err(|e| LayersError::unreadable(path, format!("it is no sound zip archive ({e})")))?;
    if archive.len() > MAX_MEMBERS {
        return Err(LayersError::unreadable(
            path,
            format!("it has more than {MAX_MEMBERS} members"),
        ));
    }
    let mut declared = 0_u64;
    for i in 0..archive.len() {
        let member = archive
            .by_index_raw(i)
            .map_err(|e| LayersError::unreadable(path, e.to_string()))?;
        declared = declared.saturating_add(member.size());
    }
    if declared > limit {
        Err(too_large(path, limit))
    } else {
        Ok(archive)
    }
}

/// Reads through a document that is an archive inside, to learn that it does not unpack to more than the limit.
pub(crate) fn measure(path: &Path, limit: u64) -> Result<()> {
    let mut archive = open_zip(path, limit)?;
    let mut budget = limit;
    for i in 0..archive.len() {
        let member = archive
            .by_index(i)
            .map_err(|e| LayersError::unreadable(path, e.to_string()))?;
        copy(member, &mut std::io::sink(), &mut budget, path, path, limit)?;
    }
    Ok(())
}

/// Unpacks an archive into `into` and returns the files.
pub(crate) fn unpack(path: &Path, into: &Path, limit: u64) -> Result<Vec<PathBuf>> {
    let mut budget = limit;
    if has_extension(path, "gz") {
        let name = path
            .file_stem()
            .map_or_else(|| "unpacked".into(), std::ffi::OsStr::to_os_string);
        let target = into.join(name);
        let file = File::open(path).map_err(|e| LayersError::unreadable(path, e.to_string()))?;
        let mut out = File::create_new(&target).map_err(|e| LayersError::io(into, "unpacking to", e))?;
        let reader = flate2::read::MultiGzDecoder::new(BufReader::new(file));
        copy(reader, &mut out, &mut budget, path, into, limit)?;
        return Ok(vec![target]);
    }
    let mut archive = open_zip(path, limit)?;
    let mut files = Vec::new();
    for i in 0..archive.len() {
        let member = archive
            .by_index(i)
            .map_err(|e| LayersError::unreadable(path, e.to_string()))?;
        if member.is_dir() {
            continue;
        }
        let Some(inner) = member.enclosed_name() else {
            return Err(LayersError::unreadable(
                path,
                "a member's name leads out of the archive",
            ));
        };
        if is_clutter(&inner) {
            continue;
        }
        let target = into.join(inner);
        let io = |e| LayersError::io(into, "unpacking to", e);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).map_err(io)?;
        }
        let mut out = File::create_new(&target).map_err(io)?;
        copy(member, &mut out, &mut budget, path, into, limit)?;
        files.push(target);
    }
    files.sort();
    Ok(files)
}

/// What a Mac or a file manager adds to an archive: `__MACOSX/`, `._roads.shp`, `.DS_Store`, `Thumbs.db`. None of it is data, yet some of it
/// has a data file's name.
fn is_clutter(inner: &Path) -> bool {
    inner.components().any(|part| {
        let part = part.as_os_str().to_string_lossy();
        part == "__MACOSX" || part.starts_with('.') || part.eq_ignore_ascii_case("Thumbs.db")
    })
}

fn copy(
    mut from: impl Read,
    to: &mut impl Write,
    budget: &mut u64,
    path: &Path,
    into: &Path,
    limit: u64,
) -> Result<()> {
    let mut chunk = vec![0; 1 << 16];
    loop {
        let n = from
            .read(&mut chunk)
            .map_err(|e| LayersError::unreadable(path, format!("it cannot be unpacked ({e})")))?;
        if n == 0 {
            return Ok(());
        }
        *budget = budget
            .checked_sub(n as u64)
            .ok_or_else(|| too_large(path, limit))?;
        to.write_all(&chunk[..n])
            .map_err(|e| LayersError::io(into, "unpacking to", e))?;
    }
}
