//! Whether a point can be in the country.

/// Cambodia's outline, degrees east and north: Natural Earth's at 1:110 million (public domain). It is coarse on purpose: it only tells
/// points in the sea or in another country from those that can be meant.
pub const CAMBODIA: [(f64, f64); 16] = [
    (103.497_28, 10.632_555),
    (103.090_69, 11.153_661),
    (102.584_932, 12.186_595),
    (102.348_099, 13.394_247),
    (102.988_422, 14.225_721),
    (104.281_418, 14.416_743),
    (105.218_777, 14.273_212),
    (106.043_946, 13.881_091),
    (106.496_373, 14.570_584),
    (107.382_727, 14.202_441),
    (107.614_548, 13.535_531),
    (107.491_403, 12.337_206),
    (105.810_524, 11.567_615),
    (106.249_67, 10.961_812),
    (105.199_915, 10.889_31),
    (104.334_335, 10.486_544),
];

/// How far from the outline a point may still be meant, in degrees (about 22 km): the outline is coarse, and there are islands.
const TOLERANCE: f64 = 0.2;

/// Whether a point lies within a country's outline or close to it. `outline` is a ring of degrees east and north; its last point need not
/// repeat its first.
///
/// ```
/// use phteah_registry::check::{CAMBODIA, is_in_country};
/// assert!(is_in_country(104.92, 11.56, &CAMBODIA)); // Phnom Penh
/// assert!(!is_in_country(103.0, 10.0, &CAMBODIA)); // the Gulf of Thailand
/// ```
pub fn is_in_country(lon: f64, lat: f64, outline: &[(f64, f64)]) -> bool {
    let Some(mut from) = outline.last().copied() else {
        return false;
    };
    let mut inside = false;
    for &to in outline {
        if distance((lon, lat), from, to) <= TOLERANCE {
            return true;
        }
        // A ray to the east crosses this edge.
        if (from.1 > lat) != (to.1 > lat) {
            let share = (lat - from.1) / (to.1 - from.1);
            inside ^= lon < from.0 + share * (to.0 - from.0);
        }
        from = to;
    }
    inside
}

/// Distance of a point from a stretch, in degrees.
fn distance(point: (f64, f64), from: (f64, f64), to: (f64, f64)) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.mul_add(dx, dy * dy);
    let along = if length > 0.0 {
        ((point.0 - from.0).mul_add(dx, (point.1 - from.1) * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (point.0 - along.mul_add(dx, from.0)).hypot(point.1 - along.mul_add(dy, from.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn towns_are_inside_and_the_sea_is_not() {
        let towns = [
            (104.92, 11.56),
            (103.86, 13.36),
            (103.52, 10.63),
            (102.98, 11.62),
            (103.2, 13.1),
            (106.98, 13.74),
            (104.32, 10.48),
            (106.1, 11.09),
            (103.25, 10.72),
        ];
        for (lon, lat) in towns {
            assert!(is_in_country(lon, lat, &CAMBODIA), "{lon} {lat}");
        }
        let elsewhere = [
            (0.0, 0.0),
            (11.56, 104.92),
            (103.0, 10.0),
            (102.2, 11.5),
            (100.5, 13.75),
            (106.7, 10.78),
            (-104.92, 11.56),
        ];
        for (lon, lat) in elsewhere {
            assert!(!is_in_country(lon, lat, &CAMBODIA), "{lon} {lat}");
        }
        assert!(!is_in_country(104.9, 11.5, &[]));
    }
}
