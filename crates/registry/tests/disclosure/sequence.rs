//! Ten releases of one registry, between which families arrive, leave, are found to be elsewhere, and areas are redrawn.

use std::collections::BTreeMap;

use phteah_registry::disclosure::earlier::Earlier;
use phteah_registry::disclosure::read::{TableFile, breakdowns};
use phteah_registry::disclosure::release::{Release, ReleaseError};
use phteah_registry::disclosure::rules::Rules;
use phteah_registry::disclosure::table::Table;
use phteah_registry::table::Named;

use crate::attacker::interval;
use crate::made::Random;

const PLACES: [(&str, &str); 6] = [
    ("A", "a"),
    ("A", "b"),
    ("A", "c"),
    ("B", "d"),
    ("B", "e"),
    ("C", "f"),
];
const KINDS: [&str; 2] = ["rented", "owned"];
const SEXES: [&str; 2] = ["female", "male"];

type Families = BTreeMap<(usize, usize, usize), u64>;

fn text(families: &Families, redrawn: bool) -> String {
    let mut text = "khan,sangkat,kind,sex,n\n".to_owned();
    for (&(place, kind, sex), count) in families {
        let (khan, sangkat) = PLACES[place];
        // The sangkat c moves from khan A to khan B.
        let khan = if redrawn && sangkat == "c" { "B" } else { khan };
        text += &format!("{khan},{sangkat},{},{},{count}\n", KINDS[kind], SEXES[sex]);
    }
    text
}

fn named(text: &str) -> Named<'_> {
    Named {
        name: "counts.csv",
        text,
    }
}

fn read(text: &str, by: &str) -> TableFile {
    TableFile::read(named(text), breakdowns(by).expect("breakdowns"), "n").expect("a table")
}

/// What an attacker knows of the latest release: its counts, and those of earlier ones of which he knows that nothing changed there.
fn check(
    number: u64,
    step: usize,
    release: &Release,
    table: &Table,
    earlier: &[Earlier],
    random: &mut Random,
) {
    let cells: Vec<_> = release.cells().collect();
    let mut told: Vec<Option<u64>> = cells.iter().map(|cell| cell.value).collect();
    for (cell, labels) in cells.iter().enumerate() {
        let labels: BTreeMap<String, String> = labels
            .labels
            .iter()
            .map(|(column, name)| ((*column).to_owned(), (*name).to_owned()))
            .collect();
        let now = table.values()[cell];
        let mut latest = None;
        for before in earlier
            .iter()
            .filter_map(|one| one.cells.iter().find(|cell| cell.labels == labels))
        {
            if let (Some(now), Some(before)) = (told[cell], before.value) {
                let difference = now.abs_diff(before);
                assert!(
                    difference == 0 || difference >= 10,
                    "history {number}, release {step}: {labels:?} was {before} and is {now}"
                );
            }
            latest = before.value;
        }
        if let Some(now) = told[cell] {
            assert_eq!(now, table.values()[cell]);
            assert!(now == 0 || now >= 10);
        } else if latest == Some(now) && labels_reason(&cells[cell]) != Some("group") {
            told[cell] = Some(now);
        }
    }
    let hidden: Vec<usize> = (0..table.len()).filter(|&cell| told[cell].is_none()).collect();
    for _ in 0..6.min(hidden.len()) {
        let cell = hidden[random.below(hidden.len() as u64) as usize];
        let (lowest, highest) = interval(table, &told, cell);
        let width = highest.map_or(f64::INFINITY, |highest| highest - lowest);
        assert!(
            width >= 10.0 - 1e-6,
            "history {number}, release {step}: {} = {} is from {lowest} to {highest:?}",
            table.name(cell),
            table.values()[cell]
        );
    }
}

