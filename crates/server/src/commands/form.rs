//! `phteah form`: questionnaires.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use phteah_forms::library::MAX_MEDIA_BYTES;
use phteah_forms::{Addition, FormsError, Library, Version, builtin};
use phteah_layers::Catalogue;
use serde_json::json;

use super::people::{Common, answer};
use super::{CommandError, say, tell};

/// `phteah form`.
#[derive(Debug, Subcommand)]
pub enum Form {
    /// Check a form, an XLSForm (.xlsx) or an XForm (.xml), and add it; every version is kept for ever
    #[command(
        after_long_help = "--facts names a small TOML file that says which answer is which fact; docs/forms.md shows one. Without it the answers are kept and \
                     nothing is made of them.\n\nExamples:\n  phteah form add survey.xlsx --facts survey.toml --data data\n  phteah form add survey.xlsx --facts \
                     survey.toml --media voices/ --version 2026112001 --data data"
    )]
    Add(Add),
    /// List the forms with their newest versions
    List(List),
    /// Show a form: its questions, and which fact each answer is
    Show(Show),
    /// Look over a form that is there: files, facts, and ODK Validate where its jar is given
    #[command(
        after_long_help = "ODK Validate is Collect's own engine as a jar: it comes with the Python package pyxform, and needs Java.\n\nExample:\n  phteah form test \
                     survey --validate ODK_Validate.jar --data data"
    )]
    Test(Test),
    /// Write a form that comes with the program as a workbook, to make one's own of it
    Take(Take),
}

