//! Text to nodes: the only file that knows a YAML parser.
//!
//! The parser hands over events, so that nothing here recurses on the input: nesting and the expansion of aliases are bounded, and
//! text of any shape ends in nodes or in findings.

use std::collections::HashMap;
use std::rc::Rc;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span as Range, Tag};

use super::node::{Map, Member, Node, Scalar, Value};
use super::scalar::{Plain, plain};
use super::source::{At, Sources};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::manifest::{P1001, P1002, P1022, P1023};

/// Levels of nesting, far below what any manifest needs and what JSON readers allow.
const DEPTH: usize = 100;

/// Nodes that aliases may add to a file.
const EXPANSION: usize = 10_000;

/// Findings of one file; what follows them would be noise.
const FINDINGS: usize = 20;

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// Its documents that are not empty.
    pub(super) documents: Vec<Node>,
    /// What is wrong with it.
    pub(super) findings: Vec<Diagnostic>,
    /// The file ends in an error: documents may be missing.
    pub(super) broken: bool,
}

/// Parses the text of a file.
pub(super) fn parse(sources: &Sources, file: u32) -> Parsed {
    let mut builder =
        Builder { sources, file, out: Parsed::default(), frames: Vec::new(), root: None, anchors: HashMap::new(), expanded: 0 };
    builder.run();
    builder.out
}

/// A collection under construction.
struct Frame {
    at: At,
    anchor: usize,
    nodes: usize,
    height: usize,
    kind: FrameKind,
}

enum FrameKind {
    List(Vec<Node>),
    Map { map: Map, key: Option<(Rc<str>, At)> },
}

/// A node that an alias can repeat.
struct Anchored {
    node: Node,
    nodes: usize,
    height: usize,
}

/// Why reading stops.
type Stop = Box<Diagnostic>;

struct Builder<'s> {
    sources: &'s Sources,
    file: u32,
    out: Parsed,
    frames: Vec<Frame>,
    root: Option<Node>,
    anchors: HashMap<usize, Anchored>,
    expanded: usize,
}

