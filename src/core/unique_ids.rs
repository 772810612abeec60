//! The ids that this process gives out: to requests, and to notifications.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

/// Gives out UUIDs, none of them twice.
///
/// One random UUID of the process is counted on: asking the system for each one would take longer
/// than all else that is done with an id. They are no secrets: who sees one can guess the next.
#[derive(Debug)]
pub struct UniqueIds {
    first: Uuid,
    given: AtomicU64,
}

impl Default for UniqueIds {
    fn default() -> Self {
        Self { first: Uuid::new_v4(), given: AtomicU64::new(0) }
    }
}

impl UniqueIds {
    /// The next one; the count reaches neither the version nor the variant in it.
    pub fn next(&self) -> Uuid {
        let count = u128::from(self.given.fetch_add(1, Ordering::Relaxed));
        Uuid::from_u128(self.first.as_u128() ^ count)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_id_is_given_twice_and_each_is_a_random_uuid() {
        let (one, other) = (UniqueIds::default(), UniqueIds::default());
        let ids: HashSet<_> = (0..100).flat_map(|_| [one.next(), other.next()]).collect();
        assert_eq!(ids.len(), 200);
        for id in ids {
            assert_eq!((id.get_version_num(), id.get_variant()), (4, uuid::Variant::RFC4122));
        }
    }
}
