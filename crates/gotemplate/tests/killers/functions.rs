//! Killers by what functions make, and by what they look at without making anything.

use super::Killer;

pub(super) const KILLERS: &[Killer] = &[
    ("lists in lists", || nested("list $v"), "over the limit"),
    ("dicts in dicts", || nested("dict \"a\" $v"), "over the limit"),
    ("lists in a list", || grown("$v = append $v $v"), "over the limit"),
    ("a deep list printed", || deep("{{$v}}"), "over the limit"),
    ("a deep list by printf", || deep("{{printf \"%#v\" $v}}"), "over the limit"),
    ("a deep list as JSON", || deep("{{toJson $v}}"), "nesting"),
    ("a deep list as pretty JSON", || deep("{{toPrettyJson $v}}"), "nesting"),
    ("a deep list copied", || deep("{{deepCopy $v}}"), "nesting"),
    (
        "a deep list compared",
        || deep("{{$w := list}}{{range 9000}}{{$w = list $w}}{{end}}{{deepEqual $v $w}}"),
        "nesting",
    ),
    ("a deep list in a deep stack", || in_blocks("{{toJson $}}{{deepCopy $}}{{$}}"), ""),
    ("deep lists compared", || in_blocks("{{deepEqual $ (deepCopy $)}}"), ""),
    ("a dict in itself", || "{{$d := dict}}{{set $d \"a\" (list $d)}}".into(), "into itself"),
    ("a dict merged into itself", || grown("$_ := merge $d (dict \"a\" $d)"), "into itself"),
    ("a wide dict in dicts", || grown("$_ := set $d (print .) (list $d)"), "into itself"),
    ("set, again and again", || grown("$_ := set $d (print .) $d2"), "over the limit"),
    ("shared lists compared", || shared("{{deepEqual $v $w}}"), "over the limit"),
    ("shared lists copied", || shared("{{deepCopy $v}}"), "over the limit"),
    ("shared lists as JSON", || shared("{{toJson $v}}"), "over the limit"),
    ("shared lists printed", || shared("{{print $v}}"), "over the limit"),
    ("shared lists put", || shared("{{set $d \"a\" $v}}"), "over the limit"),
    ("repeat", || "{{repeat 1000000000 \"abc\"}}".into(), "over the limit"),
    ("repeat nothing", || "{{repeat 9223372036854775807 \"\"}}".into(), ""),
    ("until", || "{{until 1000000000}}".into(), "over the limit"),
    ("untilStep", || "{{untilStep 0 9223372036854775807 1}}".into(), "over the limit"),
    ("seq", || "{{seq 1 1 9223372036854775806}}".into(), "over the limit"),
    ("seq to the end", || "{{seq 1 1 9223372036854775807}}".into(), ""),
    ("seq without a step", || "{{seq 0 0 10}}".into(), ""),
    ("join", || grown("$s = join $s (list $s $s $s)"), "over the limit"),
    ("replace", || grown("$s = replace \"x\" \"xx\" $s"), "over the limit"),
    ("indent", || grown("$s = indent 100 (print $s \"\\n\" $s)"), "over the limit"),
    ("indent by much", || "{{indent 1000000000 .s}}".into(), "over the limit"),
    ("quote", || grown("$s = quote $s"), "over the limit"),
    ("cat", || grown("$s = cat $s $s"), "over the limit"),
    ("b64enc", || grown("$s = b64enc $s"), "over the limit"),
    ("wrap", || long("wrap 1 $s"), "over the limit"),
    ("wrap at a word", || long("wrapWith 1 $s $s"), "over the limit"),
    (
        "trim",
        || "{{$s := repeat 1000000 \" \"}}{{range 99999}}{{$_ := trim $s}}{{end}}".into(),
        FUEL,
    ),
    ("trimAll", || long("trimAll \"x\" $s"), FUEL),
    ("hasPrefix", || long("hasPrefix $s $s"), FUEL),
    ("eq", || long("eq $s (print $s)"), "over the limit"),
    ("eq of what is held", || long("eq $s $t"), FUEL),
    ("html", || long("html $s"), FUEL),
    ("float64", || long("float64 $n"), FUEL),
    ("int", || long("int $n"), FUEL),
    ("max", || long("max $n $n $n"), FUEL),
    ("semver", || long("semverCompare $n \"1.2.3\""), "over the limit"),
    ("toDate", || long("toDate $s $s"), FUEL),
    ("duration", || long("duration $n"), FUEL),
    ("durationRound", || long("durationRound $n"), FUEL),
    ("date", || long("now | date $s"), "over the limit"),
    ("sortAlpha", || sorted("sortAlpha $l"), FUEL),
    ("uniq", || sorted("uniq $l"), FUEL),
    ("has", || sorted("has (print $s \"z\") $l"), "over the limit"),
    (
        "compact",
        || {
            "{{$l := (fromJson (print \"[\" (repeat 20000 \"0,\") \"0]\"))}}\
        {{range 99999}}{{$_ := compact $l}}{{end}}"
                .into()
        },
        FUEL,
    ),
    ("range over a dict", range_of_a_dict, "over the limit"),
    ("printf without output", || long("printf (repeat 90000 \"%[1].0s\") \"\""), "over the limit"),
    ("toJson of no number", json_of_no_number, FUEL),
    ("fromJson", || "{{fromJson (repeat 10000 \"[\")}}".into(), ""),
    ("mustFromJson", || "{{mustFromJson (repeat 10000 \"[\")}}".into(), "exceeded max depth"),
    ("fromJson of much", || "{{fromJson (print \"[\" (repeat 500000 \"1,\"))}}".into(), "value"),
    (
        "a bomb of a pattern",
        || pattern("(a{1,100}){1,100}", 20_000, 99_999),
        "invalid repeat count",
    ),
    (
        "many bombs",
        || {
            "{{range 99999}}{{regexMatch (printf \"(\\\\w{1,100}){1,%d}\" .) \"a\"}}\
        {{end}}"
                .into()
        },
        FUEL,
    ),
    (
        "many wrong patterns",
        || "{{range 99999}}{{regexMatch (printf \"%d(\" .) \"a\"}}{{end}}".into(),
        FUEL,
    ),
    ("stars", || pattern("(.*)(.*)(.*)x", 20_000, 99_999), FUEL),
    ("stars that match", || pattern("(x*)*(x+)*y|x", 2_000, 9), ""),
    ("a quadratic pattern", || pattern(".*y|x", 2_000, 9), ""),
    ("replacement", || long("regexReplaceAll \"x\" $s $s"), "over the limit"),
    ("many methods in a row", || turns(&format!("$t{}", ".UTC".repeat(50_000))), FUEL),
    ("a long number", || turns(&format!("0x{}1", "0".repeat(200_000))), FUEL),
    ("many variables before", many_variables, "over the limit"),
    (
        "decimals",
        || {
            "{{$a := 1e308}}{{range 99999}}{{$_ := mulf $a $a $a $a $a $a $a $a 1e-308}}\
        {{end}}"
                .into()
        },
        FUEL,
    ),
    (
        "decimals far apart",
        || "{{range 99999}}{{$_ := addf 1e308 1e-308 1e308 1e-308}}{{end}}".into(),
        FUEL,
    ),
    (
        "division",
        || "{{range 99999}}{{$_ := divf 1e308 1e-308 3 1e-308 7 1e308}}{{end}}".into(),
        FUEL,
    ),
    (
        "wide numbers",
        || "{{range 99999}}{{$_ := printf \"%.9999f\" 1e-300}}{{end}}".into(),
        "over the limit",
    ),
];

