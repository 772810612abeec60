//! A notification, and the data that templates are run with.

use std::cell::OnceCell;
use std::fmt;

use gotemplate::Zone;

use crate::alert::Notification;
use crate::render::Language;
use crate::render::profile::{self, Model, Profile};

/// A notification for templates. The data of a profile is made for the first template that is run
/// with it, and kept for the others.
pub struct TemplateData<'a> {
    notification: &'a Notification,
    models: [OnceCell<Box<dyn Model>>; Profile::ALL.len()],
}

impl<'a> TemplateData<'a> {
    /// A notification for which no profile's data is made yet.
    #[must_use]
    pub fn new(notification: &'a Notification) -> Self {
        Self { notification, models: Default::default() }
    }

    /// The notification.
    #[must_use]
    pub const fn notification(&self) -> &'a Notification {
        self.notification
    }

    /// The data of a profile. It is kept, so a request has one local zone and one language.
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
