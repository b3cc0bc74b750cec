//! Any bytes as an event: reading ends, what can be read comes out as it went in, and no sentence repeats what stood there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use phteah_registry::check::{faults, marks};
use phteah_registry::event::Event;

fuzz_target!(|bytes: &[u8]| {
    let now = "2026-11-20T03:10:00Z".parse().expect("a time");
    if let Ok(event) = Event::read(bytes) {
        let canonical = event.canonical();
        let again = Event::read(canonical.as_bytes()).expect("what was written can be read");
        assert_eq!(again, event);
        assert_eq!(again.canonical(), canonical);
        let _ = (faults(&event, now), marks(&event, now, None));
    }
});
