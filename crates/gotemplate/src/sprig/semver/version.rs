//! One version, as a value with methods.

use std::any::Any;
use std::cmp::Ordering;
use std::fmt;

use crate::funcs::{Call, Failure, Function};
use crate::value::{Base, Named, Object, Text, Type, Uint, Value};

/// The pointer that `semver` gives.
pub(crate) static VERSION: Named = Named {
    name: "*semver.Version",
    underlying: Type::Any,
    zero: || Value::Nil(Type::Named(&VERSION)),
};

/// What methods such as `IncMinor` give.
static PLAIN: Named = Named {
    name: "semver.Version",
    underlying: Type::Any,
    zero: || Value::object(Version { is_pointer: false, ..Version::default() }),
};

const INVALID: &str = "Invalid Semantic Version";

/// A version; of two equal ones the metadata can differ.
#[derive(Debug, Clone, Default)]
pub(super) struct Version {
    pub(super) numbers: [u64; 3],
    pub(super) pre: String,
    metadata: String,
    original: String,
    is_pointer: bool,
}

impl Version {
    /// `v1.2.3-pre+metadata`, where all but the first number can be left out.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut rest = text.strip_prefix('v').unwrap_or(text);
        let mut segments = [""; 3];
        for (at, segment) in segments.iter_mut().enumerate() {
            let from = if at == 0 { Some(rest) } else { rest.strip_prefix('.') };
            let Some(from) = from else { break };
            let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
            if end == 0 {
                return Err(INVALID.to_owned());
            }
            (*segment, rest) = from.split_at(end);
        }
        let (rest, metadata) = rest.split_once('+').map_or((rest, None), |(r, m)| (r, Some(m)));
        let pre = rest.strip_prefix('-');
        if pre.is_none() && !rest.is_empty() || ![pre, metadata].into_iter().all(is_identifiers) {
            return Err(INVALID.to_owned());
        }
        let mut numbers = [0; 3];
        for (number, segment) in numbers.iter_mut().zip(segments) {
            *number = parsed(segment)?;
        }
        let pre = pre.unwrap_or_default();
        check(pre)?;
        Ok(Self {
            numbers,
            pre: pre.to_owned(),
            metadata: metadata.unwrap_or_default().to_owned(),
            original: text.to_owned(),
            is_pointer: true,
        })
    }

    /// Which is earlier; a version before its release is.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let releases = self.pre.is_empty().cmp(&other.pre.is_empty());
        let numbers = self.numbers.cmp(&other.numbers);
        numbers.then(releases).then_with(|| compare_pre(&self.pre, &other.pre))
    }

    /// With a text of its own, which keeps the `v`.
    fn renamed(mut self) -> Self {
        let prefix = if self.original.starts_with('v') { "v" } else { "" };
        self.original = format!("{prefix}{self}");
        self.is_pointer = false;
        self
    }

    fn next(&self, at: usize) -> Self {
        let [major, minor, patch] = self.numbers;
        let numbers = match at {
            0 => [major.wrapping_add(1), 0, 0],
            1 => [major, minor.wrapping_add(1), 0],
            // What comes before a patch is followed by that patch.
            _ => [major, minor, patch.wrapping_add(u64::from(self.pre.is_empty()))],
        };
        let original = self.original.clone();
        Self { numbers, original, ..Self::default() }.renamed()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        if !self.pre.is_empty() {
            write!(f, "-{}", self.pre)?;
        }
        if self.metadata.is_empty() { Ok(()) } else { write!(f, "+{}", self.metadata) }
    }
}

fn is_identifiers(text: Option<&str>) -> bool {
    let is_plain = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.is_none_or(|text| text.split('.').all(is_plain))
}

fn parsed(segment: &str) -> Result<u64, String> {
    if segment.is_empty() {
        return Ok(0);
    }
    let wrong = "Error parsing version segment: strconv.ParseUint: parsing";
    // All are digits, so only the range can be wrong.
    let number = segment.parse().ok();
    number.ok_or_else(|| format!("{wrong} \"{segment}\": value out of range"))
}

/// Whether what stands before a release may.
fn check(pre: &str) -> Result<(), String> {
    for name in pre.split('.') {
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && name.len() > 1 && name.starts_with('0') {
            return Err("Version segment starts with 0".to_owned());
        }
        if !is_number && !is_identifiers(Some(name)) {
            return Err("Invalid Prerelease string".to_owned());
        }
    }
    Ok(())
}

