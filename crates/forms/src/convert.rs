//! From what somebody brings, an XLSForm or an XForm, to a form that can be handed out.

use rxform::xls::{Sheet, Workbook};

use crate::error::Problem;
use crate::references;
use crate::sheets;
use crate::workbook;
use crate::xform::{self, XForm};

/// A form that can be handed out.
#[derive(Debug, Clone)]
pub struct Converted {
    /// The XForm.
    pub xml: String,
    /// What it asks.
    pub form: XForm,
    /// `itemsets.csv`, which forms with `select_one_external` need beside them.
    pub itemsets: Option<String>,
    /// What whoever brought the form should know, as sentences.
    pub notes: Vec<String>,
}

/// Converts an XLSForm. `version` is for a form that has none in its settings.
pub fn xlsform(bytes: &[u8], fallback_id: &str, version: Option<&str>) -> Result<Converted, Vec<Problem>> {
    let book = workbook::read(bytes).map_err(|problem| vec![problem])?;
    from_sheets(book, fallback_id, version)
}

/// Converts the sheets of an XLSForm.
pub fn from_sheets(
    mut book: Workbook,
    fallback_id: &str,
    version: Option<&str>,
) -> Result<Converted, Vec<Problem>> {
    if let Some(version) = version {
        set_version(&mut book.settings, version);
    }
    let notes = sheets::prepare(&mut book)?;
    let done = rxform::convert_workbook_full(&book, fallback_id).map_err(|e| vec![e.into()])?;
    let xml = sheets::mended(&references::settled(&done.xml)?, &own_columns(&book.choices));
    let form = checked(xml.as_bytes())?;
    Ok(Converted {
        xml,
        form,
        itemsets: done.itemsets_csv,
        notes,
    })
}

/// Takes an XForm as it is.
pub fn xform(bytes: &[u8]) -> Result<Converted, Vec<Problem>> {
    let form = checked(bytes)?;
    let xml = String::from_utf8(bytes.to_vec())
        .map_err(|_| vec![Problem::whole("The form is not UTF-8: save it as UTF-8.")])?;
    let mut notes = Vec::new();
    if references::settled(&xml).is_ok_and(|settled| settled != xml) {
        notes.push(
            "In a repeat the form names questions by whole paths (/data/members/age). Collect takes them as those of the same entry, our own app as those of the \
             first one: write ../age, or bring the form as an XLSForm."
                .to_owned(),
        );
    }
    Ok(Converted {
        xml,
        form,
        itemsets: None,
        notes,
    })
}

/// Columns of the choices that are somebody's own.
fn own_columns(choices: &Sheet) -> Vec<String> {
    const KNOWN: [&str; 11] = [
        "list name",
        "list_name",
        "name",
        "value",
        "label",
        "image",
        "audio",
        "video",
        "big-image",
        "media",
        "order",
    ];
    let is_own =
        |header: &&String| !header.contains(':') && !KNOWN.contains(&header.trim().to_lowercase().as_str());
    choices.headers.iter().filter(is_own).cloned().collect()
}

fn checked(xml: &[u8]) -> Result<XForm, Vec<Problem>> {
    let form = xform::read(xml)?;
    if form.version.is_empty() {
        return Err(vec![Problem::whole(
            "The form has no version. Write one in the sheet settings, column version (such as 2026112001), or give it with --version. An answer belongs to the version that it was given to.",
        )]);
    }
    Ok(form)
}

fn set_version(settings: &mut Sheet, version: &str) {
    if !settings.headers.iter().any(|header| header == "version") {
        settings.headers.push("version".to_owned());
    }
    if settings.rows.is_empty() {
        settings.rows.push((2, std::collections::BTreeMap::new()));
    }
    settings.rows[0]
        .1
        .insert("version".to_owned(), version.to_owned());
}
