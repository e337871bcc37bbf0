//! Which item of a list became which: by what names it, where something does, else by its place.

use serde_json::Value;

/// Fields by which AWS tells the items of a list apart, in the order in which they are tried.
const NAMES: [&str; 12] =
    ["Key", "Name", "Id", "Sid", "PolicyName", "AttributeName", "IndexName", "DeviceName", "ContainerPort", "name", "key", "id"];

/// How two lists are compared.
#[derive(Debug, PartialEq)]
pub(super) enum Alignment {
    /// As one value.
    Whole,
    /// Item by item: number in the old list, number in the new one. Items that are equal are left out.
    Items(Vec<(Option<usize>, Option<usize>)>),
}

/// Finds the pairs of items.
///
/// Lists are compared item by item only where that says exactly what happened: where items have names and keep their order, where
/// nothing but the end differs, where as many items stand there as before and are maps or one of them differs, and in lists whose order
/// means nothing. Everything else is one change of the whole list.
pub(super) fn align(before: &[Value], after: &[Value], unordered: bool, equal: &dyn Fn(&Value, &Value) -> bool) -> Alignment {
    if let Some(name) = identity(before, after) {
        return by_name(before, after, name, unordered, equal);
    }
    if unordered {
        return as_set(before, after, equal);
    }
    let differing = |n: &usize| !equal(&before[*n], &after[*n]);
    let common = before.len().min(after.len());
    let differing: Vec<usize> = (0..common).filter(differing).collect();
    if before.len() == after.len() {
        let maps = before.iter().chain(after).all(Value::is_object);
        return if maps || differing.len() == 1 && before.len() > 1 {
            Alignment::Items(differing.into_iter().map(|n| (Some(n), Some(n))).collect())
        } else {
            Alignment::Whole
        };
    }
    if !differing.is_empty() || common == 0 {
        return Alignment::Whole;
    }
    let gone = (common..before.len()).map(|n| (Some(n), None));
    let new = (common..after.len()).map(|n| (None, Some(n)));
    Alignment::Items(gone.chain(new).collect())
}

/// The field that names every item of both lists, once in each.
fn identity(before: &[Value], after: &[Value]) -> Option<&'static str> {
    if before.is_empty() || after.is_empty() {
        return None;
    }
    NAMES.into_iter().find(|name| names_all(before, name) && names_all(after, name))
}

fn names_all(items: &[Value], name: &str) -> bool {
    let mut names: Vec<&Value> = Vec::with_capacity(items.len());
    items.iter().all(|item| match item.get(name) {
        Some(value @ (Value::String(_) | Value::Number(_))) if !names.contains(&value) => {
            names.push(value);
            true
        }
        _ => false,
    })
}

fn by_name(before: &[Value], after: &[Value], name: &str, unordered: bool, equal: &dyn Fn(&Value, &Value) -> bool) -> Alignment {
    let partner = |item: &Value, others: &[Value]| others.iter().position(|other| other[name] == item[name]);
    let partners: Vec<Option<usize>> = after.iter().map(|item| partner(item, before)).collect();
    let kept: Vec<usize> = partners.iter().flatten().copied().collect();
    if kept.is_empty() || (!unordered && !kept.is_sorted()) {
        return Alignment::Whole;
    }
    let gone = (0..before.len()).filter(|n| !kept.contains(n)).map(|n| (Some(n), None));
    let here = partners.iter().enumerate().filter(|(n, partner)| partner.is_none_or(|p| !equal(&before[p], &after[*n])));
    Alignment::Items(gone.chain(here.map(|(n, partner)| (*partner, Some(n)))).collect())
}

