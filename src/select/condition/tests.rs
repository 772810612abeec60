//! Tests of conditions: when they hold, and which are refused.

use super::*;

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().copied().collect()
}

fn condition(operator: Operator, values: &[&str]) -> Condition {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    Condition::new("team", operator, values).unwrap()
}

fn exists() -> Condition {
    condition(Operator::Exists, &[])
}

fn absent() -> Condition {
    condition(Operator::DoesNotExist, &[])
}

#[test]
fn each_operator_has_its_meaning_also_for_an_absent_and_an_empty_label() {
    use Operator::{DoesNotExist, Exists, In, Match, NotIn, NotMatch};
    let none: &[&str] = &[];
    // Operator, values; whether it holds for "db", "web", "" and an absent label.
    for (operator, values, expected) in [
        (In, &["db", "网络"][..], [true, false, false, false]),
        (In, &["db", ""], [true, false, true, false]),
        (NotIn, &["db"], [false, true, true, true]),
        (NotIn, &["db", ""], [false, true, false, true]),
        (Exists, none, [true, true, true, false]),
        (DoesNotExist, none, [false, false, false, true]),
        (Match, &["d.|x"], [true, false, false, false]),
        (Match, &["|db"], [true, false, true, true]),
        (NotMatch, &["d.|x"], [false, true, true, true]),
        (NotMatch, &["|db"], [false, true, false, false]),
        // The expression must match the whole value.
        (Match, &["b"], [false, false, false, false]),
    ] {
        let condition = condition(operator, values);
        for (value, expected) in ["db", "web", ""].into_iter().zip(expected) {
            assert_eq!(
                condition.holds(&labels(&[("team", value)])),
                expected,
                "{condition} {value}"
            );
        }
        assert_eq!(
            condition.holds(&labels(&[("other", "db")])),
            expected[3],
            "{condition}, absent"
        );
    }
}

#[test]
fn a_matcher_text_has_alertmanagers_meaning_and_all_its_matchers_must_hold() {
    let both = Condition::matcher("team=~\"db|web\", namespace!=\"kube-system\"").unwrap();
    for (pairs, expected) in [
        (&[("team", "db")][..], true),
        (&[("team", "db"), ("namespace", "kube-system")], false),
        (&[("team", "net")], false),
        (&[], false),
    ] {
        assert_eq!(both.holds(&labels(pairs)), expected, "{pairs:?}");
    }
    assert!(
        Condition::matcher("team=\"\"").unwrap().holds(&labels(&[])),
        "an absent label is \"\""
    );
}

#[test]
fn conditions_nest_and_all_of_them_must_hold() {
    let (here, gone) = (labels(&[("team", "db")]), labels(&[]));
    let either = Condition::any(vec![exists(), absent()]).unwrap();
    let both = Condition::all(vec![exists(), absent()]).unwrap();
    let not = Condition::not(exists()).unwrap();
    for (condition, expected) in [(&either, [true, true]), (&both, [false, false])] {
        assert_eq!([&here, &gone].map(|labels| condition.holds(labels)), expected, "{condition}");
    }
    assert_eq!([&here, &gone].map(|labels| not.holds(labels)), [false, true]);
    let conditions = Conditions::new(vec![either, exists()]);
    assert_eq!([&here, &gone].map(|labels| conditions.hold(labels)), [true, false]);
    assert!(Conditions::default().hold(&gone), "no condition keeps every alert");
}

#[test]
fn the_rest_is_what_none_of_the_others_keeps() {
    let keeper = |receiver: &str, text: &str| Keeper {
        receiver: receiver.to_owned(),
        conditions: Conditions::new(vec![Condition::matcher(text).unwrap()]),
    };
    let rest =
        Condition::rest(vec![keeper("a", "team=\"a\""), keeper("b", "{team=\"b\", x=\"y\"}")]);
    for (alert, expected) in [
        (labels(&[("team", "a")]), false),
        (labels(&[("team", "b"), ("x", "y")]), false),
        (labels(&[("team", "b")]), true),
        (labels(&[]), true),
    ] {
        assert_eq!(rest.holds(&alert), expected, "{alert:?}");
    }
    assert_eq!(Conditions::new(vec![rest.clone()]).tests(), 3);
    assert_eq!(rest.to_string(), "what no other receiver keeps");
    assert!(Condition::rest(Vec::new()).holds(&labels(&[])), "there is no other");
    let everything = Keeper { receiver: "all".to_owned(), conditions: Conditions::default() };
    assert!(!Condition::rest(vec![everything]).holds(&labels(&[])), "one has no conditions");
}

#[test]
fn a_condition_that_means_nothing_is_refused_at_its_key() {
    let new = |label: &str, operator, values: &[&str]| {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        Condition::new(label, operator, values).unwrap_err()
    };
    for (error, field, words) in [
        (new("", Operator::Exists, &[]), ConditionField::Label, "label"),
        (new("a", Operator::In, &[]), ConditionField::Values, "In needs at least one value"),
        (new("a", Operator::Exists, &["b"]), ConditionField::Values, "Exists"),
        (
            new("a", Operator::Match, &[]),
            ConditionField::Values,
            "exactly one regular expression, here are 0",
        ),
        (
            new("a", Operator::Match, &["b", "c"]),
            ConditionField::Values,
            "write alternatives as a|b",
        ),
        (new("a", Operator::NotMatch, &["("]), ConditionField::Values, "missing closing )"),
        (
            Condition::any(vec![]).unwrap_err(),
            ConditionField::Any,
            "any needs at least one condition",
        ),
        (
            Condition::all(vec![]).unwrap_err(),
            ConditionField::All,
            "all needs at least one condition",
        ),
    ] {
        assert_eq!(error.field(), field, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    assert_eq!(Condition::matcher("a").unwrap_err().field(), ConditionField::Matcher);
}

#[test]
fn conditions_nest_so_deep_and_no_deeper() {
    let mut deepest = exists();
    for _ in 1..MAX_DEPTH {
        deepest = Condition::not(deepest).unwrap();
    }
    // An odd number of negations around a condition that holds.
    assert!(!deepest.holds(&labels(&[("team", "db")])));
    let error = Condition::any(vec![exists(), deepest]).unwrap_err();
    assert_eq!(error, ConditionError::TooDeep { field: ConditionField::Any });
}

#[test]
fn a_condition_is_shown_as_a_person_writes_it() {
    let nested = Condition::any(vec![
        condition(Operator::In, &["db", "two words", ""]),
        Condition::not(exists()).unwrap(),
        condition(Operator::Match, &["d.*"]),
    ]);
    assert_eq!(
        nested.unwrap().to_string(),
        "any(team In [db, \"two words\", \"\"]; not(team Exists); team Match d.*)"
    );
    let matchers = Condition::matcher("{team=\"db\", a!~\"b|c\"}").unwrap().to_string();
    assert_eq!(Condition::matcher(&matchers).unwrap().to_string(), matchers);
}

#[test]
fn of_many_values_the_first_are_shown() {
    let values: Vec<String> = (0..11).map(|number| format!("v{number}")).collect();
    let condition = Condition::new("team", Operator::In, values).unwrap();
    assert!(condition.to_string().ends_with("v6, v7 and 3 more]"), "{condition}");
    assert!(condition.holds(&labels(&[("team", "v10")])));
}
