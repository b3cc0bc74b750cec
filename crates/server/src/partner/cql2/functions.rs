//! What SQLite lacks: comparing shapes, patterns that care for case, texts that do not, and a little arithmetic.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use caseless::Caseless;
use geo::{BoundingRect, Contains, Coord, Geometry, Intersects, IsConvex, Polygon, Relate};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Result};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::near;
use phteah_layers::text::is_ignorable;

/// How two shapes may lie to each other (OGC 06-103r4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i64)]
pub enum SpatialOp {
    /// They share a point.
    Intersects,
    /// They share no point.
    Disjoint,
    /// They are the same set of points.
    Equals,
    /// They share points of their boundaries only.
    Touches,
    /// They share some inner points, and what they share is of lower dimension.
    Crosses,
    /// The first lies in the second.
    Within,
    /// The second lies in the first.
    Contains,
    /// They share some inner points and neither lies in the other.
    Overlaps,
}

impl SpatialOp {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Intersects, "s_intersects"),
        (Self::Disjoint, "s_disjoint"),
        (Self::Equals, "s_equals"),
        (Self::Touches, "s_touches"),
        (Self::Crosses, "s_crosses"),
        (Self::Within, "s_within"),
        (Self::Contains, "s_contains"),
        (Self::Overlaps, "s_overlaps"),
    ];

    /// By its CQL2 name in lower case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|(_, known)| *known == name)
            .map(|(op, _)| op)
    }

    fn from_code(code: i64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .map(|(op, _)| op)
            .find(|op| *op as i64 == code)
    }

    /// The same said with the shapes in the other order.
    #[must_use]
    pub fn converse(self) -> Self {
        match self {
            Self::Within => Self::Contains,
            Self::Contains => Self::Within,
            other => other,
        }
    }

    /// How far beyond a shape's box, in metres, another may lie that stands so to it.
    pub fn slack(self) -> f64 {
        match self {
            Self::Equals | Self::Touches => near::SAME,
            _ => 0.0,
        }
    }

    /// Whether two shapes in metres lie so to each other, coordinates being known to a centimetre: what equals or touches another by all that can
    /// be told does so.
    pub fn holds_in_metres(self, a: &Geometry<f64>, b: &Geometry<f64>) -> bool {
        self.holds(a, b)
            || match self {
                Self::Equals => near::equal(a, b),
                Self::Touches => near::touch(a, b),
                _ => false,
            }
    }

    /// Whether two shapes lie so to each other, exactly.
    pub fn holds(self, a: &Geometry<f64>, b: &Geometry<f64>) -> bool {
        match self {
            Self::Intersects => a.intersects(b),
            Self::Disjoint => !a.intersects(b),
            Self::Equals => a.relate(b).is_equal_topo(),
            Self::Touches => a.relate(b).is_touches(),
            Self::Crosses => a.relate(b).is_crosses(),
            Self::Within => a.relate(b).is_within(),
            Self::Contains => a.relate(b).is_contains(),
            Self::Overlaps => a.relate(b).is_overlaps(),
        }
    }
}

/// Adds the functions to a connection.
pub fn register(conn: &Connection) -> Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    let ready = Ready::default();
    conn.create_scalar_function("ph_spatial", 3, flags, move |ctx| spatial(ctx, &ready))?;
    conn.create_scalar_function("ph_like", 2, flags, |ctx| {
        let (ValueRef::Text(text), ValueRef::Text(pattern)) = (ctx.get_raw(0), ctx.get_raw(1)) else {
            return Ok(None);
        };
        let (text, pattern) = (comparable(text), comparable(pattern));
        Ok(Some(like(text.as_bytes(), pattern.as_bytes())))
    })?;
    let texts = |f: fn(&str) -> String| {
        move |ctx: &Context<'_>| -> Result<Option<String>> {
            let ValueRef::Text(text) = ctx.get_raw(0) else {
                return Ok(None);
            };
            Ok(Some(f(&comparable(text))))
        }
    };
    conn.create_scalar_function("ph_casei", 1, flags, texts(without_case))?;
    conn.create_scalar_function("ph_accenti", 1, flags, texts(without_accents))?;
    let numbers = |f: fn(f64, f64) -> f64| {
        move |ctx: &Context<'_>| -> Result<Option<f64>> {
            let (Some(a), Some(b)) = (ctx.get::<Option<f64>>(0)?, ctx.get::<Option<f64>>(1)?) else {
                return Ok(None);
            };
            // A result that is no number is unknown, as SQL has it for division by zero.
            Ok(Some(f(a, b)).filter(|n| n.is_finite()))
        }
    };
    conn.create_scalar_function("ph_pow", 2, flags, numbers(f64::powf))?;
    conn.create_scalar_function("ph_mod", 2, flags, numbers(|a, b| a % b))?;
    conn.create_scalar_function("ph_div", 2, flags, numbers(|a, b| (a / b).trunc()))
}

