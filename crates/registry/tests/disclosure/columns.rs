//! Earlier releases that count by other columns than the one of now.

use std::collections::BTreeMap;

use phteah_registry::disclosure::earlier::Earlier;
use phteah_registry::disclosure::read::{TableFile, breakdowns};
use phteah_registry::disclosure::release::{Release, ReleaseError};
use phteah_registry::disclosure::rules::{Reason, Rules};
use phteah_registry::table::Named;

/// A release of a table, after others.
fn release(text: &str, by: &str, earlier: &[Earlier]) -> Result<Release, Box<ReleaseError>> {
    let file = Named {
        name: "table.csv",
        text,
    };
    let file = TableFile::read(file, breakdowns(by).expect("breakdowns"), "n").expect("a table");
    Release::prepare(&file, Rules::default(), earlier).map_err(Box::new)
}

/// As it is published.
fn published(release: &Release) -> Earlier {
    let mut earlier = release.as_earlier("earlier.json");
    for cell in &mut earlier.cells {
        cell.was = None;
    }
    earlier
}

/// The finest cells of a release by their names, each with its count and why it is hidden.
fn cells(release: &Release) -> BTreeMap<Vec<&str>, (Option<u64>, Option<Reason>)> {
    let cells = release.cells().map(|cell| {
        let names = cell.labels.into_iter().map(|(_, name)| name);
        (names.collect(), (cell.value, cell.reason))
    });
    cells.collect()
}

/// Each kind lies in one group, so that the groups are a coarser level: all 40 of a1 are of kind x all the same.
#[test]
fn a_group_of_one_answer_is_hidden_whatever_earlier_releases_count_by() {
    let text = "sangkat,grp,kind,n\na1,G,x,40\na1,H,y,0\nb1,G,x,41\nb1,H,y,75\nc1,G,x,52\nc1,H,y,66\n";
    let alone = release(text, "sangkat,kind", &[]).expect("a release");
    for by in ["grp>kind", "grp", "kind"] {
        let first = published(&release(text, by, &[]).expect("a release"));
        let second = release(text, "sangkat,kind", &[first]).expect("a release");
        let cells = cells(&second);
        assert_eq!(cells[&vec!["a1", "x"]], (None, Some(Reason::Group)), "{by}");
        assert_eq!(cells[&vec!["a1", "y"]].0, None, "{by}");
        assert_eq!(second.hidden(), alone.hidden(), "{by}");
    }
    // All of x are in one sangkat, which is the only one of its khan.
    let text = "khan,sangkat,kind,n\nA,a1,x,40\nA,a1,y,50\nA,a1,z,70\nB,b1,x,0\nB,b1,y,65\nB,b1,z,90\nB,b2,x,0\nB,b2,y,80\nB,b2,z,110\n";
    let first = published(&release(text, "khan", &[]).expect("a release"));
    let second = release(text, "sangkat,kind", &[first]).expect("a release");
    let cells = cells(&second);
    assert_eq!(cells[&vec!["a1", "x"]], (None, Some(Reason::Group)));
    assert!(cells[&vec!["b1", "x"]].0.is_none() || cells[&vec!["b2", "x"]].0.is_none());
}

/// Khans and zones divide the same sangkats, and neither lies in the other.
#[test]
fn areas_that_lie_across_are_looked_at_together() {
    let before = "khan,zone,sangkat,n\nA,Z,a1,100\nA,Y,a2,200\nB,Z,b1,300\nB,Y,b2,400\n";
    let now = "khan,zone,sangkat,n\nA,Z,a1,103\nA,Y,a2,220\nB,Z,b1,305\nB,Y,b2,430\n";
    for (first, second) in [
        ("zone>sangkat", "khan>sangkat"),
        ("khan>sangkat", "zone>sangkat"),
        ("zone>sangkat", "sangkat"),
        ("khan>sangkat", "zone,khan"),
    ] {
        let Ok(first) = release(before, first, &[]) else {
            continue;
        };
        let Ok(second) = release(now, second, &[published(&first)]) else {
            continue;
        };
        let (then, now) = (cells(&first), cells(&second));
        for sangkat in ["a1", "b1"] {
            // 3 and 5 more.
            let told = |cells: &BTreeMap<Vec<&str>, (Option<u64>, Option<Reason>)>| {
                let found = cells.iter().find(|(names, _)| names.last() == Some(&sangkat));
                found.and_then(|(_, (value, _))| *value)
            };
            assert!(
                told(&then).is_none() || told(&now).is_none(),
                "{sangkat}: {first:?}"
            );
        }
    }
    // The zones alone: Z had 400 and has 408, which a1 and b1 would tell together.
    let first = release(before, "zone", &[]).expect("a release");
    let second = release(now, "khan>sangkat", &[published(&first)]).expect("a release");
    let now = cells(&second);
    assert!(now[&vec!["A", "a1"]].0.is_none() || now[&vec!["B", "b1"]].0.is_none());
}

