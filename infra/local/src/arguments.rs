//! The command line of `local`.

use std::{ffi::OsString, fmt::Display, path::PathBuf, str::FromStr};

use lexopt::{Arg, Error, Parser, ValueExt};

/// The port of `serve` without `--port`.
const DEFAULT_PORT: u16 = 8787;

const USAGE: &str = "\
Polydesk on one machine, with simulated vendors.

Usage: local <COMMAND>

Commands:
  demo     Walks through accounts, catalog and tickets, prints each step and exits
  serve    Serves the API on 127.0.0.1 until Ctrl-C

`local <COMMAND> --help` prints the options of a command.
";

const DEMO_USAGE: &str = "\
Walks through accounts, catalog and tickets on simulated vendors, prints each step and exits.

Usage: local demo [OPTIONS]

Options:
      --transcripts <FOLDER>  Saves the tickets' transcripts there, as pages for a browser
  -h, --help                  Prints this text
";

const SERVE_USAGE: &str = "\
Serves the API on 127.0.0.1 until Ctrl-C and prints curl commands to try it.

Usage: local serve [OPTIONS]

Options:
      --port <N>              Port of the API; 0 takes a free one [default: 8787]
      --db <FILE>             Keeps all data in FILE and in files beside it [default: in memory]
      --token-file <FILE>     Also takes the tokens in FILE, a JSON object of tokens with their claims, such as
                              {\"t1\": {\"sub\": \"ann\", \"scope\": \"read write\", \"accounts\": \"<id> <id>\"}}
      --settle-time-ms <N>    How long the sync searches for a ticket of unknown outcome [default: 960000]
  -h, --help                  Prints this text
";

/// What to run.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// `demo`
    Demo(DemoArguments),
    /// `serve`
    Serve(ServeArguments),
    /// `--help`, of the program or of a command: prints this text.
    Help(&'static str),
}

/// The options of `demo`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct DemoArguments {
    pub transcripts: Option<PathBuf>,
}

/// The options of `serve`.
#[derive(Debug, PartialEq, Eq)]
pub struct ServeArguments {
    pub port: u16,
    pub db: Option<PathBuf>,
    pub settle_time_ms: Option<u64>,
    pub token_file: Option<PathBuf>,
}

/// Reads the arguments after the program's name.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, Error> {
    let mut parser = Parser::from_args(arguments);
    match parser.next()? {
        Some(Arg::Short('h') | Arg::Long("help")) => Ok(Command::Help(USAGE)),
        Some(Arg::Value(command)) if command == "demo" => parse_demo(&mut parser),
        Some(Arg::Value(command)) if command == "serve" => parse_serve(&mut parser),
        Some(Arg::Value(command)) => {
            Err(format!("unknown command '{}'; allowed: demo, serve, --help", command.display()).into())
        }
        Some(argument) => Err(unexpected(argument, "demo, serve, --help")),
        None => Err("a command is missing; allowed: demo, serve, --help".into()),
    }
}

fn parse_demo(parser: &mut Parser) -> Result<Command, Error> {
    let mut demo = DemoArguments::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help(DEMO_USAGE)),
            Arg::Long("transcripts") => demo.transcripts = Some(parser.value()?.into()),
            argument => return Err(unexpected(argument, "--transcripts, --help")),
        }
    }
    Ok(Command::Demo(demo))
}

fn parse_serve(parser: &mut Parser) -> Result<Command, Error> {
    let mut serve = ServeArguments { port: DEFAULT_PORT, db: None, settle_time_ms: None, token_file: None };
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help(SERVE_USAGE)),
            Arg::Long("port") => serve.port = number(parser, "--port")?,
            Arg::Long("token-file") => serve.token_file = Some(parser.value()?.into()),
            Arg::Long("db") => serve.db = Some(parser.value()?.into()),
            Arg::Long("settle-time-ms") => serve.settle_time_ms = Some(number(parser, "--settle-time-ms")?),
            argument => return Err(unexpected(argument, "--port, --db, --token-file, --settle-time-ms, --help")),
        }
    }
    Ok(Command::Serve(serve))
}

fn number<T>(parser: &mut Parser, option: &str) -> Result<T, Error>
where
    T: FromStr,
    T::Err: Display + Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let value = parser.value()?.string()?;
    value.parse().map_err(|error| format!("invalid value '{value}' for '{option}': {error}").into())
}

fn unexpected(argument: Arg<'_>, allowed: &str) -> Error {
    format!("{}; allowed: {allowed}", argument.unexpected()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_words(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from)).map_err(|error| error.to_string())
    }

    #[test]
    fn commands_and_their_options_are_read() {
        let serve = |port, db: Option<&str>, settle_time_ms| {
            Command::Serve(ServeArguments { port, db: db.map(PathBuf::from), settle_time_ms, token_file: None })
        };
        for (line, expected) in [
            ("demo", Command::Demo(DemoArguments::default())),
            ("serve", serve(8787, None, None)),
            ("serve --port 0 --settle-time-ms 5 --db a.db", serve(0, Some("a.db"), Some(5))),
            ("serve --port=9000", serve(9000, None, None)),
            ("--help", Command::Help(USAGE)),
            ("-h", Command::Help(USAGE)),
            ("demo --help", Command::Help(DEMO_USAGE)),
            ("serve --help", Command::Help(SERVE_USAGE)),
            ("serve --port 0 -h", Command::Help(SERVE_USAGE)),
        ] {
            assert_eq!(parse_words(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn an_error_names_the_argument_and_what_is_allowed() {
        for (line, error) in [
            ("", "a command is missing; allowed: demo, serve, --help"),
            ("server", "unknown command 'server'; allowed: demo, serve, --help"),
            ("--port 1", "invalid option '--port'; allowed: demo, serve, --help"),
            ("demo fast", "unexpected argument \"fast\"; allowed: --transcripts, --help"),
            ("demo --port 1", "invalid option '--port'; allowed: --transcripts, --help"),
            (
                "serve --prot 1",
                "invalid option '--prot'; allowed: --port, --db, --token-file, --settle-time-ms, --help",
            ),
            ("serve -p 1", "invalid option '-p'; allowed: --port, --db, --token-file, --settle-time-ms, --help"),
            ("serve --db", "missing argument for option '--db'"),
            ("serve --port 65536", "invalid value '65536' for '--port': number too large to fit in target type"),
        ] {
            assert_eq!(parse_words(line), Err(error.to_owned()), "{line}");
        }
    }
}
