//! Profiles: the functions, the data and the well-known templates of each product whose templates can
//! be used.
//!
//! One name has different meanings in two products, so each profile has its own of everything that
//! differs.

mod alertmanager;
mod model;
mod notification_manager;
mod own;
mod prometheus_webhook_dingtalk;
mod prometheusalert;
mod runes;
mod strings;

use std::fmt;
use std::ops::Range;

use gotemplate::{Functions, MissingKey, Value, Zone};

pub use self::notification_manager::LanguagePack;
use crate::alert::Notification;

/// The product that a user's templates were written for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// Alertmanager 0.34.
    #[default]
    Alertmanager,
    /// prometheus-webhook-dingtalk 2.1.
    PrometheusWebhookDingtalk,
    /// KubeSphere's notification-manager.
    NotificationManager,
    /// PrometheusAlert.
    PrometheusAlert,
}

/// A template that a profile brings along: its file's name and its source.
pub type TemplateSource = (&'static str, &'static str);

/// A function that a product has and Campana refuses: its name and the reason.
pub type RefusedFunction = (&'static str, &'static str);

/// The data of a notification in a profile, made once for all runs.
pub trait Model: Send + Sync {
    /// The data of one run: of the alerts only those in `alerts`, everything else of the whole
    /// notification. `mobiles` are those that the destination mentions.
    ///
    /// Copies no alert.
    fn data(&self, alerts: Range<usize>, mobiles: &[String]) -> Value;
}

impl Profile {
    /// All profiles, the default first.
    pub const ALL: [Self; 4] = [
        Self::Alertmanager,
        Self::PrometheusWebhookDingtalk,
        Self::NotificationManager,
        Self::PrometheusAlert,
    ];

    /// Its name in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alertmanager => "alertmanager",
            Self::PrometheusWebhookDingtalk => "prometheus-webhook-dingtalk",
            Self::NotificationManager => "notification-manager",
            Self::PrometheusAlert => "prometheusalert",
        }
    }

    /// The profile of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == name)
    }

    /// Its functions: Go's builtins, the product's, and Campana's own where the name is free.
    #[must_use]
    pub fn functions(self) -> Functions {
        let functions = match self {
            Self::Alertmanager => alertmanager::functions(),
            Self::PrometheusWebhookDingtalk => prometheus_webhook_dingtalk::functions(),
            Self::NotificationManager => notification_manager::functions(),
            Self::PrometheusAlert => prometheusalert::functions(),
        };
        functions.with_missing(own::FUNCTIONS).refusing(self.refused())
    }

    /// The functions of the product that are refused.
    #[must_use]
    pub const fn refused(self) -> &'static [RefusedFunction] {
        match self {
            Self::Alertmanager => alertmanager::REFUSED,
            Self::PrometheusWebhookDingtalk => prometheus_webhook_dingtalk::REFUSED,
            Self::NotificationManager => notification_manager::REFUSED,
            Self::PrometheusAlert => prometheusalert::REFUSED,
        }
    }

    /// What a missing key of a map gives in the product.
    #[must_use]
    pub const fn missing_key(self) -> MissingKey {
        match self {
            Self::Alertmanager | Self::PrometheusWebhookDingtalk | Self::NotificationManager => {
                MissingKey::Zero
            }
            Self::PrometheusAlert => MissingKey::Invalid,
        }
    }

    /// The well-known templates of the product, written anew for Campana.
    #[must_use]
    pub const fn sources(self) -> &'static [TemplateSource] {
        match self {
            Self::Alertmanager => alertmanager::SOURCES,
            Self::PrometheusWebhookDingtalk => prometheus_webhook_dingtalk::SOURCES,
            Self::NotificationManager => notification_manager::SOURCES,
            Self::PrometheusAlert => prometheusalert::SOURCES,
        }
    }

    /// Campana's own message as templates: `campana.title`, `campana.markdown` and `campana.text`,
    /// in the profiles whose data they are written for.
    #[must_use]
    pub const fn own_sources(self, language: super::Language) -> &'static [TemplateSource] {
        match self {
            Self::Alertmanager | Self::PrometheusWebhookDingtalk => own::sources(language),
            Self::NotificationManager | Self::PrometheusAlert => &[],
        }
    }

    /// Whether the product takes spaces and line ends (LF, CR) off the end of what a template wrote.
    #[must_use]
    pub const fn trims(self) -> bool {
        matches!(self, Self::NotificationManager)
    }

    /// The data of `notification` as the product shows it.
    ///
    /// As in Go, a time that was written at the distance from UTC which `local` has then is in
    /// `local`; [`gotemplate::Environment`] is given the same one.
    #[must_use]
    pub fn model(self, notification: &Notification, local: &Zone) -> Box<dyn Model> {
        self.model_in(notification, local, &LanguagePack::default())
    }

    /// The data of `notification` for messages in a language, which notification-manager alone has.
    #[must_use]
    pub fn model_in(
        self,
        notification: &Notification,
        local: &Zone,
        language: &LanguagePack,
    ) -> Box<dyn Model> {
        match self {
            Self::Alertmanager => alertmanager::model(notification, local),
            Self::PrometheusWebhookDingtalk => {
                prometheus_webhook_dingtalk::model(notification, local)
            }
            Self::NotificationManager => notification_manager::model(notification, local, language),
            Self::PrometheusAlert => prometheusalert::model(notification),
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
