//! XLSForms as pyxform documents them, with the XForm that must come of each written by hand.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use phteah_forms::convert::xlsform;
use phteah_forms::xml::{self, Element};
use phteah_forms::{Mapping, XForm};

/// A workbook of sheets, each a name and rows of cells separated by `|`.
fn workbook(sheets: &[(&str, &[&str])]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        for (r, row) in (0..).zip(rows.iter()) {
            for (c, cell) in (0..).zip(row.split('|')) {
                if !cell.trim().is_empty() {
                    sheet.write_string(r, c, cell.trim()).unwrap();
                }
            }
        }
    }
    book.save_to_buffer().unwrap()
}

fn convert(sheets: &[(&str, &[&str])]) -> (Element, XForm) {
    let done = xlsform(&workbook(sheets), "fallback", Some("7")).unwrap_or_else(|problems| {
        panic!(
            "{}",
            problems
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        )
    });
    (xml::read(done.xml.as_bytes(), 1 << 20).unwrap(), done.form)
}

fn refused(sheets: &[(&str, &[&str])]) -> String {
    let problems = xlsform(&workbook(sheets), "fallback", Some("7")).expect_err("must be refused");
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

fn model(document: &Element) -> &Element {
    document.child("head").unwrap().child("model").unwrap()
}

/// What the form begins with, before anybody answers.
fn data(document: &Element) -> &Element {
    let instance = model(document).child("instance").unwrap();
    instance.elements().next().unwrap()
}

fn bind<'a>(document: &'a Element, nodeset: &str) -> &'a Element {
    model(document)
        .elements()
        .find(|bind| bind.name == "bind" && bind.attribute("nodeset") == Some(nodeset))
        .unwrap_or_else(|| panic!("no bind for {nodeset}"))
}

#[test]
fn types_become_binds_and_controls() {
    // xlsform.org, "Question types": what each becomes is the ODK XForms specification's table of data types.
    let table = [
        ("integer", "int", "input"),
        ("decimal", "decimal", "input"),
        ("text", "string", "input"),
        ("date", "date", "input"),
        ("time", "time", "input"),
        ("dateTime", "dateTime", "input"),
        ("geopoint", "geopoint", "input"),
        ("geotrace", "geotrace", "input"),
        ("geoshape", "geoshape", "input"),
        ("barcode", "barcode", "input"),
        ("image", "binary", "upload"),
        ("audio", "binary", "upload"),
        ("acknowledge", "string", "trigger"),
    ];
    let mut rows = vec!["type|name|label".to_owned()];
    rows.extend(
        table
            .iter()
            .map(|(kind, ..)| format!("{kind}|q_{}|A question", kind.to_lowercase())),
    );
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let (document, form) = convert(&[("survey", &rows)]);
    assert_eq!(
        (form.id.as_str(), form.version.as_str(), form.root.as_str()),
        ("fallback", "7", "data")
    );
    for (kind, bound, control) in table {
        let name = format!("q_{}", kind.to_lowercase());
        assert_eq!(
            bind(&document, &format!("/data/{name}")).attribute("type"),
            Some(bound),
            "{kind}"
        );
        assert_eq!(
            form.question(&name).unwrap().control.as_deref(),
            Some(control),
            "{kind}"
        );
    }
    let photo = document
        .child("body")
        .unwrap()
        .elements()
        .find(|e| e.name == "upload")
        .unwrap();
    assert_eq!(photo.attribute("mediatype"), Some("image/*"));
}

