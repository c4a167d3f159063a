//! ticket_create.
