//! Text encodings. A Shapefile's DBF rarely says its own, and Khmer read in a wrong one is lost for good.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::{LayersError, Result};

/// Encodings that a caller may name, and how GDAL calls them.
fn canonical(name: &str) -> Result<String> {
    let key: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_uppercase();
    let known = match key.as_str() {
        "UTF8" => "UTF-8".to_owned(),
        "LATIN1" | "ISO88591" => "ISO-8859-1".to_owned(),
        "WINDOWS1252" | "CP1252" | "ANSI" => "CP1252".to_owned(),
        other if other.starts_with("CP") && other[2..].bytes().all(|b| b.is_ascii_digit()) => {
            other.to_owned()
        }
        other if other.starts_with("WINDOWS") => format!("CP{}", &other[7..]),
        other if other.starts_with("ISO8859") && other.len() > 7 => format!("ISO-8859-{}", &other[7..]),
        _ => {
            return Err(LayersError::Usage(format!(
                "'{name}' is no encoding known here; use UTF-8, CP1252, ISO-8859-1 or another CPnnn."
            )));
        }
    };
    Ok(known)
}

/// Open options for GDAL that make it read a file's text rightly.
pub(super) fn open_options(
    path: &Path,
    inner: &Path,
    asked: Option<&str>,
    notes: &mut Vec<String>,
) -> Result<Vec<String>> {
    let shapefile = inner
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("shp") || e.eq_ignore_ascii_case("dbf"));
    let csv = is_csv(inner);
    match (asked, shapefile) {
        (Some(name), true) => Ok(vec![format!("ENCODING={}", canonical(name)?)]),
        (Some(name), false) if csv => canonical(name).map(|_| headers()),
        (Some(_), false) => Err(LayersError::Usage(format!(
            "--encoding is for Shapefiles and CSV; {} says its own.",
            crate::error::base_name(path)
        ))),
        (None, true) if !states_encoding(inner) => {
            let dbf = dbf_of(inner);
            let guess = match dbf.as_deref().map(looks_like) {
                Some(Ok(Text::Ascii)) | None => return Ok(Vec::new()),
                Some(Ok(Text::Utf8)) => "UTF-8",
                Some(Ok(Text::Other)) => "CP1252",
                Some(Err(e)) => return Err(LayersError::io(path, "reading", e)),
            };
            notes.push(format!(
                "The file does not say how its text is encoded; it was read as {guess}. If names look wrong, give --encoding."
            ));
            Ok(vec![format!("ENCODING={guess}")])
        }
        (None, _) if csv => Ok(headers()),
        (None, _) => Ok(Vec::new()),
    }
}

/// The first row of a table is its header, even if a year stands in it: left to guess, GDAL takes such a row for data.
fn headers() -> Vec<String> {
    vec!["HEADERS=YES".to_owned()]
}

pub(super) fn is_csv(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("csv") || e.eq_ignore_ascii_case("tsv"))
}

/// GDAL takes every CSV for UTF-8: one in another encoding is first written anew.
pub(super) fn recoded(
    path: &Path,
    inner: &Path,
    asked: Option<&str>,
    work: &Path,
    notes: &mut Vec<String>,
) -> Result<PathBuf> {
    if !is_csv(inner) {
        return Ok(inner.to_owned());
    }
    let io = |e| LayersError::io(path, "reading", e);
    if let Some(order) = utf16(inner).map_err(io)? {
        return from_utf16(path, inner, order, work);
    }
    let encoding = match asked {
        Some(name) => canonical(name)?,
        None if looks_like(inner).map_err(io)? == Text::Other => {
            notes.push(
                "The file's text is not UTF-8; it was read as CP1252. If names look wrong, give --encoding."
                    .to_owned(),
            );
            "CP1252".to_owned()
        }
        None => "UTF-8".to_owned(),
    };
    match encoding.as_str() {
        "UTF-8" => return Ok(inner.to_owned()),
        "CP1252" | "ISO-8859-1" => {}
        _ => {
            return Err(LayersError::Usage(
                "A CSV can be read as UTF-8, CP1252 or ISO-8859-1; convert it first.".into(),
            ));
        }
    }
    let write = |e| LayersError::io(work, "writing to", e);
    let (target, mut out) = written_anew(inner, work)?;
    for byte in BufReader::new(File::open(inner).map_err(io)?).bytes() {
        let mut utf8 = [0; 4];
        let c = if encoding == "CP1252" {
            cp1252(byte.map_err(io)?)
        } else {
            char::from(byte.map_err(io)?)
        };
        out.write_all(c.encode_utf8(&mut utf8).as_bytes())
            .map_err(write)?;
    }
    out.flush().map_err(write)?;
    Ok(target)
}

/// A file in `work` of the same name, to be filled.
fn written_anew(inner: &Path, work: &Path) -> Result<(PathBuf, std::io::BufWriter<File>)> {
    let write = |e| LayersError::io(work, "writing to", e);
    let into = tempfile::tempdir_in(work).map_err(write)?.keep();
    let target = into.join(inner.file_name().unwrap_or_default());
    let file = File::create_new(&target).map_err(write)?;
    Ok((target, std::io::BufWriter::new(file)))
}

