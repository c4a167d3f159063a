//! The command line.

use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt};

/// The text of `--help`.
pub const USAGE: &str = "\
Serves simulators of the vendors' ticket APIs on 127.0.0.1.

usage: simulators [--alibaba-port N] [--huawei-port N] [--tencent-port N] [--state FILE] [--until-stdin-closes]

  --alibaba-port N      a fixed port; a free one by default
  --huawei-port N       the same for Huawei Cloud
  --tencent-port N      the same for Tencent Cloud
  --state FILE          read tickets and keys from FILE at the start; write them (mode 0600) every second after a
                        change, and at the end
  --until-stdin-closes  stop when the standard input ends
  --help                print this text
";

/// The arguments of one run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    pub alibaba_port: u16,
    pub huawei_port: u16,
    pub tencent_port: u16,
    pub state: Option<PathBuf>,
    pub until_stdin_closes: bool,
}

impl Arguments {
    /// Reads the arguments; `None` where the usage is requested.
    ///
    /// # Errors
    /// Where an argument is unknown, or its value is missing or no port.
    pub fn parse(mut parser: Parser) -> Result<Option<Self>, lexopt::Error> {
        let mut arguments = Self::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                Arg::Long("alibaba-port") => arguments.alibaba_port = parser.value()?.parse()?,
                Arg::Long("huawei-port") => arguments.huawei_port = parser.value()?.parse()?,
                Arg::Long("tencent-port") => arguments.tencent_port = parser.value()?.parse()?,
                Arg::Long("state") => arguments.state = Some(parser.value()?.into()),
                Arg::Long("until-stdin-closes") => arguments.until_stdin_closes = true,
                unknown => return Err(unknown.unexpected()),
            }
        }
        Ok(Some(arguments))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Option<Arguments>, String> {
        Arguments::parse(Parser::from_args(arguments)).map_err(|error| error.to_string())
    }

    #[test]
    fn arguments_are_read_and_an_error_names_the_argument() {
        let expected = Arguments {
            huawei_port: 8080,
            state: Some("vendors.json".into()),
            until_stdin_closes: true,
            ..Arguments::default()
        };
        let read = parse(&["--huawei-port", "8080", "--state=vendors.json", "--until-stdin-closes"]);
        assert_eq!(read, Ok(Some(expected)));
        assert_eq!(parse(&["--state", "x", "--help"]), Ok(None));
        for (arguments, named) in [
            (&["--what"][..], "--what"),
            (&["extra"], "extra"),
            (&["--state"], "--state"),
            (&["--alibaba-port", "many"], "many"),
        ] {
            assert!(parse(arguments).unwrap_err().contains(named), "{arguments:?}");
        }
    }
}
