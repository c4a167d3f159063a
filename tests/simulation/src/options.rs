//! The command line.

use crate::io::{fate::Side, point::Point};

/// How to use it.
pub const USAGE: &str = "\
Looks for a schedule of crashes, cuts and lags that breaks a promise.

  faults --schedules N   N schedules with fresh seeds
  faults --fixed N       the schedules of the seeds 1 to N
  faults --seed S        one schedule, with its trace
                         [--strike 'before: POINT' | --strike 'after: POINT'] with one more crash
  faults kill --rounds N [--seed S]
                         a real process, killed N times
  further: --threads T   (default 2)   --until-broken   stop at the first broken promise
           --logs        with --seed: the product's log lines too
";

/// How often a process is killed when nothing else is said.
const DEFAULT_ROUNDS: u64 = 200;

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many fresh seeds.
    pub schedules: u64,
    /// How many of the seeds from 1.
    pub fixed: u64,
    /// Just this seed.
    pub seed: Option<u64>,
    /// With this crash.
    pub strike: Option<(Point, Side)>,
    /// On so many threads.
    pub threads: usize,
    /// Stop at the first broken promise.
    pub until_broken: bool,
    /// Print log lines.
    pub logs: bool,
    /// Kill a real process so often instead.
    pub kills: Option<u64>,
}

impl Options {
    /// Reads the arguments; the error says what is wrong.
    pub fn read(arguments: &[String]) -> Result<Self, String> {
        let mut read = Self {
            schedules: 0,
            fixed: 0,
            seed: None,
            strike: None,
            threads: 2,
            until_broken: false,
            logs: false,
            kills: None,
        };
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            match name.as_str() {
                "--until-broken" => read.until_broken = true,
                "--logs" => read.logs = true,
                "kill" => read.kills = Some(DEFAULT_ROUNDS),
                _ => {
                    let value = rest.next().ok_or_else(|| format!("{name} needs a value"))?;
                    read.set(name, value)?;
                }
            }
        }
        if read.schedules + read.fixed == 0 && read.seed.is_none() && read.kills.is_none() {
            return Err("say --schedules, --fixed, --seed or kill".to_owned());
        }
        Ok(read)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let number = || value.parse::<u64>().map_err(|_| format!("{name} takes a number, not {value}"));
        match name {
            "--schedules" => self.schedules = number()?,
            "--fixed" => self.fixed = number()?,
            "--rounds" => self.kills = Some(number()?),
            "--seed" => self.seed = Some(number()?),
            "--threads" => self.threads = usize::try_from(number()?.clamp(1, 64)).unwrap_or(1),
            "--strike" => self.strike = Some(strike(value)?),
            _ => return Err(format!("{name} is not known")),
        }
        Ok(())
    }
}

fn strike(text: &str) -> Result<(Point, Side), String> {
    match text.split_once(": ") {
        Some(("before", point)) => Ok((point.to_owned(), Side::Before)),
        Some(("after", point)) => Ok((point.to_owned(), Side::After)),
        _ => Err(format!("--strike takes 'before: POINT' or 'after: POINT', not {text}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[&str]) -> Result<Options, String> {
        Options::read(&text.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn reads_what_is_to_be_run() {
        let options = read(&["--seed", "7", "--strike", "after: create-ticket: GetItem TICKET"]).unwrap();
        assert_eq!(options.seed, Some(7));
        assert_eq!(options.strike, Some(("create-ticket: GetItem TICKET".to_owned(), Side::After)));
        for bad in
            [&[][..], &["--seed"], &["--seed", "x"], &["--seed", "1", "--strike", "x"], &["--what", "1"]]
        {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
