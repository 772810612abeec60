//! The functions of sprig 3.2.2, as `TxtFuncMap` gives them to a template.
//!
//! They are sprig's with all their oddities. What sprig takes from the process, the network or
//! chance is refused; what Go leaves to chance, the order of a map's keys, is sorted.

mod cases;
mod cast;
mod cuts;
mod dates;
mod decimal;
mod defaults;
mod dicts;
mod encoding;
mod equal;
mod letters;
mod lists;
mod math;
mod merge;
mod number;
mod paths;
mod reflect;
mod regex;
mod semver;
mod shape;
mod strings;
mod text;
mod url;
mod words;

pub use encoding::decode_base64;
pub(crate) use letters::utf8;
pub(crate) use semver::VERSION;
pub(crate) use text::bytes_of;

use crate::funcs::Function;

/// All functions, a table for each topic.
pub const FUNCTIONS: &[&[Function]] = &[
    cases::TABLE,
    dates::TABLE,
    decimal::TABLE,
    defaults::TABLE,
    dicts::TABLE,
    encoding::TABLE,
    lists::TABLE,
    math::TABLE,
    merge::TABLE,
    paths::TABLE,
    reflect::TABLE,
    regex::TABLE,
    semver::TABLE,
    strings::TABLE,
    url::TABLE,
    words::TABLE,
];

/// All functions in one table.
#[must_use]
pub fn table() -> Vec<Function> {
    FUNCTIONS.concat()
}

const ENVIRONMENT: &str = "it would show the environment of the process";
const NETWORK: &str = "it would use the network";
const COSTLY: &str = "it would take the server's time for keys and certificates";
const SYSTEM: &str = "it depends on the system; the function without `os` takes slashes";
const CHANCE: &str = "it is not deterministic";

/// The functions of sprig that are left out, each with the reason.
pub const REFUSED: &[(&str, &str)] = &[
    ("env", ENVIRONMENT),
    ("expandenv", ENVIRONMENT),
    ("getHostByName", NETWORK),
    ("bcrypt", COSTLY),
    ("htpasswd", COSTLY),
    ("derivePassword", COSTLY),
    ("genPrivateKey", COSTLY),
    ("buildCustomCert", COSTLY),
    ("genCA", COSTLY),
    ("genCAWithKey", COSTLY),
    ("genSelfSignedCert", COSTLY),
    ("genSelfSignedCertWithKey", COSTLY),
    ("genSignedCert", COSTLY),
    ("genSignedCertWithKey", COSTLY),
    ("encryptAES", COSTLY),
    ("decryptAES", COSTLY),
    ("osBase", SYSTEM),
    ("osClean", SYSTEM),
    ("osDir", SYSTEM),
    ("osExt", SYSTEM),
    ("osIsAbs", SYSTEM),
    ("randAlphaNum", CHANCE),
    ("randAlpha", CHANCE),
    ("randAscii", CHANCE),
    ("randNumeric", CHANCE),
    ("randBytes", CHANCE),
    ("randInt", CHANCE),
    ("shuffle", CHANCE),
    ("uuidv4", CHANCE),
];

#[cfg(test)]
mod tests;
