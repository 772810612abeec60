//! A notification, with what templates are shown of it.

use std::cell::OnceCell;
use std::fmt;

use gotemplate::Zone;

use crate::alert::Notification;
use crate::render::Language;
use crate::render::profile::{self, Model, Profile};

/// What is written about. A profile's data is made when a template first asks for it, and kept.
pub struct TemplateData<'a> {
    notification: &'a Notification,
    models: [OnceCell<Box<dyn Model>>; Profile::ALL.len()],
}

impl<'a> TemplateData<'a> {
    /// A notification of which nothing is made yet.
    #[must_use]
    pub fn new(notification: &'a Notification) -> Self {
        Self { notification, models: Default::default() }
    }

    /// The notification.
    #[must_use]
    pub const fn notification(&self) -> &'a Notification {
        self.notification
    }

    /// The notification as the product shows it; a request has one local zone and one language.
    pub(super) fn model(&self, profile: Profile, local: &Zone, language: Language) -> &dyn Model {
        let at = Profile::ALL.iter().position(|one| *one == profile).unwrap_or_default();
        self.models[at]
            .get_or_init(|| {
                let language = match language {
                    Language::En => profile::LanguagePack::default(),
                    Language::ZhCn => profile::LanguagePack::new("zh-cn", []),
                };
                profile.model_in(self.notification, local, &language)
            })
            .as_ref()
    }
}

impl fmt::Debug for TemplateData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TemplateData").field(self.notification).finish()
    }
}
