//! The one way in which a test skips: it says so, and in CI only a skip that is allowed passes.

use std::io::Write as _;

/// The allowed skips, a name and a reason on each line; `scripts/test` reads the same file.
const ALLOWED: &str = include_str!("../../../scripts/allowed-skips");

/// Says that the test `name`, or a part of it, is skipped, and why; the caller returns after that.
///
/// # Panics
///
/// With `CI=true`, unless the name is in `scripts/allowed-skips`.
pub fn skip(name: &str, why: &str) {
    let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!in_ci || is_allowed(ALLOWED, name), "{}", refusal(name, why));
    tell(&format!("skipped: {name}: {why}"));
}

fn refusal(name: &str, why: &str) -> String {
    format!("{name} would be skipped ({why}), which scripts/allowed-skips does not allow in CI")
}

fn is_allowed(list: &str, name: &str) -> bool {
    list.lines().any(|line| line.split_whitespace().next() == Some(name))
}

/// Says something whether or not the test passes; `println!` is shown only when it fails.
pub fn tell(line: &str) {
    // A test that cannot speak still tests.
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_of_the_list_is_allowed() {
        let list = "# A comment about promtool.\nadvisories  cannot be fetched everywhere\n";
        assert!(is_allowed(list, "advisories"));
        for name in ["promtool", "advisor", "cannot", ""] {
            assert!(!is_allowed(list, name), "{name}");
        }
    }

    #[test]
    fn every_allowed_skip_has_a_reason() {
        let lines = ALLOWED.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        for line in lines {
            assert!(line.split_whitespace().count() > 3, "{line}: say why it is allowed");
        }
    }
}
