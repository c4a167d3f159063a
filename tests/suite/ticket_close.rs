//! ticket_close.
