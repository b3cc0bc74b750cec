//! Scenarios that planners keep: read with their versions, written and deleted only over the version that was seen.

use std::fs;
use std::path::{Path, PathBuf};

use phteah_planning::canonical;
use phteah_planning::scenario::Scenario;

use super::plots;
use super::{DEFAULT, DEFAULT_TOML, ScenarioError, is_name, named, names};

/// The most scenarios of a deployment.
pub const MOST: usize = 500;

/// A scenario with the version of its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Its name.
    pub name: String,
    /// Itself.
    pub scenario: Scenario,
    /// Changes with every change of the file.
    pub version: String,
    /// Whether it comes with the program and cannot be overwritten.
    pub built_in: bool,
}

/// What a writer knows of what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Over {
    /// Nothing: the name is to be new.
    Nothing,
    /// This version.
    Version(String),
}

/// Why a scenario is not written or deleted.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// A name that cannot be one.
    #[error("A scenario's name has 1 to 64 letters (a to z), digits, - and _.")]
    Name,
    /// The program's own.
    #[error("The scenario '{0}' comes with the program and stays as it is: save a copy under another name.")]
    BuiltIn(String),
    /// A new one whose name is there already.
    #[error("There is a scenario '{0}' already: choose another name.")]
    Taken(String),
    /// Somebody was faster.
    #[error(
        "Somebody has changed or deleted the scenario '{0}' meanwhile: load it again, or save yours as a copy."
    )]
    Changed(String),
    /// Too many.
    #[error("There are {MOST} scenarios already: delete one that nobody needs.")]
    TooMany,
    /// A disk that fails.
    #[error("the scenario cannot be written: {0}")]
    Io(#[from] std::io::Error),
    /// The same, while it was written.
    #[error("the scenario cannot be written: {0}")]
    Write(#[from] phteah_layers::LayersError),
    /// A scenario that cannot be written as TOML: a defect.
    #[error("the scenario cannot be written as TOML: {0}")]
    Toml(String),
}

/// How the name begins of what was being written: now, and by programs before this one.
const UNFINISHED: [&str; 2] = [phteah_layers::UNFINISHED, ".tmp"];

/// Removes what killed writes have left. One writer at a time: the caller holds the lock of the data directory.
pub fn sweep(dir: &Path) {
    let entries = fs::read_dir(dir.join("scenarios"))
        .into_iter()
        .flatten()
        .flatten();
    for entry in entries {
        let name = entry.file_name();
        if UNFINISHED
            .iter()
            .any(|start| name.to_string_lossy().starts_with(start))
        {
            // What cannot be removed does no harm and goes next time.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The scenario of a name with its version; `None` if there is none.
pub fn kept(dir: &Path, name: &str) -> Option<Result<Kept, ScenarioError>> {
    // Read before the version is: whoever writes over a version that is too old is told, never the other way round.
    let version = version(dir, name)?;
    Some(named(dir, name)?.map(|scenario| Kept {
        built_in: version.is_built_in,
        version: version.text,
        name: name.to_owned(),
        scenario,
    }))
}

/// Writes a scenario. One writer at a time: the caller holds the lock of the data directory.
pub fn save(dir: &Path, name: &str, scenario: Scenario, over: &Over) -> Result<Kept, KeepError> {
    if !is_name(name) {
        return Err(KeepError::Name);
    }
    check(dir, name, over)?;
    if *over == Over::Nothing && names(dir).len() >= MOST {
        return Err(KeepError::TooMany);
    }
    let text = scenario
        .to_toml()
        .map_err(|error| KeepError::Toml(error.to_string()))?;
    let folder = dir.join("scenarios");
    fs::create_dir_all(&folder)?;
    phteah_layers::replace_file(&path(dir, name), text.as_bytes())?;
    Ok(Kept {
        name: name.to_owned(),
        version: version_of(&text),
        built_in: false,
        scenario,
    })
}

/// Deletes a scenario. One writer at a time.
pub fn delete(dir: &Path, name: &str, over: &Over) -> Result<(), KeepError> {
    if !is_name(name) {
        return Err(KeepError::Name);
    }
    check(dir, name, over)?;
    fs::remove_file(path(dir, name))?;
    plots::delete(dir, name)?;
    fs::File::open(dir.join("scenarios"))?.sync_all()?;
    Ok(())
}

/// Whether what is there is what the writer knows of.
fn check(dir: &Path, name: &str, over: &Over) -> Result<(), KeepError> {
    match (version(dir, name), over) {
        (
            Some(Version {
                is_built_in: true, ..
            }),
            _,
        ) => Err(KeepError::BuiltIn(name.to_owned())),
        (None, Over::Nothing) => Ok(()),
        (Some(_), Over::Nothing) => Err(KeepError::Taken(name.to_owned())),
        (Some(now), Over::Version(seen)) if now.text == *seen => Ok(()),
        (_, Over::Version(_)) => Err(KeepError::Changed(name.to_owned())),
    }
}

struct Version {
    text: String,
    is_built_in: bool,
}

fn version(dir: &Path, name: &str) -> Option<Version> {
    if !is_name(name) {
        return None;
    }
    match fs::read_to_string(path(dir, name)) {
        Ok(text) => Some(Version {
            text: version_of(&text),
            is_built_in: false,
        }),
        Err(_) => (name == DEFAULT).then(|| Version {
            text: version_of(DEFAULT_TOML),
            is_built_in: true,
        }),
    }
}

fn version_of(text: &str) -> String {
    let mut digest = canonical::digest(&text);
    digest.truncate(16);
    digest
}

fn path(dir: &Path, name: &str) -> PathBuf {
    dir.join("scenarios").join(format!("{name}.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_killed_writes_have_left_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let own = kept(dir.path(), DEFAULT).unwrap().unwrap();
        save(dir.path(), "near-work", own.scenario, &Over::Nothing).unwrap();
        let folder = dir.path().join("scenarios");
        for left in [".work-a1b2c3", ".tmpa1b2c3"] {
            fs::write(folder.join(left), "half").unwrap();
        }
        sweep(dir.path());
        let names: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["near-work.toml"]);
    }

    #[test]
    fn what_is_written_is_read_again_and_nobody_is_overwritten_unseen() {
        let dir = tempfile::tempdir().unwrap();
        let own = kept(dir.path(), DEFAULT).unwrap().unwrap();
        assert!(own.built_in);
        let new = save(dir.path(), "near-work", own.scenario.clone(), &Over::Nothing).unwrap();
        assert_eq!(kept(dir.path(), "near-work").unwrap().unwrap(), new);
        let mut changed = own.scenario.clone();
        changed.title.en = "Nearer".to_owned();
        let seen = Over::Version(new.version.clone());
        let newer = save(dir.path(), "near-work", changed.clone(), &seen).unwrap();
        assert_ne!(newer.version, new.version);
        assert!(matches!(
            save(dir.path(), "near-work", changed.clone(), &seen),
            Err(KeepError::Changed(_))
        ));
        assert!(matches!(
            save(dir.path(), "near-work", changed.clone(), &Over::Nothing),
            Err(KeepError::Taken(_))
        ));
        let own_version = Over::Version(own.version);
        assert!(matches!(
            save(dir.path(), DEFAULT, changed.clone(), &own_version),
            Err(KeepError::BuiltIn(_))
        ));
        assert!(matches!(
            delete(dir.path(), "near-work", &seen),
            Err(KeepError::Changed(_))
        ));
        delete(dir.path(), "near-work", &Over::Version(newer.version)).unwrap();
        assert!(kept(dir.path(), "near-work").is_none());
        assert!(matches!(
            save(dir.path(), "near-work", changed.clone(), &seen),
            Err(KeepError::Changed(_))
        ));
        assert!(matches!(
            save(dir.path(), "../out", changed, &Over::Nothing),
            Err(KeepError::Name)
        ));
    }
}
