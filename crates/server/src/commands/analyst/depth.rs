//! Flood depth rasters of any file, as the engine reads them: in metres, on their own grid, by many threads at once.

use std::path::Path;

use phteah_geoproc::grid::{Grid, Raster, ReadError, Window};
use phteah_layers::{Crs, DepthTally, RasterFile};

use super::features::settings;
use super::given::{self, Given};
use crate::commands::CommandError;

/// A depth raster and its annual return period.
pub struct Depth {
    /// Return period in years.
    pub return_period: u32,
    /// Base name of the file.
    pub file: String,
    /// Its CRS.
    pub crs: Crs,
    raster: RasterFile,
    /// From the raster's unit to metres.
    factor: f64,
    /// What the unit tag says; `None` where there is none.
    unit: Option<String>,
}

/// Reads `10=rp10.tif`, every mistake at once.
pub fn parse(given: &[String], flag: &str) -> Result<Vec<Depth>, CommandError> {
    let mut problems = Vec::new();
    let mut pairs: Vec<(u32, &Path)> = Vec::new();
    for word in given {
        let parsed = word
            .split_once('=')
            .and_then(|(years, path)| Some((years.trim().parse::<u32>().ok()?, path)));
        match parsed {
            Some((years, path)) if years > 0 && !path.is_empty() => {
                if pairs.iter().any(|pair| pair.0 == years) {
                    problems.push(format!("{flag} gives the return period of {years} years twice: keep one raster for each."));
                }
                pairs.push((years, Path::new(path)));
            }
            _ => problems.push(format!("{flag} {word} cannot be understood: write the return period in years and the raster, as 100=rp100.tif.")),
        }
    }
    if !problems.is_empty() {
        return Err(CommandError::Usage(problems.join("\n")));
    }
    let mut opened = Vec::new();
    for (years, path) in pairs {
        match Depth::open(years, path) {
            Ok(depth) => opened.push(depth),
            Err(error) => problems.push(error.to_string()),
        }
    }
    if problems.is_empty() {
        Ok(opened)
    } else {
        Err(CommandError::Refused(problems.join("\n")))
    }
}

impl Depth {
    fn open(return_period: u32, path: &Path) -> Result<Self, CommandError> {
        let Given { path, layer, crs } = Given::new(path);
        if let Some(layer) = layer {
            return Err(CommandError::Usage(format!(
                "{}#{layer}: the first band of a raster is read, no layer of it can be chosen.",
                path.display()
            )));
        }
        let mut raster = RasterFile::open(&path, &settings())?;
        let file = raster.file().to_owned();
        let crs = match crs {
            Some(given) => Crs::parse(&given, &settings())?,
            None => raster.crs().cloned().ok_or_else(|| {
                CommandError::Refused(format!(
                    "{file} does not say its CRS: give it {}.",
                    given::ADVICE.crs
                ))
            })?,
        };
        let unit = raster.unit().map(str::to_owned);
        let factor = raster.take_in_metres().map_err(|unit| {
            CommandError::Refused(format!(
                "{file}: its unit is '{unit}', which is no length known here; a depth needs m, cm, mm, dm or ft."
            ))
        })?;
        Ok(Self {
            return_period,
            file,
            crs,
            raster,
            factor,
            unit,
        })
    }

    /// What should be known about the values, once they were read.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        match &self.unit {
            None => remarks.push(format!(
                "{}: the raster does not say its unit; its values were taken as metres.",
                self.file
            )),
            Some(unit) if (self.factor - 1.0).abs() > 0.0 => {
                remarks.push(format!(
                    "{}: the raster's unit is {unit}; its values were multiplied by {} to give metres.",
                    self.file, self.factor
                ));
            }
            Some(_) => {}
        }
        remarks
    }
}

impl Raster for Depth {
    fn grid(&self) -> Grid {
        Raster::grid(&self.raster)
    }

    fn block_size(&self) -> (usize, usize) {
        Raster::block_size(&self.raster)
    }

    fn read(&self, window: Window, values: &mut [f32]) -> Result<(), ReadError> {
        Raster::read(&self.raster, window, values)?;
        let mut tally = DepthTally::default();
        tally.look(values);
        tally.refusal().map_or(Ok(()), |why| Err(why.into()))
    }
}
