//! The check of `quota`: how many messages a month an organisation's edition of DingTalk takes.

use std::collections::HashMap;

use crate::settings::Quota;
use crate::settings::address::name;
use crate::settings::decode::{Checked, Decoder, Table};
use crate::settings::keys::QUOTA;
use crate::settings::tree::Position;

/// The most that a quota can be; the largest edition has a million a month.
const MOST: u32 = 100_000_000;

/// A quota with its place in the file. Without a name it is for its destination alone.
#[derive(Debug, Clone)]
pub(super) struct PlacedQuota {
    pub(super) per_month: u32,
    pub(super) name: Option<String>,
    pub(super) position: Position,
}

impl PlacedQuota {
    /// The quota of this destination of this receiver.
    pub(super) fn of(&self, receiver: &str, destination: &str) -> Quota {
        let alone = || format!("{receiver}/{destination}");
        Quota { name: self.name.clone().unwrap_or_else(alone), per_month: self.per_month }
    }
}

/// The `quota` of a destination.
pub(super) fn quota(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<Option<PlacedQuota>> {
    table.optional("quota", |node| {
        // Of a number alone it is known what it means.
        let number = node.text().and_then(|text| text.parse::<u32>().ok());
        let number = number.filter(|number| (1..=MOST).contains(number)).unwrap_or(5_000);
        let table = decoder.table_as(node, &QUOTA, &format!("{{per_month: {number}}}"))?;
        let per_month =
            table.required(decoder, "per_month", |node| decoder.number(node, &(1..=MOST)));
        let name = table.optional("name", |node| name(decoder, node));
        Ok(PlacedQuota { per_month: per_month?, name: name?, position: node.position })
    })
}

/// Reports a name that has two sizes.
pub(super) fn check_quotas(decoder: Decoder<'_>, quotas: &[PlacedQuota]) {
    let mut seen: HashMap<&str, &PlacedQuota> = HashMap::new();
    for quota in quotas {
        let Some(name) = quota.name.as_deref() else { continue };
        let first = *seen.entry(name).or_insert(quota);
        if first.per_month != quota.per_month {
            let text = format!(
                "the quota `{name}` is {} a month in line {}; one quota has one size",
                first.per_month, first.position.line
            );
            decoder.report.error(quota.position, text);
        }
    }
}
