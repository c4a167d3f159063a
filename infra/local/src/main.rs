//! `cargo run -p local -- demo` and `cargo run -p local -- serve`.

mod arguments;
mod demo;
mod serve;
mod simulated_accounts;

use std::process::ExitCode;

use self::arguments::Command;

#[tokio::main]
async fn main() -> ExitCode {
    let result = match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Command::Demo(arguments)) => demo::run(&arguments).await,
        Ok(Command::Serve(arguments)) => serve::run(arguments).await,
        Ok(Command::Help(text)) => {
            print!("{text}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("error: {error}\n\n`local --help` prints the commands.");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
