//! Executes a template file with data from a JSON file, and prints what it writes.
//!
//! `cargo run -p gotemplate --example render -- page.tmpl data.json`
//!
//! The data are as Go's encoding/json decodes them into an `interface {}`; sprig's functions are there.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to a person")]

use std::process::ExitCode;
use std::sync::Arc;
use std::{env, fs};

use gotemplate::{Environment, Functions, Limits, MissingKey, Templates, json, sprig};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [template, data] = arguments.as_slice() else {
        eprintln!("usage: render TEMPLATE DATA.json");
        return ExitCode::FAILURE;
    };
    match render(template, data) {
        Ok(output) => {
            println!("{output}");
            ExitCode::SUCCESS
        }
        Err(words) => {
            eprintln!("{words}");
            ExitCode::FAILURE
        }
    }
}

fn render(template: &str, data: &str) -> Result<String, String> {
    let read = |file: &str| fs::read(file).map_err(|error| format!("{file}: {error}"));
    let source = String::from_utf8(read(template)?).map_err(|error| error.to_string())?;
    let data = json::unmarshal(&read(data)?)?;
    let functions = Functions::new().with(&sprig::table()).refusing(sprig::REFUSED);
    let limits = Limits::default();
    let mut fuel = limits.fuel;
    let mut templates = Templates::new(Arc::new(functions), MissingKey::Invalid, limits);
    templates.parse(template, &source).map_err(|error| error.to_string())?;
    let output = templates.execute(template, &data, &Environment::default(), &mut fuel);
    let output = output.map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&output).into_owned())
}
