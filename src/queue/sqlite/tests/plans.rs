//! Finding work costs the same however many deliveries wait.

use rusqlite::{OptionalExtension, StatementStatus};

use super::*;

fn database() -> Connection {
    let connection = Connection::open_in_memory().expect("it opens");
    open::keep_plans(&connection).expect("it is set");
    schema::migrate(&connection, 0).expect("the tables are made");
    connection
}

/// So many queued deliveries of one target, one group for each ten.
fn fill(connection: &Connection, rows: u32) {
    let sql = "INSERT INTO target (id, receiver, destination, queued) VALUES (1, 'ops', 'a', ?1)";
    connection.execute(sql, [rows]).expect("it is stored");
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
        INSERT INTO delivery (notification, message, origin, target, alert_group, rank, head, due_ms,
          was_due_ms, accepted_ms, accepted_wall, parts)
        SELECT i, i, 'notification', 1, i / 10, 0, i % 10 = 0, i, i, i, i, 1 FROM n";
    connection.execute(sql, [rows]).expect("they are stored");
}

/// How many steps of SQLite's machine the query takes.
fn steps(connection: &Connection, sql: &str, values: &[&dyn rusqlite::ToSql]) -> i32 {
    let mut statement = connection.prepare(sql).expect("it is SQL");
    let mut rows = statement.query(values).expect("it runs");
    while rows.next().expect("it reads").is_some() {}
    drop(rows);
    statement.get_status(StatementStatus::VmStep)
}

/// How SQLite goes about the query, in its words.
fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("SQL");
    let empty = rusqlite::params_from_iter((0..plan.parameter_count()).map(|_| 1));
    let steps = plan.query_map(empty, |row| row.get(3)).expect("a plan");
    steps.collect::<Result<_, _>>().expect("words")
}

#[test]
fn the_queries_of_a_lane_take_as_many_steps_with_many_rows_as_with_few() {
    let counts = [20, 20_000].map(|rows| {
        let connection = database();
        fill(&connection, rows);
        [
            steps(&connection, target_queue::NEXT_FIRST, &[&1, &0, &0, &"lane", &""]),
            steps(&connection, target_queue::PARTS_OF_HEADS, &[&1, &2]),
            steps(&connection, target_queue::PARTS_WAITING, &[&1, &5]),
            steps(&connection, settle::NEXT_OF_GROUP, &[&1, &1]),
            steps(&connection, stats::BACKLOGS, &[]),
        ]
    });
    assert_eq!(counts[0], counts[1]);
}

#[test]
fn no_query_of_a_lane_reads_through_all_deliveries() {
    let connection = database();
    for (sql, index) in [
        (target_queue::NEXT_FIRST, "delivery_head"),
        (target_queue::PARTS_OF_HEADS, "delivery_head"),
        (target_queue::PARTS_WAITING, "delivery_waiting"),
        (target_queue::FRESH_GROUPS, "delivery_head"),
        (foldable::OF_RANK, "delivery_head"),
        (digest::CARRIED_BY, "delivery_carried"),
        (settle::NEXT_OF_GROUP, "delivery_waiting"),
        (retain::SETTLED, "delivery_retained"),
        (stats::BACKLOGS, "delivery_queued"),
    ] {
        let steps = plan(&connection, sql);
        let searches = |step: &&String| step.contains("SEARCH delivery") && step.contains(index);
        assert_eq!(steps.iter().filter(searches).count(), 1, "{steps:?}");
        assert!(!steps.iter().any(|step| step.contains("SCAN delivery")), "{steps:?}");
    }
}

#[test]
fn what_falls_and_what_waits_for_an_account_is_found_by_an_index() {
    let connection = database();
    for (sql, index) in [
        (fallback::WAITING, "delivery_queued"),
        (fallback::DUE, "delivery_fallback"),
        (park::OF_ACCOUNT, "destination_park_account"),
    ] {
        let steps = plan(&connection, sql);
        assert!(steps.iter().any(|step| step.contains(index)), "{steps:?}");
    }
}

#[test]
fn a_start_reads_which_groups_have_a_next_delivery_from_the_index_alone() {
    let connection = database();
    let steps = plan(&connection, heads::ALL);
    assert_eq!(steps, ["SCAN delivery USING COVERING INDEX delivery_head"]);
}

#[test]
fn a_statement_is_compiled_once_however_often_it_is_used() {
    let connection = database();
    fill(&connection, 20);
    for sql in [target_queue::PARTS_OF_HEADS, settle::NEXT_OF_GROUP] {
        for round in 0..3 {
            let mut statement = connection.prepare_cached(sql).expect("it is SQL");
            let values = rusqlite::params_from_iter((0..statement.parameter_count()).map(|_| 1));
            let found: Option<i64> =
                statement.query_row(values, |row| row.get(0)).optional().expect("it reads");
            assert!(found.is_some(), "{sql}");
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "{round}: {sql}");
        }
    }
}
