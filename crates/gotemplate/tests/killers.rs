//! Templates that abort, hang or exhaust other engines, each in a process of its own with little
//! memory and a short stack: the process must end by itself, and say which limit was reached.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "what fails here fails a test")]

use std::env;
use std::process::Command;
use std::sync::Arc;

use gotemplate::{
    Environment, Error, Functions, Limits, MissingKey, Passed, Templates, Value, sprig,
};

/// The address space of a process, in KiB: 512 MiB.
const SPACE: u32 = 512 << 10;

/// What each template must end with: a piece of the message, or nothing for success.
type Killer = (&'static str, fn() -> String, &'static str);

#[path = "killers/functions.rs"]
mod functions;

fn killers() -> impl Iterator<Item = &'static Killer> {
    KILLERS.iter().chain(functions::KILLERS)
}

const KILLERS: &[Killer] = &[
    ("recursive", || "{{define \"a\"}}{{template \"a\"}}{{end}}{{template \"a\"}}".into(), "depth"),
    ("recursive in blocks", recursive_in_blocks, "nesting"),
    ("recursive in parentheses", recursive_in_parentheses, "nesting"),
    ("50,000 parentheses", || format!("{{{{{}1", "(".repeat(50_000)), "parse depth"),
    ("90 closed parentheses", || nested_parentheses(90), ""),
    ("20,000 else if", || chain("{{if .}}", "{{else if .}}", 20_000), "parse depth"),
    ("16,000 else with", || chain("{{with .}}", "{{else with 0}}", 16_000), "parse depth"),
    (
        "5,000 ifs",
        || format!("{}x{}", "{{if 1}}".repeat(5_000), "{{end}}".repeat(5_000)),
        "parse depth",
    ),
    ("5,000 defines", || "{{define \"a\"}}".repeat(5_000), "unexpected"),
    ("5,000 blocks", || "{{block \"a\" .}}".repeat(5_000), "parse depth"),
    ("range 1e9", || "{{range 1000000000}}{{end}}".into(), "iterations"),
    (
        "range 1e9 in lists",
        || "{{range $i := 1000}}{{range 1000000}}{{end}}{{end}}".into(),
        "iterations",
    ),
    ("doubling", || doubling("printf \"%s%s\" $s $s"), "over the limit"),
    ("doubling by print", || doubling("print $s $s"), "over the limit"),
    ("doubling by html", || doubling("html $s \"<<<<<<<<\" $s"), "over the limit"),
    ("doubling by urlquery", || doubling("urlquery $s $s"), "over the limit"),
    ("doubling by js", || doubling("js $s \"<\" $s"), "over the limit"),
    ("much output", || range_text(&"x".repeat(10_000)), "output"),
    ("output of a text", || range_text("{{$.s}}{{$.s}}{{$.s}}{{$.s}}"), "over the limit"),
    ("fan-out", fan_out, "over the limit"),
    ("fan-out without output", || fan_out().replace("leaf", ""), "over the limit"),
    ("width 1e9", || "{{printf \"%1000000000d\" 1}}".into(), ""),
    ("precision 2e9", || "{{printf \"%.2000000000f\" 1.0}}".into(), ""),
    ("width 1e6", || "{{printf \"%1000000d\" 1}}".into(), "over the limit"),
    ("precision 1e6", || "{{printf \"%.999999f\" 1.0}}".into(), "over the limit"),
    ("width by argument", || "{{printf \"%*d\" 999999 1}}".into(), "over the limit"),
    ("hex precision", || "{{printf \"%.99999x\" \"abc\"}}".into(), ""),
    ("many wide ones", || range_text("{{$x := printf \"%9999d\" 1}}"), "over the limit"),
    ("argument index", || "{{printf \"%[999999999999]d\" 1}}".into(), ""),
    ("long texts that are equal", || long_texts("eq"), "fuel"),
    ("long texts that are not less", || long_texts("lt"), "fuel"),
    ("long keys", || reads_long_text("index $m $s"), "fuel"),
    ("long texts that are read", || reads_long_text("len $s"), "fuel"),
    ("many variables", || range_text("{{$a := 1}}{{$b := 2}}"), ""),
    ("variables that stay", || format!("{}x", "{{$a := .s}}".repeat(20_000)), ""),
    ("long pipeline", || format!("{{{{1{}}}}}", " | print".repeat(20_000)), ""),
    ("long command", || format!("{{{{print{}}}}}", " 1".repeat(60_000)), ""),
    ("long field", || format!("{{{{.s{}}}}}", ".a".repeat(60_000)), "can't evaluate field a"),
    ("many actions", || "{{. | len}}".repeat(20_000), ""),
    ("unclosed", || "{{\"".repeat(80_000), "unexpected"),
    ("large source", || "x".repeat(300_000), "source"),
    ("float constants", || "{{1e308}}{{-1e308}}{{0x1p-1074}}".into(), ""),
];

