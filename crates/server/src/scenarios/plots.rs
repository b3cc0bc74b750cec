//! Plots drawn by hand, kept with a scenario: a file beside it, with a version of its own.

use std::fs;
use std::path::{Path, PathBuf};

use phteah_planning::canonical;
use phteah_planning::measure::Tenure;
use phteah_planning::problem::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::keep::Over;
use super::{is_name, names};
use crate::ranking::drawn::MOST_CORNERS;

/// The most plots of a scenario.
pub const MOST: usize = 100;

/// The most characters of a plot's name.
pub const LONGEST_NAME: usize = 100;

/// The most US$ per m² that land is said to cost: above lies a slip of the hand.
const HIGHEST_PRICE: f64 = 1_000_000.0;

/// The most mistakes that are told.
const MOST_TOLD: usize = 100;

/// A plot drawn by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Plot {
    /// What people call it.
    pub name: String,
    /// Its tenure, such as `hard_title`; null takes that of the parcels under it.
    #[serde(default)]
    pub tenure: Option<String>,
    /// Its price in US$ per m²; null takes that of the parcels under it.
    #[serde(default)]
    pub price_usd_m2: Option<f64>,
    /// Longitudes and latitudes of its corners: the outline, then holes. The last corner joins the first.
    #[schema(value_type = Vec<Vec<Vec<f64>>>)]
    pub rings: Vec<Vec<[f64; 2]>>,
}

/// The plots of a scenario and their version; no version where none were ever kept.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeptPlots {
    /// The plots.
    pub plots: Vec<Plot>,
    /// Changes with every change.
    pub version: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct File {
    plots: Vec<Plot>,
}

