//! See `fuzz/src/markdown.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| campana_fuzz::markdown::holds(bytes));
