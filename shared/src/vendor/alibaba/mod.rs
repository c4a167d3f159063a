//! alibaba.
