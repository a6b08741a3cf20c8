//! The fuzz targets, tried for a bounded while on any compiler.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
#![allow(unreachable_pub, reason = "the targets are a crate of their own elsewhere")]

#[path = "../../../fuzz/src/lib.rs"]
mod targets;
