//! The scenarios that a deployment offers: the program's own default, and `scenarios/*.toml` in the data directory, which may replace it.

pub mod keep;
pub mod plots;

use std::fs;
use std::path::Path;

use phteah_planning::problem::{self, Problem};
use phteah_planning::scenario::Scenario;

/// Name of the scenario that the program brings along.
pub const DEFAULT: &str = "default";

const DEFAULT_TOML: &str = include_str!("../../../geodata/scenarios/default.toml");

/// The most bytes of a scenario file.
const MAX_BYTES: u64 = 1024 * 1024;

/// Why a scenario file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// No such file, or it cannot be read.
    #[error("{file} cannot be read: {cause}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        cause: std::io::Error,
    },
    /// Larger than any scenario.
    #[error("{file} is larger than {} kB: it cannot be a scenario.", MAX_BYTES / 1024)]
    TooLarge {
        /// The file.
        file: String,
    },
    /// Mistakes in it, all of them.
    #[error("{file} has {} mistake{}:\n{}", .problems.len(), if .problems.len() == 1 { "" } else { "s" }, problem::told(.problems))]
    Mistakes {
        /// The file.
        file: String,
        /// What is wrong, and where.
        problems: Vec<Problem>,
    },
}

/// Names of the scenarios, in order, the default first.
pub fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    if let Ok(files) = fs::read_dir(dir.join("scenarios")) {
        for path in files.flatten().map(|file| file.path()) {
            let toml = path.extension().is_some_and(|extension| extension == "toml");
            if let Some(name) = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .filter(|name| toml && is_name(name))
            {
                names.push(name.to_owned());
            }
        }
    }
    names.retain(|name| name != DEFAULT);
    names.sort_unstable();
    names.insert(0, DEFAULT.to_owned());
    names
}

/// The scenario of a name; `None` if there is none.
pub fn named(dir: &Path, name: &str) -> Option<Result<Scenario, ScenarioError>> {
    if !is_name(name) {
        return None;
    }
    let path = dir.join("scenarios").join(format!("{name}.toml"));
    if path.is_file() {
        return Some(read(&path));
    }
    (name == DEFAULT).then(|| parse(DEFAULT_TOML, "the program's default scenario"))
}

/// The scenario that a person names on the command line: a file, or "default" for the deployment's own.
pub fn chosen(dir: &Path, file: &Path) -> Result<Scenario, ScenarioError> {
    if file == Path::new(DEFAULT)
        && !file.exists()
        && let Some(scenario) = named(dir, DEFAULT)
    {
        return scenario;
    }
    read(file)
}

/// Reads a scenario file.
pub fn read(path: &Path) -> Result<Scenario, ScenarioError> {
    let file = path.display().to_string();
    let unreadable = |cause| ScenarioError::Unreadable {
        file: file.clone(),
        cause,
    };
    if fs::metadata(path).map_err(unreadable)?.len() > MAX_BYTES {
        return Err(ScenarioError::TooLarge { file });
    }
    parse(&fs::read_to_string(path).map_err(unreadable)?, &file)
}

fn parse(text: &str, file: &str) -> Result<Scenario, ScenarioError> {
    Scenario::parse(text).map_err(|problems| ScenarioError::Mistakes {
        file: file.to_owned(),
        problems,
    })
}

/// Letters, digits, `-` and `_`: nothing that could lead out of the directory.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_always_there_and_sound() {
        let empty = tempfile::tempdir().unwrap();
        assert_eq!(names(empty.path()), [DEFAULT]);
        let scenario = named(empty.path(), DEFAULT).unwrap().unwrap();
        assert!(!scenario.criteria.is_empty());
    }

    #[test]
    fn a_deployment_adds_its_own_and_no_name_leads_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("scenarios")).unwrap();
        fs::write(dir.path().join("scenarios/near-work.toml"), DEFAULT_TOML).unwrap();
        fs::write(dir.path().join("secret.toml"), DEFAULT_TOML).unwrap();
        assert_eq!(names(dir.path()), ["default", "near-work"]);
        assert!(named(dir.path(), "near-work").unwrap().is_ok());
        assert!(named(dir.path(), "../secret").is_none());
        assert!(named(dir.path(), "none").is_none());
    }

    #[test]
    fn a_broken_file_says_everything_that_is_wrong() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("broken.toml");
        fs::write(&path, "method = \"guess\"\n[[criterion]]\nweight = -1\n").unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.matches('\n').count() >= 3, "{message}");
    }
}
