//! See `fuzz/src/duplicate.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| campana_fuzz::duplicate::holds(bytes));
