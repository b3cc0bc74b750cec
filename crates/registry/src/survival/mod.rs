//! How many families are still there, so long after their move, when leaving is only known to have happened between two visits.
//!
//! [`Observation`] says what is known of one family; [`fit`] gives the curve that makes what was observed most likely (Turnbull's estimate),
//! which is the Kaplan–Meier estimate where every day of leaving is known. Where the data do not say how the curve runs between two times, the
//! [`Curve`] says between which values it lies, and nothing more.

mod at_risk;
mod bands;
mod curve;
mod fit;
mod isotonic;
mod kaplan_meier;
mod observation;
mod support;
pub mod table;

pub use at_risk::{AtRisk, at_risk, followed};
pub use bands::{Band, bootstrap};
pub use curve::{Curve, Segment};
pub use fit::{Fit, fit};
pub use kaplan_meier::{Step, kaplan_meier};
pub use observation::{Observation, ObservationError};
pub use support::{Ends, Support, ends_touch};
