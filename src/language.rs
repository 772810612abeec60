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

    /// Of what is the same in each language, in the order of [`Language::ALL`], that of this one.
    #[must_use]
    pub fn pick<T>(self, [english, chinese]: [T; Self::ALL.len()]) -> T {
        match self {
            Self::En => english,
            Self::ZhCn => chinese,
        }
    }

    /// Its name in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhCn => "zh-CN",
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    /// Whether three English words follow each other outside of what is quoted from a command line.
    pub(crate) fn is_partly_english(text: &str) -> bool {
        let is_word =
            |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphabetic());
        text.split('`').step_by(2).any(|piece| {
            let words: Vec<&str> = piece.split(' ').collect();
            words.windows(3).any(|three| three.iter().all(is_word))
        })
    }

    #[test]
    fn english_is_known_by_three_words() {
        for (text, expected) in [
            ("请 try it again 再试", true),
            ("用 `campana template render` 查看", false),
            ("Client ID 和 Client Secret", false),
            ("", false),
        ] {
            assert_eq!(is_partly_english(text), expected, "{text}");
        }
    }
}
