//! bad_vendor.
