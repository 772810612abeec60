//! Why nothing is sent to a destination now: DingTalk throttled its robots, or its lanes wait.
//!
//! The store knows what is parked, until when and why; the lanes know which destinations that holds
//! back, and what they wait for besides.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::Lanes;
use super::lane::Lane;
use super::lane_config::{LaneConfig, LaneKey, credentials_hash};
use super::waiting::{LaneWait, Want};
use crate::clock::Now;
use crate::queue::{Park, Scope, Target};
use crate::settings::Destination;

/// What is parked, by what it holds back.
#[derive(Debug, Default)]
pub struct Parked<'p> {
    throttles: HashMap<&'p str, &'p Park>,
    dead_robots: HashMap<(&'p str, &'p str), Vec<&'p Park>>,
}

/// What keeps all robots of a destination from sending what is due; shown as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standstill<'p> {
    /// DingTalk throttled its robot or app.
    Throttle(&'p Park),
    /// Its lane waits for something else.
    Wait(LaneWait),
}

impl fmt::Display for Standstill<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Throttle(Park { cause, until, .. }) => {
                write!(f, "parked until {until:.0}: {cause}")
            }
            Self::Wait(wait) => write!(f, "{wait}"),
        }
    }
}

/// What keeps one lane from sending.
#[derive(Debug)]
pub(super) enum Stop<'p> {
    /// DingTalk throttled it.
    Throttle(&'p Park),
    /// It waits for this, until then at most.
    Want(Arc<LaneConfig>, Want, Option<Timestamp>),
}

impl Stop<'_> {
    /// When the lane may send again, if only the time ends this.
    pub(super) fn until(&self) -> Timestamp {
        match self {
            Self::Throttle(park) => park.until,
            Self::Want(_, _, until) => until.unwrap_or(Timestamp::MAX),
        }
    }
}

impl<'p> Parked<'p> {
    /// The same parks, by what they hold back.
    #[must_use]
    pub fn of(parks: &'p [Park]) -> Self {
        let mut parked = Self::default();
        for park in parks {
            match &park.scope {
                Scope::Lane(lane) => {
                    parked.throttles.insert(lane.as_str(), park);
                }
                Scope::Destination { target, .. } => {
                    parked.dead_robots.entry(target.names()).or_default().push(park);
                }
            }
        }
        parked
    }

    /// The throttle of this lane.
    #[must_use]
    pub fn throttle(&self, lane: &str) -> Option<&'p Park> {
        self.throttles.get(lane).copied()
    }

    /// The dead robots of the destination with these names.
    #[must_use]
    pub fn dead_robots<'s>(&'s self, names: (&'s str, &'s str)) -> &'s [&'p Park] {
        self.dead_robots.get(&names).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether the lane's robot is dead for the destination, so that it sends nothing to it.
    pub(super) fn is_dead(&self, lane: &LaneConfig, target: &Target) -> bool {
        let dead = self.dead_robots(target.names());
        let is_dead = |hash: &str| dead.iter().any(|park| is_of(&park.scope, hash));
        let mut robots = lane.lane.targets.iter().filter(|robot| robot.target == *target);
        // Nearly always none is dead, and a lane can have very many targets.
        !dead.is_empty() && robots.any(|robot| is_dead(&robot.credentials_hash))
    }

    /// What keeps a lane from sending what is due; none if it sends, or has nothing to send.
    pub(super) fn stop(&self, lane: &Lane, now: Now) -> Option<Stop<'p>> {
        let config = lane.config.load_full();
        // One that is due lets an attempt through.
        let throttle = self.throttle(&config.lane.id).filter(|park| park.until > now.wall);
        let want = lane.wants().map(|(want, until)| {
            let until = until.map(|until| now.wall + until.saturating_sub(now.boot));
            Stop::Want(config, want, until)
        });
        // Both have to end.
        throttle.map(Stop::Throttle).into_iter().chain(want).max_by_key(Stop::until)
    }
}

