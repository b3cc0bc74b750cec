//! The program `phteah`.
fn main() {}