#[test]
fn logic_is_written_with_whole_paths() {
    let (document, _) = convert(&[(
        "survey",
        &[
            "type|name|label|required|relevant|constraint|constraint_message|calculation",
            "integer|age|Age|yes||. > 3|Too young|",
            "text|why|Why||${age} < 18|||",
            "calculate|double|||||| ${age} * 2",
        ],
    )]);
    let age = bind(&document, "/data/age");
    assert_eq!(age.attribute("required"), Some("true()"));
    assert_eq!(age.attribute("constraint"), Some(". > 3"));
    assert_eq!(age.attribute("constraintMsg"), Some("Too young"));
    let words = |text: Option<&str>| {
        text.unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        words(bind(&document, "/data/why").attribute("relevant")),
        "/data/age < 18"
    );
    assert_eq!(
        words(bind(&document, "/data/double").attribute("calculate")),
        "/data/age * 2"
    );
}

#[test]
fn two_languages_come_as_texts_with_the_default_one_first() {
    let (document, form) = convert(&[
        (
            "survey",
            &["type|name|label::English (en)|label::ខ្មែរ (km)", "text|q|Name|ឈ្មោះ"],
        ),
        (
            "settings",
            &[
                "form_title|form_id|version|default_language",
                "Title|two|3|ខ្មែរ (km)",
            ],
        ),
    ]);
    assert_eq!(form.languages, ["ខ្មែរ (km)", "English (en)"]);
    let itext = model(&document).child("itext").unwrap();
    let khmer = itext
        .elements()
        .find(|translation| translation.attribute("lang") == Some("ខ្មែរ (km)"))
        .unwrap();
    assert_eq!(khmer.attribute("default"), Some("true()"));
    let text = khmer
        .elements()
        .find(|text| text.attribute("id") == Some("/data/q:label"))
        .unwrap();
    assert_eq!(text.text().trim(), "ឈ្មោះ");
}

#[test]
fn repeats_groups_and_choices_have_their_places() {
    let (document, form) = convert(&[
        (
            "survey",
            &[
                "type|name|label|choice_filter",
                "begin group|home|Home|",
                "select_one khan|khan|Khan|",
                "select_one sangkat|sangkat|Sangkat|khan=${khan}",
                "end group|||",
                "begin repeat|members|Members|",
                "hidden|id||",
                "select_multiple needs|needs|Needs|",
                "end repeat|||",
            ],
        ),
        (
            "choices",
            &[
                "list_name|name|label|khan",
                "khan|1201|Chamkar Mon|",
                "sangkat|120101|One|1201",
                "sangkat|120201|Two|1202",
                "needs|food|Food|",
                "needs|water|Water|",
            ],
        ),
    ]);
    let paths: Vec<&str> = form
        .questions
        .iter()
        .map(|question| question.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "home/khan",
            "home/sangkat",
            "members[]/id",
            "members[]/needs",
            "meta/instanceID"
        ]
    );
    assert_eq!(form.repeats, ["members[]"]);
    assert_eq!(
        form.question("home/sangkat").unwrap().choices,
        ["120101", "120201"]
    );
    assert_eq!(
        form.question("members[]/needs").unwrap().control.as_deref(),
        Some("select")
    );
    let mut nodesets = Vec::new();
    document.each(&mut |element| {
        if element.name == "itemset" {
            nodesets.extend(
                element
                    .attribute("nodeset")
                    .map(|text| text.split_whitespace().collect::<String>()),
            );
        }
    });
    assert!(
        nodesets.contains(&"instance('sangkat')/root/item[khan=/data/home/khan]".to_owned()),
        "{nodesets:?}"
    );
}

