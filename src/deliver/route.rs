//! From the configuration to lanes: which destinations share a robot, or an app and its API.
//!
//! A lane's id and a destination's credentials are keyed hashes: the store, the logs and the API
//! see those and never a token.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::Sha256;

use crate::dingtalk::Endpoint;
use crate::queue::delivery::Target;
use crate::queue::{Budget, LaneRequest, LaneTarget};
use crate::settings::{Destination, Settings};

/// The key that lanes and credentials are hashed with.
pub type LaneKey = [u8; 32];

/// One lane: what it asks the store for, and where its attempts go.
#[derive(Debug, Clone)]
pub struct Route {
    /// The question to the store, always the same until the configuration changes.
    pub request: LaneRequest,
    /// The destinations, as configured.
    pub destinations: HashMap<Target, Destination>,
}

/// Every lane of the configuration, by its id.
#[must_use]
pub fn routes(settings: &Settings, key: &LaneKey) -> HashMap<String, Route> {
    let mut routes: HashMap<String, Route> = HashMap::new();
    for receiver in &settings.receivers {
        for destination in &receiver.destinations {
            let lane = lane_of(&destination.endpoint, key);
            let target =
                Target { receiver: receiver.name.clone(), destination: destination.name.clone() };
            let credentials = credentials_of(&destination.endpoint, key);
            let route = routes.entry(lane).or_insert_with_key(|lane| Route {
                request: LaneRequest {
                    lane: lane.clone(),
                    targets: Vec::new(),
                    budget: budget_of(destination, settings),
                },
                destinations: HashMap::new(),
            });
            route.request.targets.push(LaneTarget { target: target.clone(), credentials });
            route.destinations.insert(target, destination.clone());
        }
    }
    routes
}

/// The budget of a destination's lane.
#[must_use]
pub fn budget_of(destination: &Destination, settings: &Settings) -> Budget {
    Budget {
        slots: destination.rate.messages,
        per: destination.rate.per,
        attempt_limit: settings.delivery.attempt_timeout,
    }
}

/// The lane's id: of the token alone, or of the app's key and the API.
#[must_use]
pub fn lane_of(endpoint: &Endpoint, key: &LaneKey) -> String {
    match endpoint {
        Endpoint::Chatbot(bot) => keyed(key, &["chatbot", bot.access_token.expose_secret()]),
        Endpoint::Conversation(chat) => keyed(key, &["groupMessages/send", &chat.app_key]),
    }
}

/// A keyed hash of all that a person could change to mend a dead destination.
#[must_use]
pub fn credentials_of(endpoint: &Endpoint, key: &LaneKey) -> String {
    match endpoint {
        Endpoint::Chatbot(bot) => {
            let secret = bot.secret.as_ref().map_or("", |secret| secret.expose_secret());
            keyed(key, &["chatbot", bot.webhook_url.expose_secret(), secret])
        }
        Endpoint::Conversation(chat) => keyed(
            key,
            &[
                "conversation",
                &chat.app_key,
                chat.app_secret.expose_secret(),
                &chat.robot_code,
                &chat.open_conversation_id,
            ],
        ),
    }
}

fn keyed(key: &LaneKey, words: &[&str]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for word in words {
        mac.update(word.as_bytes());
        mac.update(&[0]);
    }
    URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..16])
}
