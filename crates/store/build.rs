//! Finds out whether PostgreSQL's server is installed: tests that need it are said to be skipped where it is not.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    find_postgres();
}

/// Tells the compiler where PostgreSQL's programs are, and that they are.
pub fn find_postgres() {
    println!("cargo::rustc-check-cfg=cfg(has_postgres)");
    println!("cargo::rerun-if-env-changed=PHTEAH_POSTGRES_PROGRAMS");
    // Changes whenever a package comes or goes.
    let packages = Path::new("/var/lib/dpkg/status");
    if packages.exists() {
        println!("cargo::rerun-if-changed={}", packages.display());
    }
    let named = std::env::var_os("PHTEAH_POSTGRES_PROGRAMS").map(PathBuf::from);
    if let Some(programs) = named.or_else(newest)
        && programs.join("initdb").is_file()
        && programs.join("psql").is_file()
    {
        println!("cargo::rustc-cfg=has_postgres");
        println!("cargo::rustc-env=PHTEAH_POSTGRES_PROGRAMS={}", programs.display());
    }
}

/// The programs of the newest release that Debian's packages have installed, from 15 on.
fn newest() -> Option<PathBuf> {
    let releases = std::fs::read_dir(Path::new("/usr/lib/postgresql")).ok()?;
    let numbers = releases
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|number| *number >= 15);
    Some(
        Path::new("/usr/lib/postgresql")
            .join(numbers.max()?.to_string())
            .join("bin"),
    )
}
