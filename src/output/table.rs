//! Tables: rows under a header, as wide as the terminal, and the table of any JSON value that has no view of its own.

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell as Drawing, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table as Comfy};
use indexmap::IndexSet;
use serde_json::{Map, Value};

use super::style::{Style, Tone, count};

/// Width that the last column needs at least, if it alone is to be wrapped.
const LAST: usize = 20;

/// A cell: text in a tone.
#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A cell in a tone. Text may come from others: what would command the terminal is shown as a sign that it was there.
    pub fn new(text: impl Into<String>, tone: Tone) -> Self {
        let text: String = text.into();
        Self { text: text.replace(|c: char| c.is_control() && c != '\n', "\u{fffd}"), tone }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, Tone::Plain)
    }
}

/// A table being made.
#[derive(Debug, Clone)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<Cell>>,
    right: Vec<usize>,
}

impl Table {
    /// A table with the names of its columns.
    pub fn new<T: Into<String>>(header: impl IntoIterator<Item = T>) -> Self {
        Self { header: header.into_iter().map(Into::into).collect(), rows: Vec::new(), right: Vec::new() }
    }

    /// Aligns a column, counted from 0, to the right.
    #[must_use]
    pub fn right(mut self, column: usize) -> Self {
        self.right.push(column);
        self
    }

    /// Adds a row.
    pub fn row<T: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Draws the table; one without rows is only its header. Columns that are empty in every row are left out.
    pub fn draw(&self, style: &Style) -> String {
        let shown: Vec<usize> = (0..self.header.len())
            .filter(|column| self.rows.is_empty() || self.rows.iter().any(|row| row.get(*column).is_some_and(|cell| !cell.text.is_empty())))
            .collect();
        let mut table = Comfy::new();
        table.load_style(NOTHING);
        match style.width {
            Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(u16::try_from(width).unwrap_or(u16::MAX)),
            None => table.set_content_arrangement(ContentArrangement::Disabled),
        };
        if style.colour {
            table.enforce_styling()
        } else {
            table.force_no_tty()
        };
        table.set_header(shown.iter().map(|column| Drawing::new(&self.header[*column]).add_attribute(Attribute::Bold)));
        for row in &self.rows {
            table.add_row(shown.iter().map(|column| row.get(*column).map_or_else(|| Drawing::new(""), draw_cell)));
        }
        let wraps_last = style.width.is_some_and(|width| self.head_width(&shown) + LAST <= width);
        for (at, column) in shown.iter().enumerate() {
            let Some(drawn) = table.column_mut(at) else { continue };
            drawn.set_padding((0, if at + 1 < shown.len() { 2 } else { 0 }));
            if self.right.contains(column) {
                drawn.set_cell_alignment(CellAlignment::Right);
            }
            if at + 1 < shown.len() && wraps_last {
                drawn.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        table.trim_fmt()
    }

    /// The width of all columns but the last, with their gaps.
    fn head_width(&self, shown: &[usize]) -> usize {
        let wide = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.chars().count());
            cells.chain([self.header[column].chars().count()]).max().unwrap_or(0) + 2
        };
        shown.iter().take(shown.len().saturating_sub(1)).map(|column| wide(*column)).sum()
    }
}

fn draw_cell(cell: &Cell) -> Drawing {
    let drawing = Drawing::new(&cell.text);
    match cell.tone {
        Tone::Plain => drawing,
        Tone::Strong => drawing.add_attribute(Attribute::Bold),
        Tone::Faint => drawing.add_attribute(Attribute::Dim),
        Tone::Good => drawing.fg(Color::DarkGreen),
        Tone::Changed => drawing.fg(Color::DarkYellow),
        Tone::Replaced => drawing.fg(Color::DarkMagenta),
        Tone::Bad => drawing.fg(Color::DarkRed),
    }
}

/// The table of any JSON value: a list of objects has a row each, an object a row for each key; what is nested deeper than that is
/// summed up, but lists of objects below an object follow as tables of their own.
pub fn of_value(value: &Value, style: &Style) -> String {
    match value {
        Value::Array(items) => of_items(None, items.iter().map(|item| (None, item)), style),
        Value::Object(map) => of_object(map, style),
        scalar => cell_text(scalar),
    }
}

