//! The doctor: tries the way from this machine to each destination, step by step, and says in words what
//! is wrong with it and what to do.
//!
//! It uses the client and the classes of answers of the deliveries, so that what it meets is what they
//! meet. It needs no server, opens no queue, and sends a message only if it is asked to.

mod account;
mod answer;
mod clock;
mod connection;
mod finding;
mod host;
mod message;

use std::collections::HashMap;
use std::sync::Arc;

use reqwest::Url;

pub use self::finding::{Finding, Mark};
use crate::clock::Clock;
use crate::deliver::lane_config::place_in_pool;
use crate::dingtalk::{Client, ClientError, Endpoint};
use crate::language::Language;
use crate::settings::{Destination, Receiver, Settings};

/// What examines the destinations of some receivers.
#[derive(Debug)]
pub struct Doctor<'a> {
    settings: &'a Settings,
    /// The language of the findings.
    language: Language,
    client: Client,
    clock: Arc<dyn Clock>,
    robots: Vec<Robot<'a>>,
}

/// One robot of a destination, or an app for one conversation.
#[derive(Debug)]
struct Robot<'a> {
    receiver: &'a Receiver,
    destination: &'a Destination,
    endpoint: &'a Endpoint,
    /// Receiver and destination, and the place in the pool.
    name: String,
}

impl<'a> Doctor<'a> {
    /// A doctor for the destinations of these receivers, whose findings are in [their language](language_of).
    ///
    /// # Errors
    ///
    /// When no client can be made, as a delivering server would find too.
    pub fn new(
        settings: &'a Settings,
        receivers: &[&'a Receiver],
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ClientError> {
        let Settings { dingtalk, way_out, delivery, .. } = settings;
        let limit = delivery.attempt_timeout;
        let client = Client::new(Arc::clone(&clock), &dingtalk.api, limit, way_out)?;
        let robots = receivers.iter().flat_map(|receiver| robots(receiver)).collect();
        let language = language_of(settings, receivers);
        Ok(Self { settings, language, client, clock, robots })
    }

    /// Tells each finding as soon as it is made; `send` sends each robot the test message too.
    ///
    /// # Errors
    ///
    /// When a proxy's variable holds no URL.
    pub async fn examine(
        &self,
        send: bool,
        mut tell: impl FnMut(Finding),
    ) -> Result<(), ClientError> {
        // What is the same for several destinations is looked at once.
        let mut hosts: HashMap<Url, bool> = HashMap::new();
        let mut accounts: HashMap<Vec<&str>, bool> = HashMap::new();
        for robot in &self.robots {
            let identity = robot.endpoint.lane_identity();
            let Some(origin) = robot.endpoint.origin(&self.settings.dingtalk.api) else { continue };
            let is_reached = match hosts.get(&origin) {
                Some(known) => *known,
                None => self.examine_host(&origin, &mut tell).await?,
            };
            hosts.insert(origin, is_reached);
            let is_usable = match accounts.get(&identity) {
                Some(known) => *known,
                None => self.examine_account(robot, is_reached, &mut tell).await,
            };
            accounts.insert(identity, is_usable);
            if send {
                tell(self.send(robot, is_reached, is_usable).await);
            }
        }
        Ok(())
    }

    /// Whether a robot at this host signs its calls, so that the clock matters to it.
    fn signs_at(&self, origin: &Url) -> bool {
        let api = &self.settings.dingtalk.api;
        let mut at_host = self
            .robots
            .iter()
            .filter(|robot| robot.endpoint.origin(api).is_some_and(|of_robot| of_robot == *origin));
        at_host.any(|robot| robot.endpoint.chatbot().is_some_and(|bot| bot.secret.is_some()))
    }

    /// The end of an attempt that begins now.
    fn deadline(&self) -> std::time::Duration {
        self.clock.now().boot + self.settings.delivery.attempt_timeout
    }
}

/// The language in which these receivers' findings are told: theirs, or where they have several, that of all
/// (`global.language`).
#[must_use]
pub fn language_of(settings: &Settings, receivers: &[&Receiver]) -> Language {
    let mut languages = receivers.iter().map(|receiver| receiver.format.language);
    let first = languages.next().unwrap_or(settings.language);
    if languages.all(|one| one == first) { first } else { settings.language }
}

/// Every robot of every destination of a receiver.
fn robots(receiver: &Receiver) -> Vec<Robot<'_>> {
    receiver.destinations.iter().flat_map(|destination| robots_of(receiver, destination)).collect()
}

fn robots_of<'a>(receiver: &'a Receiver, destination: &'a Destination) -> Vec<Robot<'a>> {
    let endpoints = destination.endpoints().enumerate();
    let robots = endpoints.map(|(number, endpoint)| {
        let place = place_in_pool(destination, number);
        let place = place.map_or_else(String::new, |place| format!(" ({place})"));
        let name = format!("{}/{}{place}", receiver.name, destination.name);
        Robot { receiver, destination, endpoint, name }
    });
    robots.collect()
}
