//! CSV for spreadsheets: points as two columns, other shapes as WKT. Licence and attribution are columns too: a remark above the header would break
//! most readers, and a file beside it is lost with the first e-mail.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use geo::Geometry;

use super::TableMeta;
use super::spreadsheet::cell;
use crate::crs::Crs;
use crate::error::{LayersError, Result};
use crate::schema::GeometryKind;
use crate::value::{Field, Value};
use crate::wkb;

pub(super) struct Csv {
    out: csv::Writer<BufWriter<File>>,
    path: PathBuf,
    points: bool,
    about: Vec<String>,
    decimals: usize,
    bytes: Vec<u8>,
    /// Texts as they are stored.
    pub raw_text: bool,
}

impl Csv {
    pub fn create(
        path: &Path,
        fields: &[Field],
        kind: GeometryKind,
        crs: &Crs,
        meta: &TableMeta,
    ) -> Result<Self> {
        let io = |e| LayersError::io(path, "writing", e);
        let mut file = BufWriter::new(File::create_new(path).map_err(io)?);
        // Without this mark the most used spreadsheet program reads Khmer as noise.
        file.write_all("\u{feff}".as_bytes()).map_err(io)?;
        let mut out = csv::Writer::from_writer(file);
        let points = kind == GeometryKind::Point;
        let mut header: Vec<String> = vec!["id".into()];
        header.extend(fields.iter().map(|field| field.name.clone()));
        header.extend(match (points, crs.is_geographic()) {
            (true, true) => vec!["longitude".into(), "latitude".into()],
            (true, false) => vec!["easting".into(), "northing".into()],
            (false, _) => vec!["wkt".into()],
        });
        header.push("crs".into());
        let mut about = vec![crs.name().to_owned()];
        for (key, value) in meta.items() {
            // A measure's own field of this name stays what it is.
            if !header.contains(&key) {
                header.push(key);
                about.push(cell(&value).into_owned());
            }
        }
        let header: Vec<_> = header.iter().map(|name| cell(name)).collect();
        out.write_record(header.iter().map(|name| name.as_bytes()))
            .map_err(|e| failed(path, e))?;
        let decimals = if crs.is_geographic() { 7 } else { 3 };
        Ok(Self {
            out,
            path: path.to_owned(),
            points,
            about,
            decimals,
            bytes: Vec::new(),
            raw_text: false,
        })
    }

    pub fn push(
        &mut self,
        id: &str,
        geometry: Option<&Geometry<f64>>,
        values: &[Option<Value>],
    ) -> Result<()> {
        let mut row = Vec::with_capacity(values.len() + self.about.len() + 3);
        row.push(self.text(id));
        for value in values {
            row.push(match value {
                Some(Value::Text(text)) => self.text(text),
                Some(other) => other.to_string(),
                None => String::new(),
            });
        }
        match (self.points, geometry) {
            (true, Some(Geometry::Point(point))) => {
                row.push(format!("{:.*}", self.decimals, point.x()));
                row.push(format!("{:.*}", self.decimals, point.y()));
            }
            (true, _) => row.extend([String::new(), String::new()]),
            (false, Some(geometry)) => row.push(self.wkt(geometry)?),
            (false, None) => row.push(String::new()),
        }
        row.extend(self.about.iter().cloned());
        self.out.write_record(&row).map_err(|e| failed(&self.path, e))
    }

    fn text(&self, text: &str) -> String {
        if self.raw_text {
            text.to_owned()
        } else {
            cell(text).into_owned()
        }
    }

    fn wkt(&mut self, geometry: &Geometry<f64>) -> Result<String> {
        self.bytes.clear();
        wkb::write(geometry, &mut self.bytes);
        let wkt = gdal::vector::Geometry::from_wkb(&self.bytes).and_then(|geometry| geometry.wkt());
        wkt.map_err(|e| LayersError::Gdal {
            doing: "Writing WKT".into(),
            cause: e.to_string(),
        })
    }

    pub fn finish(mut self) -> Result<()> {
        self.out
            .flush()
            .map_err(|e| LayersError::io(&self.path, "writing", e))
    }
}

fn failed(path: &Path, e: csv::Error) -> LayersError {
    LayersError::io(path, "writing", e.into())
}
