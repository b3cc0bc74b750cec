//! One layer on the page.

use std::sync::LazyLock;

use phteah_layers::export::{LONGEST_FIELD_NAME, short_names};
use phteah_layers::{FieldType, Role};
use phteah_registry::indicators::IndicatorSet;

use super::codes;
use super::meanings::in_language;
use super::sizes::Sizes;
use super::words::Words;
use crate::partner::data::source::VisibleLayer;
use crate::partner::formats::Format;
use crate::partner::web::escaped;
use crate::tiles::layer::zooms;

/// What there is to say of a layer; on its own page its title is the page's.
pub fn article(layer: &VisibleLayer, sizes: &Sizes, words: &Words, alone: bool) -> String {
    let about = layer.about();
    let name = layer.name();
    let level = if alone { "h1" } else { "h2" };
    let or_none = |text: &str| {
        if text.is_empty() {
            words.not_stated.to_owned()
        } else {
            escaped(text)
        }
    };
    let mut facts = vec![
        (words.source, or_none(&about.source)),
        (words.licence, or_none(&about.licence)),
        (words.attribution, or_none(words.credit(&about.attribution))),
        (words.imported, about.imported_at.strftime("%Y-%m-%d").to_string()),
    ];
    if let Some(n) = about.features {
        facts.push((words.features, grouped(n)));
    }
    facts.push((
        words.version,
        format!(
            "<code>{}</code>",
            escaped(about.hash.get(..12).unwrap_or(&about.hash))
        ),
    ));
    if let Some(record) = &about.record {
        facts.push((words.record, format!("<code>{}</code>", escaped(record))));
    }
    let facts: String = facts
        .iter()
        .map(|(key, value)| format!("<dt>{key}</dt><dd>{value}</dd>"))
        .collect();
    let note = if about.illustrative {
        format!("<p class=\"note\">{}</p>", words.illustrative)
    } else {
        String::new()
    };
    if !layer.is_usable() {
        return format!(
            "<article id=\"{name}\"><{level}><a href=\"/data/{name}\">{}</a></{level}>{note}<p class=\"note\" role=\"alert\">{}</p><dl>{facts}</dl></article>",
            heading(layer, words),
            words.unusable,
        );
    }
    let changes = if layer.is_vector() {
        format!(
            "<p><a href=\"#connect\">{}</a> · <a href=\"/data/{name}/changes?f=html&amp;lang={}\">{}</a> · <a href=\"/data/{name}/tiles.json\">TileJSON</a> · <a href=\"/ogc/collections/{name}?f=html\">OGC API</a></p>",
            words.connect, words.code_of_language, words.changes
        )
    } else {
        format!("<p><a href=\"/data/{name}/tiles.json\">TileJSON</a></p>")
    };
    format!(
        "<article id=\"{name}\"><{level}><a href=\"/data/{name}?lang={}\">{}</a></{level}>{note}<div class=\"split\">{}<dl>{facts}</dl></div>\
         <p class=\"files\">{}</p>{changes}{}</article>",
        words.code_of_language,
        heading(layer, words),
        picture(layer, words),
        downloads(layer, sizes, words),
        fields(layer, words, alone),
    )
}

/// The title; in Khmer what the layer is used for goes before it, as titles come in English from most sources.
pub fn heading(layer: &VisibleLayer, words: &Words) -> String {
    // The note below says it for the whole layer.
    let title = &layer.about().title;
    let title = escaped(title.strip_suffix(" (illustrative data)").unwrap_or(title));
    match (words.role)(layer.about().role) {
        Some(role) => match table_in_khmer(layer) {
            Some(table) => format!("{role}៖ {table} <small>{title}</small>"),
            None => format!("{role} <small>{title}</small>"),
        },
        None => title,
    }
}

/// What a table about families that comes with the program is called in Khmer.
fn table_in_khmer(layer: &VisibleLayer) -> Option<&'static str> {
    static BUILT_IN: LazyLock<IndicatorSet> = LazyLock::new(|| IndicatorSet::built_in().unwrap_or_default());
    let is_table = layer.about().role == Role::ReleasedTable;
    let found = is_table.then(|| BUILT_IN.get(layer.name()))?;
    found.map(|indicator| indicator.title.km.as_str())
}

fn picture(layer: &VisibleLayer, words: &Words) -> String {
    let alt = escaped(&format!("{}: {}", words.map_of, layer.about().title));
    if layer.is_vector() {
        let name = layer.name();
        format!(
            "<img src=\"/data/{name}/map.svg\" width=\"320\" height=\"220\" loading=\"lazy\" alt=\"{alt}\">"
        )
    } else {
        mosaic(layer, &alt)
    }
}

