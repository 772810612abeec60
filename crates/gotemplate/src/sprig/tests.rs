//! What the comparison with Go can't show: limits, refusals, and the time that it is.

use std::collections::HashSet;
use std::sync::Arc;

use super::*;
use crate::error::ErrorKind;
use crate::exec::MissingKey;
use crate::funcs::{Environment, Functions};
use crate::limits::Limits;
use crate::templates::Templates;
use crate::time::{Time, Zone};
use crate::value::{Type, Value};
use crate::{Int, fmt};

fn functions() -> Functions {
    Functions::new().with(&table()).refusing(REFUSED)
}

fn execute(template: &str, data: &Value) -> Result<String, crate::Error> {
    let functions = Arc::new(functions());
    let mut templates = Templates::new(functions, MissingKey::Invalid, Limits::default());
    templates.parse("t", template)?;
    let local = Zone::local(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap());
    // 2026-11-20T08:00:30.6Z.
    let now = Time::unix(1_795_161_630, 600_000_000, Zone::Utc);
    let environment = Environment { now, local, ..Environment::default() };
    let mut fuel = Limits::default().fuel;
    let out = templates.execute("t", data, &environment, &mut fuel)?;
    Ok(String::from_utf8(out).unwrap())
}

fn run(template: &str) -> Result<String, crate::Error> {
    execute(template, &Value::dict([("T", Value::from(Time::unix(1_795_154_430, 0, Zone::Utc)))]))
}

#[test]
fn every_function_is_there_once_or_refused() {
    let mut names: Vec<&str> = table().iter().map(Function::name).collect();
    names.extend(REFUSED.iter().map(|(name, _)| *name));
    let distinct: HashSet<&str> = names.iter().copied().collect();
    assert_eq!(distinct.len(), names.len());
    // As many as sprig 3.2.2 has.
    assert_eq!(names.len(), 210);
}

#[test]
fn a_refused_function_is_refused_with_its_reason_at_parse() {
    for (name, reason) in REFUSED {
        let error = run(&format!("{{{{{name}}}}}")).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Parse, "{name}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn what_would_be_too_large_is_refused_before_it_is_made() {
    for template in [
        r#"{{repeat 1000000000 "x"}}"#,
        r#"{{repeat 9223372036854775807 "xyz"}}"#,
        "{{until 1000000000}}",
        "{{untilStep 0 9223372036854775807 1}}",
        "{{untilStep 9223372036854775807 -9223372036854775808 -1}}",
        "{{seq 1000000000}}",
        "{{seq 1 9223372036854775806}}",
        r#"{{indent 1000000000 "a"}}"#,
        r#"{{$s := repeat 100000 "a"}}{{replace "" $s $s}}"#,
        r#"{{$s := repeat 100000 "a"}}{{replace "a" $s $s}}"#,
        r#"{{$s := repeat 100000 "a"}}{{regexReplaceAll "" $s $s}}"#,
        r#"{{$s := repeat 100000 "a"}}{{regexReplaceAllLiteral "a" $s $s}}"#,
        r#"{{$s := repeat 100000 "a"}}{{join $s (splitList "" (repeat 1000 "a"))}}"#,
        r#"{{$s := repeat 100000 "a"}}{{wrapWith 1 $s $s}}"#,
        r#"{{splitList "" (repeat 1000000 "a")}}"#,
        r#"{{splitn "" 100000 (repeat 1000000 "a")}}"#,
        r#"{{fromJson (repeat 300000 "1,")}}"#,
        "{{$l := list 1}}{{range until 40}}{{$l = concat $l $l}}{{end}}",
        r#"{{$d := dict}}{{range until 40}}{{$d = dict "a" $d "b" $d}}{{end}}{{toJson $d}}"#,
        r#"{{$d := dict}}{{range until 40}}{{$d = dict "a" $d "b" $d}}{{end}}{{deepCopy $d}}"#,
        r#"{{$s := repeat 300000 "\x01"}}{{quote $s}}"#,
        "{{uniq (until 40000)}}",
        r#"{{has 1 (list)}}{{uniq (concat (until 9000) (splitList "" (repeat 999 "ab")))}}"#,
        r#"{{$s := repeat 600000 "a"}}{{trimAll (repeat 300000 "b") $s}}{{trimAll (repeat 999 "ba") $s}}"#,
    ] {
        let error = run(template).expect_err(template);
        assert!(matches!(error.kind(), ErrorKind::Limit(_)), "{template}: {error}");
    }
}

#[test]
fn what_would_take_too_long_is_refused_before_it_is_done() {
    for template in [
        r#"{{$s := repeat 30000 "aaaaaaaaab"}}{{regexReplaceAll "([^z]?){300}([^y]?){300}" $s "$2"}}"#,
        r#"{{$s := repeat 20000 "aaaaaaaaab"}}{{regexFind "([^z]?){300}([^y]?){300}" $s}}"#,
        r#"{{$s := repeat 10000 "AAAAAAAAAA"}}{{regexFindAll ".*[^A-Z]|[A-Z]" $s -1}}"#,
        r#"{{range until 3000}}{{regexMatch (printf "%dx+" .) "x"}}{{end}}"#,
        "{{$l := until 9000}}{{$m := until 9000}}{{range $l}}{{$_ := deepEqual $l $m}}{{end}}",
        r#"{{$s := repeat 300000 "a"}}{{range until 9000}}{{$_ := sha1sum $s}}{{end}}"#,
        r#"{{$d := dict}}{{range until 20000}}{{$_ := set $d (printf "k%d" .) .}}{{end}}"#,
    ] {
        let error = run(template).expect_err(template);
        assert!(matches!(error.kind(), ErrorKind::Limit(_)), "{template}: {error}");
    }
}

#[test]
fn what_nests_too_deeply_is_refused() {
    let deep =
        "{{$l := list}}{{$m := list}}{{range until 20000}}{{$l = list $l}}{{$m = list $m}}{{end}}";
    for call in
        ["toJson $l", "toPrettyJson $l", "deepCopy $l", "deepEqual $l $m", "has $l (list $m)"]
    {
        let error = run(&format!("{deep}{{{{{call}}}}}")).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Limit(_)), "{call}: {error}");
    }
    let dicts = r#"{{$a := dict}}{{$b := dict}}{{range until 9000}}{{$a = dict "x" $a}}{{$b = dict "x" $b}}{{end}}"#;
    let error = run(&format!("{dicts}{{{{merge $a $b}}}}")).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Limit(_)), "{error}");
    let error = run(r#"{{mustFromJson (repeat 101 "[")}}"#).unwrap_err();
    assert!(error.to_string().ends_with("invalid character '[' exceeded max depth"), "{error}");
}

