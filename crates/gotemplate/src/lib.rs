#![doc = include_str!("../README.md")]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a value is what a function takes or anything else; a new kind of value is the latter"
)]
#![allow(clippy::unnecessary_box_returns, reason = "a large error would lengthen each frame")]
#![allow(clippy::unnecessary_wraps, reason = "functions in a table have one type")]

mod check;
mod error;
mod exec;
pub mod fmt;
mod funcs;
pub mod json;
mod lex;
mod limits;
mod node;
mod parse;
pub mod sprig;
mod templates;
pub mod time;
mod unicode;
mod value;

pub use check::{Checked, Finding, Passed};
pub use error::{Error, ErrorKind, Fault};
pub use exec::MissingKey;
pub use funcs::{
    Body, Call, Context, Environment, Failure, Function, Functions, Parameter, Signature,
};
pub use limits::{Limits, Reached, Stop};
pub use templates::Templates;
pub use time::{Time, Zone};
pub use value::{Base, Float, Int, List, Map, Named, Object, Text, Type, Uint, Value};
