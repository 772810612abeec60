//! See `fuzz/src/condition.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| campana_fuzz::condition::holds(bytes));
