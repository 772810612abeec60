//! Campana's own functions, in every profile where the name is free.

use gotemplate::Function;

pub(super) const FUNCTIONS: &[Function] = &[];
