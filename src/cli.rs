//! The command line: one file for each subcommand; flags are spelled as in Prometheus.
//!
//! Commands print through `print`, and an error reaches [`run`], which prints it with its causes.

mod check_config;
mod client;
mod conditions;
mod conversations;
mod demo;
mod doctor;
mod foreign_flags;
mod healthcheck;
mod init;
mod migrate;
mod payload;
mod print;
mod queue;
mod serve;
mod template;
mod test;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::settings::{ConfigErrors, Environment, Loaded, Overrides, ProcessSettings, Settings};

/// Receives Alertmanager's webhooks and delivers them to DingTalk; nothing that it accepted is lost.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(ServeArgs),
    /// Check a configuration file; prints every mistake with its place.
    CheckConfig(check_config::CheckConfigArgs),
    /// Write a commented configuration to begin with.
    Init(init::InitArgs),
    /// Translate another product's files into a configuration of Campana.
    Migrate(migrate::MigrateArgs),
    /// Send a receiver's test message through the running server.
    Test(test::TestArgs),
    /// Try the way to each destination, and say what is wrong with it; needs no server.
    Doctor(doctor::DoctorArgs),
    /// Try a receiver's conditions on an alert.
    #[command(subcommand)]
    Conditions(conditions::ConditionsCommand),
    /// Lead conversations of the older API to the current one.
    #[command(subcommand)]
    Conversations(conversations::ConversationsCommand),
    /// Try templates, show their sources, list their functions.
    #[command(subcommand)]
    Template(template::TemplateCommand),
    /// Look at the queue of the running server, replay and discard.
    #[command(subcommand)]
    Queue(queue::QueueCommand),
    /// Show the whole flow against a simulated DingTalk; needs no account, file or network.
    Demo(demo::DemoArgs),
    /// Ask the running server whether it is ready; for containers.
    Healthcheck(client::ServerArgs),
}

/// The configuration file that a command reads.
#[derive(Debug, Clone, Default, Args)]
pub struct ConfigArgs {
    /// The configuration file.
    #[arg(
        long = "config.file",
        value_name = "FILE",
        help = "Configuration file; without it, DINGTALK_ACCESS_TOKEN makes the receiver 'default'"
    )]
    file: Option<PathBuf>,
}

/// The flags of `campana serve`.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Address to listen on, as 0.0.0.0:8060.
    #[arg(long = "web.listen-address", value_name = "ADDRESS")]
    listen_address: Option<String>,
    /// File with TLS and authentication settings (not in this version).
    #[arg(long = "web.config.file", value_name = "FILE")]
    web_config_file: Option<String>,
    /// URL under which people reach this server.
    #[arg(long = "web.external-url", value_name = "URL")]
    external_url: Option<String>,
    /// Prefix of all paths.
    #[arg(long = "web.route-prefix", value_name = "PREFIX")]
    route_prefix: Option<String>,
    /// Allow POST /-/reload from everywhere, not only from loopback.
    #[arg(long = "web.enable-lifecycle")]
    enable_lifecycle: bool,
    /// Allow replay, discard and tests with settings from everywhere, not only from loopback.
    #[arg(long = "web.enable-admin-api")]
    enable_admin_api: bool,
    /// Where deliveries are stored, as sqlite:data/campana.db.
    #[arg(long = "storage.url", value_name = "URL")]
    storage_url: Option<String>,
    /// Least severe lines to log: trace, debug, info, warn or error.
    #[arg(long = "log.level", value_name = "LEVEL")]
    log_level: Option<String>,
    /// Format of log lines: logfmt or json.
    #[arg(long = "log.format", value_name = "FORMAT")]
    log_format: Option<String>,
}

/// Parses the command line and runs the command; prints its error, if it fails.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return foreign_flags::refuse(&error),
    };
    let done = match cli.command {
        Command::Serve(args) => serve::run(&args),
        Command::CheckConfig(args) => check_config::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Conditions(command) => conditions::run(&command),
        Command::Conversations(command) => conversations::run(&command),
        Command::Template(command) => template::run(&command),
        Command::Queue(command) => queue::run(&command),
        Command::Demo(args) => demo::run(&args),
        Command::Healthcheck(args) => healthcheck::run(&args),
    };
    done.unwrap_or_else(|error| {
        // `{:#}` prints the causes in one line, without a back trace.
        print::error(&format!("campana: {error:#}"));
        ExitCode::FAILURE
    })
}

impl ConfigArgs {
    /// Loads the configuration.
    fn load(&self, overrides: &Overrides) -> anyhow::Result<Loaded> {
        Settings::load(self.file.as_deref(), &Environment::of_process(), overrides)
            .map_err(not_valid)
    }

    /// Loads the process' settings; without a file, a command that only looks for the server needs
    /// no receiver.
    fn process(&self) -> anyhow::Result<ProcessSettings> {
        let environment = Environment::of_process();
        let overrides = Overrides::for_command();
        match &self.file {
            Some(_) => self.load(&overrides).map(|loaded| loaded.settings.process),
            None => ProcessSettings::without_file(&environment, &overrides).map_err(not_valid),
        }
    }
}

/// The error of a command whose configuration is not valid; each mistake has a line of its own.
#[expect(clippy::needless_pass_by_value, reason = "it stands where an error is mapped")]
fn not_valid(errors: ConfigErrors) -> anyhow::Error {
    anyhow::anyhow!("the configuration is not valid\n{errors}")
}

impl ServeArgs {
    /// The flags that were given; they win over the file and the environment.
    fn overrides(&self) -> Overrides {
        Overrides {
            listen_address: self.listen_address.clone(),
            web_config_file: self.web_config_file.clone(),
            external_url: self.external_url.clone(),
            route_prefix: self.route_prefix.clone(),
            enable_lifecycle: self.enable_lifecycle.then_some(true),
            enable_admin_api: self.enable_admin_api.then_some(true),
            storage_url: self.storage_url.clone(),
            log_level: self.log_level.clone(),
            log_format: self.log_format.clone(),
            untried_templates: false,
        }
    }

    /// The flags as `/api/v1/status/flags` shows them, also those that were not given.
    fn flags(&self) -> BTreeMap<String, String> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let file = self.config.file.as_ref().map(|file| file.display().to_string());
        [
            ("config.file", file.unwrap_or_default()),
            ("web.listen-address", text(&self.listen_address)),
            ("web.config.file", text(&self.web_config_file)),
            ("web.external-url", text(&self.external_url)),
            ("web.route-prefix", text(&self.route_prefix)),
            ("web.enable-lifecycle", self.enable_lifecycle.to_string()),
            ("web.enable-admin-api", self.enable_admin_api.to_string()),
            ("storage.url", text(&self.storage_url)),
            ("log.level", text(&self.log_level)),
            ("log.format", text(&self.log_format)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}
