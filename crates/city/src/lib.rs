//! The illustrative city: a generated Phnom Penh with the skeleton of the real one, the same bytes from the same seed.
