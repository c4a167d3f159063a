//! The two processes: the vendors' simulators, which run on, and the stack, which is killed.

use std::{
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use serde_json::Value;

use super::SETTLE_TIME_MS;

/// The attempts to start the stack, and the pause between them.
const START_ATTEMPTS: u32 = 10;
const START_PAUSE: Duration = Duration::from_millis(500);

/// The simulators' process, and the paths for the stack.
pub struct KillTestProcesses {
    /// The simulators' addresses, keys and access keys.
    pub vendors: Value,
    local: PathBuf,
    db: PathBuf,
    simulators: Child,
    /// The simulators stop when this is closed.
    _stdin: Option<ChildStdin>,
}

/// A running stack.
pub struct ServedStack {
    /// Base URL of the API.
    pub url: String,
    /// What every request needs as bearer token.
    pub access_key: String,
    child: Child,
}

impl KillTestProcesses {
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
    /// Its simulators take their former ports. A port may be in use by another connection for a moment, so the start
    /// is repeated.
    pub fn serve(&mut self) -> io::Result<ServedStack> {
        for _ in 1..START_ATTEMPTS {
            if let Ok(served) = self.start_stack() {
                return Ok(served);
            }
            std::thread::sleep(START_PAUSE);
        }
        self.start_stack()
    }

    fn start_stack(&self) -> io::Result<ServedStack> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.db.with_extension("log"))?;
        let mut child = Command::new(&self.local)
            .args(["serve", "--port", "0", "--settle-time-ms", &SETTLE_TIME_MS.to_string(), "--db"])
            .arg(&self.db)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let line = first_line(&mut child, |line| line.contains("Polydesk serves "))?;
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap_or_default();
        Ok(ServedStack { url: url.to_owned(), access_key: self.access_key()?, child })
    }
}

impl KillTestProcesses {
    /// The access key that the stack wrote before its greeting.
    fn access_key(&self) -> io::Result<String> {
        let headers = std::fs::read_to_string(self.db.with_extension("db.access").join("headers"))?;
        let key = headers.lines().find_map(|line| line.strip_prefix("Authorization: Bearer "));
        key.map(str::to_owned).ok_or_else(|| io::Error::other("no access key"))
    }
}

impl Drop for KillTestProcesses {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.simulators.kill();
        let _ = self.simulators.wait();
    }
}

impl ServedStack {
    /// SIGKILL.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(|_| ())
    }
}

impl Drop for ServedStack {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.kill();
    }
}

/// The first line that `matches`. A thread reads the rest, so that the process never blocks on its output.
fn first_line(child: &mut Child, matches: impl Fn(&str) -> bool) -> io::Result<String> {
    let stdout = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
    let mut lines = BufReader::new(stdout).lines();
    let mut found = Err(io::Error::other("the process printed nothing"));
    for line in lines.by_ref() {
        let line = line?;
        if matches(&line) {
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
    // An older build may have other code. The whole workspace is named, so that dependencies have the same features,
    // and are built once, in all builds.
    let binaries = ["--workspace", "--bin", "local", "--bin", "simulators"];
    let built = Command::new("cargo").args(["build", "--quiet", "--profile", profile]).args(binaries).status()?;
    if !built.success() || !path.exists() {
        return Err(io::Error::other(format!("{package} could not be built")));
    }
    Ok(path)
}
