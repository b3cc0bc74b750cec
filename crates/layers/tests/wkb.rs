//! WKB there and back, and bytes that are none.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use phteah_layers::wkb::{parse, write};
use proptest::prelude::*;

fn coord() -> impl Strategy<Value = Coord<f64>> {
    (-1e7..1e7_f64, -1e7..1e7_f64).prop_map(|(x, y)| Coord { x, y })
}

fn line() -> impl Strategy<Value = LineString<f64>> {
    prop::collection::vec(coord(), 2..20).prop_map(LineString)
}

fn polygon() -> impl Strategy<Value = Polygon<f64>> {
    (
        prop::collection::vec(coord(), 3..20),
        prop::collection::vec(prop::collection::vec(coord(), 3..6), 0..3),
    )
        .prop_map(|(outer, holes)| {
            Polygon::new(LineString(outer), holes.into_iter().map(LineString).collect())
        })
}

fn geometry() -> impl Strategy<Value = Geometry<f64>> {
    prop_oneof![
        coord().prop_map(|c| Point(c).into()),
        line().prop_map(Geometry::from),
        polygon().prop_map(Geometry::from),
        prop::collection::vec(coord(), 0..5)
            .prop_map(|c| MultiPoint(c.into_iter().map(Point).collect()).into()),
        prop::collection::vec(line(), 0..4).prop_map(|l| MultiLineString(l).into()),
        prop::collection::vec(polygon(), 0..4).prop_map(|p| MultiPolygon(p).into()),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(shape in geometry()) {
        let mut bytes = Vec::new();
        write(&shape, &mut bytes);
        let parsed = parse(&bytes).unwrap();
        prop_assert_eq!(&parsed.geometry, &shape);
        prop_assert!(!parsed.had_z && !parsed.had_curves && parsed.unclosed_rings == 0);
        // GDAL reads it as well, and says the same.
        let again = gdal::vector::Geometry::from_wkb(&bytes).unwrap().iso_wkb().unwrap();
        prop_assert_eq!(again, bytes);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn no_change_of_a_byte_makes_it_panic_or_hang(shape in geometry(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = Vec::new();
        write(&shape, &mut bytes);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = parse(&bytes);
        let _ = parse(&bytes[..at]);
    }
}

#[test]
fn heights_and_measures_are_dropped_in_every_coding() {
    for wkt in ["POINT Z (1 2 3)", "POINT M (1 2 3)", "POINT ZM (1 2 3 4)"] {
        let geometry = gdal::vector::Geometry::from_wkt(wkt).unwrap();
        for bytes in [geometry.iso_wkb().unwrap(), geometry.wkb().unwrap()] {
            let parsed = parse(&bytes).unwrap();
            assert_eq!(parsed.geometry, Point::new(1.0, 2.0).into(), "{wkt}");
            assert!(parsed.had_z, "{wkt}");
        }
    }
    let big_endian = [
        &[0, 0, 0, 0, 1][..],
        &1.0_f64.to_be_bytes(),
        &2.0_f64.to_be_bytes(),
    ]
    .concat();
    assert_eq!(parse(&big_endian).unwrap().geometry, Point::new(1.0, 2.0).into());
}

#[test]
fn arcs_keep_their_ends_their_radius_and_their_side() {
    let bytes = gdal::vector::Geometry::from_wkt("CIRCULARSTRING (0 0,1 1,2 0,3 -1,4 0)")
        .unwrap()
        .iso_wkb()
        .unwrap();
    let parsed = parse(&bytes).unwrap();
    assert!(parsed.had_curves);
    let Geometry::LineString(line) = parsed.geometry else {
        panic!("no line")
    };
    assert_eq!(
        (line.0[0], *line.0.last().unwrap()),
        (Coord { x: 0.0, y: 0.0 }, Coord { x: 4.0, y: 0.0 })
    );
    for c in &line.0 {
        let centre = if c.x <= 2.0 { 1.0 } else { 3.0 };
        assert!(
            ((c.x - centre).hypot(c.y) - 1.0).abs() < 1e-9,
            "{c:?} is not on its circle"
        );
        assert!(
            if c.x < 2.0 { c.y >= 0.0 } else { c.y <= 1e-9 },
            "{c:?} is on the wrong side"
        );
    }
    let straight = gdal::vector::Geometry::from_wkt("CIRCULARSTRING (0 0,1 0,2 0)")
        .unwrap()
        .iso_wkb()
        .unwrap();
    let Geometry::LineString(line) = parse(&straight).unwrap().geometry else {
        panic!("no line")
    };
    assert_eq!(line.0.len(), 3);
    let compound = "COMPOUNDCURVE (CIRCULARSTRING (0 0,1 1,2 0),(2 0,5 0))";
    let bytes = gdal::vector::Geometry::from_wkt(compound)
        .unwrap()
        .iso_wkb()
        .unwrap();
    let Geometry::LineString(line) = parse(&bytes).unwrap().geometry else {
        panic!("no line")
    };
    assert_eq!(*line.0.last().unwrap(), Coord { x: 5.0, y: 0.0 });
    assert!(line.0.windows(2).all(|w| w[0] != w[1]), "a joint stands twice");
}
