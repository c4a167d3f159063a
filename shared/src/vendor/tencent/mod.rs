//! tencent.
