//! `phteah protect` and `phteah perturb`: tables of counts about people.

use serde_json::{Value, json};

use crate::files::Files;

fn answer(files: &Files, line: &str) -> Value {
    serde_json::from_str(&files.phteah(&format!("{line} --json")).done().out).unwrap()
}

/// What stands in a cell, by the names of its categories.
fn cell<'a>(answer: &'a Value, names: &[(&str, &str)]) -> &'a Value {
    let mut cells = answer["cells"].as_array().unwrap().iter();
    cells
        .find(|cell| names.iter().all(|(column, name)| cell[*column] == json!(name)))
        .unwrap()
}

/// Three sangkats of one khan: the second has 4 families, and one more has to be hidden, or 4 is what the others leave of the khan.
#[test]
fn a_small_count_is_hidden_and_another_one_so_that_it_cannot_be_worked_out() {
    let files = Files::new();
    files.text("first.csv", "khan,sangkat,n\nA,a,30\nA,b,4\nA,c,25\nB,d,40\n");
    let first = answer(&files, "protect first.csv --count n --by khan>sangkat");
    let at = |sangkat: &str| cell(&first, &[("sangkat", sangkat)]);
    assert_eq!(
        (&at("b")["value"], &at("b")["reason"]),
        (&json!(null), &json!("small"))
    );
    assert_eq!(
        cell(&first, &[("khan", "A"), ("sangkat", "total")])["value"],
        json!(59)
    );
    assert_eq!(first["audit"]["cells_hidden"], json!(2));
    assert!(first["audit"]["narrowest"].as_f64().unwrap() >= 10.0);

    // One family more in d since: the difference would be that family.
    files.text("first.json", &first.to_string());
    files.text("next.csv", "khan,sangkat,n\nA,a,30\nA,b,4\nA,c,25\nB,d,41\n");
    let next = answer(
        &files,
        "protect next.csv --count n --by khan>sangkat --earlier first.json",
    );
    assert_eq!(cell(&next, &[("sangkat", "d")])["value"], json!(null));
    assert_eq!(cell(&next, &[("sangkat", "d")])["reason"], json!("difference"));
}

/// Half a result that ends well would be taken for a whole one.
#[test]
fn a_result_that_cannot_be_written_is_an_error() {
    let files = Files::new();
    files.text("table.csv", "khan,n\nA,30\nB,40\n");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    files
        .phteah_into("protect table.csv --count n --by khan --json", full.into())
        .refused(1, &["could not be written whole", "No space left"]);
}

/// What may be published has no reason in it, and is an earlier release all the same.
#[test]
fn what_readers_get_has_no_reasons() {
    let files = Files::new();
    files.text("first.csv", "khan,sangkat,n\nA,a,30\nA,b,4\nA,c,25\nB,d,40\n");
    let line = "protect first.csv --count n --by khan>sangkat --public";
    let words = files.phteah(line).done().out;
    assert!(words.contains("A\tb\t–\n") && !words.contains("small"), "{words}");
    let json = files.phteah(&format!("{line} --json")).done().out;
    assert!(!json.contains("reason") && !json.contains("narrowest"), "{json}");
    files.text("first.json", &json);
    files.text("next.csv", "khan,sangkat,n\nA,a,30\nA,b,4\nA,c,25\nB,d,41\n");
    let next = answer(
        &files,
        "protect next.csv --count n --by khan>sangkat --earlier first.json",
    );
    assert_eq!(cell(&next, &[("sangkat", "d")])["reason"], json!("difference"));
}

/// Files as people have them: each is told with what to do.
#[test]
fn a_file_that_is_no_table_of_counts_is_told_with_what_to_do() {
    let files = Files::new();
    let told = |content: &[u8], words: &[&str]| {
        std::fs::write(files.path("table.csv"), content).unwrap();
        files
            .phteah("protect table.csv --count n --by khan")
            .refused(1, words);
    };
    told(b"PK\x03\x04....", &["is a workbook", "save the sheet as CSV"]);
    told(b"\xff\xfek\0", &["UTF-16", "CSV UTF-8"]);
    told(b"khan,n\nA\xff,3\n", &["not text in UTF-8"]);
    told(b"sep=;\nkhan;n\nA;30\n", &["'sep=;'", "delete that line"]);
    told(
        b"Families by khan\n2026\nkhan,n\nA,30\nB,40\n",
        &["names 1 columns in its first line", "delete all lines above it"],
    );
    told(
        b"khan,n\nA,30\nB,<10\n",
        &["line 3, column n", "'<10' is a hidden number"],
    );
    std::fs::create_dir(files.path("folder")).unwrap();
    files
        .phteah("protect folder --count n --by khan")
        .refused(1, &["folder is a folder"]);
}

