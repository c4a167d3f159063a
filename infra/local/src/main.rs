//! `cargo run -p local -- demo` and `cargo run -p local -- serve`.

mod demo;
mod serve;

use std::{path::PathBuf, process::ExitCode};

const USAGE: &str = "\
Polydesk on one machine.

  local demo                       runs the whole story on simulated vendors, prints it and exits
  local serve [--port N] [--db FILE] [--settle-time-ms N]
                                   serves the API on 127.0.0.1 until Ctrl-C
      --port N    port of the API (default 8787; 0 takes a free one)
      --db FILE   keeps everything in FILE and in files beside it (default: in memory)
      --settle-time-ms N
                  how long a ticket of unknown outcome is looked for (default 600000)
";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.first().map(String::as_str) {
        Some("demo") if arguments.len() == 1 => demo::run().await,
        Some("serve") => match serve::Arguments::read(&arguments[1..]) {
            Ok(arguments) => serve::run(arguments).await,
            Err(problem) => return usage(&problem),
        },
        Some("help" | "--help" | "-h") => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => return usage("say demo or serve"),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage(problem: &str) -> ExitCode {
    eprint!("error: {problem}\n\n{USAGE}");
    ExitCode::from(2)
}

/// Options of a stack with the command line's port and file.
fn options(port: u16, db: Option<PathBuf>) -> local::stack::Options {
    local::stack::Options { port, db, ..local::stack::Options::default() }
}
