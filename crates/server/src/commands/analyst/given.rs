//! A file as it is written on the command line: `FILE`, `FILE#LAYER` of a file with several layers, `FILE@EPSG:n` of one that does not
//! state its CRS, or both.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use phteah_layers::open::Advice;

/// How messages say so.
pub const ADVICE: Advice = Advice {
    layer: Cow::Borrowed("as FILE#LAYER"),
    crs: Cow::Borrowed("as FILE@EPSG:n, for example @EPSG:32648 or, for the old cadastre, @EPSG:3148"),
    place: Cow::Borrowed("keep only the right one in the file, for example"),
};

/// A file, and what is to be read of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Given {
    /// The file.
    pub path: PathBuf,
    /// The layer that is meant.
    pub layer: Option<String>,
    /// Its CRS, overriding what the file states.
    pub crs: Option<String>,
}

impl Given {
    /// Takes the additions off a path. A file whose own name holds them is taken as it is.
    pub fn new(word: &Path) -> Self {
        let plain = |path: &str, layer: Option<&str>, crs: Option<&str>| Self {
            path: PathBuf::from(path),
            layer: layer.map(str::to_owned),
            crs: crs.map(str::to_owned),
        };
        let Some(text) = word.to_str().filter(|_| !word.exists()) else {
            return Self {
                path: word.to_owned(),
                layer: None,
                crs: None,
            };
        };
        let (rest, crs) = match text.rsplit_once('@') {
            Some((rest, crs)) if crs.to_ascii_uppercase().starts_with("EPSG:") => (rest, Some(crs)),
            _ => (text, None),
        };
        match rest.rsplit_once('#') {
            Some((path, layer)) if !Path::new(rest).exists() => plain(path, Some(layer), crs),
            _ => plain(rest, None, crs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layer_and_crs_are_taken_off_and_a_name_that_holds_them_stays() {
        let given = |text: &str| {
            let Given { path, layer, crs } = Given::new(Path::new(text));
            (path.to_string_lossy().into_owned(), layer, crs)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(given("a.gpkg"), ("a.gpkg".into(), None, None));
        assert_eq!(given("a.gpkg#lots"), ("a.gpkg".into(), some("lots"), None));
        assert_eq!(
            given("a.shp@EPSG:3148"),
            ("a.shp".into(), None, some("EPSG:3148"))
        );
        assert_eq!(
            given("a.gpkg#lots@epsg:3148"),
            ("a.gpkg".into(), some("lots"), some("epsg:3148"))
        );
        assert_eq!(given("me@home.gpkg"), ("me@home.gpkg".into(), None, None));
        let folder = tempfile::tempdir().unwrap();
        let odd = folder.path().join("plan#2@EPSG:1.gpkg");
        std::fs::write(&odd, "").unwrap();
        assert_eq!(Given::new(&odd).path, odd);
    }
}
