//! catalog_refresh.
