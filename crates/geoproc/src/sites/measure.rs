//! The size of a site.

use super::Rules;
use crate::surface::{self, Surface};

/// What a site offers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SiteMeasures {
    /// Area that may be built on, in m².
    pub net_area: f64,
    /// Polsby-Popper compactness: 4π · area ÷ perimeter², 1 for a circle, towards 0 for a ribbon. Holes lengthen the
    /// perimeter. (Polsby and Popper 1991.)
    pub compactness: f64,
    /// Households: floor(net area × (1 − circulation share) ÷ plot area).
    pub capacity: u64,
}

/// Measures a shape: a site, or a polygon drawn by hand after [`super::Exclusions::cut`].
pub fn measure<S: Surface + ?Sized>(shape: &S, rules: &Rules) -> SiteMeasures {
    let net_area = surface::area(shape);
    let perimeter = surface::perimeter(shape);
    let compactness = if perimeter > 0.0 {
        (4.0 * std::f64::consts::PI * net_area / perimeter.powi(2)).min(1.0)
    } else {
        0.0
    };
    // A billionth of a plot forgives that 0.65 has no exact binary form.
    let plots = net_area * (1.0 - rules.circulation_share) / rules.plot_area + 1e-9;
    SiteMeasures {
        net_area,
        compactness,
        capacity: plots.max(0.0) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Rect;

    #[test]
    fn capacity_as_in_the_definition() {
        let square = Rect::new((0.0, 0.0), (100.0, 100.0)).to_polygon();
        let m = measure(&square, &Rules::default());
        assert_eq!(m.capacity, 135); // 10,000 × 0.65 ÷ 48 = 135.4
        assert!((m.compactness - std::f64::consts::PI / 4.0).abs() < 1e-12);
        let exact = Rect::new((0.0, 0.0), (48.0, 100.0)).to_polygon();
        assert_eq!(measure(&exact, &Rules::default()).capacity, 65);
    }
}