/// Part by part: numbers by value and before names, and what has more parts is later.
pub(super) fn compare_pre(one: &str, other: &str) -> Ordering {
    let (mut ones, mut others) = (one.split('.'), other.split('.'));
    loop {
        let order = match (ones.next(), others.next()) {
            (None, None) => return Ordering::Equal,
            (one, other) => compare_part(one.unwrap_or_default(), other.unwrap_or_default()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn compare_part(one: &str, other: &str) -> Ordering {
    if one.is_empty() || other.is_empty() {
        return other.is_empty().cmp(&one.is_empty());
    }
    match (one.parse::<u64>(), other.parse::<u64>()) {
        // Two ways to write one number are still not equal.
        (Ok(first), Ok(second)) if one != other => {
            if first > second {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        _ => one.cmp(other),
    }
}

impl Object for Version {
    fn named(&self) -> &'static Named {
        if self.is_pointer { &VERSION } else { &PLAIN }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::Struct(&[])
    }

    fn to_json(&self) -> Option<Value> {
        Some(self.to_string().into())
    }

    fn methods(&self) -> &'static [Function] {
        if self.is_pointer { METHODS } else { PLAIN_METHODS }
    }

    fn to_text(&self) -> Option<Text> {
        Some(self.to_string().into())
    }

    fn is_pointer(&self) -> bool {
        self.is_pointer
    }
}

/// The methods of a value; those of a pointer are these and five more.
const PLAIN_METHODS: &[Function] = &[
    Function::new("Major() uint64", |call| number(call, 0)),
    Function::new("Minor() uint64", |call| number(call, 1)),
    Function::new("Patch() uint64", |call| number(call, 2)),
    Function::new("Prerelease() string", |call| text(call, |version| version.pre.clone())),
    Function::new("Metadata() string", |call| text(call, |version| version.metadata.clone())),
    Function::new("String() string", |call| text(call, Version::to_string)),
    Function::new("IncMajor() semver.Version", |call| next(call, 0)),
    Function::new("IncMinor() semver.Version", |call| next(call, 1)),
    Function::new("IncPatch() semver.Version", |call| next(call, 2)),
    Function::new("SetPrerelease(prerelease string) semver.Version", set_pre),
    Function::new("SetMetadata(metadata string) semver.Version", set_metadata),
];

static METHODS: &[Function] = {
    const ALL: [Function; PLAIN_METHODS.len() + 5] = {
        let original = Function::new("Original() string", original);
        let mut all = [original; PLAIN_METHODS.len() + 5];
        let mut at = 0;
        while at < PLAIN_METHODS.len() {
            all[at + 5] = PLAIN_METHODS[at];
            at += 1;
        }
        all[1] = Function::new("Compare(o *semver.Version) int", compare);
        all[2] = Function::new("Equal(o *semver.Version) bool", equal);
        all[3] = Function::new("LessThan(o *semver.Version) bool", less);
        all[4] = Function::new("GreaterThan(o *semver.Version) bool", greater);
        all
    };
    &ALL
};

fn receiver<'a>(call: &Call<'a>) -> Result<&'a Version, Failure> {
    call.receiver().downcast().ok_or_else(|| super::super::shape::NIL_POINTER.into())
}

fn number(call: &mut Call<'_>, at: usize) -> Result<Value, Failure> {
    let number = receiver(call)?.numbers.get(at).copied().unwrap_or(0);
    Ok(Value::Uint(Uint::Uint64, number))
}

fn text(call: &mut Call<'_>, part: fn(&Version) -> String) -> Result<Value, Failure> {
    let version = receiver(call)?;
    call.reserve(version.original.len().saturating_add(64))?;
    Ok(part(version).into())
}

fn original(call: &mut Call<'_>) -> Result<Value, Failure> {
    text(call, |version| version.original.clone())
}

fn next(call: &mut Call<'_>, at: usize) -> Result<Value, Failure> {
    let version = receiver(call)?;
    call.reserve(version.original.len().saturating_add(64))?;
    Ok(Value::object(version.next(at)))
}

fn set_pre(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (version, pre) = (receiver(call)?, call.str(0));
    check(&pre)?;
    call.reserve(version.original.len().saturating_add(pre.len()).saturating_mul(2))?;
    Ok(Value::object(Version { pre: pre.into_owned(), ..version.clone() }.renamed()))
}

fn set_metadata(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (version, metadata) = (receiver(call)?, call.str(0));
    let is_plain = |name: &str| name.is_empty() || is_identifiers(Some(name));
    if !metadata.split('.').all(is_plain) {
        return Err("Invalid Metadata string".into());
    }
    call.reserve(version.original.len().saturating_add(metadata.len()).saturating_mul(2))?;
    Ok(Value::object(Version { metadata: metadata.into_owned(), ..version.clone() }.renamed()))
}

fn order(call: &Call<'_>) -> Result<Ordering, Failure> {
    let other: Option<&Version> = call.value(0).downcast();
    let other = other.ok_or(super::super::shape::NIL_POINTER)?;
    Ok(receiver(call)?.compare(other))
}

fn compare(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::int(match order(call)? {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }))
}

fn equal(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(order(call)?.is_eq().into())
}

fn less(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(order(call)?.is_lt().into())
}

fn greater(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(order(call)?.is_gt().into())
}
