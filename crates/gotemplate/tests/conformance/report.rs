//! Tells what is different between a case and what this crate makes of it.

use serde_json::Value as Json;

use super::data;
use super::run::{Answer, answer, data_of};

/// What is different in a case; nothing when all is equal.
pub(crate) fn difference(case: &Json) -> Option<String> {
    let mut sources: Vec<(&str, &str)> = Vec::new();
    for source in case["before"].as_array().into_iter().flatten() {
        sources.push((source["name"].as_str()?, source["text"].as_str()?));
    }
    // A `str` is what the crate takes for a source, so the generator writes no other.
    sources.push(("t", case["text"].as_str().expect("a source is UTF-8")));
    let missing = case["missingkey"].as_str().unwrap_or("");
    let got = answer(&sources, missing, case["run"].as_str().unwrap_or("t"), &data_of(case));
    let expected = expected(case);
    (got != expected).then(|| {
        let data = case["data"].as_str().unwrap_or("inline");
        format!(
            "{}\n  {:?} with {data}\n  Go   {}\n  here {}",
            case["name"],
            sources,
            shown(&expected),
            shown(&got)
        )
    })
}

fn expected(case: &Json) -> Answer {
    let string =
        |key: &str| String::from_utf8_lossy(data::text(&case[key]).as_bytes()).into_owned();
    let output = match &case["output"] {
        Json::Null => Vec::new(),
        written => data::text(written).as_bytes().to_vec(),
    };
    if !case["parse"].is_null() {
        Answer::Parse(string("parse"))
    } else if !case["execute"].is_null() {
        Answer::Execute(string("execute"), output)
    } else {
        Answer::Output(output)
    }
}

fn shown(answer: &Answer) -> String {
    match answer {
        Answer::Output(bytes) => format!("writes {:?}", String::from_utf8_lossy(bytes)),
        Answer::Parse(words) => format!("parses: {words:?}"),
        Answer::Execute(words, output) => {
            format!("writes {:?}, then: {words:?}", String::from_utf8_lossy(output))
        }
        Answer::Limit(words) => format!("limits: {words:?}"),
    }
}
