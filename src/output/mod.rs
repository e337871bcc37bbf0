//! Output: the only room that prints.

pub mod jq;
