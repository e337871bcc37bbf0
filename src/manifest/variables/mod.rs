//! Variables: who sets them, what they are for one component, and their place in the tree.
//!
//! A name is looked up from the highest source to the lowest; its value may use other names, looked up in the same way. What cannot be
//! resolved becomes a broken node, which is a finding only if it survives the merging.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::node::{Scalar, Via};
use super::reference::{Piece, pieces};
use super::source::{At, Sources};
use crate::diagnostic::codes::manifest::{P1013, P1030, P1031, P1032};
use crate::diagnostic::codes::stack::P2008;
use crate::diagnostic::{Diagnostic, did_you_mean};

pub(super) mod layer;
pub(super) mod substitute;

pub(super) use layer::Layer;

/// Bytes of text that variables may put into one stack.
const BUDGET: usize = 64 * 1024 * 1024;

/// What all scopes of a run share.
#[derive(Debug)]
pub(super) struct Ledger {
    used: RefCell<BTreeSet<Rc<str>>>,
    left: Cell<usize>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { used: RefCell::default(), left: Cell::new(BUDGET) }
    }
}

impl Ledger {
    /// Tells whether a name was looked up.
    pub(super) fn used(&self, name: &str) -> bool {
        self.used.borrow().contains(name)
    }

    /// Takes some bytes of the budget.
    fn spend(&self, bytes: usize) -> Result<(), Box<Diagnostic>> {
        let left = self.left.get().checked_sub(bytes);
        self.left.set(left.unwrap_or_default());
        match left {
            Some(_) => Ok(()),
            None => Err(Box::new(Diagnostic::new(P1013, format!("variables add more than {} MiB of text", BUDGET / 1024 / 1024)))),
        }
    }
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub(super) enum Lookup {
    /// A value.
    Value(Scalar, Option<Rc<Via>>),
    /// Nothing sets it.
    Unset,
    /// Something sets it to what cannot be resolved.
    Broken(Rc<[Diagnostic]>),
}

/// The variables that one document sees.
pub(super) struct Scope<'a> {
    /// The files.
    pub(super) sources: &'a Sources,
    /// The service, for bare names of components in output references.
    pub(super) service: Option<&'a str>,
    /// From the highest to the lowest.
    layers: Vec<&'a Layer>,
    built_in: Vec<(&'static str, Rc<str>)>,
    ledger: &'a Ledger,
    known: RefCell<HashMap<Rc<str>, Lookup>>,
}

impl<'a> Scope<'a> {
    /// Makes a scope of layers, from the highest to the lowest.
    pub(super) fn new(
        sources: &'a Sources,
        layers: Vec<&'a Layer>,
        built_in: Vec<(&'static str, Rc<str>)>,
        service: Option<&'a str>,
        ledger: &'a Ledger,
    ) -> Self {
        Self { sources, service, layers, built_in, ledger, known: RefCell::default() }
    }

    /// Looks a name up.
    pub(super) fn lookup(&self, name: &str) -> Lookup {
        self.find(name, &mut Vec::new())
    }

    fn find(&self, name: &str, path: &mut Vec<Rc<str>>) -> Lookup {
        if let Some((_, value)) = self.built_in.iter().find(|(known, _)| *known == name) {
            return Lookup::Value(Scalar::quoted(Rc::clone(value)), None);
        }
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone();
        }
        let Some((name, setting)) = self.layers.iter().find_map(|layer| layer.get_key_value(name)) else { return Lookup::Unset };
        self.ledger.used.borrow_mut().insert(Rc::clone(name));
        if setting.scalar.plain && setting.scalar.natural() == super::scalar::Plain::Null {
            return Lookup::Unset;
        }
        let via = Rc::new(Via { name: Rc::clone(name), at: setting.at, origin: Rc::clone(&setting.origin) });
        if path.contains(name) {
            return self.circle(name, path, &via);
        }
        path.push(Rc::clone(name));
        let found = if setting.scalar.text.contains('$') {
            self.expand(&setting.scalar, setting.at, path)
                .map_or_else(|findings| Lookup::Broken(findings.into()), |scalar| Lookup::Value(scalar, Some(via)))
        } else {
            Lookup::Value(setting.scalar.clone(), Some(via))
        };
        path.pop();
        self.known.borrow_mut().insert(Rc::clone(name), found.clone());
        found
    }

