//! How the store is, for those who ask whether notifications are taken.

use super::QueueError;

/// Whether the store takes new notifications, and how long its log is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Why new notifications are refused; none while they are taken.
    pub refusal: Option<QueueError>,
    /// Bytes of the log that are not in the database yet.
    pub log_bytes: u64,
}

impl Health {
    /// Whether the store failed, so that only another process can go on with it.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        matches!(self.refusal, Some(QueueError::Broken(_)))
    }
}
