//! The forms of a deployment: `DIR/forms/ID/VERSION/`, every version for ever, beside those that come with the program.
//!
//! ```text
//! forms/survey/2026112001/form.xml        as it is handed out
//!                         source.xlsx     as it was brought
//!                         facts.toml      which answer is which fact, where somebody says so
//!                         media/…         files that come with it
//!                         form.json       what was checked when it was added, with the hashes of all of these
//! ```
//!
//! A version is written beside and renamed as a whole, so that it is there or it is not. It is never changed.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use jiff::Timestamp;
use md5::Digest as _;
use serde::{Deserialize, Serialize};

use crate::builtin;
use crate::convert::{self, Converted};
use crate::error::{FormsError, Problem};
use crate::mapping::Mapping;
use crate::xform::{self, MAX_FORM_BYTES, XForm};

/// Most bytes of one file that comes with a form.
pub const MAX_MEDIA_BYTES: u64 = 32 << 20;
/// Most files that come with a form.
pub const MAX_MEDIA: usize = 500;
/// Name of the folder within the data directory.
const FOLDER: &str = "forms";

/// A file that comes with a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// MD5 of its bytes, as OpenRosa asks for.
    pub md5: String,
}

/// What is kept about a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    id: String,
    version: String,
    added_at: Timestamp,
    sha256: String,
    media: Vec<Media>,
    /// File name of what was brought, and its hash.
    source: String,
    source_sha256: String,
    facts_sha256: Option<String>,
}

/// One version of a form.
#[derive(Debug, Clone)]
pub struct Version {
    /// The form.
    pub form: XForm,
    /// As it is handed out.
    pub xml: Arc<str>,
    /// SHA-256 of that.
    pub sha256: String,
    /// MD5 of that, as OpenRosa asks for.
    pub md5: String,
    /// Which answer is which fact.
    pub mapping: Mapping,
    /// Files that come with it.
    pub media: Vec<Media>,
    /// When it was added; `None` where it comes with the program.
    pub added_at: Option<Timestamp>,
    folder: Option<PathBuf>,
}

impl Version {
    pub(crate) fn built_in(converted: Converted, mapping: Mapping) -> Self {
        Self::new(converted, mapping, Vec::new(), None, None)
    }

    fn new(
        converted: Converted,
        mapping: Mapping,
        media: Vec<Media>,
        added_at: Option<Timestamp>,
        folder: Option<PathBuf>,
    ) -> Self {
        Self {
            sha256: sha256(converted.xml.as_bytes()),
            md5: md5(converted.xml.as_bytes()),
            xml: converted.xml.into(),
            form: converted.form,
            mapping,
            media,
            added_at,
            folder,
        }
    }

    /// The form's id.
    pub fn id(&self) -> &str {
        &self.form.id
    }

    /// The version.
    pub fn version(&self) -> &str {
        &self.form.version
    }

    /// Whether it comes with the program.
    pub fn is_built_in(&self) -> bool {
        self.folder.is_none()
    }

    /// The bytes of a file that comes with it; `None` where there is none of this name.
    pub fn media_bytes(&self, name: &str) -> Result<Option<Vec<u8>>, FormsError> {
        let Some((media, folder)) = self
            .media
            .iter()
            .find(|media| media.name == name)
            .zip(self.folder.as_ref())
        else {
            return Ok(None);
        };
        let path = folder.join("media").join(&media.name);
        let bytes = fs::read(&path).map_err(FormsError::io("Reading", &path))?;
        if sha256(&bytes) != media.sha256 {
            return Err(FormsError::Damaged(format!(
                "{} is not the file that was added.",
                path.display()
            )));
        }
        Ok(Some(bytes))
    }

    /// Files that the form names and that nobody has given.
    pub fn missing_media(&self) -> Vec<&str> {
        self.form
            .media()
            .filter(|name| !self.media.iter().any(|media| media.name == *name))
            .collect()
    }
}

