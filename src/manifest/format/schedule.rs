//! Schedules: `rate(…)`, `cron(…)` and `at(…)` of AWS, and the five fields of cron.

/// Checks a schedule.
pub(super) fn schedule(text: &str) -> Result<(), String> {
    if let Some(inner) = call(text, "rate") {
        rate(inner).map_err(|why| format!("`{text}` is not a rate such as rate(5 minutes): {why}"))
    } else if let Some(inner) = call(text, "cron") {
        aws_cron(inner).map_err(|why| format!("`{text}` is not a schedule such as cron(15 3 * * ? *): {why}"))
    } else if let Some(inner) = call(text, "at") {
        at(inner).map_err(|why| format!("`{text}` is not a time such as at(2026-12-31T23:59:00): {why}"))
    } else if text.split_whitespace().count() == 5 {
        cron(text).map_err(|why| format!("`{text}` is not a schedule such as 15 3 * * *: {why}"))
    } else {
        Err(format!("`{text}` is not a schedule: write rate(…), cron(…), at(…) or the five fields of cron"))
    }
}

fn call<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')')
}

fn rate(text: &str) -> Result<(), String> {
    let [number, unit] = text.split(' ').collect::<Vec<_>>()[..] else { return Err("it is a number and a unit".to_owned()) };
    let count: u32 = number.parse().map_err(|_| format!("`{number}` is not a number"))?;
    if count == 0 {
        return Err("it is at least 1".to_owned());
    }
    let units = if count == 1 { ["minute", "hour", "day"] } else { ["minutes", "hours", "days"] };
    if units.contains(&unit) { Ok(()) } else { Err(format!("the unit of {count} is one of {}", units.join(", "))) }
}

fn at(text: &str) -> Result<(), String> {
    text.parse::<jiff::civil::DateTime>().map(|_| ()).map_err(|_| "it is a date and a time without a zone".to_owned()).and_then(|()| {
        if text.len() == 19 && text.as_bytes()[10] == b'T' { Ok(()) } else { Err("it is written yyyy-mm-ddThh:mm:ss".to_owned()) }
    })
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    words: &'static [&'static str],
    first_word: u32,
}

const MINUTE: Field = Field { name: "minute", least: 0, most: 59, words: &[], first_word: 0 };
const HOUR: Field = Field { name: "hour", least: 0, most: 23, words: &[], first_word: 0 };
const DAY: Field = Field { name: "day of the month", least: 1, most: 31, words: &[], first_word: 0 };
const MONTH: Field = Field { name: "month", least: 1, most: 12, words: &MONTHS, first_word: 1 };
const WEEKDAY: Field = Field { name: "day of the week", least: 0, most: 7, words: &DAYS, first_word: 0 };
const AWS_WEEKDAY: Field = Field { name: "day of the week", least: 1, most: 7, words: &DAYS, first_word: 1 };
const YEAR: Field = Field { name: "year", least: 1970, most: 2199, words: &[], first_word: 0 };

fn cron(text: &str) -> Result<(), String> {
    let fields = [MINUTE, HOUR, DAY, MONTH, WEEKDAY];
    text.split_whitespace().zip(fields).try_for_each(|(part, field)| field.check(part, ""))
}

fn aws_cron(text: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday, year] = parts[..] else { return Err(format!("it has six fields, not {}", parts.len())) };
    MINUTE.check(minute, "")?;
    HOUR.check(hour, "")?;
    DAY.check(day, "?LW")?;
    MONTH.check(month, "")?;
    AWS_WEEKDAY.check(weekday, "?L#")?;
    YEAR.check(year, "")?;
    match (day, weekday) {
        ("?", "?") | ("*", "*") => Err("one of the two days is `?`, and only one".to_owned()),
        ("?", _) | (_, "?") => Ok(()),
        _ => Err("the other of the two days must be `?`".to_owned()),
    }
}

impl Field {
    /// Checks one field; `special` are the signs that AWS adds for days.
    fn check(&self, text: &str, special: &str) -> Result<(), String> {
        if text == "?" && special.contains('?') {
            return Ok(());
        }
        text.split(',').try_for_each(|item| self.item(item, special))
    }

    fn item(&self, item: &str, special: &str) -> Result<(), String> {
        let wrong = || format!("`{item}` is not a {}", self.name);
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        if step.is_some_and(|step| step.parse::<u32>().map_or(true, |step| step == 0 || step > self.most)) {
            return Err(wrong());
        }
        if range == "*" {
            return Ok(());
        }
        if special.contains('L') && (range == "L" || range.strip_suffix('L').is_some_and(|day| self.value(day).is_some())) {
            return Ok(());
        }
        if special.contains('W') && range.strip_suffix('W').is_some_and(|day| day == "L" || self.value(day).is_some()) {
            return Ok(());
        }
        if special.contains('#')
            && let Some((day, nth)) = range.split_once('#')
        {
            return if self.value(day).is_some() && ["1", "2", "3", "4", "5"].contains(&nth) { Ok(()) } else { Err(wrong()) };
        }
        match range.split_once('-') {
            Some((from, to)) => match (self.value(from), self.value(to)) {
                // A range may wrap over the end: FRI-MON.
                (Some(_), Some(_)) => Ok(()),
                _ => Err(wrong()),
            },
            None => self.value(range).map(|_| ()).ok_or_else(wrong),
        }
    }

    fn value(&self, text: &str) -> Option<u32> {
        let word = self.words.iter().position(|word| word.eq_ignore_ascii_case(text)).and_then(|n| u32::try_from(n).ok());
        if let Some(word) = word {
            return Some(word + self.first_word);
        }
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|n| plain && (self.least..=self.most).contains(n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_schedules_are_taken() {
        for text in [
            "rate(1 minute)",
            "rate(5 minutes)",
            "rate(2 days)",
            "cron(15 3 * * ? *)",
            "cron(0 18 ? * MON-FRI *)",
            "cron(0/15 * * * ? 2026-2030)",
            "cron(0 8 1 * ? *)",
            "cron(0 10 L * ? *)",
            "cron(0 10 ? * 6L *)",
            "cron(0 10 ? * 3#2 *)",
            "cron(0 10 15W * ? *)",
            "at(2026-12-31T23:59:00)",
            "15 3 * * *",
            "*/5 0-6,22 1 jan,Dec sun",
            "0 0 * * 7",
        ] {
            assert_eq!(schedule(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn bad_schedules_are_refused() {
        for text in [
            "",
            "hourly",
            "rate(1 minutes)",
            "rate(5 minute)",
            "rate(0 minutes)",
            "rate(five minutes)",
            "rate(5)",
            "cron(15 3 * * *)",
            "cron(15 3 * * * *)",
            "cron(60 3 * * ? *)",
            "cron(0 0 ? * ? *)",
            "cron(0 0 1 * MON *)",
            "cron(0 0 ? * 3#6 *)",
            "at(2026-13-01T00:00:00)",
            "at(2026-12-31)",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "*/0 * * * *",
            "a * * * *",
            "* * * *",
        ] {
            assert!(schedule(text).is_err(), "{text}");
        }
    }
}