#[test]
fn files_and_entities_are_found() {
    let (document, form) = convert(&[
        (
            "survey",
            &[
                "type|name|label|media::audio|save_to",
                "select_one_from_file households.csv|household|Which?||",
                "text|q|Q|voice.mp3|colour",
            ],
        ),
        (
            "entities",
            &["list_name|entity_id|update_if", "households|${household}|true()"],
        ),
    ]);
    assert_eq!(
        form.files.iter().map(String::as_str).collect::<Vec<_>>(),
        ["households.csv", "voice.mp3"]
    );
    assert_eq!(
        form.media().collect::<Vec<_>>(),
        ["voice.mp3"],
        "the server makes the list itself"
    );
    let entity = form.entity.clone().unwrap();
    assert_eq!(
        (entity.list.as_str(), entity.creates, entity.updates),
        ("households", false, true)
    );
    assert_eq!(form.question("q").unwrap().save_to.as_deref(), Some("colour"));
    // Specification "Entities 2024.1": where a device finds what it had seen.
    for (attribute, column) in [
        ("baseVersion", "__version"),
        ("trunkVersion", "__trunkVersion"),
        ("branchId", "__branchId"),
    ] {
        let calculate = bind(&document, &format!("/data/meta/entity/@{attribute}"))
            .attribute("calculate")
            .unwrap();
        assert!(calculate.ends_with(column), "{calculate}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let cases: [(&[&str], &[&str]); 6] = [
        (&["type|name|label", "integr|q|Q"], &["row 2", "type"]),
        (&["type|name|label", "text|q|Q", "text|q|Q"], &["row 3", "q"]),
        (&["type|name|label", "begin group|g|G", "text|q|Q"], &["row 2"]),
        (
            &["type|name|label", "select_one fruits|q|Q"],
            &["row 2", "fruits"],
        ),
        (
            &["type|name|label|relevant", "text|q|Q|${nothing} = 1"],
            &["row 2", "nothing"],
        ),
        (&["type|name|label", "text|1q|Q"], &["row 2"]),
    ];
    for (rows, says) in cases {
        let told = refused(&[("survey", rows)]);
        for word in says {
            assert!(told.contains(word), "{rows:?}: {told}");
        }
        assert!(told.ends_with(['.', '?']), "{told}");
    }
}

#[test]
fn a_form_needs_a_version_and_an_id_that_can_stand_in_an_address() {
    let bytes = workbook(&[("survey", &["type|name|label", "text|q|Q"])]);
    let told = xlsform(&bytes, "x", None).unwrap_err()[0].to_string();
    assert!(told.contains("version"), "{told}");
    let told = refused(&[
        ("survey", &["type|name|label", "text|q|Q"]),
        ("settings", &["form_id", "../etc"]),
    ]);
    assert!(told.contains("id"), "{told}");
}

fn xform(model: &str, body: &str) -> String {
    format!(
        r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>T</h:title><model>{model}</model></h:head><h:body>{body}</h:body></h:html>"#
    )
}

#[test]
fn an_xform_that_points_at_nothing_is_refused() {
    let good =
        r#"<instance><data id="f" version="1"><q/></data></instance><bind nodeset="/data/q" type="int"/>"#;
    let ask = r#"<input ref="/data/q"><label>Q</label></input>"#;
    assert!(phteah_forms::convert::xform(xform(good, ask).as_bytes()).is_ok());
    for (model, body, says) in [
        (
            good,
            r#"<input ref="/data/other"><label>Q</label></input>"#,
            "no place",
        ),
        (
            good,
            r#"<input ref="/data/q"><label ref="jr:itext('x')"/></input>"#,
            "no language",
        ),
        (
            good,
            r#"<select1 ref="/data/q"><label>Q</label><itemset nodeset="instance('list')/root/item"><value ref="name"/></itemset></select1>"#,
            "list",
        ),
        (
            r#"<instance><data id="f" version="1"><q/></data></instance><bind nodeset="/data/x"/>"#,
            ask,
            "does not have",
        ),
        (
            r#"<instance><data version="1"><q/></data></instance>"#,
            ask,
            "no id",
        ),
        (
            r#"<instance><data id="f"><q/></data></instance>"#,
            ask,
            "no version",
        ),
        (
            r#"<instance><data id="f" version="1"><q/></data></instance><instance id="a" src="jr://file/../../etc/passwd"/>"#,
            ask,
            "no folders",
        ),
        (
            r#"<instance><data id="f" version="1"><q/></data></instance><submission base64RsaPublicKey="AAAA"/>"#,
            ask,
            "encrypts",
        ),
        ("", ask, "no instance"),
    ] {
        let problems = phteah_forms::convert::xform(xform(model, body).as_bytes()).expect_err(model);
        assert!(
            problems.iter().any(|problem| problem.message.contains(says)),
            "{model}: {problems:?}"
        );
    }
    assert!(phteah_forms::convert::xform(b"<html/>").is_err());
}

#[test]
fn whole_paths_in_the_repeat_of_an_xform_are_told() {
    let model = |path: &str| {
        format!(
            r#"<instance><data id="f" version="1"><m><y/><a/></m></data></instance><bind nodeset="/data/m/a" calculate="2026 -  {path} "/>"#
        )
    };
    let body = r#"<group ref="/data/m"><repeat nodeset="/data/m"><input ref="/data/m/y"><label>Y</label></input></repeat></group>"#;
    for (path, told) in [("/data/m/y", 1), ("../y", 0)] {
        let text = xform(&model(path), body);
        let done = phteah_forms::convert::xform(text.as_bytes()).unwrap();
        assert_eq!((done.notes.len(), &done.xml), (told, &text));
    }
}

#[test]
fn facts_are_checked_against_the_form() {
    let (_, form) = convert(&[
        (
            "survey",
            &[
                "type|name|label",
                "select_one sex|sex|Sex",
                "begin repeat|members|Members",
                "hidden|id|",
                "integer|year|Year",
                "end repeat|",
                "begin repeat|loans|Loans",
                "integer|sum|Sum",
                "end repeat|",
            ],
        ),
        ("choices", &["list_name|name|label", "sex|1|F", "sex|2|M"]),
    ]);
    let good = "event = \"surveyed\"\n[repeat_ids]\nmembers = \"id\"\n[facts]\n\"sex\" = \"head.sex\"\n\"members[]/year\" = \"members/{members}/birth_year\"\n[values.\"sex\"]\n1 = \"female\"\n";
    let mapping = Mapping::read(good, &form).unwrap();
    assert_eq!(mapping.facts["members[]/year"], "members/{members}/birth_year");
    for (text, place, says) in [
        ("[facts]\n\"sexx\" = \"head.sex\"", "line 2", "does not have"),
        (
            "[facts]\n\"members/year\" = \"head.sex\"",
            "line 2",
            "Is members[]/year meant?",
        ),
        ("[facts]\n\n\"sex\" = \"Head Sex\"", "line 3", "no path of a fact"),
        (
            "[facts]\n\"sex\" = \"placement.site\"",
            "line 2",
            "no form sets it",
        ),
        (
            "[facts]\n\"loans[]/sum\" = \"loans/{loans}/sum\"",
            "line 2",
            "holds the id",
        ),
        (
            "[facts]\n\"loans[]/sum\" = \"loans.sum\"",
            "line 2",
            "needs the id",
        ),
        ("[repeat_ids]\nnobody = \"id\"", "line 2", "no repeat"),
        ("[repeat_ids]\nmembers = \"uid\"", "line 2", "no such question"),
        ("event = \"danced\"", "line 1", "no kind of event"),
        ("event = \"not_found\"", "line 1", "must have the field reason"),
        (
            "event = \"surveyed\"\n[fields]\nreason = \"sex\"",
            "line 1",
            "does not belong",
        ),
        ("[values.\"sex\"]\n3 = \"x\"", "line 1", "no choice"),
        ("colour = 1", "line 1", "colour"),
        ("event = ", "line 1", "."),
    ] {
        let problems = Mapping::read(text, &form).expect_err(text);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(
            told.iter()
                .any(|told| told.contains(says) && told.contains(place)),
            "{text}: {told:?}"
        );
    }
}

/// The names of elements below one, each with whether it is a template, in order.
fn shape(element: &Element) -> String {
    let inside: Vec<String> = element.elements().map(shape).collect();
    let template = element.attribute("template").map_or("", |_| "*");
    if inside.is_empty() {
        format!("{}{template}", element.name)
    } else {
        format!("{}{template}({})", element.name, inside.join(" "))
    }
}

#[test]
fn a_repeat_in_a_repeat_has_its_template_once() {
    // As pyxform writes it. With the template in both copies, JavaRosa stops with an error of its own.
    let (document, form) = convert(&[(
        "survey",
        &[
            "type|name|label",
            "begin repeat|house|House",
            "text|street|Street",
            "begin group|inside|Inside",
            "begin repeat|person|Person",
            "text|nm|Name",
            "begin repeat|job|Job",
            "text|what|What",
            "end repeat",
            "end repeat",
            "end group",
            "end repeat",
            "begin repeat|tree|Tree",
            "text|kind|Kind",
            "end repeat",
        ],
    )]);
    let root = data(&document);
    assert_eq!(
        shape(root),
        "data(house*(street inside(person*(nm job*(what)))) house(street inside(person(nm job(what)))) tree*(kind) tree(kind) meta(instanceID))"
    );
    assert_eq!(
        form.repeats,
        [
            "house[]",
            "house[]/inside/person[]",
            "house[]/inside/person[]/job[]",
            "tree[]"
        ]
    );
}

#[test]
fn defaults_that_are_texts_stay_texts() {
    let (document, _) = convert(&[
        (
            "survey",
            &[
                "type|name|label|default",
                "select_one c|q|Q|a-2",
                "text|u|U|https://my-site.org/a+b",
                "text|p|P|012-345-678",
                "text|w|W|Phnom-Penh Sen-Sok",
                "date|d|D|2024-05-03",
                "integer|n|N|1 + 1",
                "text|f|F|concat('a', 'b-c')",
            ],
        ),
        ("choices", &["list_name|name|label", "c|a-2|X"]),
    ]);
    let set: Vec<(&str, &str)> = model(&document)
        .elements()
        .filter(|e| e.name == "setvalue")
        .map(|e| (e.attribute("ref").unwrap(), e.attribute("value").unwrap()))
        .collect();
    assert_eq!(
        set,
        [
            ("/data/q", "'a-2'"),
            ("/data/u", "'https://my-site.org/a+b'"),
            ("/data/p", "'012-345-678'"),
            ("/data/w", "'Phnom-Penh Sen-Sok'"),
            ("/data/n", "1 + 1"),
            ("/data/f", "concat('a', 'b-c')"),
        ]
    );
    let root = data(&document);
    assert_eq!(root.child("d").unwrap().text(), "2024-05-03");
}

#[test]
fn a_time_of_day_in_a_cell_is_a_time() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("survey").unwrap();
    for (c, head) in (0..).zip(["type", "name", "label", "default"]) {
        sheet.write(0, c, head).unwrap();
    }
    for (c, cell) in (0..).zip(["time", "t", "T"]) {
        sheet.write(1, c, cell).unwrap();
    }
    let format = rust_xlsxwriter::Format::new().set_num_format("hh:mm");
    sheet.write_with_format(1, 3, 9.5 / 24.0, &format).unwrap();
    let done = xlsform(&book.save_to_buffer().unwrap(), "fallback", Some("7")).unwrap();
    let document = xml::read(done.xml.as_bytes(), 1 << 20).unwrap();
    let root = data(&document);
    assert_eq!(root.child("t").unwrap().text(), "09:30:00");
    assert!(!done.xml.contains("setvalue"), "{}", done.xml);
}

