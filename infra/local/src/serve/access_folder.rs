//! The folder with the secrets of one run of `serve`, which only its owner can read.
//!
//! They are not printed, and not arguments of the printed commands: output is often kept, and every user of the machine
//! sees the arguments of all processes.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use local::stack::Stack;
use loopback::private_file;

use crate::simulated_accounts;

/// The folder. Dropping it removes it.
pub struct AccessFolder(PathBuf);

impl AccessFolder {
    /// Writes the folder beside `db`, or under a new name among the temporary files:
    ///
    /// - `desk.html`: opens the desk with the access key
    /// - `headers`: what every request needs, as `curl -H @headers` reads it
    /// - `ALIBABA.json`, `HUAWEI.json`, `TENCENT.json`: the bodies that register an account at the simulated vendors
    /// - `environment`: the variables of a function that runs on its own, for a shell to read
    pub fn create(stack: &Stack, db: Option<&Path>) -> io::Result<Self> {
        let folder = match db {
            Some(db) => {
                let mut folder = std::path::absolute(db)?.into_os_string();
                folder.push(".access");
                folder.into()
            }
            None => std::env::temp_dir().join(format!("polydesk-{}", loopback::random_text()?)),
        };
        private_file::create_folder(&folder)?;
        let folder = Self(folder);
        let key = stack.access_key.as_str();
        folder.write("desk.html", &desk(&stack.url(), key))?;
        folder.write("headers", &format!("Authorization: Bearer {key}\nContent-Type: application/json\n"))?;
        for request in simulated_accounts::requests(&stack.simulators) {
            let vendor = request["type"].as_str().unwrap_or_default();
            folder.write(&format!("{vendor}.json"), &format!("{request}\n"))?;
        }
        let mut variables: Vec<String> =
            stack.environment.iter().map(|(name, value)| format!("export {name}='{value}'\n")).collect();
        variables.sort();
        folder.write("environment", &variables.concat())?;
        Ok(folder)
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn write(&self, name: &str, content: &str) -> io::Result<()> {
        private_file::create(&self.0.join(name))?.write_all(content.as_bytes())
    }
}

/// A page that leads to the desk. A browser sends no fragment to a server, and the desk takes the key out of the address
/// at once; a page of a file has no `Origin` or `Referer` with a name either.
fn desk(api: &str, key: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>Polydesk</title>\n<meta http-equiv=\"refresh\" content=\"0; url={api}/desk#access_key={key}\">\n\
         <a href=\"{api}/desk#access_key={key}\">Polydesk</a>\n"
    )
}

impl Drop for AccessFolder {
    fn drop(&mut self) {
        // If this fails, the key in it opens nothing once the program has ended.
        let _ = fs::remove_dir_all(&self.0);
    }
}
