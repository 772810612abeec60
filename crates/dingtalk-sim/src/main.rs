//! `dingtalk-sim`: the simulated DingTalk by hand, which prints each message as a reader sees it.
//!
//! Of what it was given it shows no secret, and of a token the first four characters.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what it prints is what it is for")]

mod options;
mod orders;

use std::io;
use std::sync::Arc;

use clap::Parser as _;
use dingtalk_sim::{Scope, Sim, announcement};

use crate::options::Options;

#[tokio::main]
async fn main() -> io::Result<()> {
    let options = Options::parse();
    let sim = Arc::new(Sim::start(options.settings()).await?);
    for app in options.apps() {
        sim.add_app(app);
    }
    for robot in options.robots() {
        sim.add_robot(robot);
    }
    for (endpoint, fault) in options.faults() {
        sim.fail(Scope::Endpoint(endpoint), fault);
    }
    if options.json {
        // The output holds the record and nothing else.
        eprintln!("simulated DingTalk at {}", sim.url());
    } else {
        greet(&sim, &options);
    }
    if options.orders {
        let sim = Arc::clone(&sim);
        // A thread of its own: reading standard input ends only with it.
        std::thread::spawn(move || orders::take(&sim));
    }
    tokio::select! {
        () = print_posts(&sim, options.json) => Ok(()),
        () = print_calls(&sim), if options.calls => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

fn greet(sim: &Sim, options: &Options) {
    println!("simulated DingTalk at {}", sim.url());
    for robot in options.robots() {
        let shown = dingtalk_sim::masked(&robot.token);
        println!("  robot  POST {}  ->  {}", sim.webhook(&shown), robot.group);
    }
    for app in options.apps() {
        println!("  app    {}", dingtalk_sim::masked(&app.key));
    }
    if options.any {
        println!("  every token and app key is accepted");
    } else if options.robots().next().is_none() && options.apps().next().is_none() {
        println!("  nobody is known: give --robot or --app, or --any to accept every token");
    }
    println!();
}

async fn print_calls(sim: &Sim) {
    for index in 0.. {
        println!("{}", sim.call(index).await.to_json());
    }
}

async fn print_posts(sim: &Sim, json: bool) {
    for index in 0.. {
        let post = sim.post(index).await;
        if json {
            println!("{}", post.to_json());
        } else {
            println!("{}", announcement(&post));
        }
    }
}
