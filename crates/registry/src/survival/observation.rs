//! What is known of how long one family stayed.

use thiserror::Error;

/// Why times are no observation.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ObservationError {
    /// A time that is negative, infinite or not a number.
    #[error("a time is not a number from 0 on")]
    Time,
    /// Gone before it was last there.
    #[error("the family was gone at {right} but still there at {left}")]
    Backwards {
        /// When it was last known to be there.
        left: f64,
        /// When it was first known to be gone.
        right: f64,
    },
}

/// Between which times after its move a family left, in any one unit of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    left: f64,
    right: Option<f64>,
}

impl Observation {
    /// A family that was last known to be there at `left` and first known to be gone at `right`: it left in (left, right]. Equal times are the
    /// very time of leaving; without `right` it was still there when last seen.
    pub fn new(left: f64, right: Option<f64>) -> Result<Self, ObservationError> {
        // Also false for what is not a number.
        let is_time = |time: f64| time >= 0.0 && time.is_finite();
        if !is_time(left) || !right.is_none_or(is_time) {
            return Err(ObservationError::Time);
        }
        match right {
            Some(right) if right < left => Err(ObservationError::Backwards { left, right }),
            // -0 is 0.
            _ => Ok(Self {
                left: left + 0.0,
                right: right.map(|right| right + 0.0),
            }),
        }
    }

    /// When it was last known to be there.
    pub fn left(&self) -> f64 {
        self.left
    }

    /// When it was first known to be gone; `None` if it was still there when last seen.
    pub fn right(&self) -> Option<f64> {
        self.right
    }

    /// Whether the time of leaving is known.
    pub fn is_exact(&self) -> bool {
        self.right == Some(self.left)
    }

    /// Whether leaving was not between two times: it is known to the day, or did not happen.
    pub fn is_exact_or_censored(&self) -> bool {
        self.right.is_none() || self.is_exact()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_times_in_order_are_an_observation() {
        assert!(Observation::new(0.0, None).is_ok());
        assert!(Observation::new(3.0, Some(3.0)).unwrap().is_exact());
        for (left, right) in [
            (-1.0, None),
            (f64::NAN, None),
            (0.0, Some(f64::NAN)),
            (0.0, Some(f64::INFINITY)),
        ] {
            assert_eq!(Observation::new(left, right), Err(ObservationError::Time));
        }
        assert!(matches!(
            Observation::new(2.0, Some(1.0)),
            Err(ObservationError::Backwards { .. })
        ));
    }
}
