//! Who posts a JSON array: alerts for Alertmanager's API, which is another one than its webhook.
//!
//! The programs below are clients of Alertmanager, as Prometheus is; their alerts have to be grouped,
//! silenced and repeated by it before they come here.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

/// A client of Alertmanager's API, by what it posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Poster {
    /// elastalert2's `alertmanager` alerter.
    Elastalert,
    /// vmalert of `VictoriaMetrics`.
    Vmalert,
    /// Prometheus, or one of the others, which cannot be told apart.
    Other,
}

impl fmt::Display for Poster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (who, what) = match self {
            Self::Elastalert => {
                ("elastalert2's alerter `alertmanager` posts it", "set its `alertmanager_hosts` to")
            }
            Self::Vmalert => ("vmalert posts it", "set its `-notifier.url` to"),
            Self::Other => (
                "Prometheus, vmalert, the rulers of Loki, Mimir and Thanos, elastalert2 and others \
                 post it",
                "point that program at",
            ),
        };
        write!(
            f,
            "the body is a JSON array, as for Alertmanager's API, to which {who}; {what} \
             Alertmanager, and a webhook receiver of Alertmanager here"
        )
    }
}

/// An alert as that API takes it, of which the names of its labels are looked at.
#[derive(Deserialize)]
struct PostedAlert {
    #[serde(default)]
    labels: LabelNames,
}

/// Which labels tell the program.
#[derive(Default)]
struct LabelNames {
    of_elastalert: bool,
    of_vmalert: bool,
}

/// Who posts this array, by its first alert.
pub(in crate::receive) fn poster(body: &[u8]) -> Poster {
    let inside = body.trim_ascii_start().strip_prefix(b"[").unwrap_or_default();
    let first = serde_json::Deserializer::from_slice(inside).into_iter::<PostedAlert>().next();
    match first.and_then(Result::ok).map(|alert| alert.labels) {
        Some(LabelNames { of_elastalert: true, .. }) => Poster::Elastalert,
        Some(LabelNames { of_vmalert: true, .. }) => Poster::Vmalert,
        Some(_) | None => Poster::Other,
    }
}

impl<'de> Deserialize<'de> for LabelNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = LabelNames;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("labels")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LabelNames, A::Error> {
        let mut names = LabelNames::default();
        while let Some((name, IgnoredAny)) = map.next_entry::<Cow<'_, str>, IgnoredAny>()? {
            // elastalert2 adds the rule's name, and vmalert that of its group, unless told not to.
            names.of_elastalert |= name == "elastalert_rule";
            names.of_vmalert |= name == "alertgroup";
        }
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_told_by_the_labels_that_it_adds() {
        for (body, expected) in [
            (
                r#" [{"annotations": {}, "labels": {"a": "1", "elastalert_rule": "x"}}]"#,
                "elastalert",
            ),
            (r#"[{"labels": {"alertgroup": "x"}, "generatorURL": "http://v/"}, 7]"#, "vmalert"),
            (r#"[{"labels": {"alertname": "x"}}, {"labels": {"alertgroup": "y"}}]"#, "Prometheus,"),
            (r#"[{"labels": {"alertgroup": "x"#, "Prometheus,"),
            (r#"[{"labels": 7}]"#, "Prometheus,"),
            ("[]", "Prometheus,"),
            ("[[1]]", "Prometheus,"),
            ("", "Prometheus,"),
        ] {
            let words = poster(body.as_bytes()).to_string();
            assert!(words.contains(&format!("to which {expected}")), "{body}: {words}");
            assert!(words.contains("Alertmanager, and a webhook receiver of Alertmanager here"));
        }
    }
}
