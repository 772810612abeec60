//! `campana doctor [RECEIVER]`: tries the way to each destination, and says what is wrong and what to do.
//!
//! It reads the configuration alone: no server is needed, and its queue is not touched.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::{ConfigArgs, print, serve};
use crate::clock::SystemClock;
use crate::doctor::{Doctor, Finding, Mark};
use crate::settings::{Loaded, Overrides, Receiver, Settings};

/// The exit status where nothing could be examined, as that of a command line that is wrong.
const NOT_EXAMINED: u8 = 2;

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Only this receiver.
    #[arg(value_name = "RECEIVER")]
    receiver: Option<String>,
    /// Send the test message to every destination too.
    #[arg(long)]
    send: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// How many findings are wrong, and how many doubtful.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    wrong: usize,
    doubtful: usize,
}

/// Prints a line for each finding; ends with 1 if something is wrong, and with 2 if nothing could be
/// examined.
pub(super) fn run(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let loaded = match args.config.load(&Overrides::default()) {
        Ok(loaded) => loaded,
        Err(error) => return Ok(not_examined(&error)),
    };
    let receivers = match receivers(&loaded.settings, args.receiver.as_deref()) {
        Ok(receivers) => receivers,
        Err(error) => return Ok(not_examined(&error)),
    };
    let mut tally = Tally::default();
    for finding in of_configuration(&loaded) {
        tally.tell(&finding);
    }
    let doctor = Doctor::new(&loaded.settings, &receivers, Arc::new(SystemClock))?;
    let runtime = serve::runtime()?;
    let examined = runtime.block_on(doctor.examine(args.send, |finding| tally.tell(&finding)));
    // A look-up of a name that hangs does not keep the process.
    runtime.shutdown_background();
    examined?;
    let sent = if args.send { "" } else { "; no message was sent, which --send does" };
    let Tally { wrong, doubtful } = tally;
    print::line(&match (wrong, doubtful) {
        (0, 0) => format!("all is well{sent}"),
        (wrong, doubtful) => format!("wrong: {wrong}, doubtful: {doubtful}{sent}"),
    });
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn not_examined(error: &anyhow::Error) -> ExitCode {
    print::error(&format!("campana: {error:#}"));
    ExitCode::from(NOT_EXAMINED)
}

fn receivers<'a>(settings: &'a Settings, name: Option<&str>) -> anyhow::Result<Vec<&'a Receiver>> {
    match name {
        Some(name) => Ok(vec![settings.receivers.find(name)?]),
        None => Ok(settings.receivers.iter().collect()),
    }
}

/// The warnings of the check, which the start logs too.
fn of_configuration(loaded: &Loaded) -> Vec<Finding> {
    let of = |mark, words: String| Finding::new("configuration", "check", (mark, words));
    if loaded.warnings.is_empty() {
        return vec![of(Mark::Well, "it is valid".to_owned())];
    }
    loaded.warnings.iter().map(|warning| of(Mark::Doubtful, warning.to_string())).collect()
}

impl Tally {
    fn tell(&mut self, finding: &Finding) {
        match finding.mark {
            Mark::Wrong => self.wrong += 1,
            Mark::Doubtful => self.doubtful += 1,
            Mark::Well | Mark::Left => {}
        }
        print::line(&print::in_one_line(&finding.to_string()));
    }
}
