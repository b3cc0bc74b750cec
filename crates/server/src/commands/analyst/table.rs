//! A table of measures, one row a feature, written in the format that the file's extension says.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use geo::Geometry;
use jiff::Timestamp;
use phteah_layers::export::{TableShape, TableWriter};
use phteah_layers::{Field, FieldType, GeometryKind, LayersError, TableMeta, Unfinished, Value};
use rayon::prelude::*;

use super::given::Given;
use super::{Features, parquet};
use crate::commands::CommandError;

/// One value of a measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Not known: an empty cell, a null.
    Unknown,
    /// A finite number in the column's unit.
    Number(f64),
    /// A count.
    Integer(i64),
    /// A word or an id.
    Text(&'a str),
}

impl From<Option<f64>> for Cell<'_> {
    fn from(number: Option<f64>) -> Self {
        number
            .filter(|n| n.is_finite())
            .map_or(Self::Unknown, Self::Number)
    }
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Unknown, Self::Text)
    }
}

/// A measure of every feature, computed as it is written: at a million features nothing is held twice.
pub struct Column<'a> {
    /// Name, kind and unit.
    pub field: Field,
    cell: Box<dyn Fn(usize) -> Cell<'a> + Sync + 'a>,
}

impl<'a> Column<'a> {
    /// A column of numbers in a unit; empty for a plain number.
    pub fn number(
        name: impl Into<String>,
        unit: &str,
        cell: impl Fn(usize) -> Option<f64> + Sync + 'a,
    ) -> Self {
        let field = Field::new(name, FieldType::Number);
        let field = if unit.is_empty() { field } else { field.unit(unit) };
        Self {
            field,
            cell: Box::new(move |row| cell(row).into()),
        }
    }

    /// A column of counts.
    pub fn integer(name: impl Into<String>, cell: impl Fn(usize) -> Option<i64> + Sync + 'a) -> Self {
        let cell = move |row| cell(row).map_or(Cell::Unknown, Cell::Integer);
        Self {
            field: Field::new(name, FieldType::Integer),
            cell: Box::new(cell),
        }
    }

    /// A column of words or ids.
    pub fn text(name: impl Into<String>, cell: impl Fn(usize) -> Option<&'a str> + Sync + 'a) -> Self {
        Self {
            field: Field::new(name, FieldType::Text),
            cell: Box::new(move |row| cell(row).into()),
        }
    }

    /// The value of one feature.
    pub fn cell(&self, row: usize) -> Cell<'a> {
        (self.cell)(row)
    }
}

/// What is written.
pub struct Table<'a> {
    /// The features, whose ids are the first column.
    pub features: &'a Features,
    /// The measures.
    pub columns: Vec<Column<'a>>,
    /// Name of the table in formats that have one.
    pub name: &'a str,
    /// How the measures are to be read: conventions, CRS, files; travels with formats that have room for it.
    pub conventions: Vec<(String, String)>,
}

/// In which form to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Ids and measures, for programs and spreadsheets.
    Csv,
    /// `GeoParquet` 1.1.
    Parquet,
    /// GeoJSON, GeoPackage or FlatGeobuf.
    Spatial,
}

