//! Records on their way from one process to the other, many in a frame.

use geo::Geometry;
use jiff::civil::Date;

use crate::open::Raw;
use crate::value::Value;
use crate::wkb::{self, Parsed};

/// Why a frame cannot be understood.
const BROKEN: &str = "the process that reads it gave something that cannot be understood";

/// Writes a record.
pub(super) fn write(raw: &Raw, out: &mut Vec<u8>) {
    out.extend_from_slice(&raw.n.to_le_bytes());
    match &raw.shape {
        Ok(None) => out.push(0),
        Err(why) => {
            out.push(1);
            text(why, out);
        }
        Ok(Some(parsed)) => {
            out.push(2);
            out.push(u8::from(parsed.had_z) | u8::from(parsed.had_curves) << 1);
            out.extend_from_slice(&(parsed.unclosed_rings as u64).to_le_bytes());
            geometry(&parsed.geometry, out);
        }
    }
    out.extend_from_slice(&(raw.row.len() as u32).to_le_bytes());
    for value in &raw.row {
        match value {
            None => out.push(0),
            Some(Value::Text(words)) => {
                out.push(1);
                text(words, out);
            }
            Some(Value::Integer(n)) => {
                out.push(2);
                out.extend_from_slice(&n.to_le_bytes());
            }
            Some(Value::Number(n)) => {
                out.push(3);
                out.extend_from_slice(&n.to_le_bytes());
            }
            Some(Value::Boolean(yes)) => {
                out.push(4);
                out.push(u8::from(*yes));
            }
            Some(Value::Date(day)) => {
                out.push(5);
                out.extend_from_slice(&day.year().to_le_bytes());
                out.extend_from_slice(&[day.month().cast_unsigned(), day.day().cast_unsigned()]);
            }
        }
    }
}

/// Reads the next record; `None` at the end of the frame.
pub(super) fn read(from: &mut &[u8]) -> Result<Option<Raw>, &'static str> {
    if from.is_empty() {
        return Ok(None);
    }
    let n = u64::from_le_bytes(take(from)?);
    let shape = match byte(from)? {
        0 => Ok(None),
        1 => Err(read_text(from)?),
        2 => {
            let flags = byte(from)?;
            let unclosed_rings = u64::from_le_bytes(take(from)?) as usize;
            let geometry = read_geometry(from)?;
            Ok(Some(Parsed {
                geometry,
                had_z: flags & 1 != 0,
                had_curves: flags & 2 != 0,
                unclosed_rings,
            }))
        }
        _ => return Err(BROKEN),
    };
    let columns = u32::from_le_bytes(take(from)?) as usize;
    if columns > from.len() {
        return Err(BROKEN);
    }
    let row = (0..columns).map(|_| read_value(from)).collect::<Result<_, _>>()?;
    Ok(Some(Raw { n, shape, row }))
}

fn read_value(from: &mut &[u8]) -> Result<Option<Value>, &'static str> {
    Ok(Some(match byte(from)? {
        0 => return Ok(None),
        1 => Value::Text(read_text(from)?),
        2 => Value::Integer(i64::from_le_bytes(take(from)?)),
        3 => Value::Number(
            Some(f64::from_le_bytes(take(from)?))
                .filter(|n| n.is_finite())
                .ok_or(BROKEN)?,
        ),
        4 => Value::Boolean(byte(from)? != 0),
        5 => {
            let year = i16::from_le_bytes(take(from)?);
            let [month, day] = take(from)?;
            let date = Date::new(year, month.cast_signed(), day.cast_signed());
            Value::Date(date.map_err(|_| BROKEN)?)
        }
        _ => return Err(BROKEN),
    }))
}

