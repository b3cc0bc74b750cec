//! ODK Validate is JavaRosa, the engine of Collect. It judges the forms that come with the program and others.
//!
//! It needs Java and its jar, which the Python package pyxform brings: `PHTEAH_ODK_VALIDATE=/path/to/ODK_Validate.jar`, or pyxform installed.
//! Where one of them is missing the test says so and is named in the log as skipped.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::path::{Path, PathBuf};
use std::process::Command;

use phteah_forms::builtin;
use phteah_forms::convert::xlsform;

fn jar() -> Result<PathBuf, String> {
    if Command::new("java").arg("-version").output().is_err() {
        return Err("there is no Java".into());
    }
    if let Some(path) = std::env::var_os("PHTEAH_ODK_VALIDATE") {
        let path = PathBuf::from(path);
        return if path.is_file() {
            Ok(path)
        } else {
            Err(format!("{} is no file", path.display()))
        };
    }
    let find = "import pyxform, os; print(os.path.join(os.path.dirname(pyxform.__file__), 'validators', 'odk_validate', 'bin', 'ODK_Validate.jar'))";
    let asked = Command::new("python3").args(["-c", find]).output();
    asked
        .ok()
        .filter(|output| output.status.success())
        .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
        .filter(|path| path.is_file())
        .ok_or_else(|| "pyxform is not installed and PHTEAH_ODK_VALIDATE is not set".into())
}

fn judge(jar: &Path, xml: &str) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("form.xml");
    std::fs::write(&file, xml).unwrap();
    let output = Command::new("java")
        .args(["-Djava.awt.headless=true", "-jar"])
        .arg(jar)
        .arg(&file)
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.success(), said)
}

#[test]
fn odk_validate_takes_the_forms_that_come_with_the_program() {
    let jar = match jar() {
        Ok(jar) => jar,
        Err(why) => {
            eprintln!("SKIPPED odk_validate_takes_the_forms_that_come_with_the_program: {why}");
            return;
        }
    };
    for version in builtin::all() {
        let (takes, said) = judge(&jar, &version.xml);
        assert!(takes, "{}: {said}", version.id());
    }
    // And it judges: a form with a question that hangs on itself is refused.
    let survey = builtin::all()
        .iter()
        .find(|version| version.id() == "survey")
        .unwrap();
    let broken = survey
        .xml
        .replace("calculate=\"once(uuid())\"", "calculate=\"no_such_function()\"");
    assert_ne!(*broken, *survey.xml);
    assert!(!judge(&jar, &broken).0);
}

/// A sheet `survey` of rows of cells separated by `|`.
fn workbook(rows: &[&str]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("survey").unwrap();
    for (r, row) in (0..).zip(rows) {
        for (c, cell) in (0..).zip(row.split('|')).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(r, c, cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn odk_validate_takes_what_was_mended() {
    let jar = match jar() {
        Ok(jar) => jar,
        Err(why) => {
            eprintln!("SKIPPED odk_validate_takes_what_was_mended: {why}");
            return;
        }
    };
    for rows in [
        &[
            "type|name|label",
            "begin repeat|house|House",
            "text|street|Street",
            "begin repeat|person|Person",
            "text|nm|Name",
            "end repeat",
            "end repeat",
        ][..],
        &[
            "type|name|label|readonly|required",
            "text|x|X||",
            "text|y|Y|${last-saved#x} = 'a'|",
            "text|z|Z||${last-saved#x} = 'b'",
        ],
        &[
            "type|name|label|default|parameters",
            "text|u|U|https://my-site.org/a+b|",
            "text|p|P|012-345-678|",
            "geopoint|here|Here||allow-mock-accuracy=true",
            "geotrace|way|Way||incremental=true",
        ],
    ] {
        let done = xlsform(&workbook(rows), "mended", Some("1")).unwrap();
        let (takes, said) = judge(&jar, &done.xml);
        assert!(takes, "{rows:?}: {said}\n{}", done.xml);
    }
}
