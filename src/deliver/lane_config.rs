//! From the configuration to lanes: which destinations share a robot, or an app and its API.
//!
//! A lane's id and a destination's credentials are keyed hashes: the store, the logs and the API
//! see those and never a token.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::dingtalk::Endpoint;
use crate::queue::{DeclaredLane, LaneTarget, RateBudget, Target};
use crate::settings::{Destination, Format, Overflow, Receiver, Settings};

/// The key that lanes and credentials are hashed with.
pub type LaneKey = [u8; 32];

/// One lane: what the store is told of it, and where its attempts go.
#[derive(Debug, Clone)]
pub struct LaneConfig {
    /// The lane, always the same until the configuration changes.
    pub lane: DeclaredLane,
    /// The host that all its attempts go to; none where they go to several.
    pub host: Option<Arc<str>>,
    /// The destinations, as configured.
    pub destinations: HashMap<Target, LaneDestination>,
}

/// A destination of a lane, and how its messages are written.
#[derive(Debug, Clone)]
pub struct LaneDestination {
    /// The destination.
    pub destination: Destination,
    /// The lane's robot or app, which is one of the destination's.
    pub endpoint: Endpoint,
    /// Which of the destination's robots that is, counted from 0.
    pub robot: usize,
    /// How its receiver's messages look.
    pub format: Arc<Format>,
}

/// Every lane of the configuration, by its id.
#[must_use]
pub fn lane_configs(settings: &Settings, key: &LaneKey) -> BTreeMap<String, LaneConfig> {
    let mut configs: BTreeMap<String, LaneConfig> = BTreeMap::new();
    for receiver in &settings.receivers {
        for destination in &receiver.destinations {
            for (robot, endpoint) in destination.endpoints().enumerate() {
                let lane = lane_of(endpoint, key);
                let host: Option<Arc<str>> = endpoint.host(&settings.dingtalk.api).map(Arc::from);
                let config = configs.entry(lane).or_insert_with_key(|lane| LaneConfig {
                    lane: DeclaredLane {
                        id: lane.clone(),
                        targets: Vec::new(),
                        budget: budget_of(destination, settings),
                    },
                    host: host.clone(),
                    destinations: HashMap::new(),
                });
                config.host = config.host.take().filter(|known| Some(known) == host.as_ref());
                config.add(receiver, destination, (robot, endpoint), key);
            }
        }
    }
    configs
}

impl LaneConfig {
    /// The lane sends for this destination as well, as its robot with this number.
    fn add(
        &mut self,
        receiver: &Receiver,
        destination: &Destination,
        (robot, endpoint): (usize, &Endpoint),
        key: &LaneKey,
    ) {
        let target =
            Target { receiver: receiver.name.clone(), destination: destination.name.clone() };
        self.lane.targets.push(LaneTarget {
            target: target.clone(),
            credentials_hash: credentials_hash(endpoint, key),
            folds: matches!(destination.overflow, Overflow::Fold { .. }),
            has_fallback: destination.fallback.is_some(),
            quota: destination.quota.as_ref().map(|quota| quota.name.clone()),
        });
        let of_lane = LaneDestination {
            destination: destination.clone(),
            endpoint: endpoint.clone(),
            robot,
            format: Arc::new(receiver.format.clone()),
        };
        self.destinations.insert(target, of_lane);
    }
}

impl LaneDestination {
    /// Which robot of its pool the lane sends with, as in `2/3`; none where there is no pool.
    #[must_use]
    pub fn place_in_pool(&self) -> Option<String> {
        place_in_pool(&self.destination, self.robot)
    }
}

/// How people are told of a robot of a pool, which is counted from 0 here: `2/3` is the second of three. None
/// where there is no pool.
#[must_use]
pub fn place_in_pool(destination: &Destination, robot: usize) -> Option<String> {
    let robots = destination.pool.len() + 1;
    (robots > 1).then(|| format!("{}/{robots}", robot + 1))
}

/// The budget of a destination's lane: the check of the settings refuses destinations of one lane
/// with different rates, so that any of them tells it.
#[must_use]
pub fn budget_of(destination: &Destination, settings: &Settings) -> RateBudget {
    RateBudget {
        slots: destination.rate.messages,
        per: destination.rate.per,
        attempt_limit: settings.delivery.attempt_timeout,
    }
}

/// The lane's id: a keyed hash of all that DingTalk counts messages by.
#[must_use]
pub fn lane_of(endpoint: &Endpoint, key: &LaneKey) -> String {
    keyed(key, &endpoint.lane_identity())
}

/// A keyed hash of all that a person could change to mend a dead destination.
#[must_use]
pub fn credentials_hash(endpoint: &Endpoint, key: &LaneKey) -> String {
    keyed(key, &endpoint.credentials())
}