fn labels_reason(cell: &phteah_registry::disclosure::release::ReleaseCell<'_>) -> Option<&'static str> {
    cell.reason.map(phteah_registry::disclosure::rules::Reason::word)
}

#[test]
fn ten_releases_tell_no_more_than_one() {
    let (mut made, mut refused) = (0, 0);
    for number in 0..20 {
        let mut random = Random(500 + number);
        let mut families = Families::new();
        for place in 0..PLACES.len() {
            for kind in 0..2 {
                for sex in 0..2 {
                    let most = if random.below(3) == 0 { 12 } else { 70 };
                    families.insert((place, kind, sex), random.below(most));
                }
            }
        }
        let mut earlier: Vec<Earlier> = Vec::new();
        for step in 0..10 {
            let text = text(&families, number % 4 == 3 && step > 5);
            let by =
                ["khan>sangkat,kind,sex", "khan>sangkat,kind"][usize::from(number % 2 == 1 && step % 2 == 1)];
            let file = read(&text, by);
            match Release::prepare(&file, Rules::default(), &earlier) {
                Ok(release) => {
                    made += 1;
                    if number % 4 != 3 {
                        let table = file.table(file.by(), &[]).unwrap();
                        check(number, step, &release, &table, &earlier, &mut random);
                    }
                    earlier.push(release.as_earlier(format!("{step}")));
                }
                Err(ReleaseError::Telling { .. } | ReleaseError::NothingLeft { .. }) => refused += 1,
                Err(other) => panic!("{other}"),
            }
            for count in families.values_mut() {
                match random.below(6) {
                    0 => *count += random.below(4),
                    1 => *count = count.saturating_sub(random.below(3)),
                    2 if random.below(3) == 0 => *count += 10 + random.below(20),
                    _ => {}
                }
            }
        }
    }
    assert!(made > 4 * refused, "{made} made, {refused} refused");
}

#[test]
fn the_same_counts_again_tell_the_same() {
    let mut families = Families::new();
    for place in 0..PLACES.len() {
        families.insert((place, 0, 0), 3 + 9 * place as u64);
        families.insert((place, 1, 0), 40);
        families.insert((place, 0, 1), 25);
    }
    let text = text(&families, false);
    let file = read(&text, "khan>sangkat,kind,sex");
    let first = Release::prepare(&file, Rules::default(), &[])
        .unwrap()
        .as_earlier("first");
    let again = Release::prepare(&file, Rules::default(), std::slice::from_ref(&first)).unwrap();
    let said = |release: &Earlier| -> Vec<_> {
        let cells = release.cells.iter();
        cells.map(|cell| (cell.labels.clone(), cell.value)).collect()
    };
    assert_eq!(said(&again.as_earlier("again")), said(&first));
    // A coarser table of the same says what the first one said.
    let coarse = Release::prepare(
        &read(&text, "khan>sangkat,kind"),
        Rules::default(),
        std::slice::from_ref(&first),
    )
    .unwrap();
    for cell in coarse.as_earlier("coarse").cells {
        let mut labels = cell.labels.clone();
        labels.insert("sex".into(), "total".into());
        let before = first.cells.iter().find(|one| one.labels == labels).unwrap();
        assert_eq!(before.value, cell.value, "{labels:?}");
    }
    // One that counts by something else needs its column.
    let other = "khan,sangkat,kind,n\nA,a,rented,30\n";
    let error = Release::prepare(&read(other, "khan>sangkat,kind"), Rules::default(), &[first]).unwrap_err();
    assert!(error.to_string().contains("sex"), "{error}");
}

/// Whoever prepares a release with half of an earlier one would not see what the other half tells.
#[test]
fn an_earlier_release_has_to_be_whole() {
    let text = "khan,sangkat,kind,n\nA,a,rented,40\nA,b,owned,30\nB,c,rented,25\n";
    let file = read(text, "khan>sangkat,kind");
    let first = Release::prepare(&file, Rules::default(), &[])
        .unwrap()
        .as_earlier("first");
    for gone in 0..first.cells.len() {
        let mut part = first.clone();
        let cell = part.cells.remove(gone);
        let error = Release::prepare(&file, Rules::default(), &[part])
            .unwrap_err()
            .to_string();
        let names = cell
            .labels
            .iter()
            .map(|(column, name)| format!("{column} {name}"));
        let names: Vec<String> = names.collect();
        let says = format!("first: it has no cell for {},", names.join(", "));
        assert!(error.starts_with(&says), "{error}");
    }
    let nothing = Earlier {
        cells: Vec::new(),
        ..first
    };
    Release::prepare(&file, Rules::default(), &[nothing]).unwrap();
}

/// The file itself shows that a sangkat lies in one khan only. a1 and x are 5: what two releases tell must not be 65 and 60.
#[test]
fn a_column_that_lies_in_another_is_a_level_of_it() {
    let text = "khan,sangkat,kind,n\nA,a1,x,5\nA,a1,y,60\nA,a2,x,60\nA,a2,y,70\nB,b1,x,20\nB,b1,y,30\n";
    let by_sangkat = Release::prepare(&read(text, "sangkat,kind"), Rules::default(), &[]).unwrap();
    let by_sangkat = by_sangkat.as_earlier("by sangkat");
    let by_khan = Release::prepare(
        &read(text, "khan,kind"),
        Rules::default(),
        std::slice::from_ref(&by_sangkat),
    );
    let told = |release: &Earlier, place: &str, kind: &str| {
        let mut cells = release.cells.iter();
        let found =
            cells.find(|cell| cell.labels["kind"] == kind && cell.labels.values().any(|name| name == place));
        found.unwrap().value
    };
    if let Ok(release) = by_khan {
        assert_eq!(release.cells().next().unwrap().labels.len(), 2, "khan and kind");
        let by_khan = release.as_earlier("by khan");
        assert!(told(&by_khan, "A", "x").is_none() || told(&by_sangkat, "a2", "x").is_none());
    }
    // Every other way to count sets itself against a release of both.
    let both = Release::prepare(&read(text, "khan>sangkat,kind"), Rules::default(), &[]).unwrap();
    let both = both.as_earlier("both");
    for by in [
        "khan,kind",
        "sangkat,kind",
        "kind",
        "khan",
        "sangkat",
        "khan>sangkat",
    ] {
        match Release::prepare(&read(text, by), Rules::default(), std::slice::from_ref(&both)) {
            Ok(_) | Err(ReleaseError::Telling { .. } | ReleaseError::NothingLeft { .. }) => {}
            Err(other) => panic!("{by}: {other}"),
        }
    }
    // But not one that takes them apart: a2 alone would be a sum over khans that the other does not list.
    let apart = Release::prepare(&read(text, "khan,sangkat,kind"), Rules::default(), &[both]);
    let error = apart.unwrap_err().to_string();
    assert!(error.contains("khan>sangkat, one inside the other"), "{error}");
}

/// A khan of one sangkat is the same as the sangkat: it must not be told as 76 after that was told as 85.
#[test]
fn a_khan_of_one_sangkat_is_that_sangkat() {
    let text = |n: u64| format!("khan,sangkat,n\nK,s,{n}\nL,a,50\nL,b,40\n");
    let first = Release::prepare(&read(&text(85), "sangkat"), Rules::default(), &[])
        .unwrap()
        .as_earlier("first");
    let Ok(second) = Release::prepare(&read(&text(76), "khan"), Rules::default(), &[first]) else {
        return;
    };
    let mut cells = second.cells();
    assert_eq!(cells.find(|cell| cell.labels[0].1 == "K").unwrap().value, None);
}

/// K was 70. If K = 125 and its new part c = 50 are told, the others are 75 together: five have come.
#[test]
fn what_is_hidden_in_a_row_does_not_tell_a_small_change() {
    let first = read("khan,sangkat,n\nK,a,40\nK,b,30\nL,d,50\n", "khan>sangkat");
    let first = Release::prepare(&first, Rules::default(), &[])
        .unwrap()
        .as_earlier("first");
    let second = read("khan,sangkat,n\nK,a,44\nK,b,31\nK,c,50\nL,d,50\n", "khan>sangkat");
    let Ok(second) = Release::prepare(&second, Rules::default(), &[first]) else {
        return;
    };
    let told = |sangkat: &str| {
        let mut cells = second
            .cells()
            .filter(|cell| cell.labels[0].1 == "K" && cell.labels[1].1 == sangkat);
        cells.next().unwrap().value
    };
    assert!(told("total").is_none() || told("c").is_none());
}

#[test]
fn an_earlier_release_has_to_add_up() {
    let file = read("khan,sangkat,n\nK,a,40\nK,b,30\nL,d,50\n", "khan>sangkat");
    let mut first = Release::prepare(&file, Rules::default(), &[])
        .unwrap()
        .as_earlier("first");
    first.cells.last_mut().unwrap().value = Some(60);
    let error = Release::prepare(&file, Rules::default(), &[first])
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("first: the parts of") && error.contains("do not add up"),
        "{error}"
    );
}