/// A sum among the rows would count everybody twice, and tell: 46 together and 43 for the sum leave 3.
#[test]
fn a_row_of_sums_is_told_by_its_name_or_by_its_numbers() {
    let files = Files::new();
    for name in ["All", "សរុប", "Sub-total:", "both sexes"] {
        files.text("table.csv", &format!("khan,n\nA,3\nB,40\n{name},43\n"));
        files
            .phteah("protect table.csv --count n --by khan")
            .refused(1, &["line 4, column khan", "Leave rows of sums out"]);
    }
    files.text(
        "table.csv",
        "khan,kind,n\nA,x,3\nA,y,12\nA,z,20\nA,Beide,35\nB,x,30\nB,y,12\nB,z,0\nB,Beide,42\n",
    );
    files
        .phteah("protect table.csv --count n --by khan,kind")
        .refused(1, &["in every row 'Beide' of kind is the sum of all others"]);
    // Two that are alike by chance are no sum.
    files.text("table.csv", "khan,kind,n\nA,x,30\nA,y,30\nB,x,40\nB,y,40\n");
    files.phteah("protect table.csv --count n --by khan,kind").done();
}

/// What is only written in another way is another category: it is said.
#[test]
fn categories_of_before_that_are_missing_are_named() {
    let files = Files::new();
    files.text("first.csv", "khan,n\nTuol Kork,100\nB,50\n");
    let first = files
        .phteah("protect first.csv --count n --by khan --json")
        .done()
        .out;
    files.text("first.json", &first);
    files.text("next.csv", "khan,n\ntuol kork,100\nB,50\n");
    let next = files
        .phteah("protect next.csv --count n --by khan --earlier first.json")
        .done();
    for told in ["Tuol Kork", "tuol kork", "write them in one way"] {
        assert!(next.err.contains(told), "{}", next.err);
    }
}

/// A sign that steers a terminal stays what it was in JSON, and begins no line in the table.
#[test]
fn strange_names_come_out_as_they_went_in() {
    let files = Files::new();
    files.text("table.csv", "khan,n\n\u{202e}A,20\n\"B\tx\n99\",30\n");
    let answer = answer(&files, "protect table.csv --count n --by khan");
    assert_eq!(cell(&answer, &[("khan", "\u{202e}A")])["value"], json!(20));
    let words = files.phteah("protect table.csv --count n --by khan").done().out;
    assert!(!words.lines().any(|line| line.starts_with("99")), "{words}");
}

#[test]
fn the_same_households_have_the_same_noise_and_no_small_count_comes_out() {
    let files = Files::new();
    let households = |count: u32| -> String {
        let rows = (0..count).map(|number| {
            format!(
                "h{number},{},{}\n",
                number % 3,
                if number < 4 { "few" } else { "many" }
            )
        });
        std::iter::once("id,khan,kind\n".to_owned()).chain(rows).collect()
    };
    files.text("households.csv", &households(200));
    files.text("noise.secret", "sixteen bytes of no use but in a test");
    let command = "perturb households.csv --id id --by khan,kind --secret noise.secret";
    let first = answer(&files, command);
    assert_eq!(first["noise"], json!({"most": 5, "most_off": 14}));
    for cell in first["cells"].as_array().unwrap() {
        let value = cell["value"].as_u64().unwrap();
        assert!(value == 0 || value >= 10, "{cell}");
    }
    let total = [("khan", "total"), ("kind", "total")];
    let counted = cell(&first, &total)["value"].as_u64().unwrap();
    assert!(counted.abs_diff(200) <= 5);
    // Counted by less, in another order: the same noise.
    let mut lines: Vec<String> = households(200).lines().map(str::to_owned).collect();
    lines[1..].reverse();
    files.text("households.csv", &lines.join("\n"));
    let again = answer(
        &files,
        "perturb households.csv --id id --by khan --secret noise.secret",
    );
    for khan in ["0", "1", "2", "total"] {
        let both = [
            cell(&first, &[("khan", khan), ("kind", "total")]),
            cell(&again, &[("khan", khan)]),
        ];
        assert_eq!(both[0]["value"], both[1]["value"]);
    }
    // Exact counts beside it would give the noise away.
    files.text("noise.json", &first.to_string());
    files.text("counts.csv", "khan,kind,n\n0,many,66\n1,many,67\n2,many,67\n");
    let refused = files.phteah("protect counts.csv --count n --by khan,kind --earlier noise.json");
    refused.refused(1, &["never both"]);
}

#[test]
fn households_that_cannot_be_counted_are_refused_with_their_place() {
    let files = Files::new();
    files.text("noise.secret", "sixteen bytes of no use but in a test");
    files.text("twice.csv", "id,khan\nh1,A\nh1,B\n,A\nh2,total\n");
    files.text("short.secret", "short");
    let refused = |secret: &str, said: &[&str]| {
        let line = format!("perturb twice.csv --id id --by khan --secret {secret}");
        files.phteah(&line).refused(1, said);
    };
    refused(
        "noise.secret",
        &["line 3, column id", "line 4, column id", "line 5, column khan"],
    );
    refused("short.secret", &["5 bytes", "16"]);
    refused("none.secret", &["/dev/urandom"]);
}