impl Format {
    /// The format that a file's extension asks for; asked before any work is done.
    pub fn of(path: &Path) -> Result<Self, CommandError> {
        let extension = path
            .extension()
            .map(|e| e.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        match extension.as_str() {
            "csv" => Ok(Self::Csv),
            "parquet" | "geoparquet" => Ok(Self::Parquet),
            "geojson" | "gpkg" | "fgb" => Ok(Self::Spatial),
            _ => Err(CommandError::Usage(format!(
                "{} has no extension that says a format: use .csv, .geojson, .gpkg, .fgb or .parquet.",
                path.display()
            ))),
        }
    }
}

impl Table<'_> {
    /// Writes the table; the file gets its name only when it is complete.
    pub fn write(&self, path: &Path, source: &Path) -> Result<(), CommandError> {
        let mut names: Vec<&str> = self
            .columns
            .iter()
            .map(|column| column.field.name.as_str())
            .collect();
        names.push(&self.features.id_name);
        names.sort_unstable();
        if let Some([twice, _]) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(CommandError::Refused(format!(
                "Two columns would be called {twice}: rename the classes, kinds or the id that lead to it."
            )));
        }
        match Format::of(path)? {
            Format::Csv => complete(path, |unfinished| self.write_csv(unfinished)),
            Format::Parquet => complete(path, |unfinished| parquet::write(self, unfinished)),
            Format::Spatial => Ok(self.write_spatial(path, source)?),
        }
    }

    fn write_csv(&self, path: &Path) -> Result<(), CommandError> {
        const ROWS: usize = 4096;
        let io = |error| LayersError::io(path, "writing", error);
        let mut file = std::fs::File::create(path).map_err(io)?;
        let mut header = String::new();
        push_text(&mut header, &self.features.id_name);
        for column in &self.columns {
            header.push(',');
            push_text(&mut header, &column.field.name);
        }
        header.push('\n');
        file.write_all(header.as_bytes()).map_err(io)?;
        let starts: Vec<usize> = (0..self.features.len()).step_by(ROWS).collect();
        // So many at a time that no thread idles for long, and text does not pile up.
        for batch in starts.chunks(8 * rayon::current_num_threads()) {
            let texts: Vec<String> = batch
                .par_iter()
                .map(|&start| {
                    let mut text = String::with_capacity(ROWS * 8 * (self.columns.len() + 2));
                    (start..(start + ROWS).min(self.features.len()))
                        .for_each(|row| self.push_row(&mut text, row));
                    text
                })
                .collect();
            for text in texts {
                file.write_all(text.as_bytes()).map_err(io)?;
            }
        }
        Ok(())
    }

    fn push_row(&self, text: &mut String, row: usize) {
        push_text(text, &self.features.ids[row]);
        for column in &self.columns {
            text.push(',');
            match column.cell(row) {
                Cell::Unknown => {}
                Cell::Number(number) => push_number(text, number),
                Cell::Integer(number) => {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "{number}");
                }
                Cell::Text(word) => push_text(text, word),
            }
        }
        text.push('\n');
    }

    fn write_spatial(&self, path: &Path, source: &Path) -> Result<(), LayersError> {
        let mut fields: Vec<Field> = self.columns.iter().map(|column| column.field.clone()).collect();
        // These formats keep the ids under this name; another one stands beside it.
        let named = self.features.id_name != "id";
        if named {
            fields.insert(0, Field::new(self.features.id_name.clone(), FieldType::Text));
        }
        let shape = TableShape {
            fields: &fields,
            geometry: self.kind(),
            from: &self.features.crs,
            crs: None,
        };
        let meta = TableMeta {
            name: self.name.to_owned(),
            title: format!("{} of {}", self.name, self.features.file),
            source: format!(
                "Phteah {}, from {}",
                env!("CARGO_PKG_VERSION"),
                self.features.file
            ),
            more: self.conventions.clone(),
            // The same files give the same bytes: the time is the features', not the clock's.
            made_at: modified(source),
            ..TableMeta::default()
        };
        let mut writer = TableWriter::create(path, &shape, &meta)?;
        for (row, id) in self.features.ids.iter().enumerate() {
            let mut values: Vec<Option<Value>> = Vec::with_capacity(fields.len());
            if named {
                values.push(Some(id.clone().into()));
            }
            values.extend(self.columns.iter().map(|column| match column.cell(row) {
                Cell::Unknown => None,
                Cell::Number(number) => Some(number.into()),
                Cell::Integer(number) => Some(number.into()),
                Cell::Text(word) => Some(word.into()),
            }));
            writer.push(id, self.features.shapes[row].clone(), &values)?;
        }
        writer.finish().map(|_| ())
    }

    /// The one kind of shape that all features have, if they have one in common.
    fn kind(&self) -> GeometryKind {
        let kind = |shape: &Geometry<f64>| match shape {
            Geometry::Point(_) => GeometryKind::Point,
            Geometry::LineString(_) | Geometry::MultiLineString(_) => GeometryKind::Line,
            Geometry::Polygon(_) | Geometry::MultiPolygon(_) => GeometryKind::Polygon,
            _ => GeometryKind::Any,
        };
        let mut kinds = self.features.shapes.iter().flatten().map(kind);
        let first = kinds.next().unwrap_or(GeometryKind::Any);
        if kinds.all(|kind| kind == first) {
            first
        } else {
            GeometryKind::Any
        }
    }
}

/// The fewest digits that read back as the same number; writing numbers out is most of the work of a table.
fn push_number(line: &mut String, number: f64) {
    // Dry, and known throughout: most cells of most tables.
    if number.to_bits() == 0 {
        return line.push('0');
    }
    if number.to_bits() == 1.0_f64.to_bits() {
        return line.push('1');
    }
    let mut buffer = zmij::Buffer::new();
    let digits = buffer.format_finite(number);
    let whole = matches!(digits.as_bytes(), [.., b'.', b'0']);
    line.push_str(if whole {
        &digits[..digits.len() - 2]
    } else {
        digits
    });
}

/// A CSV field, quoted where it has to be.
pub fn push_text(line: &mut String, text: &str) {
    if text.contains(['"', ',', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
        line.push('"');
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(text);
    }
}

/// Lets `write` fill a file beside `path`, then gives it its name.
pub fn complete(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let unfinished = Unfinished::beside(path)?;
    write(unfinished.path())?;
    Ok(unfinished.publish()?)
}

fn modified(path: &Path) -> Timestamp {
    let time = std::fs::metadata(Given::new(path).path)
        .and_then(|data| data.modified())
        .ok();
    time.and_then(|time| Timestamp::try_from(time).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_that_needs_it_is_quoted() {
        let mut line = String::new();
        for text in ["plain", "with, comma", "with \"quote\"", "ផ្ទះ"] {
            push_text(&mut line, text);
            line.push('|');
        }
        assert_eq!(line, "plain|\"with, comma\"|\"with \"\"quote\"\"\"|ផ្ទះ|");
    }

    #[test]
    fn numbers_read_back_as_they_were() {
        for number in [0.0, 1.0, -3.0, 0.05, 1.0 / 3.0, 1e-9, 6.02e23, 123_456_789.25] {
            let mut line = String::new();
            push_number(&mut line, number);
            assert_eq!(line.parse(), Ok(number), "{line}");
            assert!(!line.ends_with(".0"), "{line}");
        }
    }

    #[test]
    fn a_number_that_is_none_is_unknown() {
        assert_eq!(Cell::from(Some(f64::NAN)), Cell::Unknown);
        assert_eq!(Cell::from(Some(f64::INFINITY)), Cell::Unknown);
        assert_eq!(Cell::from(Some(0.5)), Cell::Number(0.5));
    }
}