#[test]
fn what_the_last_form_said_has_its_instance() {
    let (document, _) = convert(&[(
        "survey",
        &[
            "type|name|label|readonly|required",
            "text|x|X||",
            "text|y|Y|${last-saved#x} = 'a'|",
            "text|z|Z||${last-saved#x} = 'b'",
        ],
    )]);
    let ids: Vec<Option<&str>> = model(&document)
        .elements()
        .filter(|e| e.name == "instance")
        .map(|e| e.attribute("id"))
        .collect();
    assert_eq!(ids, [None, Some("__last-saved")]);
}

#[test]
fn parameters_of_a_position_are_kept() {
    let (document, _) = convert(&[(
        "survey",
        &[
            "type|name|label|parameters",
            "geopoint|here|Here|allow-mock-accuracy=true",
            "geotrace|way|Way|incremental=true",
            "geopoint|there|There|allow-mock-accuracy=false",
        ],
    )]);
    assert_eq!(
        bind(&document, "/data/here").attribute("allow-mock-accuracy"),
        Some("true")
    );
    assert_eq!(
        bind(&document, "/data/there").attribute("allow-mock-accuracy"),
        None
    );
    let mut kept = 0;
    document.each(&mut |e| {
        kept += usize::from(e.name == "input" && e.attribute("incremental") == Some("true"));
    });
    assert_eq!(kept, 1);
}

