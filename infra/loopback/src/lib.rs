//! HTTP servers on loopback that are safe beside other users of the machine and a browser.
//!
//! Every process of the machine can connect to 127.0.0.1, and so can every page in a browser.
//!
//! - [`Server`] answers only requests whose `Host` and `Origin` are its own, and ends half-open uploads.
//! - [`AccessKey`] is the secret of one start that a request must have.
//! - [`private_file`] makes files and folders that only their owner can read.
//!
//! Knows no service.

mod access_key;
mod own_address;
pub mod private_file;
mod response_body;
mod server;

pub use access_key::{AccessKey, random_text};
pub use response_body::ResponseBody;
pub use server::{HttpService, Limits, Server, message};