/// The shape of a record that is read for its shape alone.
pub(crate) enum Outline<'a> {
    /// It has none that can be read.
    None,
    /// As well-known binary.
    Wkb(&'a Geometry<f64>),
    /// As a table of a `GeoPackage` stores it.
    Blob(&'a [u8]),
}

/// Writes the id of a record, where it has one, and its shape.
pub(crate) fn write_outline(id: Option<&str>, outline: &Outline<'_>, out: &mut Vec<u8>) {
    match id {
        None => out.push(0),
        Some(id) => {
            out.push(1);
            text(id, out);
        }
    }
    match outline {
        Outline::None => out.push(0),
        Outline::Wkb(shape) => {
            out.push(1);
            geometry(shape, out);
        }
        Outline::Blob(blob) => {
            out.push(2);
            bytes(blob, out);
        }
    }
}

/// An id, where the record has one, and its shape, where that can be read.
pub(super) type Outlined = (Option<String>, Option<Geometry<f64>>);

/// Reads the next one; `None` at the end of the frame.
pub(super) fn read_outline(from: &mut &[u8]) -> Result<Option<Outlined>, &'static str> {
    if from.is_empty() {
        return Ok(None);
    }
    let id = match byte(from)? {
        0 => None,
        1 => Some(read_text(from)?),
        _ => return Err(BROKEN),
    };
    let shape = match byte(from)? {
        0 => None,
        1 => Some(read_geometry(from)?),
        2 => crate::gpkg::decode(read_bytes(from)?).ok(),
        _ => return Err(BROKEN),
    };
    Ok(Some((id, shape)))
}

fn text(words: &str, out: &mut Vec<u8>) {
    bytes(words.as_bytes(), out);
}

fn bytes(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// The length is written when it is known.
fn geometry(geometry: &Geometry<f64>, out: &mut Vec<u8>) {
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    wkb::write(geometry, out);
    let length = (out.len() - at - 4) as u32;
    out[at..at + 4].copy_from_slice(&length.to_le_bytes());
}

fn read_geometry(from: &mut &[u8]) -> Result<Geometry<f64>, &'static str> {
    wkb::parse(read_bytes(from)?).map(|parsed| parsed.geometry)
}

fn take<const N: usize>(from: &mut &[u8]) -> Result<[u8; N], &'static str> {
    let (head, rest) = from.split_first_chunk::<N>().ok_or(BROKEN)?;
    *from = rest;
    Ok(*head)
}

fn byte(from: &mut &[u8]) -> Result<u8, &'static str> {
    take::<1>(from).map(|[byte]| byte)
}

fn read_bytes<'a>(from: &mut &'a [u8]) -> Result<&'a [u8], &'static str> {
    let length = u32::from_le_bytes(take(from)?) as usize;
    let (head, rest) = from.split_at_checked(length).ok_or(BROKEN)?;
    *from = rest;
    Ok(head)
}

fn read_text(from: &mut &[u8]) -> Result<String, &'static str> {
    String::from_utf8(read_bytes(from)?.to_vec()).map_err(|_| BROKEN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::wkt;

    fn records() -> Vec<Raw> {
        let shape = Parsed {
            geometry: wkt!(POLYGON((0. 0., 4. 0., 4. 4., 0. 0.))).into(),
            had_z: true,
            had_curves: false,
            unclosed_rings: 3,
        };
        vec![
            Raw {
                n: 1,
                shape: Ok(Some(shape)),
                row: vec![
                    None,
                    Some("ផ្ទះ".into()),
                    Some(i64::MIN.into()),
                    Some(0.1.into()),
                    Some(true.into()),
                    Some(Date::constant(2024, 2, 29).into()),
                ],
            },
            Raw {
                n: 2,
                shape: Ok(None),
                row: Vec::new(),
            },
            Raw {
                n: u64::MAX,
                shape: Err("why".into()),
                row: vec![Some("".into())],
            },
        ]
    }

    #[test]
    fn records_come_back_as_they_were() {
        let mut bytes = Vec::new();
        let all = records();
        for raw in &all {
            write(raw, &mut bytes);
        }
        let mut from = &bytes[..];
        for raw in &all {
            let back = read(&mut from).unwrap().unwrap();
            assert_eq!((back.n, &back.shape, &back.row), (raw.n, &raw.shape, &raw.row));
        }
        assert!(read(&mut from).unwrap().is_none());
    }

    #[test]
    fn a_frame_that_ends_early_or_lies_is_refused_never_a_panic() {
        let mut bytes = Vec::new();
        for raw in &records() {
            write(raw, &mut bytes);
        }
        for end in 0..bytes.len() {
            let mut from = &bytes[..end];
            while let Ok(Some(_)) = read(&mut from) {}
        }
        for at in 0..bytes.len() {
            for wrong in [0, 7, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] = wrong;
                let mut from = &bytes[..];
                while let Ok(Some(_)) = read(&mut from) {}
                let mut from = &bytes[..];
                while let Ok(Some(_)) = read_outline(&mut from) {}
            }
        }
    }
}
