//! huawei.
