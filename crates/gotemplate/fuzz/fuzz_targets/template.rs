//! Parses and executes whatever comes: no input may end the process, or break a limit.
//!
//! In `crates/gotemplate`, after `mkdir -p fuzz/corpus`: `cargo +nightly fuzz run template
//! fuzz/corpus fuzz/seeds -- -dict=fuzz/template.dict -max_len=4096 -max_total_time=600
//! -rss_limit_mb=512`.
#![no_main]

use std::sync::{Arc, LazyLock};

use gotemplate::{
    Environment, Functions, Limits, MissingKey, Passed, Templates, Time, Type, Value, sprig,
};
use libfuzzer_sys::fuzz_target;

/// Small enough that an input that uses them up is still quick.
static LIMITS: LazyLock<Limits> = LazyLock::new(|| Limits {
    fuel: 100_000,
    iterations: 10_000,
    output: 64 << 10,
    value: 64 << 10,
    allocation: 1 << 20,
    ..Limits::default()
});

static FUNCTIONS: LazyLock<Arc<Functions>> = LazyLock::new(|| {
    let functions = sprig::table().iter().fold(Functions::new(), |all, one| {
        all.with(std::slice::from_ref(one))
    });
    Arc::new(functions)
});

static DATA: LazyLock<Value> = LazyLock::new(|| {
    let labels = [("alertname", "磁盘满"), ("severity", "critical")];
    Value::dict([
        ("s", Value::from("text, 文本")),
        ("i", Value::int(42)),
        ("f", Value::float(1.5)),
        ("b", Value::from(true)),
        ("n", Value::Nil(Type::Any)),
        ("t", Value::from(Time::default())),
        ("d", Value::duration(90_000_000_000)),
        ("l", Value::list(vec![Value::int(1), Value::from("two"), Value::NIL])),
        ("m", Value::string_map(labels)),
    ])
});

fuzz_target!(|source: &str| {
    let mut templates =
        Templates::new(Arc::clone(&FUNCTIONS), MissingKey::Zero, LIMITS.clone());
    if templates.parse("fuzz", source).is_err() {
        return;
    }
    let _ = templates.check("fuzz", &DATA, &Environment::default(), &Passed::default());
    let mut fuel = LIMITS.fuel;
    let (_, output) =
        templates.execute_partly("fuzz", &DATA, &Environment::default(), &mut fuel);
    assert!(fuel <= LIMITS.fuel);
    // What one text adds may pass the limit, and then the execution ends.
    assert!(output.len() <= LIMITS.output + LIMITS.value.max(source.len()));
});