#[test]
fn what_cannot_be_converted_is_refused_with_its_cell() {
    let survey: &[&str] = &["type|name|label", "text|q|Q"];
    for (sheets, place) in [
        (
            vec![
                ("survey", survey),
                ("settings", &["form_id|public_key", "x|MIIB"][..]),
            ],
            "sheet settings, row 2, column public_key",
        ),
        (
            vec![("survey", survey), ("settings", &["form_id", "Spec test"][..])],
            "sheet settings, row 2, column form_id",
        ),
        (
            vec![(
                "survey",
                &[
                    "type|name|label|constraint|constraint_message::Khmer (km)",
                    "integer|mx|Max||",
                    "integer|n|N|. < ${mx}|At most ${mx}",
                ][..],
            )],
            "sheet survey, row 3, column constraint_message::Khmer (km)",
        ),
        (
            vec![
                ("survey", &["type|name|label", "text|q|Q", "select_one c|s|S"][..]),
                ("choices", &["list_name|name|label", "c|a|As ${q}"][..]),
            ],
            "sheet choices, row 2, column label",
        ),
        (
            vec![
                (
                    "survey",
                    &[
                        "type|name|label|save_to",
                        "begin repeat|g|G|",
                        "text|q|Q|p",
                        "end repeat",
                    ][..],
                ),
                ("entities", &["list_name|label", "trees|one"][..]),
            ],
            "sheet survey, row 3, column save_to",
        ),
        (
            vec![
                (
                    "survey",
                    &["type|name|label", "begin repeat|g|G", "text|q|Q", "end repeat"][..],
                ),
                ("entities", &["list_name|label", "trees|${q}"][..]),
            ],
            "sheet entities, row 2, column label",
        ),
        (
            vec![
                ("survey", &["type|name|label", "text|q|Q", "text|p|P"][..]),
                ("entities", &["list_name|label", "trees|${q}", "farms|${p}"][..]),
            ],
            "sheet entities, row 3",
        ),
    ] {
        let said = refused(&sheets);
        assert!(said.starts_with(place), "{said}");
    }
}

