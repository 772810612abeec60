//! Faults that are put in, so that it is seen that the simulation finds them.

/// What goes wrong once, when the moment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plant {
    /// Nothing.
    Nothing,
    /// The store answers that a notification is stored, and has not stored it.
    NotStored,
    /// The store answers that an arrival is recorded, and has not recorded it.
    NotSettled,
    /// DingTalk says that a message arrived, and shows it to nobody.
    NotShown,
}
