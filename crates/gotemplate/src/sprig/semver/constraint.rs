//! What versions a constraint such as `>=1.2, <2 || ^3.x` allows.

use std::sync::LazyLock;

use goregex::Regex;

use super::version::{Version, compare_pre};

/// A version, in which a number can be an `x` and all behind the first can be left out: ten groups,
/// of which the first is the whole.
const VERSION: &str = concat!(
    r"(v?([0-9|xX*]+)(\.[0-9|xX*]+)?(\.[0-9|xX*]+)?",
    r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?",
    r"(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?)",
);

/// The operators. Their order decides what is found first, and nothing is the second.
const OPERATORS: &str = r"(=||!=|>|<|>=|=>|<=|=<|~|~>|\^)";

fn pattern(parts: &[&str]) -> Regex {
    Regex::new(&parts.concat()).expect("the patterns are constants")
}

static RANGE: LazyLock<Regex> =
    LazyLock::new(|| pattern(&[r"\s*", VERSION, r"\s+-\s+", VERSION, r"\s*"]));
static ALL: LazyLock<Regex> =
    LazyLock::new(|| pattern(&[r"^(\s*", OPERATORS, r"\s*", VERSION, r"\s*,?)+$"]));
static EACH: LazyLock<Regex> = LazyLock::new(|| pattern(&[OPERATORS, r"\s*", VERSION]));
static ONE: LazyLock<Regex> =
    LazyLock::new(|| pattern(&[r"^\s*", OPERATORS, r"\s*", VERSION, r"\s*$"]));

/// Constraints of which one must hold, each of several that all must.
#[derive(Debug)]
pub(super) struct Constraints(Vec<Vec<Constraint>>);

impl Constraints {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let alternatives = without_ranges(text);
        let read = |all: &str| {
            if !ALL.is_match(all) {
                return Err(format!("improper constraint: {all}"));
            }
            EACH.find_all(all, -1).into_iter().map(Constraint::read).collect()
        };
        Ok(Self(alternatives.split("||").map(read).collect::<Result<_, _>>()?))
    }

    pub(super) fn allow(&self, version: &Version) -> bool {
        self.0.iter().any(|all| all.iter().all(|constraint| constraint.allows(version)))
    }
}

/// The text with `>= a, <= b` for each `a - b`.
fn without_ranges(text: &str) -> String {
    let mut out = text.to_owned();
    for groups in RANGE.inner().captures_iter(text) {
        let group = |at: usize| groups.get(at).map_or("", |group| group.as_str());
        out = out.replacen(group(0), &format!(">= {}, <= {}", group(1), group(11)), 1);
    }
    out
}

/// One operator and its version.
#[derive(Debug)]
struct Constraint {
    operator: String,
    version: Version,
    /// Whether a number is left out, and which.
    is_open: bool,
    has_open_minor: bool,
    has_open_patch: bool,
}

impl Constraint {
    fn read(text: &str) -> Result<Self, String> {
        let groups = ONE.inner().captures(text);
        let groups = groups.ok_or_else(|| format!("improper constraint: {text}"))?;
        let group = |at: usize| groups.get(at).map_or("", |group| group.as_str());
        let (major, minor, patch, pre) = (group(3), group(4), group(5), group(6));
        let is_open = |number: &str| matches!(number.trim_start_matches('.'), "" | "x" | "X" | "*");
        let opens = [major, minor, patch].iter().position(|number| is_open(number));
        let version = match opens {
            Some(0) => "0.0.0".to_owned(),
            Some(1) => format!("{major}.0.0{pre}"),
            Some(_) => format!("{major}{minor}.0{pre}"),
            None => group(2).to_owned(),
        };
        Ok(Self {
            operator: group(1).to_owned(),
            version: Version::read(&version).map_err(|_invalid| "constraint Parser Error")?,
            is_open: opens.is_some(),
            has_open_minor: opens == Some(1),
            has_open_patch: opens == Some(2),
        })
    }

    fn allows(&self, version: &Version) -> bool {
        // What comes before a release is asked for by name or not meant.
        let is_unasked = !version.pre.is_empty() && self.version.pre.is_empty();
        if is_unasked && (self.operator != "!=" || self.is_open) {
            return false;
        }
        let order = version.compare(&self.version);
        match self.operator.as_str() {
            "!=" => self.differs(version),
            ">" => self.is_before(version),
            "<" => order.is_lt(),
            ">=" | "=>" => order.is_ge(),
            "<=" | "=<" => self.is_not_before(version),
            "~" | "~>" => self.is_close(version),
            "^" => self.is_compatible(version),
            _ if self.is_open => self.is_close(version),
            _ => order.is_eq(),
        }
    }

    fn differs(&self, version: &Version) -> bool {
        let ([major, minor, patch], own) = (version.numbers, self.version.numbers);
        if !self.is_open {
            return version.compare(&self.version).is_ne();
        }
        if major != own[0] {
            return true;
        }
        if self.has_open_minor {
            return false;
        }
        if minor != own[1] {
            return true;
        }
        if self.has_open_patch {
            return compare_pre(&version.pre, &self.version.pre).is_ne();
        }
        patch != own[2] || version.compare(&self.version).is_ne()
    }

    fn is_before(&self, version: &Version) -> bool {
        let ([major, minor, _], own) = (version.numbers, self.version.numbers);
        if !self.is_open || !self.has_open_minor && !self.has_open_patch && major == own[0] {
            return version.compare(&self.version).is_gt();
        }
        major > own[0] || major == own[0] && self.has_open_patch && minor > own[1]
    }

    fn is_not_before(&self, version: &Version) -> bool {
        let ([major, minor, _], own) = (version.numbers, self.version.numbers);
        if !self.is_open {
            return version.compare(&self.version).is_le();
        }
        major < own[0] || major == own[0] && (self.has_open_minor || minor <= own[1])
    }

    /// `~1.2` is 1.2 with any patch, `~1` is 1 with anything, `~0.0.0` is all.
    fn is_close(&self, version: &Version) -> bool {
        if version.compare(&self.version).is_lt() {
            return false;
        }
        let own = self.version.numbers;
        let is_all = own == [0; 3] && !self.has_open_minor && !self.has_open_patch;
        let same_minor = self.has_open_minor || version.numbers[1] == own[1];
        is_all || version.numbers[0] == own[0] && same_minor
    }

    /// The first number that is not 0 stays.
    fn is_compatible(&self, version: &Version) -> bool {
        let ([major, minor, patch], own) = (version.numbers, self.version.numbers);
        if version.compare(&self.version).is_lt() || major != own[0] {
            return false;
        }
        if own[0] > 0 || self.has_open_minor {
            return true;
        }
        if own[1] > 0 || self.has_open_patch { minor == own[1] } else { patch == own[2] }
    }
}