fn of_object(map: &Map<String, Value>, style: &Style) -> String {
    let is_table = |value: &Value| match value {
        Value::Array(items) => !items.is_empty() && items.iter().all(Value::is_object),
        Value::Object(inner) => !inner.is_empty() && inner.values().all(Value::is_object),
        _ => false,
    };
    let mut parts = Vec::new();
    let fields: Vec<(&String, &Value)> = map.iter().filter(|(key, value)| *key != "kind" && !is_table(value)).collect();
    let width = fields.iter().map(|(key, _)| key.chars().count()).max().unwrap_or(0);
    let lines: Vec<String> =
        fields.iter().map(|(key, value)| format!("{}  {}", style.paint(Tone::Strong, format!("{key:width$}")), cell_text(value))).collect();
    if !lines.is_empty() {
        parts.push(lines.join("\n"));
    }
    for (key, value) in map.iter().filter(|(_, value)| is_table(value)) {
        let title = style.paint(Tone::Strong, key);
        let table = match value {
            Value::Array(items) => of_items(None, items.iter().map(|item| (None, item)), style),
            Value::Object(inner) => of_items(Some("name"), inner.iter().map(|(name, item)| (Some(name.as_str()), item)), style),
            _ => continue,
        };
        parts.push(if parts.is_empty() && map.len() == 1 { table } else { format!("{title}\n{table}") });
    }
    parts.join("\n\n")
}

fn of_items<'a>(name: Option<&str>, items: impl Iterator<Item = (Option<&'a str>, &'a Value)>, style: &Style) -> String {
    let items: Vec<_> = items.collect();
    let columns: IndexSet<&str> =
        items.iter().filter_map(|(_, item)| item.as_object()).flat_map(|map| map.keys().map(String::as_str)).collect();
    if columns.is_empty() {
        let lines: Vec<String> = items.iter().map(|(_, item)| cell_text(item)).collect();
        return lines.join("\n");
    }
    let mut table = Table::new(name.into_iter().chain(columns.iter().copied()));
    for (key, item) in items {
        let fields = columns.iter().map(|column| item.get(column).map(cell_text).unwrap_or_default());
        table.row(key.map(str::to_owned).into_iter().chain(fields));
    }
    table.draw(style)
}

/// A value in one line: what is nested is counted, short lists of scalars are written out.
fn cell_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) if items.len() <= 4 && items.iter().all(|item| !item.is_array() && !item.is_object()) => {
            items.iter().map(cell_text).collect::<Vec<_>>().join(", ")
        }
        Value::Array(items) => format!("[{}]", count(items.len(), "item")),
        Value::Object(map) if map.len() == 1 => match map.iter().next() {
            Some((key, inner)) if !inner.is_object() && !inner.is_array() => format!("{key}: {}", cell_text(inner)),
            _ => "{1 key}".to_owned(),
        },
        Value::Object(map) => format!("{{{}}}", count(map.len(), "key")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PLAIN: Style = Style { colour: false, width: Some(60), detailed: false };

    #[test]
    fn a_list_of_objects_has_a_row_each() {
        let value = json!([{"name": "a", "size": 1}, {"name": "b", "tags": ["x", "y"]}]);
        assert_eq!(of_value(&value, &PLAIN), "name  size  tags\na     1\nb           x, y");
    }

    #[test]
    fn text_of_others_commands_no_terminal() {
        let value = json!([{"name": "\u{1b}[2Jann\r"}]);
        assert_eq!(of_value(&value, &PLAIN), "name\n\u{fffd}[2Jann\u{fffd}");
    }

    #[test]
    fn an_object_shows_its_fields_and_then_its_tables() {
        let value = json!({"kind": "x/v1", "stack": "shop", "runs": [{"id": 1}], "deep": {"a": {"b": {"c": 1}}}});
        assert_eq!(of_value(&value, &PLAIN), "stack  shop\n\nruns\nid\n1\n\ndeep\nname  b\na     c: 1");
    }

    #[test]
    fn long_cells_are_wrapped_to_the_width() {
        let value = json!([{"name": "a", "text": "word ".repeat(30).trim()}]);
        let drawn = of_value(&value, &PLAIN);
        assert!(drawn.lines().count() > 2 && drawn.lines().all(|line| line.chars().count() <= 60), "{drawn}");
        assert_eq!(of_value(&value, &Style::default()).lines().count(), 2);
    }

    #[test]
    fn only_the_last_column_is_wrapped_where_the_others_leave_room() {
        let mut table = Table::new(["resource", "error"]);
        table.row(["notify/queue/dead-letter-queue", "it cannot be made, for a reason that takes many words"]);
        let expected = "\
resource                        error
notify/queue/dead-letter-queue  it cannot be made, for a
                                reason that takes many words";
        assert_eq!(table.draw(&PLAIN), expected);
    }

    #[test]
    fn colour_is_there_only_when_asked_for() {
        let mut table = Table::new(["a"]);
        table.row([Cell::new("x", Tone::Bad)]);
        assert_eq!(table.draw(&PLAIN), "a\nx");
        assert!(table.draw(&Style { colour: true, width: Some(60), detailed: false }).contains("\u{1b}[38;5;1mx"));
    }
}