#[test]
fn a_column_of_choices_that_cannot_be_kept_is_told() {
    let sheets: &[(&str, &[&str])] = &[
        ("survey", &["type|name|label", "select_one c|s|S"]),
        ("choices", &["list name|name|label|my col|mine", "c|a|A|1|2"]),
    ];
    let done = xlsform(&workbook(sheets), "fallback", Some("7")).unwrap();
    assert!(done.notes[0].contains("column my col"), "{:?}", done.notes);
    assert!(done.xml.contains("<mine>2</mine>"), "{}", done.xml);
    assert_eq!(done.form.question("s").unwrap().choices, ["a"]);
}

#[test]
fn an_xform_with_entities_that_would_be_lost_is_refused() {
    let form = |inside: &str, meta: &str| {
        format!(
            r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>T</h:title><model>
<instance><data id="kids" version="1"><kid jr:template=""><nm/>{inside}</kid><meta>{meta}<instanceID/></meta></data></instance>
<bind nodeset="/data/kid/nm" type="string"/></model></h:head>
<h:body><group ref="/data/kid"><repeat nodeset="/data/kid"><input ref="/data/kid/nm"><label>N</label></input></repeat></group></h:body></h:html>"#
        )
    };
    let entity = r#"<entity dataset="households" id="" create="1"><label/></entity>"#;
    let add = |xml: String| {
        let addition = phteah_forms::Addition {
            source: xml.into_bytes(),
            ..Default::default()
        };
        phteah_forms::library::check(&addition)
            .map(|_| ())
            .map_err(|e| e.to_string())
    };
    assert_eq!(add(form("", entity)), Ok(()));
    for xml in [
        form(&format!("<meta>{entity}</meta>"), ""),
        form("", &format!("{entity}{entity}")),
    ] {
        let said = add(xml).unwrap_err();
        assert!(
            said.contains("line 2") && said.contains("would be lost"),
            "{said}"
        );
    }
}