const FUEL: &str = "for fuel";

/// `$v` in a value in a value, 100,000 deep.
fn nested(again: &str) -> String {
    format!("{{{{$v := \"x\"}}}}{{{{range 100001}}}}{{{{$v = {again}}}}}{{{{end}}}}")
}

/// `again` for a list `$v`, dicts `$d` and `$d2` and a text `$s`.
fn grown(again: &str) -> String {
    format!(
        "{{{{$v := list 1}}}}{{{{$d := dict}}}}{{{{$d2 := dict}}}}{{{{$s := \"xx\\n\"}}}}\
         {{{{range 99999}}}}{{{{{again}}}}}{{{{end}}}}"
    )
}

/// `then` with a list `$v` that is 50,000 deep.
fn deep(then: &str) -> String {
    format!("{{{{$v := list}}}}{{{{range 50000}}}}{{{{$v = list $v}}}}{{{{end}}}}{then}")
}

/// `then` with a list that is 290 deep, in 290 blocks.
fn in_blocks(then: &str) -> String {
    let (open, close) = ("{{if 1}}".repeat(70), "{{end}}".repeat(70));
    let calls = (0..4).map(|at| {
        let next = at + 1;
        format!("{{{{define \"t{at}\"}}}}{open}{{{{template \"t{next}\" .}}}}{close}{{{{end}}}}")
    });
    let calls: String = calls.collect();
    format!(
        "{calls}{{{{define \"t4\"}}}}{then}{{{{end}}}}{{{{$v := list}}}}\
         {{{{range 290}}}}{{{{$v = list $v}}}}{{{{end}}}}{{{{template \"t0\" $v}}}}"
    )
}