/// A text as patterns, CASEI and ACCENTI see it: without signs that nobody sees, and in one of the forms in which Unicode writes the same
/// text (NFC). Most texts are so already.
fn comparable(text: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(text);
    let is_so = text.is_ascii() || (is_nfc(&text) && !text.contains(is_ignorable));
    if is_so && !text.contains(|c: char| c.is_ascii_control()) {
        return text;
    }
    text.chars()
        .filter(|c| !is_ignorable(*c))
        .nfc()
        .collect::<String>()
        .into()
}

/// Unicode's full case folding, which turns "ß" into "ss".
fn without_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().default_case_fold().nfc().collect()
}

/// Letters without their accents. The signs of Khmer are no accents: a word without them is another word.
fn without_accents(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let plain = text.nfd().filter(|c| !is_accent(*c)).map(|c| match c {
        // Letters whose stroke is part of them in Unicode, and an accent to whoever searches.
        'ø' => 'o',
        'Ø' => 'O',
        'đ' => 'd',
        'Đ' => 'D',
        'ł' => 'l',
        'Ł' => 'L',
        other => other,
    });
    plain.nfc().collect()
}

/// Unicode's blocks of combining diacritical marks.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Whether a text matches a pattern. Each `%` is tried from the left and only the last one is widened, so the time grows with the product of
/// both lengths at most, whatever the pattern.
fn like(text: &[u8], pattern: &[u8]) -> bool {
    let next = |bytes: &[u8], at: usize| at + utf8_length(bytes[at]).min(bytes.len() - at);
    let (mut t, mut p) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        let sign = pattern.get(p).copied();
        let escaped = sign == Some(b'\\') && p + 1 < pattern.len();
        if sign == Some(b'%') {
            p += 1;
            retry = Some((t, p));
            continue;
        }
        let literal = p + usize::from(escaped);
        if sign == Some(b'_') {
            (t, p) = (next(text, t), p + 1);
        } else if sign.is_some() && pattern[literal] == text[t] {
            (t, p) = (t + 1, literal + 1);
        } else if let Some((from, after)) = retry {
            let from = next(text, from);
            retry = Some((from, after));
            (t, p) = (from, after);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|b| *b == b'%')
}