/// Compares two texts of half a MiB with each other, again and again.
fn long_texts(comparison: &str) -> String {
    let longer = "{{$s = print $s $s}}".repeat(18);
    let texts = format!("{{{{$s := \"ab\"}}}}{longer}{{{{$t := print $s}}}}");
    format!("{texts}{{{{range 99999}}}}{{{{if {comparison} $s $t}}}}{{{{end}}}}{{{{end}}}}")
}

/// Calls a function with a text of half a MiB, again and again.
fn reads_long_text(call: &str) -> String {
    let longer = "{{$s = print $s $s}}".repeat(18);
    format!(
        "{{{{$m := .}}}}{{{{$s := \"ab\"}}}}{longer}{{{{range 99999}}}}{{{{$x := {call}}}}}{{{{end}}}}"
    )
}

fn nested_parentheses(depth: usize) -> String {
    format!("{{{{{}1{}}}}}", "(".repeat(depth), ")".repeat(depth))
}

fn chain(first: &str, link: &str, count: usize) -> String {
    format!("{first}{}{{{{end}}}}", link.repeat(count))
}

/// Each call is 40 blocks deep.
fn recursive_in_blocks() -> String {
    let (open, close) = ("{{if 1}}{{with .}}".repeat(40), "{{end}}".repeat(80));
    format!(
        "{{{{define \"a\"}}}}{open}{{{{template \"a\" .}}}}{close}{{{{end}}}}{{{{template \"a\" .}}}}"
    )
}

/// Each call is at the bottom of blocks, and its argument in parentheses.
fn recursive_in_parentheses() -> String {
    let (open, close) = ("(".repeat(90), ")".repeat(90));
    let (blocks, ends) = ("{{if 1}}".repeat(9), "{{end}}".repeat(9));
    format!(
        "{{{{define \"a\"}}}}{blocks}{{{{template \"a\" {open}.{close}}}}}{ends}{{{{end}}}}\
         {{{{template \"a\" .}}}}"
    )
}

fn doubling(again: &str) -> String {
    format!("{{{{$s := \"xxxxxxxx\"}}}}{{{{range 100}}}}{{{{$s = {again}}}}}{{{{end}}}}")
}

fn range_text(body: &str) -> String {
    format!("{{{{range 500}}}}{{{{range 100}}}}{body}{{{{end}}}}{{{{end}}}}")
}

/// 2^40 calls of the last template.
fn fan_out() -> String {
    let calls = (0..40).map(|at| {
        let next = at + 1;
        format!("{{{{define \"t{at}\"}}}}{{{{template \"t{next}\"}}}}{{{{template \"t{next}\"}}}}{{{{end}}}}")
    });
    let calls: String = calls.collect();
    format!("{calls}{{{{define \"t40\"}}}}leaf{{{{end}}}}{{{{template \"t0\"}}}}")
}

fn render(source: &str) -> Result<Vec<u8>, Error> {
    let functions = Functions::new().with(sprig::table().leak());
    let mut templates = Templates::new(Arc::new(functions), MissingKey::Zero, Limits::default());
    templates.parse("killer", source)?;
    let data = Value::dict([("s", Value::from("x".repeat(1_000)))]);
    // What is found does not matter: it has to end.
    let _ = templates.check("killer", &data, &Environment::default(), &Passed::default());
    // A part of the fuel shows as much, for an unoptimized build takes long.
    let mut fuel = Limits::default().fuel / 4;
    templates.execute("killer", &data, &Environment::default(), &mut fuel)
}

/// Runs in the process with little memory, and prints how it ended.
fn run(name: &str) {
    let killer = killers().find(|killer| killer.0 == name).unwrap();
    match render(&killer.1()) {
        Ok(output) => println!("ended: {} bytes", output.len()),
        Err(error) => println!("ended: error: {}", error.words()),
    }
}

#[test]
fn no_template_aborts_hangs_or_exhausts_the_process() {
    if let Ok(name) = env::var("KILLER") {
        return run(&name);
    }
    let wrong: Vec<String> =
        killers().filter_map(|(name, _, wanted)| unexpected(name, wanted)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How a killer's process ended, unless it is as wanted.
fn unexpected(name: &str, wanted: &str) -> Option<String> {
    let shell = format!("ulimit -v {SPACE}; exec \"$0\" --nocapture --test-threads=1");
    let child = Command::new("timeout")
        .args(["60", "sh", "-c", &shell])
        .arg(env::current_exe().unwrap())
        .env("KILLER", name)
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&child.stdout);
    let ended = output.lines().find_map(|line| line.split_once("ended: ")).map(|(_, how)| how);
    let wanted = if wanted.is_empty() { " bytes" } else { wanted };
    match ended {
        Some(ended) if child.status.success() && ended.contains(wanted) => None,
        Some(ended) => Some(format!("{name}: {ended:.200}")),
        None => {
            Some(format!("{name}: {:?}: {}", child.status, String::from_utf8_lossy(&child.stderr)))
        }
    }
}
