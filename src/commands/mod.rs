//! One file a verb: its arguments and what it does. Verbs read inputs, call the library and return an [`Outcome`]; they never print.

pub mod apply;
pub mod config;
pub mod destroy;
pub mod diff;
pub mod explain;
pub mod fmt;
pub mod graph;
pub mod init;
pub mod input;
pub mod lock;
pub mod outputs;
pub mod parse;
pub mod plan;
pub mod render;
pub mod schema;
pub mod selection;
pub mod stack;
pub mod state;
pub mod validate;
pub mod version;
