//! Credentials: a text, or a key of a Secret; in old versions of the API the key of a Secret alone.

use secrecy::SecretString;

use crate::settings::foreign::findings::Findings;
use crate::settings::foreign::secret::Credential;
use crate::settings::foreign::source::Placed;
use crate::settings::foreign::wrapped::{Datum, Reference};

/// The credential under `key`; `what` names the object and the path before it.
pub(super) fn credential(
    findings: &Findings,
    data: &[Datum<'_>],
    holder: Placed<'_>,
    key: &str,
    what: &str,
) -> Option<Credential> {
    let value = findings.table(holder, key)?;
    findings.known(value, &format!("`{key}`"), &["value", "valueFrom", "namespace", "name", "key"]);
    let literal = findings.text(value, "value").filter(|text| !text.is_empty());
    let reference = value.at(&["valueFrom", "secretKeyRef"]).or(Some(value));
    let reference = reference.and_then(|value| Reference::of("Secret", value));
    match (literal, reference.filter(|reference| reference.key.is_some())) {
        (Some(_), Some(_)) => {
            let text = format!("`{key}` has both `value` and `valueFrom`; keep one");
            findings.error_at(value, &text);
            None
        }
        (Some(text), None) => {
            let words = format!("`{key}.value` of {what} ({})", value.words());
            Some(Credential { text: Some(SecretString::from(text)), words })
        }
        (None, Some(reference)) => Some(of_secret(data, reference)),
        (None, None) => {
            let text = format!(
                "`{key}` needs `value`, or `valueFrom.secretKeyRef` with the name and key of a \
                 Secret"
            );
            findings.error_at(value, &text);
            None
        }
    }
}

fn of_secret(data: &[Datum<'_>], reference: Reference<'_>) -> Credential {
    let words = reference.words();
    let found = reference.find(data);
    let Some(datum) = found.first() else {
        let words = format!("{words}, which is not among the files given");
        return Credential { text: None, words };
    };
    // Who made the Secret of a text with `echo` has a line end in it.
    let text = datum.text.as_deref().map(|text| SecretString::from(text.trim_end()));
    Credential { text, words: format!("{words} ({})", datum.value.words()) }
}
