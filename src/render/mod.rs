//! Graphs and plans in forms of other tools, so that nobody is locked in.
//!
//! In: a graph or a plan. Out: text, the same for the same document: a CloudFormation template, drawings for Graphviz and Mermaid, Markdown
//! for a pull request.

mod cloudformation;
mod dot;
mod logical;
mod markdown;
mod mermaid;
mod picture;
pub mod pulumi;
mod refs;

pub use cloudformation::cloudformation;
pub use dot::dot;
pub use markdown::{graph_markdown, plan_markdown};
pub use mermaid::mermaid;
pub use picture::Picture;
