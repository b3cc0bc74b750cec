//! Embeds the built web map (`web/dist`) in the program, and gives the program a fingerprint of what it was built from.
//!
//! Where the map has not been built, a page that says how takes its place, so that the program can be worked on without Node.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use sha2::{Digest, Sha256};

/// Tells tests whether PostgreSQL's server is installed.
#[path = "../store/build.rs"]
#[allow(dead_code, reason = "its main is the other crate's")]
mod postgres;

const MISSING: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Phteah</title>
<h1>The map has not been built</h1>
<p>Run <code>make web</code>, then build the program again. The API works without it: see <a href="/api/openapi.json">/api/openapi.json</a>.</p>
</html>
"#;

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let dist = here.join("../../web/dist");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../store/build.rs");
    postgres::find_postgres();
    // Watching a directory that does not exist would rebuild every time; its parent is enough to see it come.
    let watched = [dist.clone(), here.join("../../web"), here.join("../..")]
        .into_iter()
        .find(|path| path.is_dir());
    if let Some(path) = watched.filter(|path| path.ends_with("dist")) {
        println!("cargo::rerun-if-changed={}", path.display());
    } else {
        println!("cargo::rerun-if-changed={}", dist.join("index.html").display());
    }

    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        collect(&dist, &dist, &mut files)?;
        files.sort();
    } else {
        let page = out.join("missing.html");
        fs::write(&page, MISSING)?;
        files.push(("index.html".to_owned(), page));
    }
    let mut code = String::from("&[\n");
    for (name, path) in files {
        // As a string literal of Rust, whatever signs the path holds.
        let path = path.canonicalize()?.to_string_lossy().into_owned();
        writeln!(code, "    ({name:?}, include_bytes!({path:?})),").map_err(io::Error::other)?;
    }
    code.push_str("]\n");
    fs::write(out.join("bundle.rs"), code)?;
    println!(
        "cargo::rustc-env=PHTEAH_BUILD={}",
        fingerprint(&here.join("../.."))?
    );
    println!("cargo::rustc-env=PHTEAH_COMMIT={}", commit(&here.join("../..")));
    Ok(())
}

/// Names the commit that a program for use was built from: from the environment where the source is no repository (`PHTEAH_COMMIT`), else from
/// git. While working, a commit would have all of the program built again: such builds say so instead.
fn commit(root: &Path) -> String {
    println!("cargo::rerun-if-env-changed=PHTEAH_COMMIT");
    if let Ok(given) = env::var("PHTEAH_COMMIT")
        && !given.is_empty()
        && given
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
    {
        return given;
    }
    if env::var("PROFILE").as_deref() != Ok("release") {
        return "unknown (a build for development)".to_owned();
    }
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .current_dir(root)
            .args(arguments)
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={}", root.join(log).display());
    }
    match git(&["rev-parse", "--short=12", "HEAD"]) {
        Some(commit) => match git(&["status", "--porcelain", "--untracked-files=no"]) {
            Some(changes) if changes.is_empty() => commit,
            _ => format!("{commit} with changes"),
        },
        None => "unknown".to_owned(),
    }
}

/// Names what the program was built from: the sources of every crate, what they embed, and the versions of what they use. Another program
/// may encode the same layer in other bytes, so whatever is kept bears this name.
fn fingerprint(root: &Path) -> io::Result<String> {
    let mut sources = Vec::new();
    let mut crates: Vec<PathBuf> = fs::read_dir(root.join("crates"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    crates.sort();
    for dir in crates
        .iter()
        .map(|path| path.join("src"))
        .chain([root.join("geodata")])
    {
        if dir.is_dir() {
            println!("cargo::rerun-if-changed={}", dir.display());
            collect(root, &dir, &mut sources)?;
        }
    }
    let lock = root.join("Cargo.lock");
    if lock.is_file() {
        println!("cargo::rerun-if-changed={}", lock.display());
        sources.push(("Cargo.lock".to_owned(), lock));
    }
    sources.sort();
    let mut digest = Sha256::new();
    for (name, path) in sources {
        let bytes = fs::read(path)?;
        for part in [name.as_bytes(), &bytes] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
    }
    let name = digest.finalize();
    Ok(name[..6].iter().map(|byte| format!("{byte:02x}")).collect())
}

fn collect(root: &Path, dir: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            files.push((name.to_string_lossy().replace('\\', "/"), path));
        }
    }
    Ok(())
}
