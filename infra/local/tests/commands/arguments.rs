//! Help texts and errors of the command line.

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_local")).args(arguments).output().unwrap()
}

#[test]
fn help_is_printed_for_the_program_and_for_each_command() {
    for (arguments, expected) in [
        (&["--help"] as &[&str], "Usage: local <COMMAND>"),
        (&["demo", "--help"], "Usage: local demo"),
        (&["serve", "--help"], "--settle-time-ms <N>"),
    ] {
        let output = run(arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(text.contains(expected) && output.stderr.is_empty(), "{arguments:?}: {text}");
    }
}

#[test]
fn a_wrong_argument_is_named_and_the_exit_code_is_2() {
    for (arguments, expected) in [
        (&["serve", "--prot", "1"] as &[&str], "invalid option '--prot'; allowed: --port"),
        (&["server"], "unknown command 'server'; allowed: demo, serve"),
        (&[], "a command is missing; allowed: demo, serve"),
    ] {
        let output = run(arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text.contains(expected) && output.stdout.is_empty(), "{arguments:?}: {text}");
    }
}
