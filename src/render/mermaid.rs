//! Mermaid, which GitHub draws in Markdown.

use std::fmt::Write as _;

use super::picture::{Picture, short};

/// Draws a Mermaid flow chart.
pub fn mermaid(picture: &Picture<'_>) -> String {
    let mut out = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| writeln!(out, "{text}").expect("writing to a string does not fail");
    line(format_args!("---\ntitle: {}\n---\nflowchart LR", text(&picture.title)));
    let mut n = 0;
    for (group, nodes) in picture.components().enumerate() {
        line(format_args!("  subgraph c{group}[\"{}\"]", text(nodes[0].address.component())));
        for node in nodes {
            line(format_args!("    n{n}[\"{}<br/>{}\"]", text(&node.label()), text(short(node.type_name))));
            n += 1;
        }
        line(format_args!("  end"));
    }
    for (from, to) in picture.arrows() {
        line(format_args!("  n{from} --> n{to}"));
    }
    out
}

/// Characters that Mermaid would read are written as entities.
fn text(text: &str) -> String {
    text.replace('#', "#35;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::sample::{graph, queue};

    #[test]
    fn boxes_are_numbered_and_named() {
        let graph = graph([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue")]);
        assert_eq!(
            mermaid(&Picture::from(&graph)),
            "---
title: shop in dev
---
flowchart LR
  subgraph c0[\"a/one\"]
    n0[\"queue<br/>SQS::Queue\"]
  end
  subgraph c1[\"a/two\"]
    n1[\"queue<br/>SQS::Queue\"]
  end
  n1 --> n0
"
        );
    }
}
