//! Ranked sites as a table for people: what they look for first, in their words, with units in the header; the weights beside it. What programs
//! need is in the other formats.

use std::io::Write;
use std::path::Path;

use phteah_layers::export::spreadsheet::cell;
use phteah_layers::{Catalogue, LayersError, Unfinished};
use phteah_planning::decision::{RankedCriterion, Row, RowCriterion, RowStatus};
use phteah_planning::matrix::Unknown;
use phteah_planning::measure::{Tenure, Unit};
use phteah_planning::text::Text;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use super::RankedSites;
use super::files::made_at;

/// The language of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Khmer.
    Km,
}

impl Language {
    /// By its code.
    pub fn of(code: &str) -> Option<Self> {
        match code {
            "en" => Some(Self::En),
            "km" => Some(Self::Km),
            _ => None,
        }
    }

    fn of_two<'a>(self, en: &'a str, km: &'a str) -> &'a str {
        match self {
            Self::En => en,
            Self::Km => km,
        }
    }

    fn of_text(self, text: &Text) -> &str {
        self.of_two(&text.en, &text.km)
    }
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Empty,
    Text(String),
    /// A number and the decimals that it is shown with.
    Number(f64, usize),
}

impl Cell {
    fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }
}

/// Decimals of a score out of 100, of degrees (a metre), and of measures.
const SCORE: usize = 1;
const DEGREES: usize = 5;
const MEASURE: usize = 2;

/// Columns that stay in sight while one scrolls: rank and name.
const FROZEN: u16 = 2;

fn header(ranked: &RankedSites, language: Language) -> Vec<String> {
    let mut header: Vec<String> = [
        ("Rank", "ចំណាត់ថ្នាក់"),
        ("Site", "ទីតាំង"),
        ("Khan", "ខណ្ឌ"),
        ("Sangkat", "សង្កាត់"),
        ("Score (0–100)", "ពិន្ទុ (0–100)"),
        ("Lowest score (0–100)", "ពិន្ទុទាបបំផុត (0–100)"),
        ("Highest score (0–100)", "ពិន្ទុខ្ពស់បំផុត (0–100)"),
        ("Latitude (°)", "រយៈទទឹង (°)"),
        ("Longitude (°)", "រយៈបណ្តោយ (°)"),
        ("Area (m²)", "ផ្ទៃដី (m²)"),
        ("Room (households)", "ចំនួនគ្រួសារ"),
        ("Tenure", "ការកាន់កាប់ដីធ្លី"),
    ]
    .map(|(en, km)| language.of_two(en, km).to_owned())
    .into();
    for criterion in &ranked.ranking.criteria {
        let label = language.of_text(&criterion.label);
        let unit = match criterion.measure.unit() {
            Unit::Ratio => ranked
                .measured
                .units
                .get(&criterion.measure.id())
                .map_or("", String::as_str),
            unit => unit_of(unit, language),
        };
        header.push(if unit.is_empty() {
            label.to_owned()
        } else {
            format!("{label} ({unit})")
        });
    }
    let last = [("Not ranked because", "មូលហេតុដែលមិនរាប់បញ្ចូល"), ("Id", "លេខកូដ")];
    header.extend(last.map(|(en, km)| language.of_two(en, km).to_owned()));
    header
}

