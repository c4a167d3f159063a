//! The doors to the world: every call of a function to DynamoDB, Secrets Manager, EventBridge or a vendor passes here, is
//! named ([`point`]), gets its [`fate`], and is carried out in process.

pub mod aws;
pub mod bus;
pub mod fate;
pub mod operation;
pub mod point;
pub mod queue;
pub mod secrets;
pub mod stream;
pub mod table;
pub mod vendor;
