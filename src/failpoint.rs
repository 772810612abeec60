//! Named points at which a test lets the process die, as `kill -9` or a power cut would.
//!
//! Without the feature `failpoints`, as in every release, [`reached`] is empty. With it, the
//! process kills itself when `CAMPANA_FAILPOINT` names the point, or the N-th time that it gets
//! there, written `point:N`. No destructor runs and nothing is flushed: what the next start finds
//! is what was on disk.

/// Tells that the work has come to `point`; returns unless a test wants the process dead there.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn reached(_point: &'static str) {}

#[cfg(feature = "failpoints")]
pub use armed::reached;

#[cfg(feature = "failpoints")]
mod armed {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use rustix::process::{Signal, getpid, kill_process};

    static ARMED: LazyLock<Option<Armed>> =
        LazyLock::new(|| std::env::var("CAMPANA_FAILPOINT").ok().map(|text| Armed::parse(&text)));

    /// Where the process is to die, and how often it still passes.
    struct Armed {
        point: String,
        left: AtomicU64,
    }

    impl Armed {
        fn parse(text: &str) -> Self {
            let (point, times) = text.split_once(':').unwrap_or((text, "1"));
            let left = AtomicU64::new(times.parse().unwrap_or(1));
            Self { point: point.to_owned(), left }
        }

        fn is_due(&self, point: &str) -> bool {
            self.point == point && self.left.fetch_sub(1, Ordering::Relaxed) == 1
        }
    }

    /// Tells that the work has come to `point`; returns unless a test wants the process dead there.
    pub fn reached(point: &'static str) {
        if ARMED.as_ref().is_some_and(|armed| armed.is_due(point)) {
            let _ = kill_process(getpid(), Signal::KILL);
            // The signal ends this thread too; whatever happens, the work must not go on.
            std::process::abort();
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_point_is_due_the_named_time_and_no_other() {
            for (text, due) in [("a", [true, false, false]), ("a:2", [false, true, false])] {
                let armed = Armed::parse(text);
                assert!(!armed.is_due("b"), "{text}");
                assert_eq!([(); 3].map(|()| armed.is_due("a")), due, "{text}");
            }
        }
    }
}
