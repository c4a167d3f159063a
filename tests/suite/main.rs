//! Tests of the whole project, one module per area.
