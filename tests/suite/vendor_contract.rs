//! vendor_contract.