#[test]
fn no_dict_can_be_put_into_itself() {
    for template in [
        r#"{{$d := dict}}{{set $d "x" $d}}"#,
        r#"{{$d := dict}}{{set $d "x" (list 1 (dict "y" $d))}}"#,
        r#"{{$d := dict "a" (dict)}}{{set $d.a "x" $d}}"#,
        r#"{{$d := dict}}{{merge $d (dict "x" $d)}}"#,
        r#"{{$d := dict "a" (dict)}}{{mergeOverwrite $d (dict "a" (dict "x" $d))}}"#,
    ] {
        let error = run(template).unwrap_err().to_string();
        assert!(error.ends_with("a dict can't be put into itself"), "{error}");
    }
    let shared = r#"{{$d := dict}}{{$e := dict "a" $d "b" $d}}{{set $d "x" (dict)}} {{$e}}"#;
    assert_eq!(run(shared).unwrap(), "map[x:map[]] map[a:map[x:map[]] b:map[x:map[]]]");
}

#[test]
fn now_comes_from_the_environment() {
    for (template, expected) in [
        ("{{now | date `2006-01-02 15:04:05.0 MST`}}", "2026-11-20 16:00:30.6 CST"),
        ("{{now.Location}} {{htmlDate now}} {{unixEpoch now}}", "Local 2026-11-20 1795161630"),
        ("{{ago .T}} {{ago 1795161600}} {{ago `x`}}", "2h0m1s 31s 0s"),
        ("{{durationRound .T}} {{durationRound now}}", "2h 0s"),
        ("{{date `15:04` `no time`}} {{dateInZone `15:04` nil `UTC`}}", "16:00 08:00"),
        ("{{htmlDateInZone 0 `Nowhere`}} {{date `15:04` 0}}", "1970-01-01 08:00"),
        ("{{dateModify `24h` now | htmlDate}}", "2026-11-21"),
    ] {
        assert_eq!(run(template).unwrap(), expected, "{template}");
    }
}

#[test]
fn signatures_name_types_that_values_have() {
    let of = |value: &Value| value.type_of().map(|of| of.to_string());
    assert_eq!(of(&Value::Nil(Type::Named(&VERSION))).as_deref(), Some("*semver.Version"));
    assert_eq!(fmt::quote(b"\x00"), r#""\x00""#);
    assert_eq!(of(&Value::Int(Int::Int64, 1)).as_deref(), Some("int64"));
}