/// `then` with lists `$v` and `$w` that hold 2^100 values, of which most are one and the same.
fn shared(then: &str) -> String {
    format!(
        "{{{{$d := dict}}}}{{{{$v := list 1}}}}{{{{$w := list 1}}}}{{{{range 100}}}}\
         {{{{$v = list $v $v}}}}{{{{$w = list $w $w}}}}{{{{end}}}}{then}"
    )
}

/// `again` for a long text `$s`, an equal one `$t` and a long number `$n`.
fn long(again: &str) -> String {
    format!(
        "{{{{$s := repeat 900000 \"x\"}}}}{{{{$t := print $s}}}}{{{{$n := repeat 900000 \"1\"}}}}\
         {{{{range 99999}}}}{{{{$_ := {again}}}}}{{{{end}}}}"
    )
}

/// `again` for a list `$l` of long texts `$s` that differ at the end only.
fn sorted(again: &str) -> String {
    format!(
        "{{{{$s := repeat 500000 \"x\"}}}}{{{{$a := print $s 1}}}}{{{{$b := print $s 2}}}}\
         {{{{$l := list $a $b $a $a $b $b $a $b}}}}{{{{range 9}}}}{{{{$l = concat $l $l}}}}{{{{end}}}}\
         {{{{range 99999}}}}{{{{$_ := {again}}}}}{{{{end}}}}"
    )
}

fn pattern(pattern: &str, length: u32, turns: u32) -> String {
    format!(
        "{{{{$s := repeat {length} \"x\"}}}}{{{{range {turns}}}}}{{{{$_ := regexMatch `{pattern}` $s}}}}\
         {{{{$_ := regexFindAll `{pattern}` $s -1}}}}{{{{$_ := regexReplaceAll `{pattern}` $s \"y\"}}}}{{{{end}}}}"
    )
}

/// The entries are copied for each turn of each range.
fn range_of_a_dict() -> String {
    let open = "{{range $d}}".repeat(90);
    let close = "{{break}}{{end}}".repeat(90);
    format!(
        "{{{{$d := dict{}}}}}{{{{range 99999}}}}{open}{close}{{{{end}}}}",
        (0..10_000).map(|at| format!(" \"{at}\" 1")).collect::<Vec<_>>().concat()
    )
}

fn json_of_no_number() -> String {
    "{{$l := concat (list (repeat 900000 \"x\")) (list (float64 \"NaN\"))}}\
     {{range 99999}}{{$_ := toJson $l}}{{end}}"
        .into()
}

/// `again` with a time `$t`.
fn turns(again: &str) -> String {
    format!("{{{{$t := now}}}}{{{{range 99999}}}}{{{{$_ := {again}}}}}{{{{end}}}}")
}

fn many_variables() -> String {
    format!("{}{{{{range 9999}}}}{}{{{{end}}}}", "{{$a:=1}}".repeat(20_000), "{{$.s}}".repeat(200))
}
