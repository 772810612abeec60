//! The language of a notification-manager message: the words that `translate` gives, and the text
//! that `message` takes.

use std::collections::BTreeMap;

use gotemplate::Text;

use crate::render::profile::strings::lower;

/// The language of messages for which the configuration names no other.
const DEFAULT: &str = "English";

/// The one language whose messages take an alert's Chinese summary first.
const CHINESE: &str = "zh-cn";

/// A language and its words, as notification-manager's language packs name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguagePack {
    name: String,
    words: BTreeMap<Vec<u8>, Text>,
}

impl LanguagePack {
    /// The language `name` with the words of its packs; of a word that comes twice, the last stays.
    ///
    /// Words are found in any case. `English` is the product's own and takes no other words.
    pub fn new<'a>(name: &str, words: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        if name.is_empty() || name == DEFAULT {
            return Self::default();
        }
        let words = words.into_iter().map(|(word, text)| (lower(word.as_bytes()), text.into()));
        Self { name: name.to_owned(), words: words.collect() }
    }

    /// The translation of `word`, if the pack has one.
    pub(super) fn translate(&self, word: &[u8]) -> Option<Text> {
        self.words.get(&lower(word)).cloned()
    }

    pub(super) fn is_chinese(&self) -> bool {
        self.name == CHINESE
    }
}

impl Default for LanguagePack {
    /// English, which knows two words: the statuses, in capitals.
    fn default() -> Self {
        let words = [("firing", "FIRING"), ("resolved", "RESOLVED")];
        let words = words.map(|(word, text)| (word.as_bytes().to_vec(), text.into()));
        Self { name: DEFAULT.to_owned(), words: words.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_any_case() {
        let chinese = LanguagePack::new("zh-cn", [("Severity", "级别"), ("firing", "触发中")]);
        assert_eq!(chinese.translate(b"sEVERITY"), Some("级别".into()));
        assert_eq!(chinese.translate("级别".as_bytes()), None);
        assert!(chinese.is_chinese());
    }

    #[test]
    fn english_has_its_own_words_whatever_a_pack_says() {
        for name in ["", "English"] {
            let english = LanguagePack::new(name, [("firing", "burning"), ("pod", "POD")]);
            assert_eq!(english, LanguagePack::default());
            assert_eq!(english.translate(b"Firing"), Some("FIRING".into()));
            assert_eq!(english.translate(b"pod"), None);
        }
    }
}
