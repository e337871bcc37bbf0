//! Rules for maps and lists.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::node::{ListRules, MapRules, Others};
use super::walk::{Part, Step, Walk};
use super::{Fault, FaultKind, closest};

/// Lists up to this length are searched for repetitions pair by pair.
const PAIRWISE: usize = 16;

impl<'a> Walk<'a> {
    pub(super) fn map(&mut self, rules: &'a MapRules, map: &'a Map<String, Value>, out: &mut Vec<Fault>) {
        self.presence(rules, map, out);
        for (name, value) in map {
            let mut known = false;
            if let Some(id) = rules.properties.get(name.as_str()) {
                known = true;
                self.below(Step::Field(name), *id, value, out);
            }
            for (pattern, id) in &rules.patterns {
                if pattern.matches(name) {
                    known = true;
                    self.below(Step::Field(name), *id, value, out);
                }
            }
            if let Some(joined) = &rules.joined
                && !known
                && !joined.iter().any(|field| **field == **name)
            {
                let fault = self.unknown(name, joined.iter());
                out.push(fault);
            }
            match rules.others {
                Others::Checked(id) if !known => self.below(Step::Field(name), id, value, out),
                Others::Refused if !known && rules.properties.is_empty() && !rules.patterns.is_empty() => {
                    let field = self.schema.dialect.field;
                    let allowed: Vec<String> = rules.patterns.iter().map(|(pattern, _)| format!("`{}`", pattern.source())).collect();
                    let message = format!("the {field} `{name}` does not match {}", allowed.join(" or "));
                    let fault = self.fault_at(Step::Field(name), FaultKind::UnknownField, message);
                    out.push(fault);
                }
                Others::Refused if !known => {
                    let fault = self.unknown(name, rules.properties.keys());
                    out.push(fault);
                }
                _ => {}
            }
        }
        for (name, id) in &rules.needs_schema {
            if map.contains_key(&**name) {
                self.plain(*id, Part::Map(map), out);
            }
        }
    }

