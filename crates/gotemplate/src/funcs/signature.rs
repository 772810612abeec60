//! Signatures in Go's notation, read when the program is compiled.

use std::fmt;

use crate::value::Type;

/// The most parameters of a function.
const MOST: usize = 6;

/// One parameter.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its type; of the last parameter of a variadic function, the type of each value.
    pub of: Type,
}

/// A function's name, parameters and result.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    text: &'static str,
    name: &'static str,
    parameters: [Parameter; MOST],
    count: usize,
    variadic: bool,
    /// The type of the result, where it is one that a parameter can have.
    result: Option<Type>,
}

impl Signature {
    /// As it was written.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// The name of the function.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The parameters, in order.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        self.parameters.get(..self.count).unwrap_or_default()
    }

    /// Whether the last parameter takes any number of values.
    #[must_use]
    pub const fn is_variadic(&self) -> bool {
        self.variadic
    }

    /// The type of the result; nothing for one that no parameter can have.
    pub(crate) const fn result(&self) -> Option<Type> {
        self.result
    }

    /// Whether the result stands in an `interface {}`.
    pub(crate) const fn returns_interface(&self) -> bool {
        matches!(self.result, Some(Type::Any))
    }

    /// Reads `name(one string, more ...any) string`.
    pub(super) const fn read(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        let open = find(bytes, 0, b'(');
        let close = find(bytes, open, b')');
        assert!(open < close && close < bytes.len(), "a signature is name(parameters) result");
        assert!(close + 2 < bytes.len(), "a signature names its result");
        let mut signature = Self {
            text,
            name: part(text, 0, open),
            parameters: [Parameter { name: "", of: Type::Any }; MOST],
            count: 0,
            variadic: false,
            result: known(part(text, close + 2, bytes.len())),
        };
        let mut at = open + 1;
        while at < close {
            let space = find(bytes, at, b' ');
            let comma = find(bytes, at, b',');
            let end = if comma < close { comma } else { close };
            assert!(space < end && signature.count < MOST, "a parameter is a name and a type");
            let mut from = space + 1;
            if bytes[from] == b'.' {
                assert!(end == close, "only the last parameter is variadic");
                signature.variadic = true;
                from += 3;
            }
            signature.parameters[signature.count] =
                Parameter { name: part(text, at, space), of: type_of(part(text, from, end)) };
            signature.count += 1;
            at = if end == close { close } else { end + 2 };
        }
        signature
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

const fn find(bytes: &[u8], from: usize, wanted: u8) -> usize {
    let mut at = from;
    while at < bytes.len() && bytes[at] != wanted {
        at += 1;
    }
    at
}

const fn part(text: &'static str, from: usize, to: usize) -> &'static str {
    text.split_at(to).0.split_at(from).1
}

/// Every type that a parameter can have, as a signature spells it.
const TYPES: &[(&str, Type)] = &[
    ("any", Type::Any),
    ("value", Type::Reflect),
    ("bool", Type::Bool),
    ("string", Type::String),
    ("int", Type::INT),
    ("int64", Type::Int(crate::value::Int::Int64)),
    ("float64", Type::FLOAT),
    ("time.Duration", Type::DURATION),
    ("time.Time", Type::Time),
    ("*time.Location", Type::Named(&crate::time::LOCATION)),
    ("*semver.Version", Type::Named(&crate::sprig::VERSION)),
    ("[]string", Type::STRINGS),
    ("[]any", Type::LIST),
    ("map[string]any", Type::DICT),
    ("map[string]string", Type::STRING_MAP),
];

const fn type_of(spelled: &str) -> Type {
    let found = known(spelled);
    assert!(found.is_some(), "a type that no parameter can have");
    match found {
        Some(of) => of,
        None => Type::Any,
    }
}

const fn known(spelled: &str) -> Option<Type> {
    let mut at = 0;
    while at < TYPES.len() && !equal(TYPES[at].0.as_bytes(), spelled.as_bytes()) {
        at += 1;
    }
    if at < TYPES.len() { Some(TYPES[at].1) } else { None }
}

const fn equal(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}