fn utf8_length(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

/// The second shape of a comparison, made ready once per statement.
struct Prepared {
    shape: Geometry<f64>,
    bounds: Option<[f64; 4]>,
    /// A box inside of which everything lies within the shape.
    inner: Option<[f64; 4]>,
}

fn spatial(ctx: &Context<'_>, ready: &Ready) -> Result<Option<bool>> {
    let op = SpatialOp::from_code(ctx.get(0)?).ok_or(Error::InvalidQuery)?;
    let (ValueRef::Blob(first), ValueRef::Blob(blob)) = (ctx.get_raw(1), ctx.get_raw(2)) else {
        return Ok(None);
    };
    let second = ready.get(blob)?;
    if let (Some(a), Some(b)) = (envelope(first), second.bounds) {
        let by = op.slack();
        if a[0] > b[2] + by || a[2] < b[0] - by || a[1] > b[3] + by || a[3] < b[1] - by {
            return Ok(Some(op == SpatialOp::Disjoint));
        }
        // What lies wholly inside stands to the shape in one way only.
        if let Some(inner) = second.inner
            && a[0] > inner[0]
            && a[1] > inner[1]
            && a[2] < inner[2]
            && a[3] < inner[3]
        {
            return Ok(Some(matches!(op, SpatialOp::Intersects | SpatialOp::Within)));
        }
        if let Some(inner) = second.inner
            && matches!(op, SpatialOp::Intersects | SpatialOp::Disjoint)
            && a[0] >= inner[0]
            && a[1] >= inner[1]
            && a[2] <= inner[2]
            && a[3] <= inner[3]
        {
            return Ok(Some(op == SpatialOp::Intersects));
        }
    }
    let first = decode(first)?;
    Ok(Some(op.holds_in_metres(&first, &second.shape)))
}

/// The shapes that a connection compared with last. SQLite's own memory for this lasts for one run of a statement, and a page of a box runs
/// one statement per feature.
#[derive(Default)]
struct Ready {
    shapes: RefCell<Vec<(Vec<u8>, Arc<Prepared>)>>,
}

/// Shapes kept ready; a filter has rarely more.
const READY: usize = 4;

impl Ready {
    fn get(&self, blob: &[u8]) -> Result<Arc<Prepared>> {
        let mut shapes = self.shapes.borrow_mut();
        if let Some((_, prepared)) = shapes.iter().find(|(bytes, _)| bytes == blob) {
            return Ok(Arc::clone(prepared));
        }
        let shape = decode(blob)?;
        let bounds = shape
            .bounding_rect()
            .map(|r| [r.min().x, r.min().y, r.max().x, r.max().y]);
        let inner = if let Geometry::Polygon(polygon) = &shape {
            inner_box(polygon)
        } else {
            None
        };
        let prepared = Arc::new(Prepared { shape, bounds, inner });
        if shapes.len() == READY {
            shapes.remove(0);
        }
        shapes.push((blob.to_vec(), Arc::clone(&prepared)));
        Ok(prepared)
    }
}

/// From here on, of half a side measured from the middle, a vertex counts as a corner.
const CORNER: f64 = 0.48;

/// The largest box that the inner ones of a nearly rectangular polygon's corners leave; `None` where the polygon is not of that kind.
pub fn inner_box(polygon: &Polygon<f64>) -> Option<[f64; 4]> {
    let ring = polygon.exterior();
    if !polygon.interiors().is_empty() {
        return None;
    }
    let rect = polygon.bounding_rect()?;
    let centre = rect.center();
    let mut inner = [f64::NEG_INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::INFINITY];
    for Coord { x, y } in &ring.0 {
        // A vertex belongs to the side it is nearest to, at a corner to both, measured against the box of all.
        let (dx, dy) = ((x - centre.x) / rect.width(), (y - centre.y) / rect.height());
        let corner = dx.abs().min(dy.abs()) > CORNER;
        if corner || dx.abs() >= dy.abs() {
            if dx < 0.0 {
                inner[0] = inner[0].max(*x);
            } else {
                inner[2] = inner[2].min(*x);
            }
        }
        if corner || dy.abs() > dx.abs() {
            if dy < 0.0 {
                inner[1] = inner[1].max(*y);
            } else {
                inner[3] = inner[3].min(*y);
            }
        }
    }
    let corners = [
        (inner[0], inner[1]),
        (inner[2], inner[1]),
        (inner[2], inner[3]),
        (inner[0], inner[3]),
    ];
    if inner.iter().any(|v| !v.is_finite()) || inner[0] >= inner[2] || inner[1] >= inner[3] {
        return None;
    }
    let inside = if ring.is_convex() {
        corners
            .iter()
            .all(|&(x, y)| polygon.contains(&geo::Point::new(x, y)) || polygon.intersects(&Coord { x, y }))
    } else {
        // The edges of a large box bend inwards in a plane: its corners alone do not say that all of the inner one lies within.
        polygon
            .relate(&geo::Rect::new((inner[0], inner[1]), (inner[2], inner[3])).to_polygon())
            .is_covers()
    };
    inside.then_some(inner)
}

/// The box in a GeoPackage blob's header.
pub fn envelope(blob: &[u8]) -> Option<[f64; 4]> {
    let [b'G', b'P', _, flags, ..] = blob else {
        return None;
    };
    // Little-endian with an envelope of x and y: what our own files hold.
    if flags & 0b1111 != 0b0011 {
        return None;
    }
    let number = |at: usize| blob.get(at..at + 8)?.try_into().ok().map(f64::from_le_bytes);
    let [min_x, max_x, min_y, max_y] = [number(8)?, number(16)?, number(24)?, number(32)?];
    Some([min_x, min_y, max_x, max_y])
}

/// The WKB within a GeoPackage blob, or the bytes themselves if they are plain WKB.
pub fn wkb_of(blob: &[u8]) -> Option<&[u8]> {
    let [b'G', b'P', _, flags, ..] = blob else {
        return Some(blob);
    };
    let length = match (flags >> 1) & 0b111 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return None,
    };
    blob.get(8 + length..)
}

