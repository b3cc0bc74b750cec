//! Circular arcs as chords.

use geo::Coord;

/// The longest angle that one chord stands for. Its sagitta is 0.06 % of the radius: 6 mm at 10 m.
const STEP_DEGREES: f64 = 4.0;

/// The chords of a circular string: start, a point on the way, end, the next arc starting where the last ended.
pub(super) fn chords(points: &[Coord<f64>]) -> Vec<Coord<f64>> {
    let Some(first) = points.first() else {
        return Vec::new();
    };
    let mut line = vec![*first];
    let mut arcs = points.windows(3).step_by(2);
    for arc in &mut arcs {
        one_arc(arc[0], arc[1], arc[2], &mut line);
    }
    // A string with an even number of points is broken; its last stretch is taken as straight.
    if points.len().is_multiple_of(2)
        && let Some(last) = points.last()
    {
        line.push(*last);
    }
    line
}

fn one_arc(start: Coord<f64>, middle: Coord<f64>, end: Coord<f64>, line: &mut Vec<Coord<f64>>) {
    let full = start == end;
    let centre = if full {
        // Start and end alike mean a full circle: the middle point lies opposite.
        Some(Coord {
            x: f64::midpoint(start.x, middle.x),
            y: f64::midpoint(start.y, middle.y),
        })
    } else {
        centre_of(start, middle, end)
    };
    let Some(centre) = centre else {
        line.extend([middle, end]); // the three lie on one straight line
        return;
    };
    let angle = |p: Coord<f64>| (p.y - centre.y).atan2(p.x - centre.x);
    let radius = (start.x - centre.x).hypot(start.y - centre.y);
    let turn = std::f64::consts::TAU;
    let from = angle(start);
    let to_middle = (angle(middle) - from).rem_euclid(turn);
    let to_end = (angle(end) - from).rem_euclid(turn);
    let sweep = if full {
        turn
    } else if to_middle <= to_end {
        to_end
    } else {
        to_end - turn
    };
    let steps = (sweep.abs().to_degrees() / STEP_DEGREES).ceil().max(2.0) as usize;
    for i in 1..steps {
        let a = from + sweep * i as f64 / steps as f64;
        line.push(Coord {
            x: centre.x + radius * a.cos(),
            y: centre.y + radius * a.sin(),
        });
    }
    line.push(end);
}

/// Centre of the circle through three points; `None` where they are collinear.
fn centre_of(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>) -> Option<Coord<f64>> {
    // Relative to `a`, so that metres in the millions do not cancel out.
    let (bx, by, cx, cy) = (b.x - a.x, b.y - a.y, c.x - a.x, c.y - a.y);
    let d = 2.0 * (bx * cy - by * cx);
    let size = bx.hypot(by) * cx.hypot(cy);
    if d.abs() <= 1e-12 * size || !d.is_finite() {
        return None;
    }
    let (b2, c2) = (bx * bx + by * by, cx * cx + cy * cy);
    Some(Coord {
        x: a.x + (cy * b2 - by * c2) / d,
        y: a.y + (bx * c2 - cx * b2) / d,
    })
}