/// Something to be added.
#[derive(Debug, Clone, Default)]
pub struct Addition {
    /// The bytes of the form.
    pub source: Vec<u8>,
    /// Whether it is a workbook (else an XForm).
    pub is_workbook: bool,
    /// The id for an XLSForm that names none.
    pub fallback_id: String,
    /// The version for an XLSForm that has none.
    pub version: Option<String>,
    /// The file that says which answer is which fact.
    pub facts: Option<String>,
    /// Files that come with the form, by name.
    pub media: BTreeMap<String, Vec<u8>>,
}

/// What adding came to.
#[derive(Debug, Clone)]
pub struct Added {
    /// The version.
    pub version: Arc<Version>,
    /// Whether it was there already, the same.
    pub was_there: bool,
    /// What whoever brought it should know, as sentences.
    pub notes: Vec<String>,
}

/// All forms, and what of them cannot be read.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Forms by id; of each its versions, the newest last. Those that come with the program are older than all others.
    pub forms: BTreeMap<String, Vec<Arc<Version>>>,
    /// Versions that cannot be read, each told as a sentence. The others go on.
    pub damaged: Vec<String>,
}

impl Listing {
    /// The newest version of each form.
    pub fn newest(&self) -> impl Iterator<Item = &Arc<Version>> {
        self.forms.values().filter_map(|versions| versions.last())
    }

    /// One version.
    pub fn version(&self, id: &str, version: &str) -> Option<&Arc<Version>> {
        self.forms
            .get(id)?
            .iter()
            .find(|known| known.version() == version)
    }

    /// The newest version of one form.
    pub fn newest_of(&self, id: &str) -> Option<&Arc<Version>> {
        self.forms.get(id)?.last()
    }
}

/// The forms of a data directory.
#[derive(Debug)]
pub struct Library {
    folder: PathBuf,
    known: Mutex<Option<(Stamp, Arc<Listing>)>>,
}

type Stamp = Option<SystemTime>;

impl Library {
    /// The forms of this data directory. Nothing is read yet.
    pub fn new(data: &Path) -> Self {
        Self {
            folder: data.join(FOLDER),
            known: Mutex::default(),
        }
    }

    /// All forms as they are now. What another process has added shows without a restart.
    pub fn listing(&self) -> Result<Arc<Listing>, FormsError> {
        // Each addition is renamed out of this folder, which gives it a new time.
        let stamp = fs::metadata(&self.folder).and_then(|meta| meta.modified()).ok();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((seen, listing)) = &*known
            && *seen == stamp
        {
            return Ok(Arc::clone(listing));
        }
        let listing = Arc::new(self.read()?);
        *known = Some((stamp, Arc::clone(&listing)));
        Ok(listing)
    }

    fn read(&self) -> Result<Listing, FormsError> {
        let mut listing = Listing::default();
        for version in builtin::all() {
            listing
                .forms
                .entry(version.id().to_owned())
                .or_default()
                .push(Arc::clone(version));
        }
        let mut added = Vec::new();
        for form in folders(&self.folder)? {
            for version in folders(&form)? {
                match read_version(&version) {
                    Ok(version) => added.push(Arc::new(version)),
                    Err(error) => listing
                        .damaged
                        .push(format!("{} cannot be used: {error}", version.display())),
                }
            }
        }
        added.sort_by(|a, b| (a.added_at, a.version()).cmp(&(b.added_at, b.version())));
        for version in added {
            let versions = listing.forms.entry(version.id().to_owned()).or_default();
            // The same version of one that comes with the program was refused when it was added; a later program may bring it along.
            versions.retain(|known| known.version() != version.version());
            versions.push(version);
        }
        Ok(listing)
    }

