//! The buttons of a card, and how they stand.

use serde::{Deserialize, Serialize};

/// A button that opens a page; of a feed card, an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Button {
    /// What stands on it.
    pub text: String,
    /// The address that it opens.
    pub url: String,
}

/// How the buttons of a card stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonLayout {
    /// One below the other, which leaves room for their words.
    #[default]
    Vertical,
    /// Side by side.
    Horizontal,
    /// A single one, and a tap anywhere on the card opens it.
    Whole,
}

impl ButtonLayout {
    /// All layouts, the default first.
    pub const ALL: [Self; 3] = [Self::Vertical, Self::Horizontal, Self::Whole];

    /// Its name in the configuration and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vertical => "vertical",
            Self::Horizontal => "horizontal",
            Self::Whole => "whole",
        }
    }

    /// DingTalk's `btnOrientation` (`custom-robots-send-group-messages`).
    #[must_use]
    pub const fn orientation(self) -> &'static str {
        match self {
            Self::Vertical | Self::Whole => "0",
            Self::Horizontal => "1",
        }
    }

    /// Whether it is the default, which is not stored.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_and_the_configuration_call_a_layout_the_same() {
        for layout in ButtonLayout::ALL {
            assert_eq!(serde_json::to_value(layout).unwrap(), layout.as_str());
        }
    }
}