/// How two bytes make a number.
type ByteOrder = fn([u8; 2]) -> u16;

/// Whether a file begins with the mark of UTF-16, which spreadsheets call "Unicode text".
fn utf16(path: &Path) -> std::io::Result<Option<ByteOrder>> {
    let mut mark = [0; 2];
    let read = File::open(path)?.read(&mut mark)?;
    Ok(match mark {
        _ if read < 2 => None,
        [0xff, 0xfe] => Some(u16::from_le_bytes),
        [0xfe, 0xff] => Some(u16::from_be_bytes),
        _ => None,
    })
}

fn from_utf16(path: &Path, inner: &Path, order: ByteOrder, work: &Path) -> Result<PathBuf> {
    let write = |e| LayersError::io(work, "writing to", e);
    let (target, mut out) = written_anew(inner, work)?;
    let mut reader = BufReader::new(File::open(inner).map_err(|e| LayersError::io(path, "reading", e))?);
    let mut failed = None;
    let units = std::iter::from_fn(|| {
        let mut pair = [0; 2];
        match reader.read_exact(&mut pair) {
            Ok(()) => Some(order(pair)),
            Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => None,
            Err(e) => {
                failed = Some(e);
                None
            }
        }
    });
    for c in char::decode_utf16(units).skip(1) {
        let c = c.map_err(|_| {
            LayersError::unreadable(path, "its text is broken UTF-16: save it again as UTF-8")
        })?;
        out.write_all(c.encode_utf8(&mut [0; 4]).as_bytes())
            .map_err(write)?;
    }
    if let Some(e) = failed {
        return Err(LayersError::io(path, "reading", e));
    }
    out.flush().map_err(write)?;
    Ok(target)
}

/// Windows-1252: Latin-1 but for the 32 places from 0x80.
fn cp1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

/// What a file's bytes look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Text {
    Ascii,
    Utf8,
    Other,
}

/// Looks at the bytes beyond ASCII. Fields of a DBF are cut at a width in bytes, so a few broken characters are no proof against UTF-8.
fn looks_like(path: &Path) -> std::io::Result<Text> {
    let mut reader = BufReader::new(File::open(path)?);
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("dbf")) {
        let mut header = [0; 10];
        reader.read_exact(&mut header)?;
        let length = i64::from(u16::from_le_bytes([header[8], header[9]]));
        reader.seek_relative(length - 10)?;
    }
    let (mut whole, mut broken, mut awaited) = (0_u64, 0_u64, 0_u8);
    for byte in reader.bytes() {
        let byte = byte?;
        if awaited > 0 {
            if (0x80..0xc0).contains(&byte) {
                awaited -= 1;
                whole += u64::from(awaited == 0);
                continue;
            }
            broken += 1;
        }
        awaited = match byte {
            0xc2..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf4 => 3,
            _ => 0,
        };
        broken += u64::from(byte >= 0x80 && awaited == 0);
    }
    Ok(match (whole, broken + u64::from(awaited > 0)) {
        (0, 0) => Text::Ascii,
        (whole, broken) if whole > broken * 4 => Text::Utf8,
        _ => Text::Other,
    })
}

fn dbf_of(shp: &Path) -> Option<PathBuf> {
    beside(shp, ["dbf", "DBF", "Dbf"])
}

fn beside(file: &Path, extensions: [&str; 3]) -> Option<PathBuf> {
    extensions
        .iter()
        .map(|extension| file.with_extension(extension))
        .find(|path| path.is_file())
}

/// A Shapefile is several files. Without its index it cannot be read; without its table it has shapes and nothing else, which is said.
pub(super) fn check_parts(path: &Path, inner: &Path, notes: &mut Vec<String>) -> Result<()> {
    if !inner.extension().is_some_and(|e| e.eq_ignore_ascii_case("shp")) {
        return Ok(());
    }
    if beside(inner, ["shx", "SHX", "Shx"]).is_none() {
        return Err(LayersError::unreadable(
            path,
            "its .shx is missing: a Shapefile is several files of one name (.shp, .shx, .dbf, .prj), which belong together, best in one ZIP",
        ));
    }
    if dbf_of(inner).is_none() {
        notes.push(
            "The file has no .dbf beside it, where its attributes would be: it has shapes and nothing else. A Shapefile is several files of one name (.shp, .shx, .dbf, .prj), which belong together, best in one ZIP."
                .to_owned(),
        );
    }
    Ok(())
}

/// Whether a Shapefile says its encoding: a `.cpg` beside it, or a language byte in its DBF that means something.
fn states_encoding(shp: &Path) -> bool {
    if ["cpg", "CPG", "cst"]
        .iter()
        .any(|e| shp.with_extension(e).is_file())
    {
        return true;
    }
    let Some(dbf) = dbf_of(shp) else { return true };
    let mut header = [0; 30];
    let read = File::open(dbf).and_then(|mut file| file.read_exact(&mut header));
    // 0 is "not said"; 0x57 is "whatever this machine uses", which most programs write without thinking.
    read.is_ok() && !matches!(header[29], 0 | 0x57)
}
