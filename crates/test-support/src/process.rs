//! Programs that tests run as processes of their own, and the ports that they listen on.
//!
//! A [`Process`] never outlives its owner.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::patience::PATIENCE;

/// How often a test looks whether a process has ended.
const LOOK: Duration = Duration::from_millis(5);

/// A running program; killed when it goes out of scope.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    /// Starts it; what it prints goes to the file `log`.
    ///
    /// # Panics
    ///
    /// When there is no such program.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let out = File::create(log).expect("a log file");
        let err = out.try_clone().expect("the same file");
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child, log: log.to_owned() }
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it printed so far.
    ///
    /// # Panics
    ///
    /// When the file is gone.
    #[must_use]
    pub fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).expect("its log");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Sends it a signal.
    ///
    /// # Panics
    ///
    /// When the system does not let this test signal it.
    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        let pid = Pid::from_raw(id).expect("not zero");
        kill_process(pid, signal).expect("it can be signalled until it is waited for");
    }

    /// `kill -9`; returns when it is gone.
    ///
    /// # Panics
    ///
    /// When the system does not let this test kill it.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed until it is waited for");
        self.child.wait().expect("its end");
    }

    /// How it ended, if it has.
    ///
    /// # Panics
    ///
    /// When the system does not tell.
    pub fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("its state")
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// When it has not ended in this time.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        let mut status = None;
        let ended = tokio::time::timeout(within, async {
            while status.is_none() {
                tokio::time::sleep(LOOK).await;
                status = self.status();
            }
        });
        ended.await.unwrap_or_else(|_| panic!("it did not end within {within:?}\n{}", self.log()));
        status.expect("it ended")
    }

    /// Waits until somebody, itself too, has killed it with SIGKILL.
    ///
    /// # Panics
    ///
    /// When it ended otherwise, or not at all.
    pub async fn killed(&mut self) {
        let status = self.ended(PATIENCE).await;
        assert_eq!(status.signal(), Some(Signal::KILL.as_raw()), "{status}\n{}", self.log());
    }
}

/// Runs a program to its end: its status, and what it printed on both ways out.
pub async fn run(command: &mut Command, folder: &Path) -> (ExitStatus, String) {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let log = folder.join(format!("run-{}.log", RUNS.fetch_add(1, Ordering::Relaxed)));
    let mut process = Process::start(command, &log);
    let status = process.ended(PATIENCE).await;
    (status, process.log())
}

/// A port for a program that has to come back to the same one.
///
/// Below the range that the system gives to outgoing connections (32768 on Linux), so that none of
/// them takes it while the program is away.
///
/// # Panics
///
/// When no port is free.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..1_000 {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let offset = (std::process::id().wrapping_mul(67).wrapping_add(step)) % 12_000;
        let port = 20_000 + u16::try_from(offset).expect("below 12,000");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free")
}