/// All are of one kind, in which every khan lies: the khans are made of sangkats all the same.
#[test]
fn a_column_of_one_category_is_no_level() {
    let text = |s0: u64| {
        format!(
            "khan,zone,sangkat,kind,n\nA,Z,s0,x,{s0}\nA,Y,s1,x,50\nA,Y,s2,x,50\nB,Z,s3,x,300\nB,Z,s4,x,320\n"
        )
    };
    let first = published(&release(&text(50), "khan", &[]).expect("a release"));
    let Ok(second) = release(&text(51), "zone>sangkat,kind", &[first]) else {
        return;
    };
    let cells = cells(&second);
    let told = |zone, sangkat| cells[&vec![zone, sangkat, "total"]].0;
    assert!(told("Z", "s0").is_none() || told("Y", "s1").is_none() || told("Y", "s2").is_none());
}

/// Of the second, each group has one kind; the first has two in G. Kinds are inside groups all the same.
#[test]
fn what_was_inside_another_column_stays_inside() {
    let first = "sangkat,grp,kind,n\ns0,G,x,60\ns0,G,y,50\ns0,H,z,70\ns1,G,x,90\ns1,G,y,80\ns1,H,z,40\n";
    let first = published(&release(first, "sangkat,grp>kind", &[]).expect("a release"));
    let now = "sangkat,grp,kind,n\ns0,G,x,113\ns0,H,z,95\ns1,G,x,260\ns1,H,z,75\n";
    let second = release(now, "sangkat,grp", &[first]).expect("a release");
    // G in s0 was 110 and is 113.
    assert_eq!(cells(&second)[&vec!["s0", "G"]].0, None);
}

/// A zone that is no more counts 0, as does one that a release did not know yet.
#[test]
fn zones_come_and_go() {
    let before = "khan,zone,sangkat,n\nA,Z,a1,100\nA,Y,a2,200\nB,Q,b1,300\nB,Y,b2,400\n";
    let now = "khan,zone,sangkat,n\nA,Z,a1,140\nA,Y,a2,260\nB,W,b1,370\nB,Y,b2,480\n";
    for by in ["zone", "zone>sangkat"] {
        let first = release(before, by, &[]).expect("a release");
        let second = release(now, "khan>sangkat", &[published(&first)]).expect("a release");
        assert_eq!(second.hidden(), 0, "{by}");
    }
}

/// The first tells khans and sangkats for every combination. Every sangkat lies in one khan, so that the file itself would have them as two levels.
#[test]
fn columns_that_were_crossed_stay_crossed() {
    let text = |a1: u64| format!("khan,sangkat,n\nA,a1,{a1}\nA,a2,60\nB,b1,40\nB,b2,70\n");
    let first = published(&release(&text(50), "khan,sangkat", &[]).expect("a release"));
    for by in ["khan", "sangkat"] {
        let Ok(second) = release(&text(53), by, std::slice::from_ref(&first)) else {
            continue;
        };
        let cells = cells(&second);
        assert_eq!(cells[&vec!["total"]].0, None, "{by}: 220, then 223");
        let place = if by == "khan" { "A" } else { "a1" };
        assert_eq!(cells[&vec![place]].0, None, "{by}");
    }
    // As two levels the second cannot say where the first counted nobody; it may not tell 223 all the same.
    if let Ok(second) = release(&text(53), "khan>sangkat", &[first]) {
        assert_eq!(cells(&second)[&vec!["total", "total"]].0, None);
    }
}

/// Whoever leaves the rows of sums out of a file leaves out what could be compared.
#[test]
fn a_release_without_its_sums_is_not_whole() {
    let text = |b1: u64| format!("khan,sangkat,kind,n\nA,a1,x,50\nA,a2,y,60\nB,b1,x,{b1}\nB,b2,y,70\n");
    let first = published(&release(&text(64), "khan>sangkat,kind", &[]).expect("a release"));
    for column in ["khan", "sangkat", "kind"] {
        let mut without = first.clone();
        without.cells.retain(|cell| cell.labels[column] != "total");
        let error = release(&text(67), "khan>sangkat,kind", &[without]).expect_err("not whole");
        assert!(
            error.to_string().contains("it has no cell for"),
            "{column}: {error}"
        );
    }
}
