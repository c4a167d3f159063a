//! The commands that `serve` prints, pasted into bash as one block. Needs bash and curl.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Output, Stdio},
};

/// The last line before the block, and the first line after it.
const BEFORE: &str = "To use a real vendor";
const AFTER: &str = "# For a function that runs in";

/// Defines a `curl` that reports every answer with an error status; the printed commands call it.
const REPORTING_CURL: &str = "curl() { command curl --noproxy '*' -f -S \"$@\" || echo \"failed: curl $*\" >&2; }\n";

/// A running `serve`, ended on drop.
struct ServeProcess(Child);

impl Drop for ServeProcess {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What `serve` prints.
struct Greeting {
    first: String,
    block: String,
}

/// Starts `serve` on a free port and returns it with what it prints.
fn serve() -> (ServeProcess, Greeting) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_local"))
        .args(["serve", "--port", "0"])
        // It is killed, so its folder with the access key stays.
        .env("TMPDIR", env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let served = ServeProcess(child);
    let mut lines = BufReader::new(stdout).lines().map(Result::unwrap);
    let first = lines.next().expect("serve should print its greeting");
    lines.by_ref().find(|line| line.starts_with(BEFORE)).expect("serve should print its greeting");
    let block: Vec<String> = lines.by_ref().take_while(|line| !line.starts_with(AFTER)).collect();
    // Reads on, so that `serve` never blocks on a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    (served, Greeting { first, block: block.join("\n") + "\n" })
}

fn bash(script: &str) -> Output {
    let mut bash = Command::new("bash");
    bash.arg("-s").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut bash = bash.spawn().expect("bash should be installed");
    bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    bash.wait_with_output().unwrap()
}

#[test]
fn the_printed_commands_work_when_they_are_pasted_at_once() {
    let curl = Command::new("curl").arg("--version").output();
    assert!(curl.is_ok_and(|output| output.status.success()), "this test needs curl: install it");

    let (_served, Greeting { block, .. }) = serve();
    let output = bash(&format!("{REPORTING_CURL}{block}"));

    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(errors, "", "{text}");
    let answers: Vec<&str> = text.lines().collect();
    // Every line that ends with `echo` prints one answer.
    assert_eq!(answers.len(), block.matches("; echo\n").count(), "{text}");
    assert!(answers.iter().all(|answer| answer.starts_with('{')), "{text}");
    assert!(answers[2].contains(r#""state":"complete""#), "{}", answers[2]);
    let [.., archive, verification] = answers.as_slice() else { panic!("{text}") };
    assert!(archive.contains("已修复，请再试 😊") && archive.contains("谢谢，已恢复 👍"), "{archive}");
    assert!(verification.contains(r#""verified":true,"message_count":2"#), "{verification}");
}

#[test]
fn the_first_line_names_a_file_that_leads_to_the_desk() {
    let (_served, Greeting { first, block }) = serve();
    let file = first.strip_prefix("Open ").and_then(|line| line.split_once(" in a browser")).expect(&first).0;
    let folder = file.strip_suffix("/desk.html").expect(file);
    assert!(block.contains(&format!("access='{folder}'")), "{block}");
    let page = std::fs::read_to_string(file).unwrap();
    let headers = std::fs::read_to_string(format!("{folder}/headers")).unwrap();
    let key = headers.lines().next().and_then(|line| line.strip_prefix("Authorization: Bearer ")).expect(&headers);
    let api = block.lines().find_map(|line| line.strip_prefix("api=")?.split(' ').next()).expect(&block);
    let address = format!("{api}/desk#access_key={key}");
    assert!(page.contains(&format!("<meta http-equiv=\"refresh\" content=\"0; url={address}\">")), "{page}");
    assert!(!first.contains(key) && !block.contains(key), "the output has the key");
}
