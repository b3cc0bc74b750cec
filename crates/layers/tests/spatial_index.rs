//! The trees of boxes in files for others, asked by GDAL: each window gives what a look at every feature gives.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use gdal::Dataset;
use gdal::vector::LayerAccess;
use geo::{Geometry, LineString, MultiPolygon, Point, Rect, coord};
use phteah_layers::{
    Crs, Deployment, Field, FieldType, GeometryKind, TableMeta, TableShape, TableWriter, Value,
};

type Box4 = [f64; 4];

/// Boxes of many sizes all over a plane of 10 km, in no order.
fn boxes(count: u32) -> Vec<Box4> {
    (0..count)
        .map(|i| {
            let (x, y) = (f64::from(i * 7_919 % 10_007), f64::from(i * 104_729 % 9_973));
            let (w, h) = (f64::from(i % 37) + 1.0, f64::from(i % 11) * 3.0 + 1.0);
            [
                480_000.0 + x,
                1_270_000.0 + y,
                480_000.0 + x + w,
                1_270_000.0 + y + h,
            ]
        })
        .collect()
}

fn shape(kind: GeometryKind, [x0, y0, x1, y1]: Box4) -> Geometry<f64> {
    let rect = Rect::new(coord! { x: x0, y: y0 }, coord! { x: x1, y: y1 });
    match kind {
        GeometryKind::Point => Point::new(x0, y0).into(),
        GeometryKind::Line => LineString::from(vec![(x0, y0), (x1, y1)]).into(),
        GeometryKind::Any => MultiPolygon(vec![rect.to_polygon()]).into(),
        _ => rect.to_polygon().into(),
    }
}

fn ids_in(path: &std::path::Path, [x0, y0, x1, y1]: Box4) -> Vec<i64> {
    let file = Dataset::open(path).unwrap();
    let mut layer = file.layer(0).unwrap();
    layer.set_spatial_filter_rect(x0, y0, x1, y1);
    let at = layer.defn().field_index("n").unwrap();
    let mut ids: Vec<i64> = layer
        .features()
        .map(|feature| feature.field_as_integer64(at).unwrap().unwrap())
        .collect();
    ids.sort_unstable();
    ids
}

#[test]
fn a_window_finds_what_lies_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let utm = Crs::parse("EPSG:32648", &Deployment::default()).unwrap();
    let fields = [Field::new("n", FieldType::Integer)];
    for (kind, count) in [
        (GeometryKind::Polygon, 1),
        (GeometryKind::Polygon, 16),
        (GeometryKind::Polygon, 17),
        (GeometryKind::Polygon, 4_100),
        (GeometryKind::Point, 600),
        (GeometryKind::Line, 600),
        (GeometryKind::Any, 600),
    ] {
        let boxes = boxes(count);
        for extension in ["fgb", "gpkg"] {
            let path = dir.path().join(format!("{kind:?}-{count}.{extension}"));
            let shape_of = TableShape {
                fields: &fields,
                geometry: kind,
                from: &utm,
                crs: None,
            };
            let meta = TableMeta {
                name: "boxes".into(),
                ..TableMeta::default()
            };
            let mut writer = TableWriter::create(&path, &shape_of, &meta).unwrap();
            for (n, bounds) in (0..).zip(&boxes) {
                let id = format!("b{n}");
                writer
                    .push(&id, Some(shape(kind, *bounds)), &[Some(Value::Integer(n))])
                    .unwrap();
            }
            assert_eq!(writer.finish().unwrap(), u64::from(count));
            for window in [
                [479_000.0, 1_269_000.0, 491_000.0, 1_281_000.0],
                [482_000.5, 1_272_000.5, 484_000.5, 1_273_000.5],
                [480_000.5, 1_270_000.5, 480_100.5, 1_270_400.5],
                [400_000.0, 1_200_000.0, 400_001.0, 1_200_001.0],
            ] {
                let expected: Vec<i64> = (0..)
                    .zip(&boxes)
                    .filter(|(_, b)| {
                        let (x1, y1) = if kind == GeometryKind::Point {
                            (b[0], b[1])
                        } else {
                            (b[2], b[3])
                        };
                        match kind {
                            // Of a line GDAL looks at the line itself.
                            GeometryKind::Line => meets_line(**b, window),
                            _ => b[0] <= window[2] && x1 >= window[0] && b[1] <= window[3] && y1 >= window[1],
                        }
                    })
                    .map(|(n, _)| n)
                    .collect();
                assert_eq!(ids_in(&path, window), expected, "{} {window:?}", path.display());
            }
        }
    }
}

fn meets_line([x0, y0, x1, y1]: Box4, [w, s, e, n]: Box4) -> bool {
    use geo::Intersects;
    let line = geo::Line::new(coord! { x: x0, y: y0 }, coord! { x: x1, y: y1 });
    Rect::new(coord! { x: w, y: s }, coord! { x: e, y: n }).intersects(&line)
}
