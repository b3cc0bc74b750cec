//! The file in which a deployment's key lies: outside the data directory, readable by its owner alone.
//!
//! ```text
//! phteah-key-1 6f1c…(64 hexadecimal digits)     the key in use
//! phteah-key-1 91ab…                            one that it replaced, only while data keys are being wrapped anew
//! ```

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::seal::{DeploymentKey, KEY_BYTES, KeyRing};
use crate::error::{Result, StoreError};

const PREFIX: &str = "phteah-key-1 ";
/// A key file is a few lines; whatever is longer is none.
const MAX_BYTES: u64 = 4096;

/// Where the key of a data directory lies when nobody has said: beside the directory, never within it (`/srv/data` has `/srv/data.key`).
pub fn default_path(data: &Path) -> PathBuf {
    let data = fs::canonicalize(data).unwrap_or_else(|_| data.to_owned());
    let mut name = data.file_name().unwrap_or_default().to_owned();
    name.push(".key");
    data.with_file_name(name)
}

/// Reads a key file. Refused: one within the data directory, one that others may read, one that holds no key.
pub fn read(path: &Path, data: &Path) -> Result<KeyRing> {
    outside(path, data)?;
    let shown = path.display();
    let mut file = File::open(path).map_err(|e| match e.kind() {
        ErrorKind::NotFound => StoreError::Key(format!(
            "There is no key file {shown}. Bring it back from where you keep its copy or its words (\"phteah key restore\"), or, for a new \
             deployment, make one with \"phteah key make\"."
        )),
        _ => StoreError::Key(format!("The key file {shown} cannot be read: {e}.")),
    })?;
    check_mode(&file, path)?;
    let mut text = Zeroizing::new(String::new());
    Read::by_ref(&mut file)
        .take(MAX_BYTES)
        .read_to_string(&mut text)
        .map_err(|_| not_a_key(path))?;
    let keys: Option<Vec<DeploymentKey>> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(parse)
        .collect();
    keys.and_then(KeyRing::new).ok_or_else(|| not_a_key(path))
}

fn not_a_key(path: &Path) -> StoreError {
    StoreError::Key(format!(
        "{} holds no key of a deployment: each of its lines is \"{PREFIX}\" and 64 hexadecimal digits. Bring back the right file.",
        path.display()
    ))
}

/// Writes a key file that does not exist yet, readable by its owner alone.
pub fn create(path: &Path, data: &Path, key: &DeploymentKey) -> Result<()> {
    outside(path, data)?;
    let failed = io(format!("making the key file {}", path.display()));
    let mut file = private().create_new(true).open(path).map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => StoreError::Key(format!(
            "{} exists already and is left as it is: a key that is overwritten is lost with all that it sealed.",
            path.display()
        )),
        ErrorKind::StorageFull => failed(e),
        _ => cannot_be_made(path, &e),
    })?;
    write(&mut file, &[key]).map_err(&failed)?;
    sync_folder(path).map_err(failed)
}

/// Whether a key file could be made here now; nothing is left behind.
pub fn can_be_made(path: &Path, data: &Path) -> Result<()> {
    outside(path, data)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".try");
    let tried = path.with_file_name(name);
    let failed = |e: std::io::Error| cannot_be_made(path, &e);
    private()
        .create(true)
        .truncate(false)
        .open(&tried)
        .map_err(failed)?;
    fs::remove_file(&tried).map_err(failed)
}

fn cannot_be_made(path: &Path, cause: &std::io::Error) -> StoreError {
    StoreError::Key(format!(
        "The key file {} cannot be made: {cause}. Make one elsewhere with \"phteah key make --key-file FILE\", outside the data directory, \
         and name it at the start of the server (--key-file, PHTEAH_KEY_FILE, or the systemd credential phteah-key).",
        path.display()
    ))
}

/// Replaces a key file as a whole: whoever reads it sees the one before or the new one.
pub fn replace(path: &Path, data: &Path, keys: &[&DeploymentKey]) -> Result<()> {
    outside(path, data)?;
    let failed = io(format!("writing the key file {}", path.display()));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let fresh = path.with_file_name(name);
    let mut file = private()
        .create(true)
        .truncate(true)
        .open(&fresh)
        .map_err(&failed)?;
    write(&mut file, keys).map_err(&failed)?;
    fs::rename(&fresh, path).map_err(&failed)?;
    sync_folder(path).map_err(failed)
}

fn io(doing: String) -> impl Fn(std::io::Error) -> StoreError {
    move |source| StoreError::Io {
        doing: doing.clone(),
        source,
    }
}

