//! Graphviz.

use std::fmt::Write as _;

use super::picture::{Picture, short};

/// Draws in the DOT language.
pub fn dot(picture: &Picture<'_>) -> String {
    let mut out = String::from("digraph panka {\n");
    let mut line = |text: std::fmt::Arguments<'_>| writeln!(out, "{text}").expect("writing to a string does not fail");
    line(format_args!("  label={};", quoted(&picture.title)));
    line(format_args!("  labelloc=t;\n  rankdir=LR;\n  fontname=\"sans-serif\";"));
    line(format_args!("  node [shape=box, style=rounded, fontname=\"sans-serif\"];"));
    for nodes in picture.components() {
        let component = nodes[0].address.component();
        line(format_args!("  subgraph {} {{", quoted(&format!("cluster {component}"))));
        line(format_args!("    label={};", quoted(&format!("{component} ({})", nodes[0].kind))));
        for node in nodes {
            let label = format!("{}\n{}", node.label(), short(node.type_name));
            line(format_args!("    {} [label={}];", quoted(node.address.as_str()), quoted(&label)));
        }
        line(format_args!("  }}"));
    }
    for (from, to) in picture.arrows() {
        line(format_args!("  {} -> {};", quoted(picture.nodes[from].address.as_str()), quoted(picture.nodes[to].address.as_str())));
    }
    out.push_str("}\n");
    out
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::sample::{graph, queue};

    #[test]
    fn boxes_stand_in_their_component_and_arrows_lead_to_what_is_needed() {
        let graph = graph([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue")]);
        assert_eq!(
            dot(&Picture::from(&graph)),
            "digraph panka {
  label=\"shop in dev\";
  labelloc=t;
  rankdir=LR;
  fontname=\"sans-serif\";
  node [shape=box, style=rounded, fontname=\"sans-serif\"];
  subgraph \"cluster a/one\" {
    label=\"a/one (Resource)\";
    \"a/one/queue\" [label=\"queue\\nSQS::Queue\"];
  }
  subgraph \"cluster a/two\" {
    label=\"a/two (Resource)\";
    \"a/two/queue\" [label=\"queue\\nSQS::Queue\"];
  }
  \"a/two/queue\" -> \"a/one/queue\";
}
"
        );
    }
}
