//! Which receivers a notification concerns, and which of its alerts they keep.

pub mod condition;