/// A raster as a few of its tiles, the layer in the middle of a window of 320 × 220 pixels.
fn mosaic(layer: &VisibleLayer, alt: &str) -> String {
    const SIZE: (f64, f64) = (320.0, 220.0);
    const TILE: f64 = 256.0;
    let [w, s, e, n] = layer.about().bounds;
    let across = |lon: f64| lon / 360.0 + 0.5;
    let down = |lat: f64| 0.5 - lat.clamp(-85.0, 85.0).to_radians().tan().asinh() / std::f64::consts::TAU;
    let (left, right, top, bottom) = (across(w), across(e), down(n), down(s));
    let fits = |zoom: i32| {
        let world = TILE * f64::from(zoom).exp2();
        (right - left) * world <= SIZE.0 && (bottom - top) * world <= SIZE.1
    };
    let zoom = (0..=i32::from(zooms(layer.about()).max))
        .rev()
        .find(|&zoom| fits(zoom))
        .unwrap_or(0);
    let tiles = f64::from(zoom).exp2();
    // Where the window begins, in pixels from the world's north-west.
    let corner = (
        f64::midpoint(left, right) * tiles * TILE - SIZE.0 / 2.0,
        f64::midpoint(top, bottom) * tiles * TILE - SIZE.1 / 2.0,
    );
    let range = |from: f64, to: f64| ((from * tiles).floor() as u32)..=((to * tiles).floor() as u32);
    let mut images = String::new();
    for x in range(left, right) {
        for y in range(top, bottom) {
            let place = (f64::from(x) * TILE - corner.0, f64::from(y) * TILE - corner.1);
            images.push_str(&format!(
                "<img src=\"/data/{}/tiles/{zoom}/{x}/{y}\" alt=\"\" loading=\"lazy\" style=\"left:{:.0}px;top:{:.0}px\">",
                layer.name(),
                place.0,
                place.1
            ));
        }
    }
    format!("<div class=\"mosaic\" role=\"img\" aria-label=\"{alt}\">{images}</div>")
}

fn downloads(layer: &VisibleLayer, sizes: &Sizes, words: &Words) -> String {
    let button = |format: &Format| {
        let size =
            sizes
                .iter()
                .find(|(of, ..)| of == format)
                .map_or_else(String::new, |(_, bytes, exact)| {
                    let about = if *exact {
                        String::new()
                    } else {
                        format!("{} ", words.about_size)
                    };
                    format!(" <small>{about}{}</small>", readable(*bytes))
                });
        format!(
            "<a class=\"button\" href=\"/data/{name}.{extension}\" download aria-label=\"{download} {name} {format_name}\">{format_name}{size}</a>",
            name = layer.name(),
            extension = format.extension(),
            download = words.download,
            format_name = format.name(),
        )
    };
    let buttons: Vec<String> = layer.formats().map(|format| button(&format)).collect();
    format!("<span>{}</span> {}", words.download, buttons.join(" "))
}

fn fields(layer: &VisibleLayer, words: &Words, open: bool) -> String {
    if !layer.is_vector() {
        return String::new();
    }
    let mut rows = format!(
        "<tr><td><code>id</code></td><td>{}</td><td></td><td>{}</td></tr>",
        words.text, words.identifier
    );
    for field in layer.fields() {
        let kind = match field.kind {
            FieldType::Text => words.text,
            FieldType::Number => words.number,
            FieldType::Integer => words.integer,
            FieldType::Boolean => words.boolean,
            FieldType::Date => words.date,
        };
        rows.push_str(&format!(
            "<tr><td><code>{}</code></td><td>{kind}</td><td>{}</td><td>{}</td></tr>",
            escaped(&field.name),
            escaped(in_language(words, field.unit.as_deref().unwrap_or_default())),
            escaped(in_language(words, field.meaning.as_deref().unwrap_or_default())),
        ));
    }
    let open = if open { " open" } else { "" };
    format!(
        "<details{open}><summary>{}</summary><div class=\"wide\"><table><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr>{rows}</table></div>{}</details>{}",
        words.fields,
        words.field,
        words.kind,
        words.unit,
        words.meaning,
        notes(layer, words),
        code_lists(layer, words, open),
    )
}

/// What happens to fields and texts in formats that cannot hold them as they are.
fn notes(layer: &VisibleLayer, words: &Words) -> String {
    let names: Vec<&str> = std::iter::once("id")
        .chain(layer.fields().iter().map(|field| field.name.as_str()))
        .collect();
    let cut: String = names
        .iter()
        .zip(short_names(&names))
        .filter(|(name, short)| *name != short || name.len() > LONGEST_FIELD_NAME)
        .map(|(name, short)| {
            format!(
                " <code>{}</code> → <code>{}</code>",
                escaped(name),
                escaped(&short)
            )
        })
        .collect();
    let cut = if cut.is_empty() {
        cut
    } else {
        format!("<p>{}{cut}</p>", words.shapefile_names)
    };
    format!("{cut}<p>{}</p>", words.csv_cells)
}

/// What each code of the fields means.
fn code_lists(layer: &VisibleLayer, words: &Words, open: &str) -> String {
    let mut rows = String::new();
    for field in layer.fields() {
        for (code, meaning) in codes::of(layer.about().role, &field.name, words) {
            rows.push_str(&format!(
                "<tr><td><code>{}</code></td><td><code>{code}</code></td><td>{}</td></tr>",
                escaped(&field.name),
                escaped(meaning),
            ));
        }
    }
    if rows.is_empty() {
        return rows;
    }
    format!(
        "<details{open}><summary>{}</summary><div class=\"wide\"><table><tr><th>{}</th><th>{}</th><th>{}</th></tr>{rows}</table></div></details>",
        words.codes, words.field, words.code, words.meaning
    )
}

pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn readable(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(readable(999), "999 B");
        assert_eq!(readable(1_001), "2 kB");
        assert_eq!(readable(2_550_000), "2.5 MB");
    }
}
