//! The forms of text that schemas name with `format`.
//!
//! | format | form |
//! |---|---|
//! | `duration` | `90s`, `15m`, `2h`, `1d` |
//! | `cidr` | `10.0.0.0/16`, `2001:db8::/32` |
//! | `schedule`, `cron` | `rate(…)`, `cron(…)`, `at(…)`, or five fields of cron |
//! | `arn` | `arn:aws:service:region:account:resource` |
//! | `window` | `hh:mm-hh:mm` or `ddd:hh:mm-ddd:hh:mm`; `daily-window` and `weekly-window` are one of the two |
//! | `ref` | a component: `db`, `data/db` |
//! | `path` | a relative path of the repository |
//! | `secret` | a secretRef: a name or an ARN of a secret, `ssm:` and the path of a parameter |
//! | `region` | an AWS region |
//! | `account` | 12 digits |
//! | `timezone` | a name of the IANA data base, by its form |

use ipnet::IpNet;

use super::reference::is_component;
use crate::diagnostic::did_you_mean;
use crate::schema::{Dialect, Format};

mod schedule;

/// The dialect of manifests: fields are called fields, and formats are those of this page.
pub(super) fn dialect() -> Dialect {
    Dialect { formats: of, ..Dialect::default() }
}

/// The check of a format, by its name.
pub(crate) fn of(name: &str) -> Option<Format> {
    Some(match name {
        "duration" => duration,
        "cidr" => cidr,
        "schedule" | "cron" => schedule::schedule,
        "arn" => arn,
        "window" => window,
        "daily-window" => daily_window,
        "weekly-window" => weekly_window,
        "ref" => component,
        "path" => path,
        "secret" => secret,
        "region" => region,
        "account" => account,
        "role" => role,
        "timezone" => timezone,
        _ => return None,
    })
}

fn hold(condition: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(problem()) }
}

fn duration(text: &str) -> Result<(), String> {
    let number = text.strip_suffix(['s', 'm', 'h', 'd']).unwrap_or_default();
    hold(digits(number) && number.len() < 10, || format!("`{text}` is not a duration such as 90s, 15m or 2h"))
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn cidr(text: &str) -> Result<(), String> {
    let net: IpNet = text.parse().map_err(|_| format!("`{text}` is not a range of addresses such as 10.0.0.0/16"))?;
    hold(net.trunc() == net, || format!("`{text}` has an address beyond its prefix: the range is {}", net.trunc()))
}

fn arn(text: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let fits = match parts[..] {
        ["arn", partition, service, region, account, resource] => {
            let word = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            partition.starts_with("aws")
                && word(partition)
                && !service.is_empty()
                && service.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && word(region)
                && (account.is_empty() || account == "aws" || (digits(account) && account.len() == 12))
                && !resource.is_empty()
                && !resource.contains(char::is_whitespace)
        }
        _ => false,
    };
    hold(fits, || format!("`{text}` is not an ARN such as arn:aws:sns:us-east-1:123456789012:topic"))
}

fn window(text: &str) -> Result<(), String> {
    let fits = daily_window(text).is_ok() || weekly_window(text).is_ok();
    hold(fits, || format!("`{text}` is not a window such as 03:00-04:00 or sun:03:00-sun:04:00 (UTC)"))
}

fn daily_window(text: &str) -> Result<(), String> {
    let fits = text.split_once('-').is_some_and(|(from, to)| minute(from) && minute(to));
    hold(fits, || format!("`{text}` is not a window of the day such as 03:00-04:00 (UTC)"))
}

fn weekly_window(text: &str) -> Result<(), String> {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let end =
        |text: &str| text.split_once(':').is_some_and(|(day, time)| DAYS.contains(&day.to_ascii_lowercase().as_str()) && minute(time));
    let fits = text.split_once('-').is_some_and(|(from, to)| end(from) && end(to));
    hold(fits, || format!("`{text}` is not a window of the week such as sun:03:00-sun:04:00 (UTC)"))
}

fn minute(text: &str) -> bool {
    let number = |text: &str, below: u8| text.len() == 2 && digits(text) && text.parse::<u8>().is_ok_and(|n| n < below);
    text.split_once(':').is_some_and(|(hour, minute)| number(hour, 24) && number(minute, 60))
}

fn component(text: &str) -> Result<(), String> {
    hold(is_component(text), || format!("`{text}` is not a component: write its name, or `service/component`"))
}

fn path(text: &str) -> Result<(), String> {
    let absolute = text.starts_with('/') || text.as_bytes().get(1) == Some(&b':');
    hold(!text.is_empty(), || "the path is empty".to_owned())?;
    hold(!absolute, || format!("`{text}` is an absolute path; paths are relative to the component or to the repository"))?;
    hold(!text.contains(['\\', '\0']), || format!("`{text}` is not a path with `/` between names"))
}

fn secret(text: &str) -> Result<(), String> {
    if let Some(parameter) = text.strip_prefix("ssm:") {
        let legal = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
        let fits = !parameter.is_empty() && parameter.chars().all(legal) && !parameter.contains("//") && !parameter.ends_with('/');
        return hold(fits, || format!("`{text}` does not name a parameter, as ssm:/prod/db/password does"));
    }
    if text.starts_with("arn:") {
        let service = text.split(':').nth(2);
        return hold(arn(text).is_ok() && service == Some("secretsmanager"), || {
            format!("`{text}` is not the ARN of a Secrets Manager secret; a parameter is written `ssm:/path`")
        });
    }
    let legal = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
    hold(!text.is_empty() && text.len() <= 512 && text.chars().all(legal), || {
        "this does not name a secret: names are of letters, digits and /_+=.@-; values never stand in manifests".to_owned()
    })
}

/// The regions of which the source of the catalog has schemas (see `catalog/PROVENANCE.md`), and me-south-1, which AWS lists as well.
const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-isoe-west-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
];

