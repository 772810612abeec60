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
