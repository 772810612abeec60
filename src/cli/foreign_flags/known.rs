//! The flags that other products have and Campana does not, with what is written instead.

/// Whose flags these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Product {
    WebhookDingtalk,
    NotificationManager,
    Alertmanager,
}

impl Product {
    pub(super) const ALL: [Self; 3] =
        [Self::WebhookDingtalk, Self::NotificationManager, Self::Alertmanager];

    /// The line above its flags.
    pub(super) fn introduction(self) -> &'static str {
        match self {
            Self::WebhookDingtalk => {
                "these are flags of prometheus-webhook-dingtalk; for Campana, write instead of"
            }
            Self::NotificationManager => {
                "these are flags of notification-manager; for Campana, write instead of"
            }
            Self::Alertmanager => {
                "these are flags of Alertmanager, which goes on running and posts to Campana; for \
                 Campana, write instead of"
            }
        }
    }
}

/// A flag of another product.
#[derive(Debug)]
pub(super) struct ForeignFlag {
    /// Whose it is.
    pub(super) product: Product,
    /// Its name without hyphens; with a full stop at its end, the beginning of several names.
    name: &'static str,
    /// Whether a value follows it.
    pub(super) takes_value: bool,
    /// What is written instead.
    pub(super) instead: &'static str,
}

impl ForeignFlag {
    /// Whether this is its name, be it negated: `--no-web.enable-ui`.
    pub(super) fn is_called(&self, name: &str) -> bool {
        let positive = name.strip_prefix("no-").filter(|_| !self.takes_value).unwrap_or(name);
        if self.name.ends_with('.') {
            positive.starts_with(self.name)
        } else {
            positive == self.name
        }
    }
}

const fn flag(
    product: Product,
    name: &'static str,
    takes_value: bool,
    instead: &'static str,
) -> ForeignFlag {
    ForeignFlag { product, name, takes_value, instead }
}

const ATTEMPT: &str = "`delivery.attempt_timeout` in the configuration file";
const QUEUED: &str = "`storage.limits.queued` in the configuration file";
const NO_PAGES: &str =
    "nothing: `campana template render` shows what a template writes, and no pages are served";
const NOTHING: &str = "nothing: remove it";

/// All of them; those that Campana has under the same name, such as `--config.file`, are not among them.
pub(super) const FLAGS: [ForeignFlag; 24] = {
    use Product::{Alertmanager, NotificationManager, WebhookDingtalk};
    [
        flag(WebhookDingtalk, "ding.profile", true, "a receiver in the configuration file"),
        flag(WebhookDingtalk, "ding.timeout", true, ATTEMPT),
        flag(
            WebhookDingtalk,
            "template.file",
            true,
            "`templates` in the configuration file, and the `message` of each receiver",
        ),
        flag(WebhookDingtalk, "web.enable-ui", false, NO_PAGES),
        flag(WebhookDingtalk, "web.ui-enabled", false, NO_PAGES),
        flag(NotificationManager, "webhook.address", true, "`--web.listen-address`"),
        flag(
            NotificationManager,
            "webhook.timeout",
            true,
            "nothing: a notification is answered as soon as it is on disk",
        ),
        flag(NotificationManager, "worker.timeout", true, ATTEMPT),
        flag(NotificationManager, "worker.queue", true, QUEUED),
        flag(
            NotificationManager,
            "notification-manager-namespaces",
            true,
            "nothing: the receivers stand in the configuration file and not in Kubernetes",
        ),
        flag(
            NotificationManager,
            "store.type",
            true,
            "`--storage.url=sqlite:PATH`: what is accepted is on disk",
        ),
        flag(NotificationManager, "store.memory.queue", true, QUEUED),
        flag(
            NotificationManager,
            "store.memory.pushTimeout",
            true,
            "nothing: what cannot be stored is answered 503, and Alertmanager sends it again",
        ),
        flag(Alertmanager, "storage.path", true, "`--storage.url=sqlite:PATH`"),
        flag(Alertmanager, "data.retention", true, "`storage.retention` in the configuration file"),
        flag(Alertmanager, "data.", true, NOTHING),
        flag(Alertmanager, "alerts.", true, NOTHING),
        flag(Alertmanager, "silences.", true, "nothing: silences are Alertmanager's"),
        flag(
            Alertmanager,
            "cluster.",
            true,
            "nothing: each Alertmanager of a cluster posts here, and what two post is sent once",
        ),
        flag(
            Alertmanager,
            "web.get-concurrency",
            true,
            "`web.max_connections` in the configuration file",
        ),
        flag(Alertmanager, "web.timeout", true, "nothing: slow connections give way to new ones"),
        flag(Alertmanager, "web.systemd-socket", false, "`--web.listen-address`"),
        flag(Alertmanager, "enable-feature", true, NOTHING),
        flag(Alertmanager, "auto-gomemlimit.ratio", true, NOTHING),
    ]
};
