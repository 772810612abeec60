//! What every store must do: rules with names, and long random sequences against a model.
//!
//! The suite knows the trait `Store` only. A store takes part by a [`harness::Backend`], which says
//! where its data lives and how its process dies; `suite_of!` makes the tests.
#![expect(clippy::panic, reason = "tests")]

mod deliveries;
mod explore;
mod fallback;
mod faults;
mod folding;
mod harness;
mod holding;
mod lanes;
mod lifecycle;
mod model;
mod operator_actions;
mod parking;
mod pools;
mod rate;
mod senders;
mod sequence;

// The implementations, each with all of the suite below.
mod sqlite;

/// Makes a test of each rule for one store.
macro_rules! suite_of {
    ($backend:ty) => {
        crate::each_rule!($backend:
            lifecycle::an_accepted_delivery_is_sent_and_delivered,
            lifecycle::a_notification_for_nobody_leaves_no_state,
            lifecycle::an_equal_state_within_the_window_is_a_duplicate,
            lifecycle::two_equal_notifications_at_once_are_one,
            lifecycle::a_request_that_comes_again_by_its_key_is_a_duplicate,
            lifecycle::a_key_that_stands_for_another_body_makes_another_request,
            lifecycle::a_share_can_be_a_duplicate_while_another_is_not,
            lifecycle::a_recovery_can_be_for_those_alone_who_were_told_of_the_firing,
            lifecycle::what_was_told_is_known_as_long_as_it_is_kept,
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
            lanes::on_a_restored_machine_no_wait_is_longer_than_its_own,
            lanes::a_closed_store_answers_closed,
            lanes::the_lane_key_is_made_once,
            rate::a_slot_is_free_again_one_per_after_its_attempt_ended,
            rate::tests_take_few_slots_of_the_same_budget,
            rate::a_test_waits_while_an_alert_is_due,
            rate::an_attempt_that_never_reached_dingtalk_frees_its_slot,
            rate::a_test_that_never_reached_dingtalk_frees_its_slot,
            rate::a_late_discharge_ends_a_slot_once,
            rate::lanes_do_not_share_slots,
            rate::a_changed_setting_counts_slots_taken_before_it,
            rate::slots_stay_taken_over_a_restart,
            rate::after_a_reboot_slots_count_as_taken_at_the_start,
            folding::what_fits_into_the_free_slots_goes_out_as_itself,
            folding::more_than_the_free_slots_waits_for_a_digest,
            folding::a_full_digest_leaves_at_once,
            folding::a_destination_that_does_not_fold_sends_on,
            folding::a_digest_folds_what_it_carries_when_it_arrives,
            folding::a_carried_group_waits_for_its_digest,
            folding::a_buried_digest_frees_what_it_carried,
            folding::a_digest_that_became_too_old_takes_what_it_carried_with_it,
            folding::what_no_known_code_refused_folds_once_more,
            folding::what_two_digests_carried_is_as_old_as_the_first_attempt,
            folding::the_states_of_a_group_fold_from_the_oldest_on,
            folding::a_replay_folds_as_the_state_that_it_tells,
            folding::what_was_attempted_folds_no_more,
            folding::a_person_gives_up_a_digest_and_not_what_it_carries,
            folding::what_waits_for_a_dead_destination_is_neither_counted_nor_folded,
            folding::a_retry_leaves_one_slot_for_the_next_digest,
            folding::the_more_severe_goes_first_and_nobody_waits_without_end,
            folding::a_digest_goes_with_what_it_carried_after_its_time,
            folding::what_a_digest_carries_expires_with_its_destination,
            folding::a_digest_expires_by_the_oldest_that_it_carries,
            pools::robots_share_the_work_and_never_a_group,
            pools::each_robot_has_its_own_budget,
            pools::a_throttled_robot_leaves_the_work_to_the_others,
            pools::a_dead_robot_buries_nothing_while_another_lives,
            pools::a_dead_robot_of_a_pool_buries_where_it_is_alone,
            pools::a_probe_without_an_answer_leaves_its_message_to_another_robot,
            pools::a_probe_that_ended_with_the_process_leaves_its_message_to_another_robot,
            pools::after_an_unknown_outcome_a_delivery_stays_on_its_robot,
            pools::a_refused_attempt_may_go_to_another_robot,
            pools::what_stayed_on_a_robot_that_is_removed_goes_to_another,
            pools::a_pool_folds_when_all_its_robots_overflow,
            holding::a_held_lane_is_told_whether_something_is_due,
            holding::a_probe_takes_what_was_attempted_and_lets_the_rest_fold,
            holding::a_probe_without_anything_attempted_takes_the_first_in_order,
            holding::a_test_by_a_held_lane_waits_for_no_alert,
            holding::nobody_counts_on_the_slots_of_a_held_robot,
            parking::a_throttled_lane_waits_and_then_makes_one_probe,
            parking::a_throttle_survives_a_restart,
            parking::a_test_that_probes_a_throttle_holds_the_lane,
            parking::a_dead_destination_waits_while_its_lane_goes_on,
            parking::other_credentials_end_a_park,
            parking::each_start_gives_a_dead_destination_one_probe,
            parking::a_lifted_park_frees_its_destination,
            parking::a_probe_that_told_nothing_puts_off_the_others,
            parking::a_dead_account_buries_one_delivery_and_parks_all_its_destinations,
            parking::a_destination_of_a_dead_account_waits_even_if_it_is_new,
            parking::a_dead_account_that_lives_again_frees_no_destination_that_is_dead_by_itself,
            parking::any_arrival_frees_what_waits_for_the_account,
            parking::a_destination_that_was_dead_by_itself_frees_what_waits_for_the_account,
            parking::what_waits_for_a_dead_destination_expires_with_its_cause,
            parking::what_waits_for_a_destination_that_is_gone_expires,
            parking::what_is_being_sent_does_not_expire,
            fallback::what_waits_too_long_is_handed_over_in_whatever_order_it_was_stored,
            fallback::what_arrived_or_was_given_up_meanwhile_is_not_handed_over,
            fallback::what_a_digest_has_shown_is_not_handed_over,
            fallback::what_waits_for_a_removed_destination_falls_back_as_its_receiver_does,
            fallback::a_delivery_that_is_handed_over_says_what_it_comes_from,
            senders::what_is_known_changes_with_the_notification_that_says_so,
            senders::a_notification_that_was_read_with_another_state_is_not_stored,
            senders::of_two_that_were_read_with_one_state_one_is_stored,
            senders::a_notification_for_nobody_changes_what_is_known,
            senders::a_duplicate_changes_what_is_known,
            senders::a_refused_notification_changes_nothing_that_is_known,
            senders::what_has_not_changed_for_so_long_is_found,
            operator_actions::a_replay_is_a_new_delivery_from_the_first_part,
            operator_actions::a_replay_waits_its_turn_in_its_group,
            operator_actions::a_replay_can_have_a_message_of_its_own,
            operator_actions::a_notification_is_kept_as_received_until_its_last_delivery_goes,
            operator_actions::what_was_just_accepted_is_counted_and_listed_at_once_and_after_a_kill,
            operator_actions::long_payloads_and_messages_come_back_as_they_were,
            operator_actions::only_a_dead_letter_is_replayed,
            operator_actions::a_discarded_delivery_frees_its_group,
            operator_actions::what_is_being_sent_is_not_discarded,
            operator_actions::discarding_a_dead_letter_only_marks_it,
            operator_actions::a_list_is_newest_first_and_filtered_and_paged,
            operator_actions::a_listed_delivery_says_everything_about_itself,
            operator_actions::a_waiting_delivery_says_what_it_waits_for,
            operator_actions::backlogs_are_told_by_destination_with_their_oldest,
            operator_actions::settled_rows_are_kept_for_their_time_and_totals_for_ever,
            operator_actions::more_rows_than_one_round_are_cleaned_up,
        );

        #[test]
        fn random_sequences_match_the_model() {
            crate::explore::random_sequences_match_the_model::<$backend>();
        }

        #[test]
        fn the_checker_finds_each_planted_fault() {
            crate::faults::the_checker_finds_each_planted_fault::<$backend>();
        }
    };
}

macro_rules! each_rule {
    ($backend:ty: $($module:ident::$rule:ident,)*) => {$(
        #[tokio::test]
        async fn $rule() {
            crate::$module::$rule::<$backend>().await;
        }
    )*};
}

use each_rule;

mod on_sqlite {
    suite_of!(crate::sqlite::Sqlite);
}
