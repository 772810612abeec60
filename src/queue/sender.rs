//! What is known of a sender between its notifications.
//!
//! Some senders do not say all of it in one notification: whether something ends that they told of
//! before, or since when it goes on. Their readers keep that here; to the store it is bytes.

/// What something is known of: a sender, and one of its things.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SenderKey {
    /// The sender, by the name that its reader gives it.
    pub sender: String,
    /// The thing, by a name of the reader's too.
    pub thing: String,
}

/// Things of one sender, each with what is known of it.
pub type SenderStates = Vec<(String, Vec<u8>)>;

/// What a notification changes of what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderChange {
    /// Of what.
    pub of: SenderKey,
    /// What was known when the notification was read.
    pub was: Option<Vec<u8>>,
    /// What is known after it; nothing any more if none.
    pub becomes: Option<Vec<u8>>,
}