/// Why plots are not read or written.
#[derive(Debug, thiserror::Error)]
pub enum PlotsError {
    /// No scenario of this name.
    #[error("There is no scenario of this name. /api/scenarios lists them.")]
    NoScenario,
    /// Mistakes in them.
    #[error("The plots have mistakes.")]
    Mistakes(Vec<Problem>),
    /// Somebody was faster.
    #[error("Somebody has changed the plots of '{0}' meanwhile: load them again before you keep yours.")]
    Changed(String),
    /// A file that cannot be understood.
    #[error("{file} cannot be read: {cause}. Move it away, or put back a copy that can.")]
    Damaged {
        /// The file.
        file: String,
        /// Why.
        cause: String,
    },
    /// A disk that fails.
    #[error("the plots cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// The same, while they were written.
    #[error("the plots cannot be written: {0}")]
    Write(#[from] phteah_layers::LayersError),
}

/// The plots kept with a scenario.
pub fn kept(dir: &Path, name: &str) -> Result<KeptPlots, PlotsError> {
    exists(dir, name)?;
    let Some(text) = text(dir, name)? else {
        return Ok(KeptPlots::default());
    };
    let File { plots } = serde_json::from_str(&text).map_err(|error| PlotsError::Damaged {
        file: path(dir, name).display().to_string(),
        cause: error.to_string(),
    })?;
    Ok(KeptPlots {
        plots,
        version: Some(version_of(&text)),
    })
}

/// Writes the plots of a scenario over what the writer has seen. One writer at a time: the caller holds the lock of the data
/// directory.
pub fn save(dir: &Path, name: &str, plots: Vec<Plot>, over: &Over) -> Result<KeptPlots, PlotsError> {
    exists(dir, name)?;
    let mistakes = mistakes(&plots);
    if !mistakes.is_empty() {
        return Err(PlotsError::Mistakes(mistakes));
    }
    let now = text(dir, name)?.map(|text| version_of(&text));
    let seen = match over {
        Over::Nothing => None,
        Over::Version(version) => Some(version),
    };
    if now.as_ref() != seen {
        return Err(PlotsError::Changed(name.to_owned()));
    }
    let file = File { plots };
    let text = serde_json::to_string_pretty(&file).map_err(std::io::Error::other)?;
    let folder = dir.join("scenarios");
    fs::create_dir_all(&folder)?;
    phteah_layers::replace_file(&path(dir, name), text.as_bytes())?;
    Ok(KeptPlots {
        plots: file.plots,
        version: Some(version_of(&text)),
    })
}

/// Deletes the plots of a scenario that is deleted.
pub fn delete(dir: &Path, name: &str) -> std::io::Result<()> {
    match fs::remove_file(path(dir, name)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The tenure of a name, or what is wrong with it.
pub fn tenure(name: &str) -> Result<Tenure, String> {
    Tenure::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Tenure::ALL.iter().map(|tenure| tenure.name()).collect();
        format!(
            "There is no tenure of this name. Use one of: {}.",
            known.join(", ")
        )
    })
}

/// Whether a price can be one.
pub fn check_price(price: f64) -> Result<(), String> {
    if price.is_finite() && (0.0..=HIGHEST_PRICE).contains(&price) {
        return Ok(());
    }
    Err(format!(
        "A price is a number of US$ per m² from 0 to {HIGHEST_PRICE:.0}."
    ))
}

/// Everything that is wrong with plots, each with its place.
fn mistakes(plots: &[Plot]) -> Vec<Problem> {
    let mut found = Vec::new();
    if plots.len() > MOST {
        let message = format!("There are {} plots, more than {MOST}: keep fewer.", plots.len());
        return vec![Problem::new("plots", message)];
    }
    for (n, plot) in plots.iter().enumerate() {
        let mut wrong = |field: &str, message: String| {
            if found.len() < MOST_TOLD {
                found.push(Problem::new(format!("plots[{n}].{field}"), message));
            }
        };
        let length = plot.name.chars().count();
        if plot.name.trim().is_empty() || length > LONGEST_NAME || plot.name.chars().any(char::is_control) {
            wrong("name", format!("A name has 1 to {LONGEST_NAME} characters."));
        }
        if let Some(Err(why)) = plot.tenure.as_deref().map(tenure) {
            wrong("tenure", why);
        }
        if let Some(Err(why)) = plot.price_usd_m2.map(check_price) {
            wrong("price_usd_m2", why);
        }
        let corners: usize = plot.rings.iter().map(Vec::len).sum();
        let placed = |&[lon, lat]: &[f64; 2]| lon.abs() <= 180.0 && lat.abs() <= 90.0;
        if plot.rings.is_empty() || plot.rings.iter().any(|ring| ring.len() < 3) {
            wrong("rings", "An outline has at least three corners.".to_owned());
        } else if corners > MOST_CORNERS {
            wrong(
                "rings",
                format!("The outline has {corners} corners, more than {MOST_CORNERS}: draw it more simply."),
            );
        } else if !plot.rings.iter().flatten().all(placed) {
            wrong(
                "rings",
                "A corner is a longitude and a latitude in degrees.".to_owned(),
            );
        }
    }
    found
}

fn exists(dir: &Path, name: &str) -> Result<(), PlotsError> {
    // A scenario that is there with mistakes in it still has its plots.
    let there = is_name(name) && names(dir).iter().any(|other| other == name);
    if there {
        Ok(())
    } else {
        Err(PlotsError::NoScenario)
    }
}

fn text(dir: &Path, name: &str) -> std::io::Result<Option<String>> {
    match fs::read_to_string(path(dir, name)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn version_of(text: &str) -> String {
    let mut digest = canonical::digest(&text);
    digest.truncate(16);
    digest
}

fn path(dir: &Path, name: &str) -> PathBuf {
    dir.join("scenarios").join(format!("{name}.plots.json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenarios::DEFAULT;

    fn plot(name: &str) -> Plot {
        Plot {
            name: name.to_owned(),
            tenure: Some("hard_title".to_owned()),
            price_usd_m2: Some(45.0),
            rings: vec![vec![[104.86, 11.56], [104.87, 11.56], [104.87, 11.57]]],
        }
    }

    #[test]
    fn plots_are_kept_with_a_scenario_and_never_over_plots_unseen() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(kept(dir.path(), DEFAULT).unwrap(), KeptPlots::default());
        let first = save(dir.path(), DEFAULT, vec![plot("Rice field")], &Over::Nothing).unwrap();
        assert_eq!(kept(dir.path(), DEFAULT).unwrap(), first);
        let unseen = save(dir.path(), DEFAULT, vec![], &Over::Nothing);
        assert!(matches!(unseen, Err(PlotsError::Changed(_))), "{unseen:?}");
        let seen = Over::Version(first.version.unwrap());
        let second = save(dir.path(), DEFAULT, vec![plot("ដីស្រែ")], &seen).unwrap();
        assert_eq!(second.plots[0].name, "ដីស្រែ");
        assert!(matches!(
            save(dir.path(), DEFAULT, vec![], &seen),
            Err(PlotsError::Changed(_))
        ));
        delete(dir.path(), DEFAULT).unwrap();
        delete(dir.path(), DEFAULT).unwrap();
        assert_eq!(kept(dir.path(), DEFAULT).unwrap(), KeptPlots::default());
        for name in ["none", "../default"] {
            assert!(matches!(kept(dir.path(), name), Err(PlotsError::NoScenario)));
        }
    }

    #[test]
    fn all_mistakes_are_told_with_their_places() {
        let dir = tempfile::tempdir().unwrap();
        let mut wrong = plot("");
        wrong.tenure = Some("rented".to_owned());
        wrong.price_usd_m2 = Some(-1.0);
        wrong.rings = vec![vec![[104.8, 11.5]]];
        let mut far = plot("Far");
        far.rings[0][1] = [204.0, 11.5];
        let Err(PlotsError::Mistakes(told)) = save(dir.path(), DEFAULT, vec![wrong, far], &Over::Nothing)
        else {
            panic!("plots with mistakes were kept");
        };
        let places: Vec<&str> = told.iter().map(|problem| problem.place.as_str()).collect();
        assert_eq!(
            places,
            [
                "plots[0].name",
                "plots[0].tenure",
                "plots[0].price_usd_m2",
                "plots[0].rings",
                "plots[1].rings"
            ]
        );
        let Err(PlotsError::Mistakes(told)) =
            save(dir.path(), DEFAULT, vec![plot("A"); MOST + 1], &Over::Nothing)
        else {
            panic!("too many plots were kept");
        };
        assert_eq!(told.len(), 1);
    }

    #[test]
    fn a_damaged_file_is_no_empty_list() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("scenarios")).unwrap();
        fs::write(path(dir.path(), DEFAULT), "{\"plots\": [").unwrap();
        assert!(matches!(
            kept(dir.path(), DEFAULT),
            Err(PlotsError::Damaged { .. })
        ));
    }
}
