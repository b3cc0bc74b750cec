//! Forms on the disk.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use jiff::{SignedDuration, Timestamp};
use phteah_forms::{Addition, FormsError, Library};

fn form(version: &str) -> Addition {
    let xml = format!(
        r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>T</h:title><model><instance><data id="f" version="{version}"><q/></data></instance><bind nodeset="/data/q" type="int"/></model></h:head><h:body><input ref="/data/q"><label>Q</label></input></h:body></h:html>"#
    );
    Addition {
        source: xml.into_bytes(),
        ..Addition::default()
    }
}

#[test]
fn the_newest_is_the_one_that_was_added_last() {
    let dir = tempfile::tempdir().unwrap();
    let library = Library::new(dir.path());
    let now = Timestamp::UNIX_EPOCH;
    for (i, version) in ["10", "9", "2.1"].into_iter().enumerate() {
        library
            .add(&form(version), now + SignedDuration::from_secs(i as i64))
            .unwrap();
    }
    let listing = Library::new(dir.path()).listing().unwrap();
    let versions: Vec<&str> = listing.forms["f"]
        .iter()
        .map(|version| version.version())
        .collect();
    assert_eq!(versions, ["10", "9", "2.1"]);
    assert_eq!(listing.newest_of("f").unwrap().version(), "2.1");
    assert!(
        listing.forms.contains_key("survey"),
        "those of the program are there as well"
    );
}

#[test]
fn what_a_killed_write_left_and_what_was_damaged_stop_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let library = Library::new(dir.path());
    let now = Timestamp::UNIX_EPOCH;
    library.add(&form("1"), now).unwrap();
    library.add(&form("2"), now).unwrap();
    // A killed write leaves a folder that begins with a dot.
    std::fs::create_dir(dir.path().join("forms/.new-killed")).unwrap();
    std::fs::write(dir.path().join("forms/.new-killed/form.xml"), "<half").unwrap();
    let place = dir.path().join("forms/f/2/form.xml");
    let text = std::fs::read_to_string(&place).unwrap();
    std::fs::write(&place, text.replace(">Q<", ">R<")).unwrap();
    let listing = Library::new(dir.path()).listing().unwrap();
    assert_eq!(listing.forms["f"].len(), 1);
    assert_eq!(listing.damaged.len(), 1);
    assert!(
        listing.damaged[0].contains("form.xml is not what was added"),
        "{:?}",
        listing.damaged
    );
}

#[test]
fn a_running_server_sees_what_another_process_adds() {
    let dir = tempfile::tempdir().unwrap();
    let (serving, adding) = (Library::new(dir.path()), Library::new(dir.path()));
    assert!(serving.listing().unwrap().newest_of("f").is_none());
    adding.add(&form("1"), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(serving.listing().unwrap().newest_of("f").unwrap().version(), "1");
    adding
        .add(&form("2"), Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1))
        .unwrap();
    assert_eq!(serving.listing().unwrap().newest_of("f").unwrap().version(), "2");
}

#[test]
fn files_that_nobody_asked_for_or_that_could_go_astray_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let library = Library::new(dir.path());
    for name in ["../x.mp3", "a/b.mp3", ".hidden", "unasked.mp3", ""] {
        let mut addition = form("1");
        addition.media.insert(name.to_owned(), vec![1]);
        let error = library.add(&addition, Timestamp::UNIX_EPOCH).unwrap_err();
        assert!(matches!(error, FormsError::Problems(_)), "{name}: {error}");
    }
    assert!(!dir.path().join("forms/f").exists());
}