    /// Rules about which fields are there.
    fn presence(&mut self, rules: &'a MapRules, map: &'a Map<String, Value>, out: &mut Vec<Fault>) {
        let field = self.schema.dialect.field;
        for name in &rules.required {
            if !map.contains_key(&**name) {
                out.push(self.fault(FaultKind::Missing, format!("the {field} `{name}` is missing")));
            }
        }
        let given = |names: &[Box<str>]| -> Vec<&'a str> {
            names.iter().filter_map(|name| map.get_key_value(&**name).map(|(key, _)| key.as_str())).collect()
        };
        if !rules.required_xor.is_empty() {
            match given(&rules.required_xor).as_slice() {
                [_] => {}
                [] => {
                    let message = format!("one of the {} {} is needed", plural(field), list(&rules.required_xor));
                    out.push(self.fault(FaultKind::Missing, message));
                }
                many => {
                    let message = format!("the {} {} exclude each other", plural(field), list(many));
                    out.push(self.fault(FaultKind::Combination, message));
                }
            }
        }
        if !rules.required_or.is_empty() && given(&rules.required_or).is_empty() {
            let message = format!("at least one of the {} {} is needed", plural(field), list(&rules.required_or));
            out.push(self.fault(FaultKind::Missing, message));
        }
        for (name, others) in rules.needs.iter().filter(|(name, _)| map.contains_key(&**name)) {
            for other in others.iter().filter(|other| !map.contains_key(&***other)) {
                out.push(self.fault(FaultKind::Combination, format!("`{name}` needs `{other}` beside it")));
            }
        }
        for (name, others) in rules.excludes.iter().filter(|(name, _)| map.contains_key(&**name)) {
            for other in given(others) {
                // The rule is usually written from both sides: it is told once.
                let both = rules.excludes.iter().any(|(n, o)| **n == *other && o.contains(name));
                if !both || **name < *other {
                    let message = format!("`{name}` and `{other}` exclude each other");
                    let fault = self.fault_at(Step::Field(other), FaultKind::Combination, message);
                    out.push(fault);
                }
            }
        }
        if let Some(names) = rules.names {
            for name in map.keys() {
                let key = Value::String(name.clone());
                let mut faults = super::walk::check_part(self.schema, names, &key);
                for fault in &mut faults {
                    fault.pointer = self.fault_at(Step::Field(name), fault.kind, "").pointer;
                }
                out.append(&mut faults);
            }
        }
        let count = map.len();
        if let Some(min) = rules.min.filter(|min| count < *min) {
            let message = format!("has {count} {}, at least {min} are needed", plural(field));
            out.push(self.fault(FaultKind::Range, message));
        }
        if let Some(max) = rules.max.filter(|max| count > *max) {
            let message = format!("has {count} {}, at most {max} are allowed", plural(field));
            out.push(self.fault(FaultKind::Range, message));
        }
    }

    fn unknown<'n>(&mut self, name: &'a str, known: impl Iterator<Item = &'n Box<str>> + Clone) -> Fault {
        let field = self.schema.dialect.field;
        let message = format!("unknown {field} `{name}`");
        let mut fault = self.fault_at(Step::Field(name), FaultKind::UnknownField, message);
        let names = known.map(AsRef::as_ref);
        fault.help = closest(name, names.clone()).map(|guess| format!("did you mean `{guess}`?")).or_else(|| {
            let names: Vec<&str> = names.collect();
            match names.as_slice() {
                [] => None,
                few if few.len() <= 8 => Some(format!("known here: {}", list(few))),
                _ => None,
            }
        });
        fault
    }

    pub(super) fn list(&mut self, rules: &'a ListRules, items: &'a [Value], out: &mut Vec<Fault>) {
        let count = items.len();
        let noun = |count: usize| if count == 1 { "item" } else { "items" };
        if let Some(min) = rules.min.filter(|min| count < *min) {
            let message = match count {
                0 => "may not be empty".to_owned(),
                _ => format!("has {count} {}, at least {min} are needed", noun(count)),
            };
            out.push(self.fault(FaultKind::Range, message));
        }
        if let Some(max) = rules.max.filter(|max| count > *max) {
            let message = format!("has {count} {}, at most {max} are allowed", noun(count));
            out.push(self.fault(FaultKind::Range, message));
        }
        for (number, item) in items.iter().enumerate() {
            if let Some(id) = rules.first.get(number).copied().or(rules.items) {
                self.below(Step::Item(number), id, item, out);
            }
        }
        if rules.unique {
            for (again, first) in repeated(items) {
                let fault = self.fault_at(Step::Item(again), FaultKind::Range, format!("repeats item {}", first + 1));
                out.push(fault);
            }
        }
        if !rules.unique_keys.is_empty() {
            let key = |item: &'a Value| -> Vec<Option<&'a Value>> { rules.unique_keys.iter().map(|name| item.get(&**name)).collect() };
            for (number, item) in items.iter().enumerate() {
                let own = key(item);
                if own.iter().any(Option::is_some)
                    && let Some(first) = items[..number].iter().position(|earlier| key(earlier) == own)
                {
                    let message = format!("has the same {} as item {}", list(&rules.unique_keys), first + 1);
                    let fault = self.fault_at(Step::Item(number), FaultKind::Range, message);
                    out.push(fault);
                }
            }
        }
    }
}

/// The items that occur earlier in the list, each with its first occurrence.
fn repeated(items: &[Value]) -> Vec<(usize, usize)> {
    if items.len() <= PAIRWISE {
        let first = |number: usize| items[..number].iter().position(|earlier| *earlier == items[number]);
        return (0..items.len()).filter_map(|number| Some((number, first(number)?))).collect();
    }
    let mut seen = HashSet::new();
    let again = items.iter().enumerate().filter(|(_, item)| !seen.insert(item.to_string()));
    again.filter_map(|(number, item)| Some((number, items.iter().position(|earlier| earlier == item)?))).collect()
}

fn plural(field: &str) -> String {
    match field.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{field}s"),
    }
}

/// Names in a sentence: `a`, `b` and `c`.
pub(super) fn list<T: AsRef<str>>(names: &[T]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}
