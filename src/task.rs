//! The long-lived tasks of the process: HTTP server, lanes, janitor.
//!
//! A task that fails ends the process, since nothing else would do its work.

use std::fmt::Display;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// When a task that works in rounds looks next, for tests that move the clock.
#[derive(Debug, Default)]
pub struct NextRound(Mutex<Option<Duration>>);

impl NextRound {
    /// Whether every round that was due at this boot time is done.
    #[must_use]
    pub fn is_idle(&self, boot: Duration) -> bool {
        let next = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        next.is_some_and(|next| next > boot)
    }

    /// The next round is at this boot time.
    pub fn set(&self, boot: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(boot);
    }
}

/// The set of long-lived tasks.
///
/// A task ends well after [`Tasks::stop`], or when a reload removes its lane. A task that fails or
/// panics is reported, and the receiver of the reports ends the process.
#[derive(Debug, Clone)]
pub struct Tasks {
    stop: watch::Sender<bool>,
    failures: mpsc::UnboundedSender<String>,
    handles: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Tasks {
    /// A set without tasks, and the receiver of their failures.
    #[must_use]
    pub fn new() -> (Self, mpsc::UnboundedReceiver<String>) {
        let (failures, reports) = mpsc::unbounded_channel();
        let (stop, _) = watch::channel(false);
        (Self { stop, failures, handles: Arc::default() }, reports)
    }

    /// Starts a task; its failure is reported with `name`.
    pub fn spawn<E: Display + Send + 'static>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<(), E>> + Send + 'static,
    ) {
        let failures = self.failures.clone();
        let handle = tokio::spawn(async move {
            let failure = match tokio::spawn(work).await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => format!("{name}: {error}"),
                Err(error) => format!("{name}: {error}"),
            };
            // When the process is ending, nothing receives the reports any more.
            let _ = failures.send(failure);
        });
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that have ended are let go before the list grows, and not at every start of a task:
        // a start with ten thousand lanes would look at each of them ten thousand times.
        if handles.len() == handles.capacity() {
            handles.retain(|handle| !handle.is_finished());
        }
        handles.push(handle);
    }

    /// Becomes true when the tasks have to end.
    #[must_use]
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Asks all tasks to end.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Waits until all tasks have ended.
    pub async fn ended(&self) {
        let handles =
            std::mem::take(&mut *self.handles.lock().unwrap_or_else(PoisonError::into_inner));
        for handle in handles {
            // The inner task's panic has been reported, and the outer task cannot fail.
            let _ = handle.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_fails_or_panics_is_reported_by_its_name() {
        let (tasks, mut reports) = Tasks::new();
        tasks.spawn("lane", async { Err("the disk is gone") });
        assert_eq!(reports.recv().await.unwrap(), "lane: the disk is gone");
        tasks.spawn::<String>("janitor", async { panic!("planted") });
        let report = reports.recv().await.unwrap();
        assert!(report.starts_with("janitor: ") && report.contains("panicked"), "{report}");
    }

    #[tokio::test]
    async fn all_tasks_see_the_stop_and_are_waited_for() {
        let (tasks, mut reports) = Tasks::new();
        for _ in 0..3 {
            let mut stop = tasks.stopping();
            tasks.spawn("lane", async move {
                let _ = stop.wait_for(|stop| *stop).await;
                Ok::<(), String>(())
            });
        }
        tasks.stop();
        tasks.ended().await;
        assert!(reports.try_recv().is_err(), "none failed");
    }
}