fn row_of(ranked: &RankedSites, row: &Row, language: Language) -> Vec<Cell> {
    let index = row.index as usize;
    let site = ranked.site(index);
    let (longitude, latitude) = ranked.position(index);
    let division = |division: Option<&phteah_layers::measures::DivisionName>| {
        division.map_or(Cell::Empty, |division| {
            Cell::text(language.of_two(&division.name.en, &division.name.km))
        })
    };
    let score = |score: f64| Cell::Number(score * 100.0, SCORE);
    let reasons: Vec<&str> = row
        .excluded
        .iter()
        .map(|excluded| language.of_text(&excluded.text))
        .collect();
    let mut cells = vec![
        row.rank
            .map_or(Cell::Empty, |rank| Cell::Number(f64::from(rank), 0)),
        Cell::text(language.of_text(&ranked.name(index))),
        division(site.place.khan.as_ref()),
        division(site.place.sangkat.as_ref()),
        row.score.map_or(Cell::Empty, score),
        score(row.lowest),
        score(row.highest),
        Cell::Number(latitude, DEGREES),
        Cell::Number(longitude, DEGREES),
        Cell::Number(site.area_m2, 0),
        Cell::Number(f64::from(site.capacity), 0),
        Cell::text(language.of_text(&site.tenure.label())),
    ];
    cells.extend(row.criteria.iter().map(|criterion| measured(criterion, language)));
    cells.push(match row.status {
        RowStatus::Excluded => Cell::text(reasons.join("; ")),
        _ if row.too_little_known => Cell::text(find_out(ranked, row, language)),
        RowStatus::Ranked => Cell::Empty,
        RowStatus::ExclusionUnknown => Cell::text(reasons.join("; ")),
    });
    cells.push(Cell::text(row.id.as_str()));
    cells
}

/// Why a site has no rank of which too little is known, and what would give it one.
fn find_out(ranked: &RankedSites, row: &Row, language: Language) -> String {
    let what: Vec<&str> = ranked
        .ranking
        .find_out(row.index as usize)
        .into_iter()
        .map(|criterion| language.of_text(&criterion.label))
        .collect();
    let share = plain(row.unknown_share * 100.0, 0);
    language
        .of_two(
            "Too little known ({share} % of the weight is unknown). Find out: {what}",
            "មិនទាន់ដឹងគ្រប់គ្រាន់ ({share} % នៃទម្ងន់មិនទាន់ដឹង)។ ត្រូវស្វែងយល់៖ {what}",
        )
        .replace("{share}", &share)
        .replace("{what}", &what.join(", "))
}

/// A measure as people write it. What is not known is no number, and least of all zero.
fn measured(criterion: &RowCriterion, language: Language) -> Cell {
    if let Some(category) = &criterion.category {
        return match Tenure::from_name(category) {
            Some(tenure) => Cell::text(language.of_text(&tenure.label())),
            None => Cell::text(category.as_str()),
        };
    }
    let scale = if criterion.unit == Unit::Share { 100.0 } else { 1.0 };
    match (criterion.raw, criterion.low, criterion.high) {
        (Some(raw), ..) => Cell::Number(raw * scale, MEASURE),
        (None, Some(low), Some(high)) => Cell::Text(format!(
            "{}–{}",
            plain(low * scale, MEASURE),
            plain(high * scale, MEASURE)
        )),
        _ => Cell::text(match criterion.unknown {
            Some(Unknown::Unreachable) => language.of_two("cannot be reached", "មិនអាចទៅដល់"),
            Some(Unknown::OffNetwork) => language.of_two("too far from a road", "ឆ្ងាយពេកពីផ្លូវ"),
            _ => language.of_two("not known", "មិនទាន់ដឹង"),
        }),
    }
}

fn unit_of(unit: Unit, language: Language) -> &'static str {
    match unit {
        Unit::Share => "%",
        Unit::Minute => language.of_two("minutes", "នាទី"),
        Unit::Households => language.of_two("households", "គ្រួសារ"),
        Unit::Services => language.of_two("services", "សេវា"),
        Unit::Ratio | Unit::Category => "",
        other => other.symbol(),
    }
}