/// Takes the regions that the source of the catalog knows.
pub(super) fn region(text: &str) -> Result<(), String> {
    hold(REGIONS.contains(&text), || match did_you_mean(text, REGIONS.iter().copied()) {
        Some(guess) => format!("`{text}` is not a region: {guess}"),
        None => format!("`{text}` is not a region that this panka knows, such as us-east-1; a newer panka may know more"),
    })
}

fn account(text: &str) -> Result<(), String> {
    hold(digits(text) && text.len() == 12, || format!("`{text}` is not an account number, which has 12 digits"))
}

fn role(text: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let fits = arn(text).is_ok()
        && matches!(parts[..], [_, _, "iam", "", account, resource] if digits(account) && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty()));
    hold(fits, || format!("`{text}` is not the ARN of a role such as arn:aws:iam::123456789012:role/deploy"))
}

fn timezone(text: &str) -> Result<(), String> {
    let word = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic()) && part.chars().all(|c| c.is_ascii_alphanumeric() || "_+-".contains(c))
    };
    hold(text.split('/').count() <= 3 && text.split('/').all(word), || format!("`{text}` is not a time zone such as UTC or Europe/Berlin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(format: &str, good: &[&str], bad: &[&str]) {
        let check = of(format).unwrap();
        for text in good {
            assert_eq!(check(text), Ok(()), "{format}: {text}");
        }
        for text in bad {
            assert!(check(text).is_err(), "{format}: {text}");
        }
    }

    #[test]
    fn durations_have_a_unit() {
        holds("duration", &["90s", "15m", "2h", "1d", "0s"], &["", "90", "s", "1.5h", "1 h", "-1s", "9999999999s"]);
    }

    #[test]
    fn ranges_of_addresses_start_at_their_prefix() {
        holds(
            "cidr",
            &["10.0.0.0/16", "0.0.0.0/0", "192.0.2.7/32", "2001:db8::/32"],
            &["10.0.0.0", "10.0.0.1/16", "10.0.0.0/33", "10.0.0/8", ""],
        );
    }

    #[test]
    fn arns_have_six_parts() {
        holds(
            "arn",
            &["arn:aws:s3:::bucket", "arn:aws-cn:sns:cn-north-1:123456789012:t", "arn:aws:iam::aws:policy/AdministratorAccess"],
            &["arn:aws:s3", "arn:aws:sns:us-east-1:12345:t", "aws:s3:::b", "arn:aws:s3:::", "arn:aws:s3:::a b"],
        );
    }

    #[test]
    fn windows_are_of_a_day_or_of_a_week() {
        holds(
            "window",
            &["03:00-04:00", "23:30-00:30", "sun:03:00-sun:04:00", "Mon:22:00-tue:01:00"],
            &["3:00-4:00", "03:00", "24:00-01:00", "03:00-04:60", "sun:03:00-04:00", "xxx:03:00-sun:04:00"],
        );
        holds("daily-window", &["03:00-04:00"], &["sun:03:00-sun:04:00"]);
    }

    #[test]
    fn a_secret_is_named_and_never_written() {
        holds(
            "secret",
            &["prod/db", "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf", "ssm:/prod/db/password", "ssm:plain"],
            &["", "ssm:", "ssm:/a//b", "ssm:/a/", "hunter 2!", "arn:aws:ssm:us-east-1:123456789012:parameter/x"],
        );
    }

    #[test]
    fn only_regions_that_are_known_are_taken() {
        holds(
            "region",
            &["us-east-1", "us-west-2", "us-gov-east-1", "cn-north-1", "us-isob-east-1"],
            &["us-east1", "us-eats-1", "eu-centrl-1", "US-EAST-1", "", "frankfurt", "eu-central-3", "xa-north-1"],
        );
    }

    #[test]
    fn other_forms_hold() {
        holds("account", &["012345678901"], &["12345678901", "1234567890123", "12345678901x"]);
        holds(
            "role",
            &["arn:aws:iam::123456789012:role/deploy", "arn:aws-us-gov:iam::123456789012:role/ci/deploy"],
            &["deploy", "arn:aws:iam::123456789012:user/me", "arn:aws:iam::123456789012:role/", "arn:aws:iam::aws:role/x"],
        );
        holds("timezone", &["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+3"], &["", "Europe/", "+01:00", "a/b/c/d"]);
        holds("ref", &["db", "data/db", "a-1/b-2"], &["", "Data/db", "a/b/c", "db.endpoint", "-a"]);
        holds("path", &["./build/x.zip", "a/b", "../x"], &["", "/etc/passwd", "C:/x", "a\\b"]);
    }
}
