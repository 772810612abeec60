//! What a piece of work takes of the heap at most, in the builds of the fuzzer.
//!
//! As a test on stable Rust nothing is counted, since counting needs an allocator of its own.

#[cfg(not(test))]
use std::alloc::{GlobalAlloc, Layout, System};
#[cfg(not(test))]
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Counts the bytes that are taken now, and the most that were.
#[cfg(not(test))]
struct Counting;

#[cfg(not(test))]
static TAKEN: AtomicUsize = AtomicUsize::new(0);
#[cfg(not(test))]
static MOST: AtomicUsize = AtomicUsize::new(0);

#[cfg(not(test))]
#[global_allocator]
static ALLOCATOR: Counting = Counting;

// Safety: the system's allocator does the work; `realloc` is made of the two others.
#[cfg(not(test))]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let taken = TAKEN.fetch_add(layout.size(), Relaxed) + layout.size();
        MOST.fetch_max(taken, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        TAKEN.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// What `work` gives, and the bytes that it had taken at most beyond what was taken before.
#[cfg(not(test))]
pub(crate) fn most_taken<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = TAKEN.load(Relaxed);
    MOST.store(before, Relaxed);
    let done = work();
    (done, MOST.load(Relaxed).saturating_sub(before))
}

/// What `work` gives; nothing is counted.
#[cfg(test)]
pub(crate) fn most_taken<T>(work: impl FnOnce() -> T) -> (T, usize) {
    (work(), 0)
}