    /// Checks a form and adds it. The same again is quiet.
    pub fn add(&self, addition: &Addition, now: Timestamp) -> Result<Added, FormsError> {
        let (mut converted, mapping) = check(addition)?;
        let mut media_files = addition.media.clone();
        if let Some(itemsets) = converted.itemsets.take() {
            media_files.insert("itemsets.csv".to_owned(), itemsets.into_bytes());
        }
        let media = described(&media_files, &converted.form)?;
        let (id, version) = (converted.form.id.clone(), converted.form.version.clone());
        let facts_sha256 = addition.facts.as_ref().map(|text| sha256(text.as_bytes()));
        let kept = Kept {
            id: id.clone(),
            version: version.clone(),
            added_at: now,
            sha256: sha256(converted.xml.as_bytes()),
            media: media.clone(),
            source: if addition.is_workbook {
                "source.xlsx"
            } else {
                "source.xml"
            }
            .to_owned(),
            source_sha256: sha256(&addition.source),
            facts_sha256,
        };
        if let Some(there) = self.listing()?.version(&id, &version) {
            let same = there.sha256 == kept.sha256 && there.mapping == mapping && there.media == media;
            return if same {
                Ok(Added {
                    version: Arc::clone(there),
                    was_there: true,
                    notes: converted.notes,
                })
            } else {
                Err(FormsError::Taken { id, version })
            };
        }
        fs::create_dir_all(&self.folder).map_err(FormsError::io("Making", &self.folder))?;
        let beside = tempfile::Builder::new()
            .prefix(".new-")
            .tempdir_in(&self.folder)
            .map_err(FormsError::io("Writing in", &self.folder))?;
        let folder = beside.path();
        write(&folder.join("form.xml"), converted.xml.as_bytes())?;
        write(&folder.join(&kept.source), &addition.source)?;
        if let Some(facts) = &addition.facts {
            write(&folder.join("facts.toml"), facts.as_bytes())?;
        }
        if !media_files.is_empty() {
            let media = folder.join("media");
            fs::create_dir(&media).map_err(FormsError::io("Making", &media))?;
            for (name, bytes) in &media_files {
                write(&media.join(name), bytes)?;
            }
            sync(&media)?;
        }
        let json = serde_json::to_vec_pretty(&kept)
            .map_err(|e| FormsError::Damaged(format!("What is kept of the form cannot be written: {e}.")))?;
        write(&folder.join("form.json"), &json)?;
        sync(folder)?;
        let of_form = self.folder.join(&id);
        fs::create_dir_all(&of_form).map_err(FormsError::io("Making", &of_form))?;
        let place = of_form.join(&version);
        let beside = beside.keep();
        if let Err(error) = fs::rename(&beside, &place) {
            // Somebody was faster, or the disk fails: what was written beside is of no use.
            let _ = fs::remove_dir_all(&beside);
            if place.join("form.json").exists() {
                return Err(FormsError::Taken { id, version });
            }
            return Err(FormsError::io("Writing", &place)(error));
        }
        sync(&of_form)?;
        sync(&self.folder)?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let notes = std::mem::take(&mut converted.notes);
        let version = Version::new(converted, mapping, media, Some(now), Some(place));
        Ok(Added {
            version: Arc::new(version),
            was_there: false,
            notes,
        })
    }
}

/// Converts and checks what is to be added; writes nothing.
pub fn check(addition: &Addition) -> Result<(Converted, Mapping), FormsError> {
    let converted = if addition.is_workbook {
        convert::xlsform(
            &addition.source,
            &addition.fallback_id,
            addition.version.as_deref(),
        )
    } else {
        convert::xform(&addition.source)
    }
    .map_err(FormsError::Problems)?;
    let many = xform::entities_left_out(&converted.xml);
    if !many.is_empty() {
        return Err(FormsError::Problems(many));
    }
    let mapping = match &addition.facts {
        None => Mapping::none(),
        Some(text) => Mapping::read(text, &converted.form).map_err(FormsError::Problems)?,
    };
    Ok((converted, mapping))
}

