//! What every store must do: rules with names, and long random sequences against a model.
//!
//! The suite knows the trait only. A store takes part by a [`Home`], which says where its data
//! lives and how its process dies; `conformance_of!` makes the tests.

pub(crate) mod faults;
pub(crate) mod lanes;
pub(crate) mod lifecycle;
mod model;
pub(crate) mod parking;
pub(crate) mod people;
pub(crate) mod rate;
mod sequence;

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;

use super::delivery::{
    Accept, Accepted, Answered, AttemptResult, Delivery, DeliveryId, Detail, Filter, Lease,
    NewDelivery, NewMessage, NewPark, NextStep, Park, Received, ReceiverShare, Scope, State, Stats,
    Summary, Target, Tries,
};
use super::{Budget, DeclaredLane, LaneTarget, QueueError, Start, Store};
use crate::clock::{Clock, ManualClock, Now};
use crate::dingtalk::message::{Message, MessageType};

/// Where a store's data lives.
pub(crate) trait Home: Sized {
    /// The store that lives there.
    type Store: Store;

    /// An empty home.
    fn new() -> Self;

    /// Opens what is stored.
    fn open(&mut self, clock: &ManualClock) -> impl Future<Output = Self::Store>;

    /// Ends the store as a killed process does: what was answered is stored, nothing is put away.
    fn kill(&mut self, store: Self::Store) -> impl Future<Output = ()>;
}

/// A store with its home and a clock that tests move.
pub(crate) struct Bench<H: Home> {
    pub(crate) home: H,
    pub(crate) clock: ManualClock,
    store: Option<H::Store>,
    posts: u64,
    declared: Vec<DeclaredLane>,
}

pub(crate) const LANE: &str = "lane-1";
pub(crate) const BUDGET: Budget = Budget { slots: 3, per: seconds(60), attempt_limit: seconds(10) };

/// Seconds, short.
pub(crate) const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

impl<H: Home> Bench<H> {
    pub(crate) async fn new() -> Self {
        let wall = Timestamp::from_second(1_790_000_000).expect("in range");
        let clock = ManualClock::new(wall);
        let mut home = H::new();
        let store = home.open(&clock).await;
        let bench = Self { home, clock, store: Some(store), posts: 0, declared: vec![lane()] };
        bench.declare_again().await;
        bench
    }

    /// Declares these lanes, now and after each start.
    pub(crate) async fn declare(&mut self, lanes: Vec<DeclaredLane>) {
        self.declared = lanes;
        self.declare_again().await;
    }

    async fn declare_again(&self) {
        let lanes = self.declared.clone();
        self.store().declare(lanes, self.now()).await.expect("they are declared");
    }

    pub(crate) fn store(&self) -> &H::Store {
        self.store.as_ref().expect("it is open")
    }

    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    /// Kills the process and starts it again.
    pub(crate) async fn crash(&mut self) {
        let store = self.store.take().expect("it is open");
        self.home.kill(store).await;
        self.store = Some(self.home.open(&self.clock).await);
        self.declare_again().await;
    }

    /// Stops the process in order and starts it again.
    pub(crate) async fn restart(&mut self) {
        self.store.take().expect("it is open").close().await.expect("it closes");
        self.store = Some(self.home.open(&self.clock).await);
        self.declare_again().await;
    }

    /// One delivery to `a` in a group, always in a new state.
    pub(crate) async fn queue(&mut self, group: &str) -> DeliveryId {
        self.queue_to("a", group, 1).await
    }

    /// One delivery of so many parts.
    pub(crate) async fn queue_to(
        &mut self,
        destination: &str,
        group: &str,
        parts: usize,
    ) -> DeliveryId {
        self.posts += 1;
        let state = format!("state-{}", self.posts);
        let accepted = self.accept(group, vec![share(destination, group, &state, parts)]).await;
        accepted.deliveries[0]
    }

    /// A notification of this group, which is named after the time.
    pub(crate) async fn accept(&self, group: &str, shares: Vec<ReceiverShare>) -> Accepted {
        let accept = notification(&format!("n-{}", self.now().boot.as_millis()), group, shares);
        self.store().accept(accept, self.now()).await.expect("it is stored")
    }

    pub(crate) async fn ask(&self, lane: &str) -> Start {
        self.store().start(lane, self.now()).await.expect("it answers")
    }

    /// The lease that is due now, of a lane with the destinations `a` and `b`.
    pub(crate) async fn lease(&self) -> Lease {
        match self.ask(LANE).await {
            Start::Attempt(lease) => lease,
            Start::Wait(until) => panic!("no attempt before {until:?}"),
            Start::Held(until) => panic!("held until {until:?}"),
            Start::NoSlot(until) => panic!("no slot before {until:?}"),
        }
    }

