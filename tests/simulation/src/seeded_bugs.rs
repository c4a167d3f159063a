//! Runs each seeded bug until a schedule violates an invariant: it shows that the simulation finds known defects.

use std::{
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use shared::seeded_bugs::{self, SeededBug};

use crate::{
    initial_state::InitialState,
    invariants::Invariant,
    process::lock,
    runner::STACK_BYTES,
    schedule::{self, ScheduleTask},
};

/// The schedule that found a bug, counted from 1, and the invariant that it violated; `None` where the bug escaped.
type Found = Option<(u64, Invariant)>;

/// The bug of that name.
///
/// # Errors
/// Where this build has no such bug.
pub fn find(name: &str) -> Result<SeededBug, String> {
    let bug = seeded_bugs::ALL.iter().find(|bug| bug.name() == name);
    bug.copied().ok_or_else(|| {
        if seeded_bugs::ALL.is_empty() {
            "this build has no seeded bugs: build it with --features seeded-bugs".to_owned()
        } else {
            format!("{name} is no seeded bug")
        }
    })
}

/// The bugs of those names; all where no name is given.
///
/// # Errors
/// Where this build has no seeded bugs, or none of that name.
pub fn select(names: &[String]) -> Result<Vec<SeededBug>, String> {
    match names {
        [] if seeded_bugs::ALL.is_empty() => find("").map(|bug| vec![bug]),
        [] => Ok(seeded_bugs::ALL.to_vec()),
        names => names.iter().map(|name| find(name)).collect(),
    }
}

/// Runs up to `schedules` schedules for each bug, with the seeds from 1, and prints a table.
pub fn run(bugs: &[SeededBug], schedules: u64, threads: usize, initial: &InitialState) -> ExitCode {
    let next = AtomicUsize::new(0);
    let found: Vec<_> = bugs.iter().map(|_| Mutex::new(Found::None)).collect();
    thread::scope(|scope| {
        for _ in 0..threads {
            let started = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(bug), Some(slot)) = (bugs.get(index), found.get(index)) else { return };
                    *lock(slot) = first_violation(*bug, schedules, initial);
                    println!("{}", row(*bug, *lock(slot)));
                }
            });
            started.expect("a thread starts");
        }
    });
    println!("\n{:<32} {:>9}  violated invariant", "seeded bug", "schedules");
    let mut escaped = 0;
    for (bug, slot) in bugs.iter().zip(&found) {
        println!("{}", row(*bug, *lock(slot)));
        if lock(slot).is_none() {
            println!("    {}", bug.sentence());
            escaped += 1;
        }
    }
    println!("bugs={} escaped={escaped}", bugs.len());
    if escaped == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn first_violation(bug: SeededBug, schedules: u64, initial: &InitialState) -> Found {
    (1..=schedules).find_map(|seed| {
        let report = schedule::run(&ScheduleTask { seed, crash: None, bug: Some(bug) }, initial);
        report.violations.first().map(|violation| (seed, violation.invariant))
    })
}

fn row(bug: SeededBug, found: Found) -> String {
    match found {
        Some((number, invariant)) => {
            format!("{:<32} {number:>9}  {invariant} {}", bug.name(), invariant.sentence())
        }
        None => format!("{:<32} {:>9}  ESCAPED", bug.name(), "-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_function_enables_the_feature() {
        let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let functions = std::fs::read_dir(root.join("functions")).unwrap();
        let manifests = functions.map(|entry| entry.unwrap().path().join("Cargo.toml"));
        let others = ["Cargo.toml", "shared-lambda/Cargo.toml", "infra/local/Cargo.toml"];
        let manifests: Vec<_> = manifests.chain(others.map(|path| root.join(path))).collect();
        assert!(manifests.len() > 8, "the functions are found");
        for manifest in manifests {
            let text = std::fs::read_to_string(&manifest).unwrap();
            assert!(!text.contains("seeded-bugs"), "{}", manifest.display());
        }
    }

    #[cfg(not(feature = "seeded-bugs"))]
    #[test]
    fn a_build_without_the_feature_says_what_is_missing() {
        assert!(select(&[]).unwrap_err().contains("--features seeded-bugs"));
        assert!(find("keys-in-log").unwrap_err().contains("--features seeded-bugs"));
    }

    #[cfg(feature = "seeded-bugs")]
    #[test]
    fn bugs_are_selected_by_name() {
        assert_eq!(select(&[]), Ok(seeded_bugs::ALL.to_vec()));
        assert_eq!(select(&["keys-in-log".to_owned()]), Ok(vec![SeededBug::KeysInLog]));
        assert_eq!(find("keys-in-log"), Ok(SeededBug::KeysInLog));
        assert!(find("what").unwrap_err().contains("what"));
    }
}