    fn circle(&self, name: &Rc<str>, path: &[Rc<str>], via: &Via) -> Lookup {
        let first = path.iter().position(|step| step == name).unwrap_or_default();
        // Told from its least name on, so that it is one finding wherever it was entered.
        let mut names: Vec<&str> = path[first..].iter().map(|step| &**step).collect();
        let least = names.iter().enumerate().min_by_key(|(_, name)| **name).map_or(0, |(place, _)| place);
        names.rotate_left(least);
        let at = self.layers.iter().find_map(|layer| layer.get(names[0])).map_or(via.at, |setting| setting.at);
        let message = match &names[..] {
            [one] => format!("the variable `{one}` uses itself"),
            many => format!("the variables use each other in a circle: {} → {}", many.join(" → "), many[0]),
        };
        Lookup::Broken(Rc::new([Diagnostic::new(P1032, message)
            .at(at.map(|at| self.sources.span(at)))
            .help("set one of them to a plain value")]))
    }

    /// Puts values into the text of a variable.
    fn expand(&self, scalar: &Scalar, at: Option<At>, path: &mut Vec<Rc<str>>) -> Result<Scalar, Vec<Diagnostic>> {
        let place = |range: &std::ops::Range<usize>| at.map(|at| self.sources.span(substitute::inside(self.sources, at, scalar, range)));
        let pieces = pieces(&scalar.text).map_err(|bad| vec![Diagnostic::new(P1031, bad.message).at(place(&bad.range)).help(bad.help)])?;
        let single = pieces.len() == 1;
        let mut text = String::new();
        let mut findings = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(part) => text.push_str(&part),
                Piece::Variable { name, default, range } => match (self.find(&name, path), default) {
                    (Lookup::Broken(broken), _) => findings.extend(broken.iter().cloned()),
                    (Lookup::Value(value, _), default) if default.is_none() || !value.text.is_empty() => {
                        if single {
                            return Ok(value);
                        }
                        if let Err(finding) = self.ledger.spend(value.text.len()) {
                            return Err(vec![finding.at(place(&range))]);
                        }
                        text.push_str(&value.text);
                    }
                    (_, Some(default)) if single => return Ok(Scalar { plain: !default.is_empty(), text: default.into() }),
                    (_, Some(default)) => text.push_str(&default),
                    (_, None) => findings.push(self.unresolved(&name).at(place(&range))),
                },
                Piece::Output { range, .. } => {
                    let finding = Diagnostic::new(P2008, "a variable cannot hold an output of a component").at(place(&range));
                    findings.push(finding.help("write the reference where the value is needed"));
                }
            }
        }
        if findings.is_empty() { Ok(Scalar { text: text.into(), plain: scalar.plain }) } else { Err(findings) }
    }

    /// The finding of a name that nothing sets.
    pub(super) fn unresolved(&self, name: &str) -> Diagnostic {
        let finding = Diagnostic::new(P1030, format!("the variable `{name}` is not set"));
        match name {
            "ACCOUNT_ID" => finding.help("set `provider.accountId` in the stack or the environment"),
            "SERVICE" | "COMPONENT" => finding.help("it has a value only in the documents of a component"),
            "REGION" => finding.help("it has no value in `provider` and `backend`"),
            _ => {
                let names = self.layers.iter().flat_map(|layer| layer.keys()).map(|name| &**name);
                let guess = did_you_mean(name, names.chain(self.built_in.iter().map(|(name, _)| *name)));
                finding
                    .maybe_help(guess)
                    .help(format!("set it under `variables`, or with `--var {name}=…`; `${{{name}:-text}}` stands for it when it is unset"))
            }
        }
    }
}
