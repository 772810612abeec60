//! `campana doctor [RECEIVER]`: tries the way to each destination, and says what is wrong and what to do.
//!
//! It reads the configuration alone: no server is needed, and its queue is not touched.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::{ConfigArgs, print, serve};
use crate::clock::SystemClock;
use crate::doctor::{Doctor, Finding, Mark, language_of};
use crate::language::Language;
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
    let language = language_of(&loaded.settings, &receivers);
    for finding in of_configuration(&loaded, language) {
        tally.tell(&finding);
    }
    let doctor = Doctor::new(&loaded.settings, &receivers, Arc::new(SystemClock))?;
    let runtime = serve::runtime()?;
    let examined = runtime.block_on(doctor.examine(args.send, |finding| tally.tell(&finding)));
    // A look-up of a name that hangs does not keep the process.
    runtime.shutdown_background();
    examined?;
    print::line(&tally.words(args.send, language));
    Ok(if tally.wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
fn of_configuration(loaded: &Loaded, language: Language) -> Vec<Finding> {
    let of = |mark, words: String| Finding::new("configuration", "check", (mark, words));
    if loaded.warnings.is_empty() {
        return vec![of(Mark::Well, language.pick(["it is valid", "配置有效"]).to_owned())];
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

    /// The last line: how it stands, and whether a message was sent.
    fn words(self, is_sent: bool, language: Language) -> String {
        let Self { wrong, doubtful } = self;
        let counts = match (wrong, doubtful) {
            (0, 0) => language.pick(["all is well".to_owned(), "一切正常".to_owned()]),
            (wrong, doubtful) => language.pick([
                format!("wrong: {wrong}, doubtful: {doubtful}"),
                format!("错误 {wrong} 项，存疑 {doubtful} 项"),
            ]),
        };
        let not_sent =
            ["; no message was sent, which --send does", "；没有发送消息，加 --send 才发送"];
        if is_sent { counts } else { counts + language.pick(not_sent) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_in_each_language_and_says_whether_a_message_was_sent() {
        let tally = |wrong, doubtful| Tally { wrong, doubtful };
        for (tally, is_sent, expected) in [
            (tally(0, 0), true, ["all is well", "一切正常"]),
            (
                tally(0, 0),
                false,
                [
                    "all is well; no message was sent, which --send does",
                    "一切正常；没有发送消息，加 --send 才发送",
                ],
            ),
            (tally(2, 1), true, ["wrong: 2, doubtful: 1", "错误 2 项，存疑 1 项"]),
        ] {
            for language in Language::ALL {
                assert_eq!(tally.words(is_sent, language), language.pick(expected));
            }
        }
    }
}