/// Figures of the differencing example in the Handbook on Statistical Disclosure Control (sdcTools/HandbookSDC): 52 of 55 employed, then 50 of 54.
#[test]
fn two_harmless_releases_do_not_tell_on_one_person_together() {
    // Other people beside, so that something can be told at all.
    let text = |employed: u64, not: u64| {
        format!("place,work,n\nhere,employed,{employed}\nhere,not,{not}\nthere,employed,80\nthere,not,90\n")
    };
    let first = Release::prepare(&read(&text(52, 3), "place,work"), Rules::default(), &[]).unwrap();
    let first = first.as_earlier("first");
    let second = Release::prepare(
        &read(&text(50, 4), "place,work"),
        Rules::default(),
        std::slice::from_ref(&first),
    );
    let Ok(second) = second else { return };
    for (now, before) in second.as_earlier("second").cells.iter().zip(&first.cells) {
        if let (Some(now), Some(before)) = (now.value, before.value) {
            assert!(now == before || now.abs_diff(before) >= 10, "{before} then {now}");
        }
    }
}

/// A category that the first release did not have counted 0 in it. A place whose number is the same has nobody in it now either, so that all of the
/// new category would be seen to be in the other place.
#[test]
fn a_new_category_does_not_tell_where_its_families_are() {
    let before = "area,kind,n\na,x,62\nb,x,0\na,y,0\nb,y,19\n";
    let first = Release::prepare(&read(before, "area,kind"), Rules::default(), &[]).unwrap();
    let first = first.as_earlier("first");
    let now = format!("{before}a,z,15\n");
    let Ok(second) = Release::prepare(&read(&now, "area,kind"), Rules::default(), &[first]) else {
        return;
    };
    let told = |area: &str, kind: &str| {
        let mut cells = second.cells();
        let found = cells.find(|cell| cell.labels == [("area", area), ("kind", kind)]);
        found.unwrap().value
    };
    assert!(told("b", "total").is_none() || told("total", "z").is_none());
    assert!(told("a", "z").is_none());
}