/// Items of both lists cancel each other out; what is left over goes or comes.
fn as_set(before: &[Value], after: &[Value], equal: &dyn Fn(&Value, &Value) -> bool) -> Alignment {
    let mut gone: Vec<usize> = (0..before.len()).collect();
    let mut new = Vec::new();
    for (n, item) in after.iter().enumerate() {
        match gone.iter().position(|other| equal(&before[*other], item)) {
            Some(position) => {
                gone.remove(position);
            }
            None => new.push(n),
        }
    }
    if gone.len() == before.len() && new.len() == after.len() && !(before.len() == 1 && after.len() == 1 && before[0].is_object()) {
        return Alignment::Whole;
    }
    if let ([one], [other]) = (&gone[..], &new[..])
        && before[*one].is_object()
        && after[*other].is_object()
    {
        return Alignment::Items(vec![(Some(*one), Some(*other))]);
    }
    let gone = gone.into_iter().map(|n| (Some(n), None));
    Alignment::Items(gone.chain(new.into_iter().map(|n| (None, Some(n)))).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn aligned(before: &Value, after: &Value, unordered: bool) -> Alignment {
        align(before.as_array().unwrap(), after.as_array().unwrap(), unordered, &|a, b| a == b)
    }

    fn items(pairs: &[(Option<usize>, Option<usize>)]) -> Alignment {
        Alignment::Items(pairs.to_vec())
    }

    #[test]
    fn named_items_are_found_wherever_they_stand() {
        let before = json!([{"Name": "a", "v": 1}, {"Name": "b", "v": 1}, {"Name": "c", "v": 1}]);
        let after = json!([{"Name": "x", "v": 1}, {"Name": "b", "v": 2}, {"Name": "c", "v": 1}]);
        assert_eq!(aligned(&before, &after, false), items(&[(Some(0), None), (None, Some(0)), (Some(1), Some(1))]));
    }

    #[test]
    fn named_items_in_another_order_are_one_change() {
        let (before, after) = (json!([{"Name": "a"}, {"Name": "b"}]), json!([{"Name": "b"}, {"Name": "a"}]));
        assert_eq!(aligned(&before, &after, false), Alignment::Whole);
        assert_eq!(aligned(&before, &after, true), items(&[]));
    }

    #[test]
    fn an_ambiguous_name_names_nothing() {
        let (before, after) = (json!([{"Name": "a", "Id": 1}, {"Name": "a", "Id": 2}]), json!([{"Name": "a", "Id": 2}]));
        assert_eq!(aligned(&before, &after, false), items(&[(Some(0), None)]));
        let (before, after) = (json!([{"Name": "a"}, {"Name": "a", "v": 1}]), json!([{"Name": "a"}]));
        assert_eq!(aligned(&before, &after, false), items(&[(Some(1), None)]));
    }

    #[test]
    fn a_longer_end_is_told_item_by_item() {
        assert_eq!(aligned(&json!(["a"]), &json!(["a", "b", "c"]), false), items(&[(None, Some(1)), (None, Some(2))]));
        assert_eq!(aligned(&json!(["a", "b"]), &json!(["a"]), false), items(&[(Some(1), None)]));
    }

    #[test]
    fn one_other_item_is_told_by_its_place() {
        assert_eq!(aligned(&json!(["a", "b"]), &json!(["a", "c"]), false), items(&[(Some(1), Some(1))]));
    }

    #[test]
    fn anything_else_is_the_whole_list() {
        for (before, after) in [
            (json!(["a", "b"]), json!(["x", "y"])),
            (json!(["a"]), json!(["x", "a"])),
            (json!([]), json!(["a"])),
            (json!(["a"]), json!(["b"])),
        ] {
            assert_eq!(aligned(&before, &after, false), Alignment::Whole, "{before} {after}");
        }
    }

    #[test]
    fn a_set_tells_what_goes_and_what_comes() {
        assert_eq!(aligned(&json!(["a", "b"]), &json!(["c", "b"]), true), items(&[(Some(0), None), (None, Some(0))]));
        assert_eq!(aligned(&json!(["a", "b"]), &json!(["b", "a"]), true), items(&[]));
        assert_eq!(aligned(&json!(["a"]), &json!(["c"]), true), Alignment::Whole);
        assert_eq!(aligned(&json!(["a", "a"]), &json!(["a"]), true), items(&[(Some(1), None)]));
    }

    #[test]
    fn the_one_other_map_of_a_set_is_compared() {
        let (before, after) = (json!([{"p": 1, "q": 1}, {"p": 2}]), json!([{"p": 2}, {"p": 1, "q": 2}]));
        assert_eq!(aligned(&before, &after, true), items(&[(Some(0), Some(1))]));
    }
}
