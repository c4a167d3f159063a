//! What a failed call means: the problem codes, the shared default from status to class, and the error for a class.
//! The vendors' own codes stand in each vendor's `error.rs`.

/// Code of an error where the vendor was never reached.
pub const UNREACHABLE: &str = "vendor_unreachable";
