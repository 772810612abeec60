//! See `fuzz/src/store.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| campana_fuzz::store::holds(bytes));