/// `XLSForm` promises that `${age}` beside `${name}` in a repeat is the age of the same member (xlsform.org, "Referring to other questions"); what each becomes
/// is `XPath`: `..` is the entry, and within `[…]` the question itself is `current()`.
#[test]
fn in_a_repeat_a_question_means_those_of_its_own_entry() {
    let (document, _) = convert(&[
        (
            "survey",
            &[
                "type|name|label|calculation|relevant|constraint|choice_filter|required|default",
                "text|crop|Crop",
                "begin repeat|field|Field",
                "text|soil|Soil of ${crop}",
                "begin group|inside|Inside",
                "calculate|deep||concat(${soil}, ${crop}, '[ /data/field ]')",
                "select_one crops|grown|What grows on ${soil}||${soil} != ''||Soil=${soil} and ${crop} = name",
                "end group",
                "begin repeat|harvest|Harvest",
                "integer|year|Year|||. > 1900",
                "calculate|sum||${year} + count(${harvest})",
                "calculate|before||indexed-repeat(${year}, ${field}, position(../..), ${harvest}, ${year} - 1)",
                "end repeat",
                "calculate|years||sum(${year})",
                "integer|again|Again|||||${last-saved#again} < 3|${sum}",
                "end repeat",
                "calculate|all||sum(${again})",
            ],
        ),
        (
            "choices",
            &["list_name|name|label|Soil|s-B", "crops|rice|Rice|clay|1"],
        ),
    ]);
    let of = |path: &str, attribute: &str| {
        let text = bind(&document, path).attribute(attribute).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for (path, attribute, expression) in [
        (
            "/data/field/inside/deep",
            "calculate",
            "concat( ../../soil , /data/crop , '[ /data/field ]')",
        ),
        ("/data/field/inside/grown", "relevant", "../../soil != ''"),
        (
            "/data/field/harvest/sum",
            "calculate",
            "../year + count( ../../harvest )",
        ),
        (
            "/data/field/harvest/before",
            "calculate",
            "indexed-repeat( /data/field/harvest/year , /data/field , position(../..), /data/field/harvest , ../year - 1)",
        ),
        ("/data/field/years", "calculate", "sum( ../harvest/year )"),
        (
            "/data/field/again",
            "required",
            "instance('__last-saved')/data/field/again < 3",
        ),
        ("/data/all", "calculate", "sum( /data/field/again )"),
    ] {
        assert_eq!(of(path, attribute), expression, "{path}");
    }
    let mut found = Vec::new();
    document.each(&mut |element| {
        for name in ["nodeset", "value"] {
            if ["itemset", "output"].contains(&element.name.as_str())
                && let Some(text) = element.attribute(name)
            {
                found.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
    });
    assert_eq!(
        found,
        [
            "/data/crop",
            "../../soil",
            "instance('crops')/root/item[Soil= current()/../../soil and /data/crop = name]",
        ]
    );
    // Filters ask for a column as it was written.
    let mut columns = Vec::new();
    document.each(&mut |element| {
        columns.extend(
            (element.name == "item")
                .then(|| element.elements().map(|one| one.name.clone()).collect::<Vec<_>>()),
        );
    });
    assert!(
        columns[0].contains(&"Soil".to_owned()) && columns[0].contains(&"s-B".to_owned()),
        "{columns:?}"
    );
}

#[test]
fn parameters_are_taken_or_refused_and_never_dropped() {
    for (kind, parameters, says) in [
        (
            "range",
            "start=1 end=9 tick_interval=2",
            "\"tick_interval\" is not known here",
        ),
        ("geopoint", "capture-accuracy=near", "a number"),
        ("geopoint", "allow-mock-accuracy=maybe", "true or false"),
        ("image", "max-pixels=1.5", "a whole number"),
        ("image", "app=com.example.camera", "not known"),
        ("audio", "quality=best", "normal, low"),
        ("select_one a", "seed=3", "randomize=true"),
        ("integer", "rows=3", "no parameters"),
        ("text", "three rows", "no parameter"),
        ("audit", "track-changes=yes", "true or false"),
    ] {
        let told = refused(&[
            (
                "survey",
                &["type|name|label|parameters", &format!("{kind}|q|Q|{parameters}")],
            ),
            ("choices", &["list_name|name|label", "a|1|One"]),
        ]);
        assert!(
            told.contains("sheet survey, row 2, column parameters") && told.contains(says),
            "{kind}: {told}"
        );
    }
    let (document, _) = convert(&[
        (
            "survey",
            &[
                "type|name|label|parameters",
                "select_one a|q|Q|Randomize = True, seed=4",
            ],
        ),
        ("choices", &["list_name|name|label", "a|1|One"]),
    ]);
    let mut mixed = false;
    document.each(&mut |element| {
        mixed |= element
            .attribute("nodeset")
            .is_some_and(|text| text == "randomize(instance('a')/root/item, 4)");
    });
    assert!(mixed);
}

#[test]
fn what_a_phone_would_show_otherwise_is_refused() {
    for (rows, says) in [
        (
            &["type|name|label|guidance_hint", "text|a|A|see ${a}"][..],
            "column guidance_hint",
        ),
        (
            &[
                "type|name|label",
                "note|a|instance('x')/root/item[name = 1]/label",
            ],
            "type calculate",
        ),
        (
            &[
                "type|name|label",
                "begin repeat|r|R",
                "text|a|A",
                "end repeat",
                "select_one ${a}|b|B",
            ],
            "entries of a repeat",
        ),
        (
            &["type|name|label", "text|meta|Meta"],
            "what a form says of itself",
        ),
        (&["type|name|label", "calculate|a|"], "worked out"),
        (&["type|name|label|save_to", "text|a|A|x"], "sheet entities"),
    ] {
        let told = refused(&[("survey", rows)]);
        assert!(
            told.contains("sheet survey, row") && told.contains(says),
            "{rows:?}: {told}"
        );
    }
}

#[test]
fn an_audit_needs_no_name_and_a_column_of_another_program_is_left_out() {
    let bytes = workbook(&[(
        "survey",
        &[
            "type|name|label|body::esri:style|default",
            "audit",
            "image|photo|Photo|watermark=1|first.jpg",
        ],
    )]);
    let done = xlsform(&bytes, "fallback", Some("7")).unwrap();
    assert!(
        !done.xml.contains("esri") && done.xml.contains(">jr://images/first.jpg<"),
        "{}",
        done.xml
    );
    assert!(
        done.notes.iter().any(|note| note.contains("body::esri:style")),
        "{:?}",
        done.notes
    );
}
