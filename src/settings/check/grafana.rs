//! The check of `grafana`: the key by which a receiver knows what Grafana signed.

use crate::settings::GrafanaKey;
use crate::settings::decode::{Checked, Decoder, Table};
use crate::settings::keys::GRAFANA;
use crate::settings::secret;
use crate::settings::tree::Node;

/// The header that Grafana writes its signature into, unless its contact point names another
/// (grafana/alerting, `http/hmac.go`).
const SIGNATURE_HEADER: &str = "X-Grafana-Alerting-Signature";

/// The `grafana` of a receiver.
pub(super) fn grafana(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<Option<GrafanaKey>> {
    table.optional("grafana", |node| {
        let table = decoder.table(node, &GRAFANA)?;
        let secret = secret::required(decoder, &table, &["hmac_secret"]);
        let read = |key| table.optional(key, |node| header(decoder, node));
        let (signature_header, timestamp_header) =
            (read("signature_header"), read("timestamp_header"));
        let key = GrafanaKey {
            secret: secret?.text,
            signature_header: signature_header?.unwrap_or_else(|| SIGNATURE_HEADER.to_owned()),
            timestamp_header: timestamp_header?,
        };
        let is_same = |timestamp: &String| timestamp.eq_ignore_ascii_case(&key.signature_header);
        if key.timestamp_header.as_ref().is_some_and(is_same) {
            let text = "`signature_header` and `timestamp_header` are one header; Grafana writes \
                        each into a header of its own";
            return decoder.fail(node.position, text);
        }
        Ok(key)
    })
}

/// The name of a header, as HTTP can have it.
fn header(decoder: Decoder<'_>, node: &Node) -> Checked<String> {
    let name = decoder.text(node, "the name of a header")?;
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !name.chars().all(is_of_name) {
        let text = "expected the name of a header, such as X-Grafana-Alerting-Signature";
        return decoder.fail(node.position, text);
    }
    Ok(name.to_owned())
}
