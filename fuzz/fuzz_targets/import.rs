//! Any table with any mapping: reading ends, and what becomes an event is one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use phteah_registry::event::Event;
use phteah_registry::import::{Book, Mapping, Sheet, read, suggest};

fn derive(parts: &[&[u8]]) -> [u8; 32] {
    let mut out = [7; 32];
    for (i, byte) in parts.iter().flat_map(|part| part.iter()).enumerate() {
        out[i % 32] = out[i % 32].rotate_left(3) ^ byte;
    }
    out
}

fuzz_target!(|input: (String, Vec<u8>, Vec<u8>)| {
    let (mapping, first, second) = input;
    let now = "2026-11-20T03:10:00Z".parse().expect("a time");
    let mut mistakes = Vec::new();
    let mut book = Book::default();
    for (name, bytes) in [("main", &first), ("members", &second)] {
        book.sheets.extend(Sheet::of_csv(name, name, bytes, &mut mistakes));
        book.sheets.extend(Sheet::of_geojson(name, name, bytes, &mut mistakes));
    }
    let guess = suggest(&book, &mapping);
    for text in [mapping, guess] {
        let Ok(mapping) = toml::from_str::<Mapping>(&text) else { continue };
        for record in read(&book, &mapping, &derive, now).records {
            if let Ok(draft) = record.draft {
                let event = draft.event(&[], &derive).expect("a record that was called good");
                assert_eq!(Event::read(event.canonical().as_bytes()).as_ref(), Ok(&event));
            }
        }
    }
});