fn decode(blob: &[u8]) -> Result<Geometry<f64>> {
    let parsed = wkb_of(blob)
        .ok_or("no geometry")
        .and_then(phteah_layers::wkb::parse);
    parsed
        .map(|p| p.geometry)
        .map_err(|cause| Error::UserFunctionError(cause.into()))
}

#[cfg(test)]
mod tests {
    use geo::polygon;

    use super::*;

    #[test]
    fn patterns() {
        let cases = [
            ("Toul Kork", "Toul%", true),
            ("Toul Kork", "toul%", false),
            ("Toul Kork", "%Ko_k", true),
            ("Toul Kork", "%", true),
            ("", "%", true),
            ("", "_", false),
            ("ភ្នំ", "ភ_នំ", true),
            ("100%", "100\\%", true),
            ("1000", "100\\%", false),
            ("a\\b", "a\\\\b", true),
            ("abcabd", "%abd", true),
            ("abc", "abc%", true),
            ("abc", "abcd", false),
        ];
        for (text, pattern, expected) in cases {
            assert_eq!(
                like(text.as_bytes(), pattern.as_bytes()),
                expected,
                "{text} LIKE {pattern}"
            );
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_longer_than_both_lengths_allow() {
        let text = "a".repeat(20_000);
        let pattern = "%a".repeat(2_000) + "b";
        let begun = std::time::Instant::now();
        assert!(!like(text.as_bytes(), pattern.as_bytes()));
        assert!(begun.elapsed().as_secs() < 5);
    }

    fn seen(text: &str) -> String {
        comparable(text.as_bytes()).into_owned()
    }

    #[test]
    fn case_is_folded_as_unicode_has_it() {
        for (a, b) in [
            ("Straße", "STRASSE"),
            ("ΟΔΟΣ", "οδος"),
            ("Ελένη", "ΕΛΈΝΗ"),
            ("İ", "i\u{307}"),
            ("ﬁ", "FI"),
            ("Toul KORK", "TOUL kork"),
        ] {
            assert_eq!(without_case(&seen(a)), without_case(&seen(b)), "{a} {b}");
        }
        assert_ne!(without_case("é"), without_case("e"));
    }

    #[test]
    fn accents_are_no_part_of_a_letter_and_khmer_signs_are() {
        for (a, b) in [
            ("débárquér", "debarquer"),
            ("Chișinău", "Chisinau"),
            ("København", "Kobenhavn"),
        ] {
            assert_eq!(without_accents(&seen(a)), b);
        }
        assert_eq!(without_accents("ភ្នំពេញ"), "ភ្នំពេញ");
        assert_eq!(without_accents(&seen("e\u{301}")), "e");
    }

    #[test]
    fn what_is_not_seen_is_not_compared() {
        for (a, b) in [
            ("បឹងកក់", "បឹង\u{200b}កក់"),
            ("បឹងកក់", "បឹង\u{200e}កក\u{17b5}់"),
            ("Boeung Kâk", "Boeung Ka\u{302}k"),
            ("Toul", "To\u{ad}ul"),
        ] {
            assert_eq!(seen(a), seen(b));
        }
        assert_eq!(seen("a\tb"), "a\tb");
    }

    #[test]
    fn the_inner_box_of_a_skewed_rectangle_lies_inside_it() {
        let skewed = polygon![(x: 0.0, y: 0.05), (x: 5.0, y: 0.02), (x: 10.0, y: 0.0), (x: 10.06, y: 8.0), (x: 0.05, y: 8.06)];
        let inner = inner_box(&skewed).unwrap();
        let rect = geo::Rect::new((inner[0], inner[1]), (inner[2], inner[3])).to_polygon();
        assert!(skewed.relate(&rect).is_covers(), "{inner:?}");
        assert!(
            inner[2] - inner[0] > 9.8 && inner[3] - inner[1] > 7.8,
            "{inner:?}"
        );
        let triangle = polygon![(x: 0.0, y: 0.0), (x: 4.0, y: 0.0), (x: 0.0, y: 4.0)];
        assert!(inner_box(&triangle).is_none_or(|b| {
            triangle
                .relate(&geo::Rect::new((b[0], b[1]), (b[2], b[3])).to_polygon())
                .is_covers()
        }));
    }
}
