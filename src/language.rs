//! The languages that Campana writes to people in: messages, and why one did not arrive.
//!
//! What an operator reads of the program itself, such as its log, its help and the mistakes in a configuration,
//! is English.

/// A language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    ZhCn,
}

impl Language {
    /// All languages, the default first.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhCn];

    /// Its name in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhCn => "zh-CN",
        }
    }
}
