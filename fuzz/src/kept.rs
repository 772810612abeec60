//! The seeds of each target and the cases that once failed, as tests on stable Rust.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// A test for each target, which tries all that is kept for it.
macro_rules! targets {
    ($($target:ident)*) => {
        const TARGETS: &[&str] = &[$(stringify!($target)),*];
        $(#[test]
        fn $target() {
            each_kept_one_holds(stringify!($target), crate::$target::holds);
        })*
    };
}

targets!(answer condition configuration duplicate markdown paginator payload store);

fn fuzz() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz"))
}

fn each_kept_one_holds(target: &str, holds: fn(&[u8])) {
    let seeds = files(&fuzz().join("seeds").join(target));
    assert!(!seeds.is_empty(), "{target} has no seeds");
    let cases = files(&fuzz().join("cases").join(target));
    for path in seeds.into_iter().chain(cases) {
        let bytes = fs::read(&path).expect("it can be read");
        let held = catch_unwind(AssertUnwindSafe(|| holds(&bytes)));
        assert!(held.is_ok(), "{} does not hold", path.display());
    }
}

/// The files in a folder, in order; none where it is missing.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.expect("it can be read").path()).collect();
    files.sort();
    files
}

#[test]
fn each_target_of_the_fuzzer_is_tested_here() {
    let targets: Vec<String> = files(&fuzz().join("fuzz_targets"))
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    assert_eq!(targets, TARGETS);
}
