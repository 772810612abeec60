//! Conditions: label, operator, values; all must hold for an alert to be kept.

/// A receiver's conditions; none at all keep every alert.
#[derive(Debug, Clone, Default)]
pub struct Conditions;
