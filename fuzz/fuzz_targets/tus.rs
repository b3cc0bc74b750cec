//! Any headers and address of an upload: a number or a refusal, never more bytes than a file may have.
#![no_main]

use libfuzzer_sys::fuzz_target;
use phteah_server::field::tus;
use phteah_store::registry::FileHash;

fuzz_target!(|input: (String, Vec<u8>, Vec<u8>)| {
    let (name, value, kind) = input;
    if let Some(number) = tus::number(&value) {
        let text = std::str::from_utf8(&value).expect("digits");
        assert!(text.bytes().all(|b| b.is_ascii_digit()));
        assert_eq!(text.parse::<u64>(), Ok(number));
    }
    let _ = tus::is_piece(&kind);
    let _ = tus::is_version(&value);
    if FileHash::read(&name).is_some() {
        assert!(name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit()));
    }
});
