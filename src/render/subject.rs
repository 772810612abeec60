//! What a message is about: the alerts of a notification that its receiver keeps.
//!
//! What is looked up of them is looked up when it is needed first, and kept for all messages about
//! them: the facts that the built-in message says, and the data of each templates' profile.

use std::cell::OnceCell;
use std::fmt;
use std::rc::Rc;

use gotemplate::Zone;
use jiff::Timestamp;

use super::Language;
use super::facts::{Facts, Survey};
use super::profile::{self, Model, Profile};
use super::severity::SeverityOrder;
use crate::alert::{Alert, AlertSet, Notification};

/// The alerts of a notification that its receivers keep.
pub struct Subject<'a> {
    whole: &'a Notification,
    order: &'a SeverityOrder,
    /// What is known of the whole notification, which its other subjects share.
    survey: Rc<OnceCell<Survey<'a>>>,
    /// When the newest alert began of those that were told of last; for the survey.
    told_until: Option<Timestamp>,
    kept: AlertSet,
    facts: OnceCell<Facts<'a>>,
    /// The notification of the kept alerts, if some are left out.
    alone: OnceCell<Notification>,
    models: [[OnceCell<Box<dyn Model>>; Language::ALL.len()]; Profile::ALL.len()],
}

impl<'a> Subject<'a> {
    /// All alerts of `notification`, the most severe by `order` first.
    #[must_use]
    pub fn new(notification: &'a Notification, order: &'a SeverityOrder) -> Self {
        Self {
            whole: notification,
            order,
            survey: Rc::default(),
            told_until: None,
            kept: AlertSet::all(notification),
            facts: OnceCell::new(),
            alone: OnceCell::new(),
            models: Default::default(),
        }
    }

    /// The same of a group of which was told before, with the same alerts firing: an alert that began after
    /// `told_until`, when the newest of them had begun, recovered meanwhile without a word.
    #[must_use]
    pub fn told_until(self, told_until: Option<Timestamp>) -> Self {
        Self { told_until, ..self }
    }

    /// Those of the same notification that are in `kept`.
    #[must_use]
    pub fn keeping(&self, kept: AlertSet) -> Self {
        let whole = Self::new(self.whole, self.order).told_until(self.told_until);
        Self { survey: Rc::clone(&self.survey), kept, ..whole }
    }

    /// The notification with all its alerts.
    #[must_use]
    pub const fn whole(&self) -> &'a Notification {
        self.whole
    }

    /// These alerts, in Alertmanager's order.
    pub fn alerts(&self) -> impl Iterator<Item = &'a Alert> + Clone {
        let alerts = self.whole.alerts.iter().enumerate();
        alerts.filter(|(place, _)| self.kept.contains(*place)).map(|(_, alert)| alert)
    }

    /// The notification as Alertmanager would have sent it for these alerts alone; a copy, if some
    /// are left out.
    #[must_use]
    pub fn notification(&self) -> &Notification {
        if self.kept.is_whole() {
            return self.whole;
        }
        self.alone.get_or_init(|| self.kept.alone(self.whole).into_owned())
    }

    /// What a message says of the alerts.
    #[must_use]
    pub fn facts(&self) -> &Facts<'a> {
        let new = || Survey::new(self.whole, self.order).told_until(self.told_until);
        let survey = || self.survey.get_or_init(new);
        self.facts.get_or_init(|| survey().facts(&self.kept))
    }

    /// The data of a profile in a language. It is kept, so a request has one local zone.
    pub(super) fn model(&self, profile: Profile, local: &Zone, language: Language) -> &dyn Model {
        let at = Profile::ALL.iter().position(|one| *one == profile).unwrap_or_default();
        let of = Language::ALL.iter().position(|one| *one == language).unwrap_or_default();
        self.models[at][of]
            .get_or_init(|| {
                let language = match language {
                    Language::En => profile::LanguagePack::default(),
                    Language::ZhCn => profile::LanguagePack::new("zh-cn", []),
                };
                profile.model_in(self.notification(), local, &language)
            })
            .as_ref()
    }
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("whole", &self.whole).field("kept", &self.kept).finish()
    }
}
