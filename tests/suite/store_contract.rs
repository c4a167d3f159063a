//! store_contract.