/// A number with at most so many decimals, none of them a zero at the end.
fn plain(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

fn weights(ranked: &RankedSites, language: Language) -> Vec<Vec<Cell>> {
    let title = |en: &str, km: &str| Cell::text(language.of_two(en, km));
    let mut rows = vec![vec![
        title("Criterion", "លក្ខណៈវិនិច្ឆ័យ"),
        title("Weight (%)", "ទម្ងន់ (%)"),
        title("What is measured", "អ្វីដែលវាស់"),
        title("Points", "ពិន្ទុ"),
        title("Id", "លេខកូដ"),
    ]];
    rows.extend(ranked.ranking.criteria.iter().map(|criterion: &RankedCriterion| {
        vec![
            Cell::text(language.of_text(&criterion.label)),
            Cell::Number(criterion.weight * 100.0, SCORE),
            Cell::text(language.of_text(&criterion.measure.label())),
            Cell::text(language.of_text(&criterion.in_words)),
            Cell::text(criterion.id.as_str()),
        ]
    }));
    rows
}

/// What the file says of itself.
fn about(ranked: &RankedSites, language: Language) -> Vec<(String, String)> {
    let pair = |en: &str, km: &str, value: &str| (language.of_two(en, km).to_owned(), value.to_owned());
    let mut about = Vec::new();
    if ranked.illustrative() {
        about.push(pair(
            "Note",
            "កំណត់សម្គាល់",
            language.of_two(
                "Illustrative data, not real.",
                "ទិន្នន័យឧទាហរណ៍ មិនមែនទីកន្លែងពិតទេ។ (illustrative)",
            ),
        ));
    }
    about.push(pair(
        "Scenario",
        "សេណារីយ៉ូ",
        language.of_text(&ranked.scenario.title),
    ));
    about.push(pair("Method", "វិធីសាស្ត្រ", &ranked.ranking.method.to_string()));
    about.push(pair(
        "What is not known counts",
        "អ្វីដែលមិនទាន់ដឹងរាប់",
        &ranked.scenario.order.rule.to_string(),
    ));
    about.push(pair("Ranking", "ចំណាត់ថ្នាក់", &ranked.id));
    about.push(pair("Licence", "អាជ្ញាប័ណ្ណ", &ranked.licences()));
    about.push(pair("Attribution", "ការបញ្ជាក់ប្រភព", &ranked.attributions()));
    about.extend(
        ranked
            .warnings()
            .map(|warning| pair("To know", "ការព្រមាន", &warning.message)),
    );
    about.retain(|(_, value)| !value.is_empty());
    about
}

/// Writes the table as CSV. What a workbook has in its last sheet stands in columns at the end.
pub fn write_csv(
    ranked: &RankedSites,
    rows: &[u32],
    out: &mut dyn Write,
    language: Language,
) -> std::io::Result<()> {
    // Without this mark the most used spreadsheet program reads Khmer as noise.
    out.write_all("\u{feff}".as_bytes())?;
    let said: Vec<(String, String)> = about(ranked, language)
        .into_iter()
        .filter(|(key, _)| key != language.of_two("To know", "ការព្រមាន"))
        .collect();
    let mut titles = header(ranked, language);
    titles.extend(said.iter().map(|(key, _)| key.clone()));
    write_line(out, titles.iter().map(|title| cell(title)))?;
    for &row in rows {
        let cells = row_of(ranked, &ranked.ranking.row(row as usize), language);
        let texts = cells.iter().map(|value| match value {
            Cell::Empty => "".into(),
            Cell::Text(text) => cell(text),
            Cell::Number(number, decimals) => plain(*number, *decimals).into(),
        });
        write_line(out, texts.chain(said.iter().map(|(_, value)| cell(value))))?;
    }
    Ok(())
}

fn write_line<'a>(
    out: &mut dyn Write,
    cells: impl Iterator<Item = std::borrow::Cow<'a, str>>,
) -> std::io::Result<()> {
    for (i, text) in cells.enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        if text.contains(['"', ',', '\n', '\r']) {
            write!(out, "\"{}\"", text.replace('"', "\"\""))?;
        } else {
            out.write_all(text.as_bytes())?;
        }
    }
    out.write_all(b"\r\n")
}

/// Writes a workbook: sites, weights, about.
pub fn write_xlsx(
    ranked: &RankedSites,
    rows: &[u32],
    catalogue: &Catalogue,
    path: &Path,
    language: Language,
) -> Result<(), LayersError> {
    let unfinished = Unfinished::beside(path)?;
    workbook(ranked, rows, catalogue, unfinished.dir(), language)
        .and_then(|mut book| book.save(unfinished.path()))
        .map_err(|e| LayersError::io(path, "writing", std::io::Error::other(e)))?;
    unfinished.publish()
}

