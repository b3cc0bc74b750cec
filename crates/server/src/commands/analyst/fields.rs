//! Which columns of a file hold what a measure needs.

use phteah_layers::{LayersError, VectorFile};

use crate::commands::CommandError;

/// A column that a person named: it must be there.
pub fn required(file: &VectorFile, name: &str) -> Result<String, CommandError> {
    if file.columns().iter().any(|column| column.name == name) {
        return Ok(name.to_owned());
    }
    let columns = file.columns().iter().map(|column| column.name.as_str());
    Err(LayersError::no_column(file.file(), name, columns).into())
}

/// The first of several usual names that a file has, whatever their case.
pub fn usual(file: &VectorFile, names: &[&str]) -> Option<String> {
    let columns = file.columns();
    let find = |name: &&str| {
        columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    };
    names.iter().find_map(find).map(|column| column.name.clone())
}
