//! The two processes: the vendors' simulators, which live on, and the stack, which is killed.

use std::{
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use serde_json::Value;

use super::SETTLE_TIME_MS;

/// How often a start of the stack is tried, and the pause between.
const START_ATTEMPTS: u32 = 10;
const START_PAUSE: Duration = Duration::from_millis(500);

/// The simulators' process and what is needed to start the stack.
pub struct Processes {
    /// What the simulators said of themselves: addresses and keys.
    pub vendors: Value,
    local: PathBuf,
    db: PathBuf,
    simulators: Child,
    /// The simulators stop when this is closed.
    _stdin: Option<ChildStdin>,
}

/// A running stack.
pub struct Served {
    /// Base URL of the API.
    pub url: String,
    child: Child,
}

impl Processes {
    /// Starts the simulators; files go into `folder`.
    pub fn start(folder: &Path) -> io::Result<Self> {
        let (local, simulators) = (binary("local")?, binary("simulators")?);
        let mut simulators = Command::new(simulators)
            .arg("--state")
            .arg(folder.join("vendors.json"))
            .arg("--until-stdin-closes")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let line = first_line(&mut simulators, |_| true)?;
        let vendors = serde_json::from_str(&line)?;
        let stdin = simulators.stdin.take();
        Ok(Self { vendors, local, db: folder.join("polydesk.db"), simulators, _stdin: stdin })
    }

    /// Starts the stack on the same file as before.
    ///
    /// Its simulators take the ports that they had. One of them may be the near end of some connection at that moment, so it is
    /// tried again.
    pub fn serve(&mut self) -> io::Result<Served> {
        for _ in 1..START_ATTEMPTS {
            if let Ok(served) = self.start_stack() {
                return Ok(served);
            }
            std::thread::sleep(START_PAUSE);
        }
        self.start_stack()
    }

    fn start_stack(&self) -> io::Result<Served> {
        let log =
            std::fs::OpenOptions::new().create(true).append(true).open(self.db.with_extension("log"))?;
        let mut child = Command::new(&self.local)
            .args(["serve", "--port", "0", "--settle-time-ms", &SETTLE_TIME_MS.to_string(), "--db"])
            .arg(&self.db)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let line = first_line(&mut child, |line| line.contains("Polydesk serves "))?;
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap_or_default();
        Ok(Served { url: url.to_owned(), child })
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        // It may have stopped by itself.
        let _ = self.simulators.kill();
        let _ = self.simulators.wait();
    }
}

impl Served {
    /// SIGKILL.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(|_| ())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.kill();
    }
}

/// The first line that `is_it`; a thread reads on, so that the process never waits for its reader.
fn first_line(child: &mut Child, is_it: impl Fn(&str) -> bool) -> io::Result<String> {
    let stdout = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
    let mut lines = BufReader::new(stdout).lines();
    let mut found = Err(io::Error::other("the process said nothing"));
    for line in lines.by_ref() {
        let line = line?;
        if is_it(&line) {
            found = Ok(line);
            break;
        }
    }
    std::thread::spawn(move || lines.for_each(drop));
    found
}

/// The binary of a package beside this one, built with cargo.
fn binary(package: &str) -> io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().ok_or_else(|| io::Error::other("no folder"))?;
    let path = folder.join(package);
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    // What was built some time ago may be another state of the code. All together, for the same features as this one's.
    let packages = ["-p", "faults", "-p", "local", "-p", "simulators"];
    let built =
        Command::new("cargo").args(["build", "--quiet", "--profile", profile]).args(packages).status()?;
    if !built.success() || !path.exists() {
        return Err(io::Error::other(format!("{package} could not be built")));
    }
    Ok(path)
}
