//! Programs that tests run as processes of their own, and the ports that they listen on.
//!
//! A [`Process`] never outlives its owner, and whatever is awaited has a deadline in real time.

use std::fs::File;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// How long a test waits for what should be there in a moment, on a machine that is busy.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(5);

/// A running program; killed when it goes out of scope.
#[derive(Debug)]
pub(crate) struct Process {
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
    pub(crate) fn start(command: &mut Command, log: &Path) -> Self {
        let out = File::create(log).expect("a log file");
        let err = out.try_clone().expect("the same file");
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child, log: log.to_owned() }
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it printed so far.
    pub(crate) fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).expect("its log");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        let pid = Pid::from_raw(id).expect("not zero");
        kill_process(pid, signal).expect("it can be signalled until it is waited for");
    }

    /// `kill -9`; returns when it is gone.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it can be killed until it is waited for");
        self.child.wait().expect("its end");
    }

    /// How it ended, if it has.
    pub(crate) fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("its state")
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self, within: Duration) -> ExitStatus {
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
    pub(crate) async fn killed(&mut self) {
        let status = self.ended(PATIENCE).await;
        assert_eq!(status.signal(), Some(Signal::KILL.as_raw()), "{status}\n{}", self.log());
    }
}

/// Runs a program to its end: its status, and what it printed on both ways out.
pub(crate) async fn run(command: &mut Command, folder: &Path) -> (ExitStatus, String) {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let log = folder.join(format!("run-{}.log", RUNS.fetch_add(1, Ordering::Relaxed)));
    let mut process = Process::start(command, &log);
    let status = process.ended(PATIENCE).await;
    (status, process.log())
}

/// Looks again and again until `done`.
pub(crate) async fn until(what: &str, done: impl AsyncFnMut() -> bool) {
    assert!(reached(done).await, "not {what} within {PATIENCE:?}");
}

/// Looks again and again; whether `done` became true in time.
pub(crate) async fn reached(mut done: impl AsyncFnMut() -> bool) -> bool {
    let look = async {
        while !done().await {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.is_ok()
}

/// Says something whether or not the test passes; `println!` is shown only when it fails.
pub(crate) fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A port for a program that has to come back to the same one.
///
/// Below the range that the system gives to outgoing connections (32768 on Linux), so that none of
/// them takes it while the program is away.
pub(crate) fn free_port() -> u16 {
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
