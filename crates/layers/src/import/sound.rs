//! Polygons of files that belong to no catalogue, checked and repaired as an import would.

use std::sync::LazyLock;

use geo::{Area, Geometry};

use super::shape::{self, Refusal};
use crate::reading_process::Mender;
use crate::schema::GeometryKind;

/// The process that mends: its callers look at the shapes of one file from many threads and hand none of it on, so it is one for the program.
static MENDER: LazyLock<Mender> = LazyLock::new(|| Mender::new(&std::env::temp_dir()));

/// A polygon that can be measured, with what had to be done to it (nothing: `None`); or, in words, why there is none.
///
/// Rings without area are dropped, rings that cross are repaired by GEOS (structure method): what a shell encloses is kept,
/// what a hole encloses is taken away.
pub fn sound_polygon(geometry: Geometry<f64>) -> Result<(Geometry<f64>, Option<String>), String> {
    let words = |refusal: Refusal| match refusal.place {
        Some(place) => format!("{place}: {}", refusal.message),
        None => refusal.message,
    };
    shape::check_coordinates(&geometry).map_err(words)?;
    let (mut changes, mut buffer) = (Vec::new(), Vec::new());
    let fitted = shape::fit(geometry, GeometryKind::Polygon, &mut changes).map_err(words)?;
    let mut told: Vec<String> = changes.into_iter().map(|change| change.message).collect();
    let Some(reason) = shape::invalidity(&fitted, &mut buffer, &MENDER).map_err(words)? else {
        return Ok((fitted, (!told.is_empty()).then(|| told.join("; "))));
    };
    let repaired = shape::repair(&fitted, &reason, &mut buffer, &MENDER).map_err(words)?;
    // As a share: the CRS may be in degrees, whose squares mean nothing to anybody.
    let (before, after) = (fitted.unsigned_area(), repaired.unsigned_area());
    told.push(if before > 0.0 {
        format!(
            "{reason}; its area is now {:.2} % of what it was",
            after / before * 100.0
        )
    } else {
        format!("{reason}; it had no area before, as its loops cancelled each other")
    });
    Ok((repaired, Some(told.join("; "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::wkt;

    #[test]
    fn a_sound_polygon_is_left_as_it_is() {
        let square = Geometry::Polygon(wkt!(POLYGON((0. 0., 2. 0., 2. 2., 0. 2., 0. 0.))));
        assert_eq!(sound_polygon(square.clone()), Ok((square, None)));
    }

    #[test]
    fn a_bow_tie_is_repaired_and_told() {
        let bow_tie = wkt!(POLYGON((0. 0., 2. 2., 2. 0., 0. 2., 0. 0.)));
        let (shape, told) = sound_polygon(bow_tie.into()).unwrap();
        assert!((shape.unsigned_area() - 2.0).abs() < 1e-12, "{shape:?}");
        assert!(told.is_some_and(|told| told.contains("it had no area before")));
    }

    #[test]
    fn what_is_no_polygon_is_refused_in_words() {
        assert!(sound_polygon(wkt!(POINT(1. 1.)).into()).is_err());
        assert!(sound_polygon(wkt!(POLYGON((0. 0., 1. 1., 2. 2., 0. 0.))).into()).is_err());
    }
}