impl Builder<'_> {
    fn run(&mut self) {
        let text = &self.sources.file(self.file).text;
        let mut options = granit_parser::Options::default();
        options.set_emit_comments(false);
        for event in Parser::new_from_str_with_options(text, options) {
            let step = match event {
                Ok((event, range)) => self.event(event, range),
                Err(error) => Err(Box::new(self.syntax(&error))),
            };
            if let Err(finding) = step {
                self.out.findings.push(*finding);
                self.out.broken = true;
                break;
            }
            if self.out.findings.len() >= FINDINGS {
                self.out.broken = true;
                break;
            }
        }
        if self.out.documents.is_empty() && self.out.findings.is_empty() {
            let at = self.sources.at(self.file, 0, 0);
            self.out.findings.push(self.empty(at));
        }
    }

    fn empty(&self, at: At) -> Diagnostic {
        Diagnostic::new(P1023, "the document is empty").at(self.sources.span(at)).warning()
    }

    fn at(&self, range: Range) -> At {
        let bytes = range.byte_range().unwrap_or_default();
        self.sources.at(self.file, bytes.start, bytes.end)
    }

    fn fail(&self, at: At, message: impl Into<String>) -> Stop {
        Box::new(Diagnostic::new(P1001, message).at(self.sources.span(at)))
    }

    fn event(&mut self, event: Event<'_>, range: Range) -> Result<(), Stop> {
        let at = self.at(range);
        let tag_at = range.tag_span().map_or(at, |range| self.at(range));
        match event {
            Event::DocumentStart(..) => {
                self.anchors.clear();
                self.root = None;
            }
            Event::DocumentEnd => match self.root.take() {
                Some(node) if node.is_null() => {
                    let finding = self.empty(node.at);
                    self.out.findings.push(finding);
                }
                Some(node) => self.out.documents.push(node),
                None => {}
            },
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = self.scalar(tag_at, &text, style, tag.as_deref())?;
                let node = Node::new(at, Value::Scalar(scalar));
                self.complete(node, anchor, 1, 0)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.collection_tag(tag_at, tag.as_deref(), "seq")?;
                self.open(at, anchor, FrameKind::List(Vec::new()))?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.collection_tag(tag_at, tag.as_deref(), "map")?;
                self.open(at, anchor, FrameKind::Map { map: Map::new(), key: None })?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(at)?,
            Event::Alias(id) => self.alias(at, id)?,
            _ => {}
        }
        Ok(())
    }

    fn scalar(&self, at: At, text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Scalar, Stop> {
        let written_plain = style == ScalarStyle::Plain;
        let Some(tag) = tag else { return Ok(Scalar { text: text.into(), plain: written_plain }) };
        let wanted = match tag.core_suffix() {
            Some("str") => return Ok(Scalar::quoted(text)),
            Some("null") => matches!(plain(text), Plain::Null),
            Some("bool") => matches!(plain(text), Plain::Bool(_)),
            Some("int" | "float") => matches!(plain(text), Plain::Number(_)),
            _ => return Err(self.foreign_tag(at, tag)),
        };
        if wanted {
            Ok(Scalar { text: text.into(), plain: true })
        } else {
            Err(self.fail(at, format!("`{text}` is not of the type that its tag names")))
        }
    }

    fn collection_tag(&self, at: At, tag: Option<&Tag>, own: &str) -> Result<(), Stop> {
        match tag {
            Some(tag) if tag.core_suffix() != Some(own) => Err(self.foreign_tag(at, tag)),
            _ => Ok(()),
        }
    }

    fn foreign_tag(&self, at: At, tag: &Tag) -> Stop {
        let mut finding = self.fail(at, format!("the tag `{}` means nothing here", tag.original()));
        if ["Ref", "Sub", "GetAtt", "Join", "ImportValue"].contains(&tag.suffix()) {
            finding.help.push("outputs of components are written as `${service/component.output}`".to_owned());
        }
        finding
    }

    fn open(&mut self, at: At, anchor: usize, kind: FrameKind) -> Result<(), Stop> {
        if let Some(Frame { kind: FrameKind::Map { key: None, .. }, .. }) = self.frames.last() {
            return Err(self.fail(at, "a key must be text, not a list or a map"));
        }
        if self.frames.len() >= DEPTH {
            return Err(self.too_deep(at));
        }
        self.frames.push(Frame { at, anchor, nodes: 1, height: 0, kind });
        Ok(())
    }

    fn too_deep(&self, at: At) -> Stop {
        self.fail(at, format!("nested more than {DEPTH} levels deep"))
    }

    fn close(&mut self, end: At) -> Result<(), Stop> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let value = match frame.kind {
            FrameKind::List(items) => Value::List(items),
            FrameKind::Map { map, .. } => Value::Map(map),
        };
        let node = Node::new(frame.at.until(end), value);
        self.complete(node, frame.anchor, frame.nodes, frame.height + 1)
    }

    fn alias(&mut self, at: At, id: usize) -> Result<(), Stop> {
        let Some(Anchored { node, nodes, height }) = self.anchors.get(&id) else {
            return Err(Box::new(Diagnostic::new(P1022, "the alias stands inside of what it repeats").at(self.sources.span(at))));
        };
        self.expanded += nodes;
        if self.expanded > EXPANSION {
            let message = format!("aliases add more than {EXPANSION} values to this file");
            return Err(Box::new(Diagnostic::new(P1022, message).at(self.sources.span(at)).help("write the values out, or use variables")));
        }
        if self.frames.len() + height > DEPTH {
            return Err(self.too_deep(at));
        }
        let (node, nodes, height) = (node.clone(), *nodes, *height);
        self.complete(node, 0, nodes, height)
    }

    /// Puts a finished node where it belongs.
    fn complete(&mut self, node: Node, anchor: usize, nodes: usize, height: usize) -> Result<(), Stop> {
        if anchor != 0 {
            self.anchors.insert(anchor, Anchored { node: node.clone(), nodes, height });
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.nodes += nodes;
        frame.height = frame.height.max(height);
        match &mut frame.kind {
            FrameKind::List(items) => items.push(node),
            FrameKind::Map { map, key } => match key.take() {
                None => {
                    let Value::Scalar(scalar) = &node.value else {
                        return Err(self.fail(node.at, "a key must be text, not a list or a map"));
                    };
                    if scalar.plain && &*scalar.text == "<<" {
                        let finding = Diagnostic::new(P1022, "merge keys (`<<`) are not part of YAML 1.2").at(self.sources.span(node.at));
                        return Err(Box::new(finding.help("write the fields out, or put shared values into defaults or variables")));
                    }
                    if scalar.plain && node.at.is_empty() {
                        return Err(self.fail(node.at, "a key is missing before the `:`"));
                    }
                    *key = Some((Rc::clone(&scalar.text), node.at));
                }
                Some((name, key)) => {
                    if let Some(first) = map.get(&name) {
                        let finding = Diagnostic::new(P1002, format!("the key `{name}` stands here twice"))
                            .at(self.sources.span(key))
                            .label(self.sources.span(first.key), "first here")
                            .help("remove one of the two");
                        self.out.findings.push(finding);
                    } else {
                        map.insert(name, Member { key, node });
                    }
                }
            },
        }
        Ok(())
    }

    fn syntax(&self, error: &ScanError) -> Diagnostic {
        let mut start = error.marker().byte_offset().unwrap_or_default();
        let (message, help) = words(error.kind());
        if is_tab(error.kind()) {
            start = indenting_tab(&self.sources.file(self.file).text, start).unwrap_or(start);
        }
        let span = self.sources.span(self.sources.at(self.file, start, start));
        Diagnostic::new(P1001, message).at(span).maybe_help(help)
    }
}

