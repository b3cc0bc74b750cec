//! The decision: criteria, value functions, weights, methods, robustness and the decision record.
