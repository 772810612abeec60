//! The check of `delivery.severity`: the label and the order by which a lane sends.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::settings::SeverityOrder;
use crate::settings::decode::{Checked, Decoder, all};
use crate::settings::keys::SEVERITY;
use crate::settings::tree::{Node, Position};

/// The most values of an order: each has a queue of its own in every lane.
const MOST: usize = 20;

/// What the section looks like.
const EXAMPLE: &str = "{label: severity, order: [critical, warning]}";

/// The section.
pub(super) fn severity(decoder: Decoder<'_>, node: &Node) -> Checked<SeverityOrder> {
    let table = decoder.table_as(node, &SEVERITY, EXAMPLE)?;
    let default = SeverityOrder::default();
    let label =
        table.optional("label", |node| decoder.text(node, "a label's name").map(str::to_owned));
    let order = table.optional("order", |node| order(decoder, node));
    Ok(SeverityOrder { label: label?.map_or(default.label, Cow::Owned), order: order? })
}

/// The values, the most severe first; one that stands twice is an error.
fn order(decoder: Decoder<'_>, node: &Node) -> Checked<Vec<String>> {
    let items = decoder.list(node, "values, the most severe first")?;
    if items.len() > MOST {
        return decoder.fail(node.position, format!("has at most {MOST} values"));
    }
    let mut seen: HashMap<String, (&str, Position)> = HashMap::new();
    all(items.iter().map(|item| {
        let value = decoder.text(item, "a value of the label")?.trim();
        if let Some((first, place)) = seen.insert(value.to_lowercase(), (value, item.position)) {
            let hint = if first == value { "" } else { "; case does not count" };
            let text = format!("this value stands in line {} already{hint}", place.line);
            return decoder.fail(item.position, text);
        }
        Ok(value.to_owned())
    }))
}
