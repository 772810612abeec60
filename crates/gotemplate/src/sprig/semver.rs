//! Semantic versions, as Masterminds/semver 3.1.1 reads and compares them.

mod constraint;
mod version;

pub(crate) use version::VERSION;

use crate::funcs::{Call, Failure, Function};
use crate::value::Value;
use constraint::Constraints;
use version::Version;

pub(super) const TABLE: &[Function] = &[
    Function::new("semver(version string) *semver.Version", semver),
    Function::new("semverCompare(constraint string, version string) bool", compare),
];

fn semver(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.str(0);
    // The version and the text that it was.
    call.reserve(text.len().saturating_mul(2))?;
    Ok(Value::object(Version::read(&text)?))
}

fn compare(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (constraints, version) = (call.str(0), call.str(1));
    call.reserve(constraints.len().saturating_mul(8).saturating_add(version.len()))?;
    let work = constraints.len().saturating_add(version.len()) / 4;
    call.spend(u64::try_from(work).unwrap_or(u64::MAX))?;
    let constraints = Constraints::read(&constraints)?;
    Ok(constraints.allow(&Version::read(&version)?).into())
}
