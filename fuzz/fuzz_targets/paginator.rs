//! See `fuzz/src/paginator.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| campana_fuzz::paginator::holds(bytes));
