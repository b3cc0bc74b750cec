//! Vector files, imported or not, as this process sees them: one stream of records, in the file's CRS or any other.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use geo::Geometry;
use serde::{Deserialize, Serialize};

use super::{Order, Process, Request, limits, records};
use crate::crs::{Crs, Reprojector};
use crate::error::{LayersError, Result, base_name};
use crate::open::{self, OpenOptions, Raw, Sample};
use crate::text::thousands;
use crate::value::{Feature, Field};

/// What a reading process says of a vector file that it has opened.
#[derive(Serialize, Deserialize)]
pub(super) struct OpenedVector {
    columns: Vec<Field>,
    crs: Crs,
    crs_from: String,
    id: Option<usize>,
    count: Option<u64>,
    placed_by: Option<String>,
    place_columns: Vec<String>,
    extent: Option<[f64; 4]>,
    notes: Vec<String>,
}

impl OpenedVector {
    pub fn of(file: &open::VectorFile) -> Self {
        Self {
            columns: file.columns().to_vec(),
            crs: file.crs().clone(),
            crs_from: file.crs_from().to_owned(),
            id: file.id(),
            count: file.count(),
            placed_by: file.placed_by(),
            place_columns: file.place_columns().into_iter().map(str::to_owned).collect(),
            extent: file.extent(),
            notes: file.notes.clone(),
        }
    }
}

/// A vector file opened for reading, by a process of its own.
pub struct VectorFile {
    /// What to start again should a reading have been broken off.
    order: Order,
    work: PathBuf,
    file_bytes: u64,
    idle: Mutex<Option<Process>>,
    columns: Arc<[Field]>,
    crs: Crs,
    crs_from: String,
    id: Option<usize>,
    count: Option<u64>,
    placed_by: Option<String>,
    place_columns: Vec<String>,
    extent: Option<[f64; 4]>,
    file: String,
    /// What was noticed while opening.
    pub(crate) notes: Vec<String>,
}

/// Opens a vector file. Archives are unpacked beside the system's temporary files.
pub fn open_vector(path: &Path, options: &OpenOptions) -> Result<VectorFile> {
    VectorFile::open(path, options, &std::env::temp_dir(), &[])
}

/// Reads a whole vector file in the CRS that is asked for; for files known to fit into memory. A record whose geometry cannot be read or
/// brought into that CRS comes without one.
pub fn read_vector(path: &Path, options: &OpenOptions, target: &Crs) -> Result<Vec<Feature>> {
    let file = open_vector(path, options)?;
    let mut all = Vec::new();
    file.for_each(target, |feature| {
        all.push(feature);
        Ok(())
    })?;
    Ok(all)
}

impl VectorFile {
    /// Opens a file; in `work` the reading process gets a directory of its own, `wanted` are the layers to be read one after another (none:
    /// the only one).
    pub(crate) fn open(path: &Path, options: &OpenOptions, work: &Path, wanted: &[String]) -> Result<Self> {
        let order = Order::Vector {
            path: path.to_owned(),
            options: options.clone(),
            wanted: wanted.to_vec(),
        };
        let file_bytes = options.deployment.max_unpacked_bytes;
        let mut process = Process::start(order.clone(), work, file_bytes)?;
        let opened: OpenedVector = process.opened()?;
        let mut notes = opened.notes;
        notes.extend(process.protection().lacking());
        if opened.id.is_some_and(|id| id >= opened.columns.len()) {
            return Err(process.talks_nonsense());
        }
        Ok(Self {
            order,
            work: work.to_owned(),
            file_bytes,
            crs: opened
                .crs
                .checked()
                .map_err(|cause| LayersError::unreadable(path, cause))?,
            idle: Mutex::new(Some(process)),
            columns: opened.columns.into(),
            crs_from: opened.crs_from,
            id: opened.id,
            count: opened.count,
            placed_by: opened.placed_by,
            place_columns: opened.place_columns,
            extent: opened.extent.filter(|[w, s, e, n]| {
                w < e && s < n && *w >= -180.0 && *e <= 180.0 && *s >= -90.0 && *n <= 90.0
            }),
            file: base_name(path),
            notes,
        })
    }

    /// The file's columns.
    pub fn columns(&self) -> &Arc<[Field]> {
        &self.columns
    }

    /// The file's CRS.
    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    /// Who said so: the file, its format, or the caller.
    pub fn crs_from(&self) -> &str {
        &self.crs_from
    }

    /// Base name of the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// How many records there are, where the format says so without being read through.
    pub fn count(&self) -> Option<u64> {
        self.count
    }

    /// Which columns say where a record is, in words; `None` where the file has geometries.
    pub fn placed_by(&self) -> Option<String> {
        self.placed_by.clone()
    }

    /// The names of those columns.
    pub(crate) fn place_columns(&self) -> Vec<&str> {
        self.place_columns.iter().map(String::as_str).collect()
    }