#[test]
fn bad_tables_are_refused_with_the_place() {
    let problems = |text: &str| {
        TableFile::read(named(text), breakdowns("khan>sangkat,kind").unwrap(), "n")
            .map_err(|problems| {
                problems
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("\n")
            })
            .unwrap_err()
    };
    let header = "khan,sangkat,kind,n\n";
    for (rows, says) in [
        ("A,a,x,-3\n", "line 2, column n: '-3' is negative"),
        ("A,a,x,1\nA,b,x,2.5\n", "line 3, column n: '2.5' is not whole"),
        ("A,a,x,\n", "line 2, column n: it is empty"),
        ("A,a,x,many\n", "line 2, column n: 'many' is not a count"),
        (
            "A,a,x,1\nB,a,y,2\n",
            "line 3, column sangkat: 'a' stands under khan 'B' here and under 'A' in line 2",
        ),
        (
            "A,a,Total,1\n",
            "line 2, column kind: a category cannot be called 'Total'",
        ),
        (
            "A,a,x,1\nA,a,x,2\n",
            "line 3: it is the same combination as line 2",
        ),
        ("A,a,,1\n", "line 2, column kind: it is empty"),
        ("A,a,x\n", "line 2: has 3 cells where the header has 4"),
        ("", "no row"),
    ] {
        let told = problems(&format!("{header}{rows}"));
        assert!(told.contains(says), "{told}");
    }
    assert!(problems("").contains("empty"));
    assert!(problems("khan,sangkat,n\nA,a,1\n").contains("there is no column kind"));
    assert!(problems("khan;sangkat;kind;n\nA;a;x;1\n").contains("semicolons"));
    // The same name with a sign that nobody sees is the same category.
    let twice = "A,ផ្ទះ,x,20\nA,ផ្ទ\u{200b}ះ,x,20\n";
    assert!(problems(&format!("{header}{twice}")).contains("the same combination as line 2"));
    let khmer = "\u{feff}khan,sangkat,kind,n\nដូនពេញ,វត្តភ្នំ,x,40\nដូនពេញ,ផ្សារថ្មី,x,60\n";
    let file = TableFile::read(named(khmer), breakdowns("khan>sangkat").unwrap(), "n").unwrap();
    let release = Release::prepare(&file, Rules::default(), &[]).unwrap();
    assert_eq!(release.hidden(), 0);
    assert!(
        release
            .cells()
            .any(|cell| cell.labels[1].1 == "វត្តភ្នំ" && cell.value == Some(40))
    );
    let fine = "khan,sangkat,kind,n\nA,a,x,4\nA,b,y,3\nB,c,x,2\n";
    let file = TableFile::read(named(fine), breakdowns("khan>sangkat,kind").unwrap(), "n").unwrap();
    let error = Release::prepare(&file, Rules::default(), &[])
        .unwrap_err()
        .to_string();
    assert!(error.contains("everything would be hidden"), "{error}");
    assert!(
        Rules::new(9)
            .unwrap_err()
            .to_string()
            .contains("below the floor of 10")
    );
}