impl Lanes {
    /// The dead ones of a pool's robots, each with its number, counted from 1; none where there is no pool.
    /// `dead` are the parks of the destination.
    #[must_use]
    pub fn dead_of_pool<'p>(
        &self,
        destination: &Destination,
        dead: &[&'p Park],
    ) -> Vec<(usize, &'p Park)> {
        dead_of_pool(destination, dead, &self.key)
    }
}

fn dead_of_pool<'p>(
    destination: &Destination,
    dead: &[&'p Park],
    key: &LaneKey,
) -> Vec<(usize, &'p Park)> {
    // Nearly always none is dead, and a hash takes its time.
    if destination.pool.is_empty() || dead.is_empty() {
        return Vec::new();
    }
    let park_of = |hash: &str| dead.iter().copied().find(|park| is_of(&park.scope, hash));
    let robots = (1..).zip(destination.endpoints());
    robots
        .filter_map(|(number, robot)| Some((number, park_of(&credentials_hash(robot, key))?)))
        .collect()
}

fn is_of(scope: &Scope, credentials_hash: &str) -> bool {
    match scope {
        Scope::Lane(_) => false,
        Scope::Destination { credentials_hash: dead, .. } => dead == credentials_hash,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::{Environment, Overrides, Settings};

    const END: &str = "2026-11-20T19:12:05.4Z";

    fn park(scope: Scope) -> Park {
        Park { scope, cause: "send too fast".to_owned(), step: 1, until: END.parse().unwrap() }
    }

    fn of_robot(destination: &str, credentials_hash: &str) -> Park {
        let target = Target { receiver: "ops".to_owned(), destination: destination.to_owned() };
        park(Scope::Destination { target, credentials_hash: credentials_hash.to_owned() })
    }

    #[test]
    fn parks_are_found_by_lane_and_by_destination() {
        let lane = park(Scope::Lane("lane".to_owned()));
        let parks = [lane, of_robot("a", "one"), of_robot("b", "one"), of_robot("a", "two")];
        let parked = Parked::of(&parks);
        assert_eq!((parked.throttle("lane"), parked.throttle("a")), (Some(&parks[0]), None));
        assert_eq!(parked.dead_robots(("ops", "a")), [&parks[1], &parks[3]]);
        assert!(parked.dead_robots(("ops", "c")).is_empty());
        assert!(is_of(&parks[3].scope, "two") && !is_of(&parks[3].scope, "one"));
    }

    #[test]
    fn dead_robots_of_a_pool_are_told_by_their_numbers() {
        const KEY: LaneKey = [7; 32];
        let text = "receivers: [{name: ops, chatbots: [
            {name: a, pool: [{access_token: one}, {access_token: two}, {access_token: three}]},
            {name: b, access_token: four}]}]";
        let (environment, overrides) = (Environment::default(), Overrides::default());
        let loaded =
            Settings::from_text("c.yml", text, Path::new(""), &environment, &overrides).unwrap();
        let receiver = loaded.settings.receivers.first().unwrap();
        let [pool, lone] = &receiver.destinations[..] else { panic!("two destinations") };
        let parks_of = |destination: &Destination| -> Vec<Park> {
            let hashes = destination.endpoints().map(|robot| credentials_hash(robot, &KEY));
            hashes.map(|hash| of_robot(&destination.name, &hash)).collect()
        };
        let of_pool = parks_of(pool);
        let [one, two, three] = &of_pool[..] else { panic!("three robots") };
        assert_eq!(dead_of_pool(pool, &[three, one], &KEY), [(1, one), (3, three)]);
        assert_eq!(dead_of_pool(pool, &[two], &KEY), [(2, two)]);
        assert!(dead_of_pool(pool, &[], &KEY).is_empty());
        let of_lone = parks_of(lone);
        assert!(dead_of_pool(lone, &[&of_lone[0]], &KEY).is_empty(), "it has no number");
    }

    #[test]
    fn a_throttle_says_until_when_and_why() {
        let park = park(Scope::Lane("lane".to_owned()));
        let words = Standstill::Throttle(&park).to_string();
        assert_eq!(words, "parked until 2026-11-20T19:12:05Z: send too fast");
    }
}