fn workbook(
    ranked: &RankedSites,
    rows: &[u32],
    catalogue: &Catalogue,
    dir: &Path,
    language: Language,
) -> Result<Workbook, XlsxError> {
    let bold = Format::new().set_bold().set_text_wrap();
    let numbers: Vec<Format> = ["#,##0", "0.0", "0.00", "0.000", "0.0000", "0.00000"]
        .iter()
        .map(|form| Format::new().set_num_format(*form))
        .collect();
    let mut book = Workbook::new();
    book.set_tempdir(dir)?;
    // The same ranking gives the same bytes.
    let made = made_at(ranked, catalogue).to_zoned(jiff::tz::TimeZone::UTC);
    if made.year() >= 1900 {
        let day = ExcelDateTime::from_ymd(
            made.year().unsigned_abs(),
            made.month().unsigned_abs(),
            made.day().unsigned_abs(),
        )?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&day));
    }
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(language.of_two("Sites", "ទីតាំង"))?;
    sheet.set_freeze_panes(1, FROZEN)?;
    let titles = header(ranked, language);
    for (column, title) in (0..).zip(&titles) {
        sheet.set_column_width(column, if column == 1 { 26.0 } else { 14.0 })?;
        sheet.write_string_with_format(0, column, title, &bold)?;
    }
    for (at, &row) in (1..).zip(rows) {
        let cells = row_of(ranked, &ranked.ranking.row(row as usize), language);
        for (column, value) in (0..).zip(cells) {
            match value {
                Cell::Empty => {}
                Cell::Text(text) => {
                    sheet.write_string(at, column, text)?;
                }
                Cell::Number(number, decimals) => {
                    sheet.write_number_with_format(at, column, number, &numbers[decimals])?;
                }
            }
        }
    }
    let sheet = book.add_worksheet();
    sheet.set_name(language.of_two("Weights", "ទម្ងន់"))?;
    for (at, cells) in (0..).zip(weights(ranked, language)) {
        for (column, value) in (0..).zip(cells) {
            match value {
                Cell::Empty => {}
                Cell::Text(text) if at == 0 => {
                    sheet.set_column_width(column, if column == 1 { 12.0 } else { 40.0 })?;
                    sheet.write_string_with_format(at, column, text, &bold)?;
                }
                Cell::Text(text) => {
                    sheet.write_string(at, column, text)?;
                }
                Cell::Number(number, decimals) => {
                    sheet.write_number_with_format(at, column, number, &numbers[decimals])?;
                }
            }
        }
    }
    let sheet = book.add_worksheet();
    sheet.set_name(language.of_two("About", "ព័ត៌មានលម្អិត"))?;
    sheet.set_column_width(0, 18.0)?;
    sheet.set_column_width(1, 100.0)?;
    for (at, (key, value)) in (0..).zip(about(ranked, language)) {
        sheet.write_string_with_format(at, 0, key, &bold)?;
        sheet.write_string(at, 1, value)?;
    }
    Ok(book)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_more_digits_than_they_need() {
        for (number, decimals, expected) in [
            (0.0, 2, "0"),
            (-0.001, 2, "0"),
            (100.0, 0, "100"),
            (12.5, 2, "12.5"),
            (104.912_345_6, 5, "104.91235"),
        ] {
            assert_eq!(plain(number, decimals), expected);
        }
    }

    #[test]
    fn what_is_not_known_is_said() {
        let mut criterion = RowCriterion {
            id: "c".into(),
            raw: None,
            category: None,
            unit: Unit::Share,
            unknown: Some(Unknown::NoData),
            low: None,
            high: None,
            value: None,
            contribution: None,
            reached_share: None,
            coarse: false,
        };
        assert_eq!(measured(&criterion, Language::En), Cell::text("not known"));
        criterion.low = Some(0.1);
        criterion.high = Some(0.25);
        assert_eq!(measured(&criterion, Language::En), Cell::text("10–25"));
        criterion.raw = Some(0.5);
        assert_eq!(measured(&criterion, Language::En), Cell::Number(50.0, MEASURE));
    }
}