fn keyed(key: &LaneKey, words: &[&str]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for word in words {
        mac.update(word.as_bytes());
        mac.update(&[0]);
    }
    URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..16])
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::settings::{Environment, Overrides};

    const KEY: LaneKey = [7; 32];

    fn configs_of(receivers: &str) -> BTreeMap<String, LaneConfig> {
        let text = format!("receivers:\n{receivers}");
        let (environment, overrides) = (Environment::default(), Overrides::default());
        let loaded =
            Settings::from_text("c.yml", &text, Path::new(""), &environment, &overrides).unwrap();
        lane_configs(&loaded.settings, &KEY)
    }

    /// The names of each lane's targets, sorted.
    fn lanes(receivers: &str) -> Vec<Vec<String>> {
        let name = |target: &LaneTarget| {
            format!("{}/{}", target.target.receiver, target.target.destination)
        };
        let mut lanes: Vec<Vec<String>> = configs_of(receivers)
            .values()
            .map(|config| config.lane.targets.iter().map(name).collect())
            .collect();
        lanes.sort();
        lanes
    }

    #[test]
    fn receivers_on_one_robot_share_a_lane_whatever_the_rest_of_its_url() {
        let shared = "
  - {name: a, chatbots: [{name: x, access_token: one}]}
  - {name: b, chatbots: [{name: y, webhook_url: 'https://h.example/robot/send?access_token=one'}]}
  - {name: c, chatbots: [{name: z, access_token: two}]}";
        assert_eq!(lanes(shared), [vec!["a/x", "b/y"], vec!["c/z"]]);
    }

    #[test]
    fn a_lane_has_the_host_that_all_its_destinations_have() {
        let host = |other: &str| {
            let configs = configs_of(&format!(
                "
  - {{name: a, chatbots: [{{name: x, webhook_url: 'https://h.example/robot/send?access_token=one'}}]}}
  - {{name: b, chatbots: [{{name: y, webhook_url: 'https://{other}/robot/send?access_token=one'}}]}}"
            ));
            configs.into_values().next().unwrap().host
        };
        assert_eq!(host("h.example").as_deref(), Some("h.example"));
        for other in ["h.example:81", "i.example"] {
            assert_eq!(host(other), None, "{other}");
        }
    }

    #[test]
    fn a_lane_knows_its_place_in_each_pool() {
        let configs = configs_of(
            "
  - {name: a, chatbots: [{name: x, pool: [{access_token: one}, {access_token: two}]}]}
  - {name: b, chatbots: [{name: y, access_token: one}]}",
        );
        let places = configs.values().flat_map(|config| {
            let of_lane = config.destinations.iter();
            of_lane.map(|(target, one)| (target.destination.clone(), one.place_in_pool()))
        });
        let mut places: Vec<(String, Option<String>)> = places.collect();
        places.sort();
        let place = |name: &str, place: Option<&str>| (name.to_owned(), place.map(str::to_owned));
        assert_eq!(places, [place("x", Some("1/2")), place("x", Some("2/2")), place("y", None)]);
    }

    #[test]
    fn the_conversations_of_one_app_share_a_lane_and_are_apart_from_chatbots() {
        let lanes = lanes(
            "
  - name: a
    chatbots: [{name: x, access_token: dingone}]
    conversations:
      - {name: s, app_key: dingone, app_secret: s1, open_conversation_ids: ['cid1==', 'cid2==']}
      - {name: t, app_key: dingtwo, app_secret: s2, open_conversation_ids: ['cid1==']}",
        );
        let sizes: Vec<usize> = lanes.iter().map(Vec::len).collect();
        assert_eq!((sizes.len(), sizes.iter().sum::<usize>()), (3, 4), "{lanes:?}");
    }

    #[test]
    fn an_app_has_a_lane_for_each_api_which_its_receivers_share() {
        let lanes = lanes(
            "
  - name: a
    conversations:
      - {name: s, app_key: k, app_secret: s, open_conversation_ids: [cid1], chat_ids: [chat1, chat2]}
  - name: b
    conversations: [{name: s, app_key: k, app_secret: s, chat_ids: [chat3]}]",
        );
        let mut sizes: Vec<usize> = lanes.iter().map(Vec::len).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [1, 3], "{lanes:?}");
    }

    #[test]
    fn credentials_change_with_all_that_mends_a_destination_and_the_lane_with_the_token_alone() {
        let one = |fields: &str| {
            let configs =
                configs_of(&format!("  - {{name: a, chatbots: [{{name: x, {fields}}}]}}"));
            let config = configs.into_values().next().unwrap();
            (config.lane.id, config.lane.targets[0].credentials_hash.clone())
        };
        let (lane, credentials) = one("access_token: one");
        assert_eq!((lane.clone(), credentials.clone()), one("access_token: one, keywords: [k]"));
        let (signed_lane, signed) = one("access_token: one, secret: SECabc");
        assert_eq!(signed_lane, lane);
        assert_ne!(signed, credentials);
        let (other_lane, other) = one("access_token: two");
        assert!(other_lane != lane && other != credentials);
        for hash in [&lane, &credentials, &signed, &other] {
            assert!(hash.len() == 22 && !hash.contains("one"), "{hash}");
        }
    }

    #[test]
    fn words_do_not_run_together_in_a_keyed_hash() {
        assert_ne!(keyed(&KEY, &["ab", "c"]), keyed(&KEY, &["a", "bc"]));
        assert_ne!(keyed(&KEY, &["ab"]), keyed(&[8; 32], &["ab"]));
    }

    #[test]
    fn the_budget_is_the_destinations_rate_and_the_attempts_limit() {
        let configs = configs_of(
            "  - {name: a, chatbots: [{name: x, access_token: t, rate: {messages: 5, per: 2m}}]}",
        );
        let budget = configs.into_values().next().unwrap().lane.budget;
        let (per, attempt_limit) = (Duration::from_mins(2), Duration::from_secs(10));
        assert_eq!(budget, RateBudget { slots: 5, per, attempt_limit });
    }
}