    /// How long the lane has to wait; `None` if there is nothing to wait for.
    pub(crate) async fn wait(&self) -> Option<Duration> {
        match self.ask(LANE).await {
            Start::Attempt(lease) => panic!("an attempt of {}", lease.delivery),
            Start::Wait(until) => until.map(|until| self.left(until)),
            Start::Held(until) | Start::NoSlot(until) => Some(self.left(until)),
        }
    }

    /// How long it is until that boot time.
    pub(crate) fn left(&self, until: Duration) -> Duration {
        until.saturating_sub(self.now().boot)
    }

    pub(crate) async fn finish(&self, lease: Lease, next: NextStep) {
        let result = AttemptResult { answered: answered("said"), next };
        self.store().finish(lease, result, self.now()).await.expect("it is recorded");
    }

    pub(crate) async fn arrive(&self) -> DeliveryId {
        let lease = self.lease().await;
        let id = lease.delivery;
        self.finish(lease, NextStep::Arrived).await;
        id
    }

    pub(crate) async fn list(&self, filter: Filter) -> Vec<Delivery> {
        self.store().list(filter, self.now()).await.expect("it lists")
    }

    pub(crate) async fn show(&self, id: DeliveryId) -> Detail {
        self.store().show(id, self.now()).await.expect("it answers").expect("it is there")
    }

    pub(crate) async fn state(&self, id: DeliveryId) -> State {
        self.show(id).await.delivery.state
    }

    /// The totals, of which the identity holds at all times.
    pub(crate) async fn stats(&self) -> Stats {
        let stats = self.store().stats(self.now()).await.expect("it answers");
        let accepted: u64 = stats.accepted.values().sum();
        let settled: u64 = stats.settled.values().sum();
        assert_eq!(accepted, settled + stats.queued, "{stats:?}");
        stats
    }

    pub(crate) async fn parks(&self) -> Vec<Park> {
        self.store().parks(self.now()).await.expect("it answers")
    }
}

pub(crate) fn target(destination: &str) -> Target {
    Target { receiver: "ops".into(), destination: destination.into() }
}

pub(crate) fn message(text: &str) -> Message {
    Message::new(MessageType::Markdown, &format!("title of {text}"), text)
}

/// A notification, of which only the name is in its payload.
pub(crate) fn notification(name: &str, group: &str, shares: Vec<ReceiverShare>) -> Accept {
    let payload = format!("{{\"name\":\"{name}\"}}").into_bytes();
    Accept { notification: name.to_owned(), group: group.to_owned(), payload, shares }
}

pub(crate) fn share(destination: &str, group: &str, state: &str, parts: usize) -> ReceiverShare {
    ReceiverShare {
        receiver: "ops".into(),
        state: state.into(),
        window: seconds(60),
        messages: vec![new_message(group, parts)],
        deliveries: vec![NewDelivery { target: target(destination), message: 0 }],
    }
}

/// A message of so many parts.
pub(crate) fn new_message(text: &str, parts: usize) -> NewMessage {
    NewMessage {
        parts: (0..parts).map(|part| message(&format!("{text} {part}"))).collect(),
        summary: Summary { firing: 1, ..Summary::default() },
        rank: 2,
        render_error: None,
    }
}

pub(crate) fn lane() -> DeclaredLane {
    lane_of(LANE, &[("a", "credentials"), ("b", "credentials")])
}

pub(crate) fn lane_of(id: &str, targets: &[(&str, &str)]) -> DeclaredLane {
    let targets = targets.iter().map(|(destination, credentials)| LaneTarget {
        target: target(destination),
        credentials: (*credentials).into(),
    });
    DeclaredLane { id: id.into(), targets: targets.collect(), budget: BUDGET }
}

pub(crate) fn answered(words: &str) -> Answered {
    Answered {
        outcome: "said".into(),
        code: Some("7".into()),
        words: words.into(),
        took: seconds(1),
    }
}

pub(crate) fn retry(wait: u64, uncertain: bool) -> NextStep {
    let tries = Tries { scheduled: 1, ..Tries::default() };
    NextStep::Retry { wait: seconds(wait), tries, uncertain }
}

pub(crate) fn throttle(wait: u64, step: u32) -> NewPark {
    let scope = Scope::Lane(LANE.into());
    NewPark { scope, cause: "too fast".into(), step, wait: seconds(wait) }
}

pub(crate) fn death(destination: &str, wait: u64) -> NewPark {
    let scope =
        Scope::Destination { target: target(destination), credentials: "credentials".into() };
    NewPark { scope, cause: "the robot is gone".into(), step: 1, wait: seconds(wait) }
}