    /// The box that the file says it was cut to: west, south, east, north in WGS 84 degrees.
    pub(crate) fn extent(&self) -> Option<[f64; 4]> {
        self.extent
    }

    /// The first records' values.
    pub(crate) fn sample(&self) -> Result<Sample> {
        let mut rows = Vec::new();
        self.raw(&Request::Sample, |raw| {
            rows.push(raw.row);
            Ok(())
        })?;
        Ok(Sample::new(rows))
    }

    /// Hands over each record as it stands in the file.
    pub(crate) fn for_each_raw(&self, each: impl FnMut(Raw) -> Result<()>) -> Result<()> {
        self.raw(&Request::Records, each)
    }

    fn raw(&self, request: &Request, mut each: impl FnMut(Raw) -> Result<()>) -> Result<()> {
        let mut seen = 0;
        self.frames(request, |mut frame| {
            while let Some(raw) = records::read(&mut frame).map_err(|cause| self.unreadable(cause))? {
                seen += 1;
                self.check_count(seen)?;
                if raw.row.len() != self.columns.len() {
                    return Err(self.unreadable("its records have more or fewer values than columns"));
                }
                each(raw)?;
            }
            Ok(())
        })
    }

    /// Hands over each record in the CRS that is asked for, numbered from 1; stops at the first error of `each`. A record whose geometry
    /// cannot be read or brought there comes without one.
    pub fn for_each(&self, target: &Crs, mut each: impl FnMut(Feature) -> Result<()>) -> Result<()> {
        let mut way = Reprojector::new(&self.crs, target)?;
        self.for_each_raw(|raw| {
            let geometry = raw.shape.ok().flatten().and_then(|parsed| {
                let mut geometry = crate::gpkg::single(parsed.geometry);
                way.geometry(&mut geometry).ok().map(|()| geometry)
            });
            let fid = i64::try_from(raw.n).unwrap_or(i64::MAX);
            let given = self.id.and_then(|i| raw.row[i].as_ref()).map(ToString::to_string);
            let id = given.unwrap_or_else(|| fid.to_string());
            each(Feature {
                fid,
                id,
                geometry,
                fields: Arc::clone(&self.columns),
                values: raw.row,
            })
        })
    }

    /// The ids (`None` where a record has none) and what `each` makes of the shapes, in the order and CRS of the file. A record whose
    /// shape cannot be read comes with none. They come in the parts in which they were read: a million records are not moved once more.
    pub fn shapes<T: Send>(
        &self,
        each: impl Fn(Option<Geometry<f64>>) -> T + Sync,
    ) -> Result<Vec<Vec<(Option<String>, T)>>> {
        let parts = Mutex::new(Vec::new());
        let seen = AtomicU64::new(0);
        // Frames are taken apart by all threads while the next ones come in.
        rayon::in_place_scope(|scope| {
            let mut next = 0;
            self.frames(&Request::Shapes, |frame| {
                self.check_count(seen.load(Ordering::Relaxed))?;
                let (frame, parts, each, seen) = (frame.to_vec(), &parts, &each, &seen);
                let index = next;
                next += 1;
                scope.spawn(move |_| {
                    let part = part(&frame, each);
                    seen.fetch_add(
                        part.as_ref().map_or(0, |part| part.len() as u64),
                        Ordering::Relaxed,
                    );
                    parts
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((index, part));
                });
                Ok(())
            })
        })?;
        let mut parts = parts.into_inner().unwrap_or_else(PoisonError::into_inner);
        parts.sort_unstable_by_key(|(index, _)| *index);
        self.check_count(seen.into_inner())?;
        parts
            .into_iter()
            .map(|(_, part)| part.map_err(|cause| self.unreadable(cause)))
            .collect()
    }

    /// Hands over the frames that answer a request.
    fn frames(&self, request: &Request, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut process = if let Some(process) = idle {
            process
        } else {
            let mut process = Process::start(self.order.clone(), &self.work, self.file_bytes)?;
            let _: OpenedVector = process.opened()?;
            process
        };
        process.ask(request)?;
        while let Some(frame) = process.records()? {
            each(&frame)?;
        }
        // Kept for the next request only where this one was answered to its end.
        *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(process);
        Ok(())
    }

    fn check_count(&self, records: u64) -> Result<()> {
        if records <= limits::RECORDS {
            return Ok(());
        }
        Err(self.unreadable(&format!(
            "it gives more than {} records, the most that are read of one file",
            thousands(limits::RECORDS)
        )))
    }

    fn unreadable(&self, cause: &str) -> LayersError {
        LayersError::Unreadable {
            file: self.file.clone(),
            cause: cause.to_owned(),
        }
    }
}

fn part<T>(
    mut frame: &[u8],
    each: &impl Fn(Option<Geometry<f64>>) -> T,
) -> std::result::Result<Vec<(Option<String>, T)>, &'static str> {
    let mut part = Vec::new();
    while let Some((id, shape)) = records::read_outline(&mut frame)? {
        part.push((id, each(shape)));
    }
    Ok(part)
}
