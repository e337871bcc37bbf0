//! Trees: nodes with branches drawn before them, and the tree of any JSON value that has no view of its own.

use serde_json::Value;

use super::style::{Style, Tone};

/// A node and what hangs below it.
#[derive(Debug, Clone, Default)]
pub struct Node {
    text: String,
    children: Vec<Self>,
}

impl Node {
    /// A node without children; its text may be painted already.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), children: Vec::new() }
    }

    /// Adds a child.
    pub fn add(&mut self, child: Self) {
        self.children.push(child);
    }

    /// The last child, for adding below it; `text` makes a new one where the last is not the same.
    pub fn branch(&mut self, text: &str) -> &mut Self {
        if self.children.last().is_none_or(|last| last.text != text) {
            self.children.push(Self::new(text));
        }
        self.children.last_mut().expect("a child was pushed")
    }

    /// Draws the node and everything below.
    pub fn draw(&self) -> String {
        let mut out = self.text.clone();
        self.draw_children("", &mut out);
        out
    }

    fn draw_children(&self, indent: &str, out: &mut String) {
        for (n, child) in self.children.iter().enumerate() {
            let is_last = n + 1 == self.children.len();
            let (branch, below) = if is_last { ("└── ", "    ") } else { ("├── ", "│   ") };
            for part in ["\n", indent, branch, &child.text] {
                out.push_str(part);
            }
            child.draw_children(&format!("{indent}{below}"), out);
        }
    }
}

/// The tree of any JSON value.
pub fn of_value(value: &Value, style: &Style) -> String {
    let title = value.get("kind").and_then(Value::as_str).unwrap_or(".");
    let mut root = Node::new(style.paint(Tone::Strong, title));
    match value {
        Value::Object(map) => map.iter().filter(|(key, _)| *key != "kind").for_each(|(key, inner)| root.add(node(key, inner, style))),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, inner)| root.add(node(&format!("[{n}]"), inner, style))),
        scalar => return scalar_text(scalar),
    }
    root.draw()
}

fn node(key: &str, value: &Value, style: &Style) -> Node {
    match value {
        Value::Object(map) if !map.is_empty() => {
            Node { text: key.to_owned(), children: map.iter().map(|(key, inner)| node(key, inner, style)).collect() }
        }
        Value::Array(items) if !items.is_empty() => Node {
            text: key.to_owned(),
            children: items
                .iter()
                .enumerate()
                .map(|(n, item)| match item {
                    Value::Object(_) | Value::Array(_) => node(&format!("[{n}]"), item, style),
                    scalar => Node::new(scalar_text(scalar)),
                })
                .collect(),
        },
        scalar => Node::new(format!("{} {}", style.paint(Tone::Faint, format!("{key}:")), scalar_text(scalar))),
    }
}

fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) if !text.contains('\n') && !text.is_empty() => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn any_value_is_a_tree() {
        let value = json!({"kind": "x/v1", "a": {"b": [1, {"c": null}]}, "d": [], "e": "two\nlines"});
        let expected = "x/v1\n├── a\n│   └── b\n│       ├── 1\n│       └── [1]\n│           └── c: null\n├── d: []\n└── e: \"two\\nlines\"";
        assert_eq!(of_value(&value, &Style::default()), expected);
    }

    #[test]
    fn equal_neighbours_share_a_branch() {
        let mut root = Node::new("stack");
        for (service, component) in [("a", "x"), ("a", "y"), ("b", "z")] {
            root.branch(service).add(Node::new(component));
        }
        assert_eq!(root.draw(), "stack\n├── a\n│   ├── x\n│   └── y\n└── b\n    └── z");
    }
}