pub(crate) fn bury(park: Option<NewPark>) -> NextStep {
    NextStep::Bury { reason: "refused".into(), park }
}

/// Makes a test of each rule for one store.
macro_rules! conformance_of {
    ($home:ty) => {
        $crate::queue::conformance::each_rule!($home:
            lifecycle::an_accepted_delivery_is_sent_and_delivered,
            lifecycle::a_notification_for_nobody_leaves_no_state,
            lifecycle::an_equal_state_within_the_window_is_a_duplicate,
            lifecycle::two_equal_notifications_at_once_are_one,
            lifecycle::a_share_can_be_a_duplicate_while_another_is_not,
            lifecycle::a_refused_notification_undoes_no_other,
            lifecycle::a_group_keeps_its_order_and_its_retry_blocks_no_other,
            lifecycle::other_groups_go_between_the_parts_of_a_message,
            lifecycle::a_part_keeps_its_msg_uuid_from_the_first_unknown_outcome,
            lifecycle::a_message_that_is_cut_again_keeps_its_first_text,
            lifecycle::every_attempt_is_recorded_with_what_was_said,
            lifecycle::a_buried_delivery_is_dead_with_its_reason_and_frees_its_group,
            lanes::a_lane_makes_one_attempt_at_a_time,
            lanes::a_lane_that_is_not_declared_has_nothing_to_do,
            lanes::a_lease_that_ran_out_is_given_again_as_uncertain,
            lanes::a_finish_that_comes_too_late_does_no_harm,
            lanes::a_finish_by_a_lapsed_lease_that_nobody_took_counts,
            lanes::a_target_that_moved_to_another_lane_loses_nothing,
            lanes::a_killed_process_loses_nothing_and_its_attempt_is_uncertain,
            lanes::a_jump_of_the_wall_clock_moves_no_wait,
            lanes::waits_go_on_after_a_restart_and_by_wall_time_after_a_reboot,
            lanes::two_reboots_that_look_alike_are_two,
            lanes::a_closed_store_answers_closed,
            lanes::the_lane_key_is_made_once,
            rate::a_slot_is_free_again_one_per_after_its_attempt_ended,
            rate::tests_take_slots_of_the_same_budget,
            rate::a_late_discharge_ends_a_slot_once,
            rate::lanes_do_not_share_slots,
            rate::a_changed_setting_counts_slots_taken_before_it,
            rate::slots_stay_taken_over_a_restart,
            rate::after_a_reboot_slots_count_as_taken_at_the_start,
            parking::a_throttled_lane_waits_and_then_makes_one_probe,
            parking::a_throttle_survives_a_restart,
            parking::a_test_that_probes_a_throttle_holds_the_lane,
            parking::a_dead_destination_waits_while_its_lane_goes_on,
            parking::other_credentials_end_a_park,
            parking::each_start_gives_a_dead_destination_one_probe,
            parking::a_lifted_park_frees_its_destination,
            parking::a_probe_that_told_nothing_puts_off_the_others,
            parking::what_waits_for_a_dead_destination_expires_with_its_cause,
            parking::what_waits_for_a_destination_that_is_gone_expires,
            parking::what_is_being_sent_does_not_expire,
            people::a_replay_is_a_new_delivery_from_the_first_part,
            people::a_replay_waits_its_turn_in_its_group,
            people::a_replay_can_have_a_message_of_its_own,
            people::a_notification_is_kept_as_received_until_its_last_delivery_goes,
            people::only_a_dead_letter_is_replayed,
            people::a_discarded_delivery_frees_its_group,
            people::what_is_being_sent_is_not_discarded,
            people::discarding_a_dead_letter_only_marks_it,
            people::a_list_is_newest_first_and_filtered_and_paged,
            people::a_listed_delivery_says_everything_about_itself,
            people::a_waiting_delivery_says_what_it_waits_for,
            people::backlogs_are_told_by_destination_with_their_oldest,
            people::settled_rows_are_kept_for_their_time_and_totals_for_ever,
            people::more_rows_than_one_round_are_cleaned_up,
        );

        #[test]
        fn random_sequences_match_the_model() {
            $crate::queue::conformance::faults::random_sequences_match_the_model::<$home>();
        }

        #[test]
        fn the_checker_finds_each_planted_fault() {
            $crate::queue::conformance::faults::the_checker_finds_each_planted_fault::<$home>();
        }
    };
}

macro_rules! each_rule {
    ($home:ty: $($module:ident::$rule:ident,)*) => {$(
        #[tokio::test]
        async fn $rule() {
            $crate::queue::conformance::$module::$rule::<$home>().await;
        }
    )*};
}

pub(crate) use {conformance_of, each_rule};
