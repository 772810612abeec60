//! See `fuzz/src/configuration.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| campana_fuzz::configuration::holds(bytes));
