//! How the store is, for those who ask whether notifications are taken.

use std::path::PathBuf;

use super::QueueError;

/// Whether the store takes new notifications, how long its log is, and what it has lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Why new notifications are refused; none while they are taken.
    pub refusal: Option<QueueError>,
    /// Bytes of the log that are not in the database yet.
    pub log_bytes: u64,
    /// Each time that this process met damage and went on with a new database.
    pub mended: Vec<Mended>,
}

impl Health {
    /// Why a notification can be refused unread: what has to be stored would not be.
    ///
    /// Not while another program holds the store up, since it may let go meanwhile.
    #[must_use]
    pub fn refuses_unread(&self) -> Option<&QueueError> {
        self.refusal
            .as_ref()
            .filter(|refusal| matches!(refusal, QueueError::AtLimit(_) | QueueError::Full(_)))
    }

    /// Whether the store failed, so that only another process can go on with it.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        matches!(self.refusal, Some(QueueError::Broken(_)))
    }
}

/// A damaged database gave way to a new one of what could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// What was found, in words.
    pub damage: String,
    /// Where the damaged database lies now.
    pub kept: PathBuf,
    /// How many deliveries could be read.
    pub deliveries: u64,
    /// In words, one line each: what could not.
    pub lost: Vec<String>,
}
