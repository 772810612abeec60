//! See `fuzz/src/payload.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| campana_fuzz::payload::holds(bytes));
