//! The command line.

use std::ffi::OsString;

use lexopt::{Arg, Parser, ValueExt};

use crate::io::{injected_fault::FaultTiming, point::IoPoint};

/// The text of `--help`.
pub const USAGE: &str = "\
Searches for a schedule of crashes, disconnects and lags that violates an invariant.

usage: simulation --schedules N            N schedules with fresh seeds
       simulation --fixed N                the schedules of the seeds 1 to N
       simulation --seed S                 one schedule, with its trace
       simulation kill [--rounds N] [--seed S]
                                           a real process, killed N times (default 200)
       simulation seeded-bugs [NAME...]    shows that schedules find each seeded bug

  --crash 'before: POINT'   with --seed: one more crash, before or after the effect of the call at POINT
  --logs                    with --seed: the product's log lines too
  --threads T               number of threads (default 2)
  --until-violated          stop at the first violation
  --seeded-bug NAME         run the schedules with a seeded bug
  --schedules N             with seeded-bugs: the most schedules for a bug (default 5000)
  --help                    print this text

Seeded bugs need a build with the feature `seeded-bugs`.
";

/// The default number of kills.
const DEFAULT_ROUNDS: u64 = 200;

/// The default number of schedules for a seeded bug.
const SCHEDULES_FOR_A_BUG: u64 = 5_000;

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SimulationCommand {
    /// Prints the usage.
    Help,
    /// Schedules of some seeds.
    Schedules {
        /// The number of fresh seeds.
        fresh: u64,
        /// The number of seeds from 1.
        fixed: u64,
    },
    /// One schedule, with its trace.
    Seed(u64),
    /// Kills of a real process.
    Kill {
        /// The number of kills.
        rounds: u64,
        /// The seed, where it is given.
        seed: Option<u64>,
    },
    /// The seeded bugs of these names, or all.
    SeededBugs {
        /// The names; empty for all.
        names: Vec<String>,
        /// The most schedules for one bug.
        schedules: u64,
    },
}

/// The arguments of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulationOptions {
    /// What to run.
    pub command: SimulationCommand,
    /// One more crash.
    pub crash: Option<(IoPoint, FaultTiming)>,
    /// The number of threads.
    pub threads: usize,
    /// Whether to stop at the first violation.
    pub until_violated: bool,
    /// Whether to print log lines.
    pub logs: bool,
    /// The name of a seeded bug.
    pub seeded_bug: Option<String>,
}

impl SimulationOptions {
    /// Reads the arguments.
    ///
    /// # Errors
    /// Where an argument is unknown, its value is missing or malformed, or nothing is to be run.
    pub fn read(mut parser: Parser) -> Result<Self, lexopt::Error> {
        let mut options = Self {
            command: SimulationCommand::Help,
            crash: None,
            threads: 2,
            until_violated: false,
            logs: false,
            seeded_bug: None,
        };
        let (mut fresh, mut fixed, mut seed, mut rounds) = (None, None, None, None);
        let (mut subcommand, mut names) = (None, Vec::new());
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(options),
                Arg::Long("schedules") => fresh = Some(parser.value()?.parse()?),
                Arg::Long("fixed") => fixed = Some(parser.value()?.parse()?),
                Arg::Long("seed") => seed = Some(parser.value()?.parse()?),
                Arg::Long("rounds") => rounds = Some(parser.value()?.parse()?),
                Arg::Long("threads") => options.threads = parser.value()?.parse::<usize>()?.clamp(1, 64),
                Arg::Long("crash") => options.crash = Some(parser.value()?.parse_with(crash)?),
                Arg::Long("until-violated") => options.until_violated = true,
                Arg::Long("logs") => options.logs = true,
                Arg::Long("seeded-bug") => options.seeded_bug = Some(parser.value()?.string()?),
                Arg::Value(word) if subcommand.is_none() => subcommand = Some(known_subcommand(word)?),
                Arg::Value(name) if subcommand == Some("seeded-bugs") => names.push(name.string()?),
                unknown => return Err(unknown.unexpected()),
            }
        }
        options.command = match (subcommand, seed) {
            (Some("kill"), seed) => SimulationCommand::Kill { rounds: rounds.unwrap_or(DEFAULT_ROUNDS), seed },
            (Some(_), _) => {
                SimulationCommand::SeededBugs { names, schedules: fresh.or(fixed).unwrap_or(SCHEDULES_FOR_A_BUG) }
            }
            (None, Some(seed)) => SimulationCommand::Seed(seed),
            (None, None) if fresh.is_none() && fixed.is_none() => {
                return Err("one of --schedules, --fixed, --seed, kill or seeded-bugs is needed".into());
            }
            (None, None) => {
                SimulationCommand::Schedules { fresh: fresh.unwrap_or_default(), fixed: fixed.unwrap_or_default() }
            }
        };
        Ok(options)
    }
}

fn known_subcommand(word: OsString) -> Result<&'static str, lexopt::Error> {
    match word.to_str() {
        Some("kill") => Ok("kill"),
        Some("seeded-bugs") => Ok("seeded-bugs"),
        _ => Err(Arg::Value(word).unexpected()),
    }
}

fn crash(text: &str) -> Result<(IoPoint, FaultTiming), String> {
    match text.split_once(": ") {
        Some(("before", point)) => Ok((point.to_owned(), FaultTiming::Before)),
        Some(("after", point)) => Ok((point.to_owned(), FaultTiming::After)),
        _ => Err("expected 'before: POINT' or 'after: POINT'".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<SimulationOptions, String> {
        SimulationOptions::read(Parser::from_args(arguments)).map_err(|error| error.to_string())
    }

    #[test]
    fn commands_are_read() {
        let options = read(&["--seed", "7", "--crash", "after: create-ticket: GetItem TICKET"]).unwrap();
        assert_eq!(options.command, SimulationCommand::Seed(7));
        assert_eq!(options.crash, Some(("create-ticket: GetItem TICKET".to_owned(), FaultTiming::After)));
        let command = |arguments: &[&str]| read(arguments).unwrap().command;
        assert_eq!(command(&["--fixed", "5", "--schedules=9"]), SimulationCommand::Schedules { fresh: 9, fixed: 5 });
        assert_eq!(command(&["kill", "--rounds", "3"]), SimulationCommand::Kill { rounds: 3, seed: None });
        let expected = SimulationCommand::SeededBugs { names: vec!["keys-in-log".to_owned()], schedules: 5_000 };
        assert_eq!(command(&["seeded-bugs", "keys-in-log"]), expected);
        assert_eq!(command(&["--help"]), SimulationCommand::Help);
    }

    #[test]
    fn an_error_names_the_argument() {
        for (arguments, named) in [
            (&[][..], "--schedules"),
            (&["--seed"], "--seed"),
            (&["--seed", "x"], "\"x\""),
            (&["--seed", "1", "--crash", "x"], "\"x\""),
            (&["--what", "1"], "--what"),
            (&["what"], "what"),
        ] {
            let error = read(arguments).unwrap_err();
            assert!(error.contains(named), "{arguments:?}: {error}");
        }
    }
}