fn described(files: &BTreeMap<String, Vec<u8>>, form: &XForm) -> Result<Vec<Media>, FormsError> {
    let mut problems = Vec::new();
    if files.len() > MAX_MEDIA {
        problems.push(Problem::whole(format!(
            "At most {MAX_MEDIA} files come with a form."
        )));
    }
    for (name, bytes) in files {
        if !xform::is_file_name(name) {
            problems.push(Problem::whole(format!(
                "{name} cannot be the name of a file that comes with a form."
            )));
        } else if !form.files.contains(name) && name != "itemsets.csv" {
            problems.push(Problem::whole(format!(
                "The form does not ask for a file {name}. Leave it away, or name it in the form."
            )));
        } else if xform::served_list(name).is_some() {
            problems.push(Problem::whole(format!(
                "{name} is a list that the server makes for each worker. Leave the file away."
            )));
        } else if bytes.len() as u64 > MAX_MEDIA_BYTES {
            problems.push(Problem::whole(format!(
                "{name} has {} bytes, and a file has at most {MAX_MEDIA_BYTES}.",
                bytes.len()
            )));
        }
    }
    if !problems.is_empty() {
        return Err(FormsError::Problems(problems));
    }
    Ok(files
        .iter()
        .map(|(name, bytes)| Media {
            name: name.clone(),
            bytes: bytes.len() as u64,
            sha256: sha256(bytes),
            md5: md5(bytes),
        })
        .collect())
}

fn read_version(folder: &Path) -> Result<Version, FormsError> {
    let read = |name: &str, most: usize| -> Result<Vec<u8>, FormsError> {
        let path = folder.join(name);
        let length = fs::metadata(&path)
            .map_err(FormsError::io("Reading", &path))?
            .len();
        if length > most as u64 {
            return Err(FormsError::Damaged(format!(
                "{name} is larger than such a file can be."
            )));
        }
        fs::read(&path).map_err(FormsError::io("Reading", &path))
    };
    let changed = |name: &str| {
        FormsError::Damaged(format!(
            "{name} is not what was added. Bring it back from a backup."
        ))
    };
    let kept: Kept = serde_json::from_slice(&read("form.json", 1 << 20)?)
        .map_err(|_| FormsError::Damaged("form.json cannot be read. Bring it back from a backup.".into()))?;
    let xml = read("form.xml", MAX_FORM_BYTES)?;
    if sha256(&xml) != kept.sha256 {
        return Err(changed("form.xml"));
    }
    let converted = convert::xform(&xml).map_err(FormsError::Problems)?;
    let mapping = match &kept.facts_sha256 {
        None => Mapping::none(),
        Some(hash) => {
            let text = read("facts.toml", 1 << 20)?;
            if sha256(&text) != *hash {
                return Err(changed("facts.toml"));
            }
            let text = String::from_utf8(text).map_err(|_| changed("facts.toml"))?;
            Mapping::read(&text, &converted.form).map_err(FormsError::Problems)?
        }
    };
    if converted.form.id != kept.id || converted.form.version != kept.version {
        return Err(changed("form.xml"));
    }
    Ok(Version::new(
        converted,
        mapping,
        kept.media,
        Some(kept.added_at),
        Some(folder.to_owned()),
    ))
}

/// The folders in a folder, in order; those that begin with a dot are being written or were left by a killed write.
fn folders(folder: &Path) -> Result<Vec<PathBuf>, FormsError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FormsError::io("Reading", folder)(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(FormsError::io("Reading", folder))?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && entry.path().is_dir() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), FormsError> {
    let mut file = fs::File::create(path).map_err(FormsError::io("Writing", path))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(FormsError::io("Writing", path))
}

fn sync(folder: &Path) -> Result<(), FormsError> {
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(FormsError::io("Writing", folder))
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&sha2::Sha256::digest(bytes))
}

/// MD5 in hexadecimal digits.
pub fn md5(bytes: &[u8]) -> String {
    hex(&md5::Md5::digest(bytes))
}
