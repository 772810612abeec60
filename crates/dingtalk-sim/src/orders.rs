//! Orders on standard input, so that a program in any language makes trouble while it watches.

use std::fmt::Display;
use std::io::BufRead as _;
use std::str::FromStr;

use dingtalk_sim::{Dislike, Endpoint, Fault, Objection, Scope, Sim, Trouble};
use serde_json::json;

use crate::options::parse_duration;

/// What is to be done.
#[derive(Debug)]
enum Order {
    Fail(Scope, Fault),
    Heal,
    /// The tokens of this app are not valid any more.
    Revoke(String),
    /// The robot's content audit refuses messages with this text.
    Object(String, String),
    /// The robot's content audit refuses nothing any more.
    Agree(String),
}

/// Takes orders until standard input ends; each is answered by a line.
pub(crate) fn take(sim: &Sim) {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let answer = match parse(&line).and_then(|order| carry_out(sim, order)) {
            Ok(()) => json!({"order": "done"}),
            Err(why) => json!({"order": "refused", "why": why}),
        };
        println!("{answer}");
    }
}

fn carry_out(sim: &Sim, order: Order) -> Result<(), String> {
    let known = match order {
        Order::Fail(scope, fault) => {
            sim.fail(scope, fault);
            true
        }
        Order::Heal => {
            sim.heal();
            true
        }
        Order::Revoke(key) => {
            sim.revoke_tokens(&key);
            true
        }
        Order::Object(token, containing) => {
            let objection = Objection { containing, dislike: Dislike::Content };
            sim.change_robot(&token, |robot| robot.objections.push(objection))
        }
        Order::Agree(token) => sim.change_robot(&token, |robot| robot.objections.clear()),
    };
    if known { Ok(()) } else { Err("there is no such robot".to_owned()) }
}

fn parse(line: &str) -> Result<Order, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        ["fail", trouble, ref settings @ ..] => fail(trouble, settings),
        ["heal"] => Ok(Order::Heal),
        ["revoke", key] => Ok(Order::Revoke(key.to_owned())),
        ["object", token, text] => Ok(Order::Object(token.to_owned(), text.to_owned())),
        ["agree", token] => Ok(Order::Agree(token.to_owned())),
        _ => Err("the orders are fail, heal, revoke, object, agree".to_owned()),
    }
}

fn fail(trouble: &str, settings: &[&str]) -> Result<Order, String> {
    let (name, value) = trouble.split_once('=').unwrap_or((trouble, ""));
    let mut fault = Fault::once(trouble_of(name, value)?);
    let mut scope = Scope::Server;
    for setting in settings {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        match name {
            "robot" => scope = Scope::Robot(value.to_owned()),
            "app" => scope = Scope::App(value.to_owned()),
            "api" => scope = Scope::Endpoint(endpoint(value)?),
            "after" => fault = fault.after_accepting(),
            "times" => fault = fault.times(number(value)?),
            "lasting" => fault = fault.lasting(),
            "share" => {
                let (percent, seed) = value.split_once(',').ok_or("a share is PERCENT,SEED")?;
                fault = fault.share(number(percent)?, number(seed)?);
            }
            _ => {
                return Err(
                    "a setting is none of robot, app, api, after, times, lasting, share".to_owned()
                );
            }
        }
    }
    Ok(Order::Fail(scope, fault))
}

fn trouble_of(name: &str, value: &str) -> Result<Trouble, String> {
    Ok(match name {
        "status" => Trouble::Status(number(value)?),
        "html" => Trouble::Html(number(value)?),
        "x5" => Trouble::Punished { status: 200, wait: number(value)? },
        "busy" => Trouble::busy(),
        "errcode" => Trouble::Errcode(number(value)?, "ordered".to_owned()),
        "raw" => {
            let (status, text) = value.split_once(',').ok_or("raw is STATUS,TEXT")?;
            Trouble::Raw(number(status)?, text.to_owned())
        }
        "truncated" => Trouble::Truncated,
        "huge" => Trouble::Huge,
        "drip" => Trouble::Drip(parse_duration(value)?),
        "redirect" => Trouble::Redirect(value.to_owned()),
        "hang" => Trouble::Hang,
        "reset" => Trouble::Reset,
        "late" => Trouble::Late(parse_duration(value)?),
        _ => return Err(format!("`{name}` is no trouble")),
    })
}

fn endpoint(name: &str) -> Result<Endpoint, String> {
    Ok(match name {
        "robot" => Endpoint::RobotSend,
        "group" => Endpoint::GroupSend,
        "people" => Endpoint::PeopleSend,
        "recall" => Endpoint::GroupRecall,
        "people-recall" => Endpoint::PeopleRecall,
        "chat" => Endpoint::ChatSend,
        "convert" => Endpoint::Convert,
        "token" => Endpoint::AccessToken,
        "older-token" => Endpoint::GetToken,
        _ => {
            return Err(
                "an api is robot, group, people, recall, people-recall, chat, convert, token \
                        or older-token"
                    .to_owned(),
            );
        }
    })
}

fn number<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error| format!("`{text}`: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_can_be_ordered() {
        for (trouble, name) in [
            ("status=503", "status"),
            ("html=200", "html"),
            ("x5=5", "x5"),
            ("busy", "errcode"),
            ("errcode=130101", "errcode"),
            ("raw=200,{\"errcode\":\"0\"}", "raw"),
            ("truncated", "truncated"),
            ("huge", "huge"),
            ("drip=1s", "drip"),
            ("redirect=http://169.254.169.254/?a=b", "redirect"),
            ("hang", "hang"),
            ("reset", "reset"),
            ("late=300ms", "late"),
        ] {
            let (ordered, value) = trouble.split_once('=').unwrap_or((trouble, ""));
            assert_eq!(trouble_of(ordered, value).unwrap().name(), name, "{trouble}");
        }
    }

    #[test]
    fn what_is_ordered_wrongly_is_refused_in_words() {
        for line in [
            "",
            "fial busy",
            "fail",
            "fail sulk",
            "fail status=x",
            "fail busy colour=red",
            "fail drip=1",
            "fail raw=200",
            "fail busy share=30",
            "fail busy api=bot",
            "revoke",
            "object token",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn scope_phase_and_number_are_read() {
        let line = "fail reset robot=token after lasting share=30,7";
        let Ok(Order::Fail(scope, fault)) = parse(line) else { panic!("{line}") };
        let expected = Fault::once(Trouble::Reset).after_accepting().lasting().share(30, 7);
        assert_eq!(scope, Scope::Robot("token".to_owned()));
        assert_eq!(format!("{fault:?}"), format!("{expected:?}"));
    }
}