fn is_tab(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar
    )
}

/// The first tab that indents a line, from the line of `start` on.
fn indenting_tab(text: &str, start: usize) -> Option<usize> {
    let mut at = text[..start.min(text.len())].rfind('\n').map_or(0, |end| end + 1);
    for line in text[at..].split_inclusive('\n') {
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        if let Some(tab) = indent.find('\t') {
            return Some(at + tab);
        }
        at += line.len();
    }
    None
}

/// Says what is wrong in words that do not need the YAML specification.
fn words(kind: &ErrorKind) -> (String, Option<&'static str>) {
    let quote = Some("put text that holds `: `, ` #` or starts with one of `@%&*!|>{[` in quotes");
    match kind {
        kind if is_tab(kind) => ("a tab stands where only spaces may indent".to_owned(), Some("indent with spaces")),
        ErrorKind::RecursionLimitExceeded => (format!("nested more than {DEPTH} levels deep"), None),
        ErrorKind::UnclosedQuotedScalar => ("the quote is never closed".to_owned(), None),
        ErrorKind::UnclosedFlowCollection { open } => (format!("the `{open}` is never closed"), None),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => (format!("`{open}` is closed by `{close}`"), None),
        ErrorKind::MisplacedFlowCollectionEnd => ("a bracket closes nothing".to_owned(), quote),
        ErrorKind::UnknownAnchor => ("the alias refers to an anchor that is not defined above it".to_owned(), quote),
        ErrorKind::MappingValueNotAllowed => ("a `:` makes no key here".to_owned(), quote),
        ErrorKind::SimpleKeyExpected => ("a key lacks its `:`".to_owned(), None),
        ErrorKind::InvalidIndentation | ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry => (
            "the indentation fits no open map or list".to_owned(),
            Some("members of one map, and items of one list, start in the same column"),
        ),
        ErrorKind::UnexpectedCharacter { character } => (format!("text cannot start with `{}`", character.escape_default()), quote),
        ErrorKind::UnexpectedEof
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::UnexpectedEofBlockSequence
        | ErrorKind::UnexpectedEofBlockMapping => ("the file ends in the middle of a value".to_owned(), None),
        other => (other.to_string().to_lowercase(), None),
    }
}
