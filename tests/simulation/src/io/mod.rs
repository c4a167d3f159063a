//! Every call of a function to DynamoDB, S3, Secrets Manager, EventBridge, SQS or a vendor: it gets the name of its
//! [`point`] and perhaps an [`injected_fault`], and is carried out in process.

pub mod aws;
pub mod bucket;
pub mod bus;
pub mod faulty_call;
pub mod injected_fault;
pub mod point;
pub mod queue;
pub mod secrets;
pub mod stream;
pub mod table;
pub mod vendor;
pub mod vendor_effect;
