//! The flags of other products at the command line of the server: what is written instead of each.
//!
//! A value may be a token, as that of `--ding.profile` holds one, so that of all values only the names of
//! profiles and of template files are shown.

mod known;
mod profiles;

use std::process::ExitCode;

use clap::CommandFactory as _;

use self::known::{FLAGS, ForeignFlag, Product};
use self::profiles::Profiles;
use super::{Cli, print};

/// The exit status of a command line that is not understood, as clap has it.
const USAGE: u8 = 2;

/// Prints why the command line is refused: what to write for another product's flags, or clap's words.
pub(super) fn refuse(error: &clap::Error) -> ExitCode {
    let arguments: Vec<String> =
        std::env::args_os().skip(1).map(|text| text.to_string_lossy().into_owned()).collect();
    // Help and version are no errors.
    let words = if error.use_stderr() { answer(&arguments) } else { None };
    match words {
        Some(words) => {
            print::error(&words);
            ExitCode::from(USAGE)
        }
        None => error.exit(),
    }
}

/// What is said of the arguments behind the program's name, if flags of another product are among them, or
/// flags of `serve` without the command.
fn answer(arguments: &[String]) -> Option<String> {
    let is_command = |text: &String| !text.starts_with('-');
    let command = arguments.first().filter(|first| is_command(first));
    if command.is_some_and(|command| command != "serve") {
        return None;
    }
    let given = Given::of(arguments);
    if !given.flags.is_empty() {
        return Some(given.words());
    }
    let first = arguments.first().filter(|first| !is_command(first))?;
    let flag = first.split('=').next().unwrap_or_default();
    is_servers(flag).then(|| {
        format!(
            "error: `{flag}` is a flag of `campana serve`; write the command before it: campana \
             serve {flag}"
        )
    })
}

/// Whether `campana serve` has this flag.
fn is_servers(flag: &str) -> bool {
    let cli = Cli::command();
    let name = flag.strip_prefix("--");
    let serve = cli.find_subcommand("serve");
    serve.is_some_and(|serve| serve.get_arguments().any(|known| known.get_long() == name))
}

/// The flags of other products that were given.
#[derive(Default)]
struct Given {
    /// Each flag once, as it is called.
    flags: Vec<(String, &'static ForeignFlag)>,
    /// What becomes a configuration.
    profiles: Profiles,
}

impl Given {
    fn of(arguments: &[String]) -> Self {
        let mut given = Self::default();
        let mut rest = arguments.iter().map(String::as_str).peekable();
        while let Some(argument) = rest.next() {
            // The first versions of prometheus-webhook-dingtalk wrote one hyphen.
            let text = argument.strip_prefix("--").or_else(|| argument.strip_prefix('-'));
            let Some((name, value)) = text.map(|text| match text.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (text, None),
            }) else {
                continue;
            };
            let Some(flag) = FLAGS.iter().find(|flag| flag.is_called(name)) else { continue };
            let behind = || rest.next_if(|next| flag.takes_value && !next.starts_with('-'));
            let value = value.or_else(behind).unwrap_or_default();
            match name {
                "ding.profile" => given.profiles.add(value),
                "template.file" => given.profiles.add_templates(value),
                _ => {}
            }
            let name = format!("--{name}");
            if !given.flags.iter().any(|(known, _)| *known == name) {
                given.flags.push((name, flag));
            }
        }
        given
    }

    fn words(&self) -> String {
        let mut words = String::new();
        let width = self.flags.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for product in Product::ALL {
            let of_product = self.flags.iter().filter(|(_, flag)| flag.product == product);
            let lines: Vec<String> = of_product
                .map(|(name, flag)| format!("  {name:width$}  {}\n", flag.instead))
                .collect();
            if !lines.is_empty() {
                let separator = if words.is_empty() { "error: " } else { "\n" };
                words.extend([separator, product.introduction(), "\n", &lines.concat()]);
            }
        }
        words.push_str(&self.profiles.configuration());
        words + "\nThe flags that `campana serve --help` shows stay as they are."
    }
}

#[cfg(test)]
mod tests;