/// `phteah form add`.
#[derive(Debug, Args)]
pub struct Add {
    /// The form, .xlsx or .xml
    pub file: PathBuf,
    /// The file that says which answer is which fact
    #[arg(long, value_name = "FILE.toml")]
    pub facts: Option<PathBuf>,
    /// A file that comes with the form, or a folder of them; as often as needed
    #[arg(long, value_name = "FILE|FOLDER")]
    pub media: Vec<PathBuf>,
    /// The version of an XLSForm that has none in its settings
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
    /// Only check, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah form list`.
#[derive(Debug, Args)]
pub struct List {
    /// All versions, not only the newest
    #[arg(long)]
    pub all: bool,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah form show`.
#[derive(Debug, Args)]
pub struct Show {
    /// Its id
    pub id: String,
    /// A version [default: the newest]
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
    /// Print the XForm itself
    #[arg(long)]
    pub xml: bool,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah form test`.
#[derive(Debug, Args)]
pub struct Test {
    /// Its id
    pub id: String,
    /// A version [default: the newest]
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
    /// The jar of ODK Validate
    #[arg(long, value_name = "FILE.jar")]
    pub validate: Option<PathBuf>,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah form take`.
#[derive(Debug, Args)]
pub struct Take {
    /// Its id
    pub id: String,
    /// The workbook to write; it must not exist yet. Its facts go beside it, with the ending .toml
    pub file: PathBuf,
}

impl From<FormsError> for CommandError {
    fn from(error: FormsError) -> Self {
        match error {
            FormsError::NotFound(message) => Self::Usage(message),
            other => Self::Refused(other.to_string()),
        }
    }
}

/// Does it.
pub fn run(command: &Form) -> Result<(), CommandError> {
    match command {
        Form::Add(args) => add(args),
        Form::List(args) => list(args),
        Form::Show(args) => show(args),
        Form::Test(args) => test(args),
        Form::Take(args) => take(args),
    }
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>, CommandError> {
    let cannot = |e: std::io::Error| CommandError::Usage(format!("{} cannot be read: {e}.", path.display()));
    let length = std::fs::metadata(path).map_err(cannot)?.len();
    if length > most {
        return Err(CommandError::Refused(format!(
            "{} has {length} bytes, and at most {most} are read.",
            path.display()
        )));
    }
    std::fs::read(path).map_err(cannot)
}

fn add(args: &Add) -> Result<(), CommandError> {
    let ending = args
        .file
        .extension()
        .map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let is_workbook = match ending.as_deref() {
        Some("xlsx") => true,
        Some("xml") => false,
        _ => {
            return Err(CommandError::Usage(format!(
                "{} is neither an XLSForm (.xlsx) nor an XForm (.xml). Save an older .xls or .ods as .xlsx.",
                args.file.display()
            )));
        }
    };
    if args.version.is_some() && !is_workbook {
        return Err(CommandError::Usage(
            "--version is for XLSForms. Write the version of an XForm into the attribute version of its instance.".to_owned(),
        ));
    }
    let stem = args
        .file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    let facts = match &args.facts {
        None => None,
        Some(path) => Some(String::from_utf8(read(path, 1 << 20)?).map_err(|_| {
            CommandError::Refused(format!("{} is not UTF-8: save it as UTF-8.", path.display()))
        })?),
    };
    let addition = Addition {
        source: read(&args.file, 16 << 20)?,
        is_workbook,
        fallback_id: stem.unwrap_or_default(),
        version: args.version.clone(),
        facts,
        media: media(&args.media)?,
    };
    if args.dry_run {
        let (converted, mapping) = phteah_forms::library::check(&addition)?;
        let json = json!({"id": converted.form.id, "version": converted.form.version, "questions": converted.form.questions.len(), "facts": mapping.facts.len(), "added": false});
        let words = format!(
            "The form {}, version {}, can be added: {} questions, {} of them facts.",
            converted.form.id,
            converted.form.version,
            converted.form.questions.len(),
            mapping.facts.len()
        );
        converted.notes.iter().for_each(tell);
        return answer(&args.common, &json, &words);
    }
    let catalogue = Catalogue::open_or_create(&args.common.data.dir)?;
    let added = Library::new(catalogue.dir()).add(&addition, Timestamp::now())?;
    added.notes.iter().for_each(tell);
    let version = &added.version;
    let missing = version.missing_media();
    if !missing.is_empty() {
        tell(format!(
            "The form names files that were not given: {}. Phones go without them; give them with --media and another version.",
            missing.join(", ")
        ));
    }
    if version.mapping.facts.is_empty() {
        tell(
            "No answer of this form is a fact yet: its answers are kept, and nothing is made of them. --facts says which is which.",
        );
    }
    let words = if added.was_there {
        format!(
            "The form {}, version {}, is there already, the same.",
            version.id(),
            version.version()
        )
    } else {
        format!(
            "The form {}, version {}, is added: {} questions, {} of them facts. Phones get it with their next contact.",
            version.id(),
            version.version(),
            version.form.questions.len(),
            version.mapping.facts.len()
        )
    };
    let json = json!({"id": version.id(), "version": version.version(), "added": !added.was_there, "missing_media": missing});
    answer(&args.common, &json, &words)
}

/// Files by name; of folders, the files directly in them.
fn media(paths: &[PathBuf]) -> Result<BTreeMap<String, Vec<u8>>, CommandError> {
    let mut files = BTreeMap::new();
    for path in paths {
        let inside: Vec<PathBuf> = if path.is_dir() {
            let entries = std::fs::read_dir(path)
                .map_err(|e| CommandError::Usage(format!("{} cannot be read: {e}.", path.display())))?;
            entries
                .filter_map(Result::ok)
                .map(|entry| entry.path())
                .filter(|path| path.is_file())
                .collect()
        } else {
            vec![path.clone()]
        };
        for file in inside {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
            let bytes = read(&file, MAX_MEDIA_BYTES)?;
            if files.insert(name.clone().unwrap_or_default(), bytes).is_some() {
                return Err(CommandError::Usage(format!(
                    "Two files are called {}. A form knows its files by their names alone.",
                    name.unwrap_or_default()
                )));
            }
        }
    }
    Ok(files)
}

fn list(args: &List) -> Result<(), CommandError> {
    let listing = Library::new(&args.common.data.dir).listing()?;
    let shown: Vec<&Version> = listing
        .forms
        .values()
        .flat_map(|versions| {
            let first = if args.all { 0 } else { versions.len() - 1 };
            versions[first..].iter().map(AsRef::as_ref)
        })
        .collect();
    let mut lines: Vec<String> = shown
        .iter()
        .map(|version| {
            format!(
                "{}  version {}  {}  ({})",
                version.id(),
                version.version(),
                title(version),
                match version.added_at {
                    Some(at) => format!("added {at:.0}"),
                    None => "comes with the program".to_owned(),
                }
            )
        })
        .collect();
    lines.extend(listing.damaged.iter().cloned());
    let json = json!({
        "forms": shown.iter().map(|version| json!({
            "id": version.id(), "version": version.version(), "title": title(version), "purpose": version.mapping.purpose, "event": version.mapping.event,
            "questions": version.form.questions.len(), "facts": version.mapping.facts.len(), "languages": version.form.languages,
            "built_in": version.is_built_in(), "added_at": version.added_at.map(|at| format!("{at:.0}")), "sha256": version.sha256,
        })).collect::<Vec<_>>(),
        "damaged": listing.damaged,
    });
    answer(&args.common, &json, &lines.join("\n"))?;
    if listing.damaged.is_empty() {
        Ok(())
    } else {
        Err(CommandError::Refused(format!(
            "{} of the forms cannot be used; the others can.",
            listing.damaged.len()
        )))
    }
}

fn title(version: &Version) -> &str {
    version.mapping.title.en.as_deref().unwrap_or(&version.form.title)
}

fn find(data: &Path, id: &str, version: Option<&str>) -> Result<std::sync::Arc<Version>, CommandError> {
    let listing = Library::new(data).listing()?;
    let found = match version {
        Some(version) => listing.version(id, version),
        None => listing.newest_of(id),
    };
    found.cloned().ok_or_else(|| {
        CommandError::Usage(
            if let (Some(version), Some(versions)) = (version, listing.forms.get(id)) {
                let known: Vec<&str> = versions.iter().map(|version| version.version()).collect();
                format!(
                    "The form {id} has no version {version}. It has {}.",
                    known.join(", ")
                )
            } else {
                let known: Vec<&str> = listing.forms.keys().map(String::as_str).collect();
                format!("There is no form {id}. There are {}.", known.join(", "))
            },
        )
    })
}

fn show(args: &Show) -> Result<(), CommandError> {
    let version = find(&args.common.data.dir, &args.id, args.version.as_deref())?;
    if args.xml {
        say(&version.xml);
        return Ok(());
    }
    let mapping = &version.mapping;
    let asked = version.form.questions.iter();
    let rows: Vec<serde_json::Value> = asked
        .map(|question| {
            json!({
                "question": question.path, "type": question.kind, "asked": question.control, "required": question.required,
                "fact": mapping.facts.get(&question.path), "choices": question.choices,
            })
        })
        .collect();
    let json = json!({
        "id": version.id(), "version": version.version(), "title": mapping.title, "purpose": mapping.purpose, "event": mapping.event,
        "languages": version.form.languages, "sha256": version.sha256, "md5": version.md5, "media": version.media,
        "missing_media": version.missing_media(), "questions": rows,
    });
    let mut lines = vec![format!(
        "{}  version {}  {}\nA filled form is an event of the kind {}. Languages: {}.",
        version.id(),
        version.version(),
        title(&version),
        mapping.event,
        if version.form.languages.is_empty() {
            "one".to_owned()
        } else {
            version.form.languages.join(", ")
        }
    )];
    for question in &version.form.questions {
        let fact = match mapping.facts.get(&question.path) {
            Some(fact) => format!("→ {fact}"),
            None => String::new(),
        };
        let asked = question.control.as_deref().unwrap_or("not asked");
        let must = if question.required { ", required" } else { "" };
        lines.push(
            format!("  {}  ({}, {asked}{must})  {fact}", question.path, question.kind)
                .trim_end()
                .to_owned(),
        );
    }
    answer(&args.common, &json, &lines.join("\n"))
}

fn test(args: &Test) -> Result<(), CommandError> {
    let version = find(&args.common.data.dir, &args.id, args.version.as_deref())?;
    let mut lines = vec![format!(
        "{}, version {}: {} questions, {} of them facts, all of which fit.",
        version.id(),
        version.version(),
        version.form.questions.len(),
        version.mapping.facts.len()
    )];
    for media in &version.media {
        version.media_bytes(&media.name)?;
    }
    lines.push(format!("{} files come with it, unchanged.", version.media.len()));
    let missing = version.missing_media();
    if !missing.is_empty() {
        lines.push(format!("Not given: {}.", missing.join(", ")));
    }
    let judged = match &args.validate {
        None => {
            lines.push("ODK Validate was not asked: name its jar with --validate.".to_owned());
            None
        }
        Some(jar) => Some(validate(jar, &version.xml)?),
    };
    if let Some(Ok(())) = &judged {
        lines.push("ODK Validate takes it.".to_owned());
    }
    let refused = judged.as_ref().and_then(|judged| judged.as_ref().err()).cloned();
    let json = json!({"id": version.id(), "version": version.version(), "missing_media": missing, "odk_validate": judged.map(|judged| judged.is_ok())});
    answer(&args.common, &json, &lines.join("\n"))?;
    match refused {
        None => Ok(()),
        Some(said) => Err(CommandError::Refused(format!(
            "ODK Validate refuses the form:\n{said}"
        ))),
    }
}

/// Asks ODK Validate; what it says against the form comes as the inner error.
fn validate(jar: &Path, xml: &str) -> Result<Result<(), String>, CommandError> {
    let cannot = |e: std::io::Error| {
        CommandError::Refused(format!("ODK Validate cannot be asked: {e}. It needs Java."))
    };
    let folder = tempfile::tempdir().map_err(cannot)?;
    let file = folder.path().join("form.xml");
    std::fs::write(&file, xml).map_err(cannot)?;
    let output = std::process::Command::new("java")
        .args(["-Djava.awt.headless=true", "-jar"])
        .arg(jar)
        .arg(&file)
        .output()
        .map_err(cannot)?;
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(if output.status.success() {
        Ok(())
    } else {
        Err(said.trim().to_owned())
    })
}

fn take(args: &Take) -> Result<(), CommandError> {
    let (Some(sheets), Some(facts)) = (builtin::sheets(&args.id), builtin::facts(&args.id)) else {
        return Err(CommandError::Usage(format!(
            "{} does not come with the program. \"phteah form list\" says which forms do.",
            args.id
        )));
    };
    let beside = args.file.with_extension("toml");
    for path in [&args.file, &beside] {
        if path.exists() {
            return Err(CommandError::Usage(format!(
                "{} is there already. Choose another name.",
                path.display()
            )));
        }
    }
    let cannot = |e: rust_xlsxwriter::XlsxError| {
        CommandError::Refused(format!("The workbook cannot be written: {e}."))
    };
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, rows) in sheets {
        if rows.is_empty() {
            continue;
        }
        let sheet = book.add_worksheet().set_name(name).map_err(cannot)?;
        for (r, row) in (0_u32..).zip(&rows) {
            for (c, text) in (0_u16..).zip(row) {
                if !text.is_empty() {
                    sheet.write_string(r, c, text).map_err(cannot)?;
                }
            }
        }
    }
    book.save(&args.file).map_err(cannot)?;
    std::fs::write(&beside, facts)
        .map_err(|e| CommandError::Refused(format!("{} cannot be written: {e}.", beside.display())))?;
    say(format!(
        "{} is an XLSForm with the questions of {}, and {} says which answers are facts. Change the version in its settings, then: phteah form add.",
        args.file.display(),
        args.id,
        beside.display()
    ));
    Ok(())
}
