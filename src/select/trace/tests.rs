//! Tests of traces: their words, and that they agree with the conditions.

use super::*;
use crate::select::condition::Operator;

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().copied().collect()
}

fn condition(label: &str, operator: Operator, values: &[&str]) -> Condition {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    Condition::new(label, operator, values).unwrap()
}

/// One condition of each kind.
fn all_kinds() -> Vec<Condition> {
    use Operator::{DoesNotExist, Exists, In, Match, NotIn, NotMatch};
    let team = |operator, values: &[&str]| condition("team", operator, values);
    vec![
        team(In, &["db"]),
        team(NotIn, &["db"]),
        team(Exists, &[]),
        team(DoesNotExist, &[]),
        team(Match, &["d.*"]),
        team(NotMatch, &["d.*|"]),
        Condition::matcher("team=~\"d.*\"").unwrap(),
        Condition::matcher("team!=\"db\", other=\"\"").unwrap(),
        Condition::any(vec![team(In, &["db"]), team(DoesNotExist, &[])]).unwrap(),
        Condition::all(vec![team(Exists, &[]), team(NotIn, &["db"])]).unwrap(),
        Condition::not(team(In, &["db", "web"])).unwrap(),
    ]
}

#[test]
fn a_trace_says_what_the_conditions_say() {
    for pairs in
        [&[("team", "db")][..], &[("team", "web")], &[("team", "")], &[], &[("other", "x")]]
    {
        let labels = labels(pairs);
        for one in all_kinds() {
            let (held, words) = (one.holds(&labels), one.to_string());
            let conditions = Conditions::new(vec![one]);
            let traced = trace(&conditions, &labels);
            assert_eq!(traced.kept, conditions.hold(&labels), "{words} {pairs:?}");
            assert_eq!(traced.conditions[0].held, held, "{words} {pairs:?}");
            assert!(!traced.conditions[0].why.is_empty(), "{words}");
        }
    }
}

#[test]
fn each_kind_of_test_says_why() {
    use Operator::{DoesNotExist, Exists, In, Match, NotIn};
    for (operator, values, team, why) in [
        (In, &["db", "net"][..], Some("db"), "team is \"db\", one of db, net"),
        (In, &["db"], Some("web"), "team is \"web\", not one of db"),
        (In, &["db"], None, "the label team is absent, which In does not accept"),
        (NotIn, &["db"], None, "the label team is absent, which NotIn accepts"),
        (Exists, &[], Some(""), "team is \"\", so it is there"),
        (DoesNotExist, &[], None, "the label team is absent"),
    ] {
        let pairs: Vec<(&str, &str)> = team.map(|team| ("team", team)).into_iter().collect();
        let conditions = Conditions::new(vec![condition("team", operator, values)]);
        assert_eq!(trace(&conditions, &labels(&pairs)).conditions[0].why, why);
    }
    let regex = Conditions::new(vec![condition("team", Match, &["d.*"])]);
    let why = &trace(&regex, &labels(&[])).conditions[0].why;
    assert!(why.starts_with("the label team is absent and counts as \"\""), "{why}");
}

#[test]
fn every_condition_is_followed_to_its_end_also_where_the_first_one_decides() {
    let conditions = Conditions::new(vec![
        condition("team", Operator::In, &["db"]),
        Condition::any(all_kinds()).unwrap(),
    ]);
    let traced = trace(&conditions, &labels(&[("team", "web")]));
    assert!(!traced.kept && !traced.conditions[0].held);
    assert_eq!(traced.conditions[1].children.len(), all_kinds().len());
    let several = traced.conditions[1].children.iter().find(|step| step.condition.contains(','));
    assert_eq!(several.map(|step| step.children.len()), Some(2), "one for each matcher of a text");
}

#[test]
fn groups_say_how_many_inside_hold() {
    let (yes, no) =
        (condition("team", Operator::Exists, &[]), condition("team", Operator::DoesNotExist, &[]));
    let db = labels(&[("team", "db")]);
    let why = |condition: Condition| {
        let mut traced = trace(&Conditions::new(vec![condition]), &db);
        traced.conditions.remove(0).why
    };
    let any = |inside: [&Condition; 2]| Condition::any(inside.map(Clone::clone).to_vec()).unwrap();
    let all = |inside: [&Condition; 2]| Condition::all(inside.map(Clone::clone).to_vec()).unwrap();
    assert_eq!(why(any([&no, &no])), "none of 2 holds, one is needed");
    assert_eq!(why(any([&yes, &no])), "1 of 2 holds, one is enough");
    assert_eq!(why(any([&yes, &yes])), "2 of 2 hold, one is enough");
    assert_eq!(why(all([&yes, &yes])), "all 2 hold");
    assert_eq!(why(all([&yes, &no])), "1 of 2 does not hold");
    assert_eq!(why(all([&no, &no])), "2 of 2 do not hold");
    assert_eq!(why(Condition::not(yes).unwrap()), "the one inside holds");
    assert_eq!(why(Condition::not(no).unwrap()), "the one inside does not hold");
}

#[test]
fn as_text_it_is_a_tree_of_lines() {
    let any = Condition::any(vec![
        condition("team", Operator::In, &["db"]),
        condition("team", Operator::Exists, &[]),
    ]);
    let traced = trace(&Conditions::new(vec![any.unwrap()]), &labels(&[("team", "web")]));
    assert_eq!(
        traced.to_string(),
        "kept\n  held      any(team In [db]; team Exists): 1 of 2 holds, one is enough\
         \n    not held  team In [db]: team is \"web\", not one of db\
         \n    held      team Exists: team is \"web\", so it is there"
    );
    let nothing = trace(&Conditions::default(), &labels(&[])).to_string();
    assert_eq!(nothing, "kept: there are no conditions, which keeps every alert");
}

#[test]
fn as_json_it_is_read_back_as_it_was() {
    let traced = trace(&Conditions::new(all_kinds()), &labels(&[("team", "db")]));
    let json = serde_json::to_string(&traced).unwrap();
    assert_eq!(serde_json::from_str::<Trace>(&json).unwrap(), traced);
    assert!(
        !json.contains("\"children\":[]"),
        "a condition without any inside has no key for them"
    );
}
