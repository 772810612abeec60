//! The handlers, one file for each topic: from a request to an answer as a type.

pub mod conditions;
pub mod deliveries;
pub(super) mod status;
pub(super) mod test_message;