fn parse(line: &str) -> Option<DeploymentKey> {
    let digits = line.trim().strip_prefix(PREFIX.trim_end())?.trim();
    if digits.len() != 2 * KEY_BYTES || !digits.is_ascii() {
        return None;
    }
    let mut secret = Zeroizing::new([0; KEY_BYTES]);
    for (i, byte) in secret.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(DeploymentKey::new(*secret))
}

fn write(file: &mut File, keys: &[&DeploymentKey]) -> std::io::Result<()> {
    let mut text = Zeroizing::new(String::new());
    for key in keys {
        text.push_str(PREFIX);
        for byte in key.expose() {
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.push('\n');
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A thief of the data directory must not have the key with it.
fn outside(path: &Path, data: &Path) -> Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let (Ok(folder), Ok(data)) = (fs::canonicalize(folder), fs::canonicalize(data)) else {
        return Ok(());
    };
    if folder.starts_with(&data) {
        return Err(StoreError::Key(format!(
            "The key file {} lies within the data directory: whoever copies that would have both. Put it elsewhere.",
            path.display()
        )));
    }
    Ok(())
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    options
}

#[cfg(unix)]
fn check_mode(file: &File, path: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    let shown = path.display();
    let about = file
        .metadata()
        .map_err(io(format!("looking at the key file {shown}")))?;
    let mode = about.mode();
    // systemd gives a credential to the service's user by an access list; what it lets that user do is then shown as the group's right.
    let is_credential = about.uid() == 0 && mode & 0o777 == 0o440;
    if mode & 0o077 != 0 && !is_credential {
        return Err(StoreError::Key(format!(
            "Others may read the key file {shown} (its mode is {:03o}). Take that right away: chmod 600 {shown}",
            mode & 0o777
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &File, _: &Path) -> Result<()> {
    Ok(())
}

/// A new name in a folder is durable once the folder is.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_read_back_and_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        fs::create_dir(&data).unwrap();
        let path = default_path(&data);
        let (first, second) = (DeploymentKey::new([1; 32]), DeploymentKey::new([2; 32]));
        create(&path, &data, &first).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(
            create(&path, &data, &second)
                .unwrap_err()
                .to_string()
                .contains("exists already")
        );
        assert_eq!(read(&path, &data).unwrap().current().id(), first.id());
        replace(&path, &data, &[&second, &first]).unwrap();
        let ring = read(&path, &data).unwrap();
        assert_eq!(ring.current().id(), second.id());
        assert!(ring.get(first.id()).is_some());
    }

    #[test]
    fn what_is_no_safe_key_file_is_refused_with_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        fs::create_dir(&data).unwrap();
        let path = default_path(&data);
        assert!(
            read(&path, &data)
                .unwrap_err()
                .to_string()
                .contains("phteah key make")
        );
        let within = data.join("key");
        assert!(
            create(&within, &data, &DeploymentKey::new([1; 32]))
                .unwrap_err()
                .to_string()
                .contains("within")
        );
        for text in [
            "",
            "phteah-key-1",
            "phteah-key-1 12",
            &format!("phteah-key-1 {}", "é".repeat(32)),
        ] {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            assert!(
                read(&path, &data)
                    .unwrap_err()
                    .to_string()
                    .contains("holds no key"),
                "{text}"
            );
        }
        for mode in [0o640, 0o444, 0o604] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = read(&path, &data).unwrap_err().to_string();
            assert!(refused.contains("chmod 600"), "{mode:o}: {refused}");
        }
    }

    #[test]
    fn a_place_where_no_key_can_be_made_is_told_before_it_is_needed() {
        let dir = tempfile::tempdir().unwrap();
        // Longer than a name may be once ".key" is behind it: that holds for every user, root too.
        let data = dir.path().join("d".repeat(253));
        fs::create_dir(&data).unwrap();
        for told in [
            can_be_made(&default_path(&data), &data).unwrap_err(),
            create(&default_path(&data), &data, &DeploymentKey::new([1; 32])).unwrap_err(),
        ] {
            assert!(matches!(told, StoreError::Key(_)));
            assert!(told.to_string().contains("phteah key make --key-file"), "{told}");
        }
        let good = dir.path().join("good.key");
        can_be_made(&good, &data).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_credential_of_systemd_is_taken() {
        use std::os::unix::fs::MetadataExt;
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let path = dir.path().join("phteah-key");
        fs::create_dir(&data).unwrap();
        create(&path, &data, &DeploymentKey::new([1; 32])).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
        let is_of_root = fs::metadata(&path).unwrap().uid() == 0;
        assert_eq!(read(&path, &data).is_ok(), is_of_root);
    }
}
