//! Whose a receiver is: everybody's, or one tenant's, who hears of their own namespaces alone.

use crate::settings::foreign::source::Placed;
use crate::settings::tree::Node;
use crate::settings::yaml::{table, text, texts};

/// Labels, as names and values.
pub(super) type ObjectLabels<'t> = Vec<(&'t str, &'t str)>;

/// Whose a receiver or a Config is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience<'t> {
    /// Everybody's.
    Global,
    /// This tenant's.
    Tenant(&'t str),
    /// A Config for whoever has none of their own.
    Default,
    /// Nobody's: the product takes no notice of it.
    Nobody,
}

/// How the labels of an object say whose it is.
pub(super) struct Tenants<'t> {
    keys: Vec<&'t str>,
    global: ObjectLabels<'t>,
    tenant: ObjectLabels<'t>,
    default: ObjectLabels<'t>,
    /// Whether a tenant is a namespace, and not a user who has several.
    pub(super) are_namespaces: bool,
}

impl<'t> Tenants<'t> {
    /// As the NotificationManager says it; without one, as KubeSphere has it.
    pub(super) fn of(manager: Option<Placed<'t>>) -> Self {
        let labels = |path: &[&str], usual: &'static str| {
            let selector = manager.and_then(|manager| manager.at(path));
            let found = selector.and_then(|selector| selector.get("matchLabels")).map(pairs);
            found.unwrap_or_else(|| vec![("type", usual)])
        };
        let receivers = |key| ["spec", "receivers", key];
        let key = manager.and_then(|manager| manager.text_at(&receivers("tenantKey")));
        let sidecar = |manager: Placed<'_>| manager.at(&["spec", "sidecars", "tenant"]).is_some();
        Self {
            keys: key.map_or_else(|| vec!["user", "namespace"], |key| vec![key]),
            global: labels(&receivers("globalReceiverSelector"), "global"),
            tenant: labels(&receivers("tenantReceiverSelector"), "tenant"),
            default: labels(&["spec", "defaultConfigSelector"], "default"),
            are_namespaces: manager.is_some_and(|manager| !sidecar(manager)),
        }
    }

    /// Whose an object with these labels is.
    pub(super) fn audience(&self, labels: &ObjectLabels<'t>) -> Audience<'t> {
        let has_one_of =
            |wanted: &ObjectLabels<'_>| wanted.iter().any(|pair| labels.contains(pair));
        if has_one_of(&self.global) {
            return Audience::Global;
        }
        let tenant = labels.iter().find(|(name, _)| self.keys.contains(name));
        if let (true, Some((_, tenant))) = (has_one_of(&self.tenant), tenant) {
            return Audience::Tenant(tenant);
        }
        if self.default.iter().all(|pair| labels.contains(pair)) {
            return Audience::Default;
        }
        Audience::Nobody
    }
}

/// The labels of an object.
pub(super) fn labels(object: Placed<'_>) -> ObjectLabels<'_> {
    object.at(&["metadata", "labels"]).map(pairs).unwrap_or_default()
}

fn pairs(table: Placed<'_>) -> ObjectLabels<'_> {
    table.entries().filter_map(|(entry, value)| Some((&*entry.key, value.text()?))).collect()
}

/// The condition of a tenant's receiver.
pub(super) fn condition(namespace: &str) -> Node {
    table([("label", text("namespace")), ("operator", text("In")), ("values", texts([namespace]))])
}
