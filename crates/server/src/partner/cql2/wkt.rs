//! Shapes in CQL2 text: well-known text and `BBOX(w, s, e, n)`. Heights are read and dropped.

use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon, Rect,
};

use super::lexer::Token;
use super::text::Parser;
use super::{About, FilterError, Result};

/// The kinds of shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Point,
    LineString,
    Polygon,
    MultiPoint,
    MultiLineString,
    MultiPolygon,
    Collection,
}

impl Shape {
    pub fn from_word(lower: &str) -> Option<Self> {
        Some(match lower {
            "point" => Self::Point,
            "linestring" => Self::LineString,
            "polygon" => Self::Polygon,
            "multipoint" => Self::MultiPoint,
            "multilinestring" => Self::MultiLineString,
            "multipolygon" => Self::MultiPolygon,
            "geometrycollection" => Self::Collection,
            _ => return None,
        })
    }
}

/// Whether a shape follows its word; else the word is a field.
pub fn follows(parser: &Parser) -> bool {
    match parser.peek() {
        Token::Sign("(") => true,
        Token::Word(word) => ["z", "m", "zm"].contains(&word.to_lowercase().as_str()),
        _ => false,
    }
}

/// Reads a shape; its word has been read.
pub fn read(parser: &mut Parser, shape: Shape) -> Result<Geometry<f64>> {
    for mark in ["zm", "z", "m"] {
        if parser.take_word(mark) {
            break;
        }
    }
    parser.expect("(")?;
    Ok(match shape {
        Shape::Point => {
            let at = coord(parser)?;
            parser.expect(")")?;
            Point(at).into()
        }
        Shape::LineString => LineString(coords(parser)?).into(),
        Shape::Polygon => polygon(parser)?.into(),
        Shape::MultiPoint => MultiPoint(several(parser, point)?).into(),
        Shape::MultiLineString => MultiLineString(several(parser, |p| {
            p.expect("(")?;
            coords(p).map(LineString)
        })?)
        .into(),
        Shape::MultiPolygon => MultiPolygon(several(parser, |p| {
            p.expect("(")?;
            polygon(p)
        })?)
        .into(),
        Shape::Collection => Geometry::GeometryCollection(GeometryCollection(several(parser, |p| {
            let Token::Word(word) = p.next() else {
                return Err(FilterError::about(
                    About::Shape,
                    "In a GEOMETRYCOLLECTION each part begins with its kind.",
                ));
            };
            match Shape::from_word(&word.to_lowercase()) {
                Some(inner) if inner != Shape::Collection => read(p, inner),
                _ => Err(FilterError::about(
                    About::Shape,
                    "A GEOMETRYCOLLECTION holds points, lines and polygons, no collections.",
                )),
            }
        })?)),
    })
}

/// The shape of a box; six numbers have heights in third and sixth place.
pub fn bbox(corners: &[f64]) -> Result<Geometry<f64>> {
    let ([w, s, e, n] | [w, s, _, e, n, _]) = *corners else {
        return Err(FilterError::about(
            About::Shape,
            "BBOX has four numbers: west, south, east, north.",
        ));
    };
    if s > n {
        return Err(FilterError::about(
            About::Shape,
            "BBOX has its south above its north: the order is west, south, east, north.",
        ));
    }
    let rect = |w, e| Rect::new(Coord { x: w, y: s }, Coord { x: e, y: n }).to_polygon();
    if w <= e {
        return Ok(rect(w, e).into());
    }
    // A box whose west lies east of its east crosses the antimeridian.
    Ok(MultiPolygon(vec![rect(w, 180.0), rect(-180.0, e)]).into())
}

/// Whether a shape is that of a box whose west lies east of its east, as [`bbox`] makes it. Only degrees come around to where they began.
#[allow(clippy::float_cmp, reason = "exactly as it was made")]
pub fn is_turned_box(shape: &Geometry<f64>) -> bool {
    let Geometry::MultiPolygon(parts) = shape else {
        return false;
    };
    let boxes: Vec<Rect<f64>> = parts
        .iter()
        .filter_map(geo::BoundingRect::bounding_rect)
        .collect();
    let exact = |(part, rect): (&Polygon<f64>, &Rect<f64>)| *part == rect.to_polygon();
    let whole = parts.iter().zip(&boxes).all(exact);
    matches!(boxes[..], [east, west] if whole
        && [east.max().x, west.min().x] == [180.0, -180.0]
        && [east.min().y, east.max().y] == [west.min().y, west.max().y])
}

fn several<T>(parser: &mut Parser, mut one: impl FnMut(&mut Parser) -> Result<T>) -> Result<Vec<T>> {
    let mut all = vec![one(parser)?];
    while parser.take_sign(",") {
        all.push(one(parser)?);
    }
    parser.expect(")")?;
    Ok(all)
}

fn point(parser: &mut Parser) -> Result<Point<f64>> {
    // Both `MULTIPOINT((1 2), (3 4))` and `MULTIPOINT(1 2, 3 4)` are in use.
    let bracket = parser.take_sign("(");
    let at = coord(parser)?;
    if bracket {
        parser.expect(")")?;
    }
    Ok(Point(at))
}

fn polygon(parser: &mut Parser) -> Result<Polygon<f64>> {
    let mut rings = several(parser, |p| {
        p.expect("(")?;
        coords(p).map(LineString)
    })?;
    let outer = rings.remove(0);
    Ok(Polygon::new(outer, rings))
}

fn coords(parser: &mut Parser) -> Result<Vec<Coord<f64>>> {
    several(parser, coord)
}

fn coord(parser: &mut Parser) -> Result<Coord<f64>> {
    let (x, y) = (ordinate(parser)?, ordinate(parser)?);
    for _ in 0..2 {
        if matches!(parser.peek(), Token::Number(_) | Token::Sign("-" | "+")) {
            ordinate(parser)?;
        }
    }
    Ok(Coord { x, y })
}

fn ordinate(parser: &mut Parser) -> Result<f64> {
    let negative = parser.take_sign("-");
    if !negative {
        parser.take_sign("+");
    }
    match parser.next() {
        Token::Number(n) => Ok(if negative { -n } else { n }),
        _ => Err(FilterError::about(
            About::Shape,
            "A shape needs numbers as its coordinates, such as POINT(104.92 11.56).",
        )),
    }
}
