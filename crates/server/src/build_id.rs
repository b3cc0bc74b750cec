//! Which program it is: whatever it encodes and keeps, or lets others keep, is named by this as well as by what it was made of. The version alone
//! would not do: it stays the same between two releases, and what is encoded does not.

/// A fingerprint of everything that the program was built from.
pub const BUILD: &str = env!("PHTEAH_BUILD");

/// The version for people, and the build.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("PHTEAH_BUILD"));

/// The same with the commit, for `--version`.
pub const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "+",
    env!("PHTEAH_BUILD"),
    "\ncommit ",
    env!("PHTEAH_COMMIT")
);

/// Names a version of a layer as this program encodes it.
pub fn encoded(hash: &str) -> String {
    format!("{hash}-{BUILD}")
}
