//! What takes more than one field of a database to see.

use super::engine::EngineType;
use super::spec::{Rds, StorageType};
use crate::components::check::Check;
use crate::components::wiring::SecretSource;
use crate::diagnostic::codes::aws::P3023;
use crate::diagnostic::codes::manifest::{P1013, P1014, P1017, P1018, P1019, P1041};
use crate::diagnostic::did_you_mean;

impl Rds {
    pub(super) fn check_fields(&self, check: &mut Check<'_>) {
        self.check_engine(check);
        if self.engine.kind.is_aurora() {
            self.check_aurora(check);
        } else {
            self.check_instance(check);
        }
        self.check_database(check);
        self.check_insights(check);
        self.check_backup(check);
        if !self.encryption.at_rest && self.encryption.kms_key_id.is_some() {
            check.report(P1017, "/encryption/kmsKeyId", "a key is given and encryption is off");
        }
        check.unique(P1019, "/logs", "log", self.logs.iter().map(String::as_str));
        let offered = self.engine.kind.logs();
        for (n, log) in self.logs.iter().enumerate().filter(|(_, log)| !offered.contains(&log.as_str())) {
            let finding = check
                .finding(P1013, &format!("/logs/{n}"), format!("{} has no log `{log}` for CloudWatch", self.engine.kind.name()))
                .maybe_help(did_you_mean(log, offered.iter().copied()))
                .help(format!("it has {}", offered.join(", ")));
            check.push(finding);
        }
    }

    fn check_engine(&self, check: &mut Check<'_>) {
        let engine = &self.engine;
        if engine.parameters.is_empty() {
            return;
        }
        if engine.parameter_group.is_some() {
            check.report(
                P1017,
                "/engine/parameterGroup",
                "`parameters` make a group of their own and `parameterGroup` names another: give one",
            );
        }
        match &engine.version {
            None => {
                let finding = check
                    .finding(P1018, "/engine/parameters", "`parameters` need `version`, since a parameter group is for one version")
                    .help("add `engine.version`");
                check.push(finding);
            }
            Some(version) if engine.kind.family(version).is_none() => {
                let finding = check
                    .finding(P1014, "/engine/version", format!("`{version}` leaves open which parameters there are"))
                    .help(format!("give the major version in full, for instance {}", engine.kind.example()));
                check.push(finding);
            }
            Some(_) => {}
        }
    }

    fn check_aurora(&self, check: &mut Check<'_>) {
        let (instance, storage) = (&self.instance, &self.instance.storage);
        for (pointer, given, help) in [
            ("/instance/storage/type", storage.kind.is_some(), "Aurora has storage of its own, which grows by itself"),
            ("/instance/storage/allocatedGB", storage.allocated.is_some(), "Aurora has storage of its own, which grows by itself"),
            ("/instance/storage/maxAllocatedGB", storage.max_allocated.is_some(), "Aurora has storage of its own, which grows by itself"),
            ("/instance/iops", instance.iops.is_some(), "Aurora's storage takes what is asked of it"),
            ("/instance/multiAZ", instance.multi_az, "give a second member with `instance.count: 2`; Aurora puts it into another zone"),
            ("/backup/enabled", !self.backup.enabled, "Aurora always makes backups; `retentionDays: 1` is the least"),
        ] {
            if given {
                let field = pointer.rsplit('/').next().unwrap_or_default();
                let finding = check.finding(P1017, pointer, format!("`{field}` is not for {}", self.engine.kind.name())).help(help);
                check.push(finding);
            }
        }
        if let Some(units) = &self.serverless {
            if instance.class.is_some() {
                check.report(P1017, "/instance/class", "a serverless database has no instance class: give `class` or `serverless`");
            }
            for (field, value) in [("minACU", units.min), ("maxACU", units.max)] {
                if (value * 2.0).fract() != 0.0 {
                    check.report(P1013, &format!("/serverless/{field}"), format!("capacity units come in halves, not as {value}"));
                }
            }
            if units.max < units.min || units.max < 1.0 {
                check.report(P1013, "/serverless/maxACU", format!("`maxACU` is at least 1 and at least `minACU`, which is {}", units.min));
            }
        }
        let small =
            |class: &str| class.ends_with(".micro") || (class.ends_with(".small") && self.engine.kind == EngineType::AuroraPostgresql);
        if let Some(class) = instance.class.as_deref().filter(|class| small(class)) {
            let finding = check
                .finding(P3023, "/instance/class", format!("{} is not offered as {class}", self.engine.kind.name()))
                .help(format!("the smallest class is {}", self.engine.kind.class()));
            check.push(finding);
        }
    }

    fn check_instance(&self, check: &mut Check<'_>) {
        let (instance, storage) = (&self.instance, &self.instance.storage);
        if instance.count.is_some() {
            let finding = check
                .finding(P1017, "/instance/count", format!("`count` is for Aurora, not for {}", self.engine.kind.name()))
                .help("a standby in another zone is `instance.multiAZ: true`");
            check.push(finding);
        }
        if self.serverless.is_some() {
            check.report(P1017, "/serverless", format!("`serverless` is for Aurora, not for {}", self.engine.kind.name()));
        }
        let kind = storage.kind.unwrap_or(StorageType::Gp3);
        let allocated = storage.allocated.unwrap_or(20);
        match instance.iops {
            None if kind.by_operations() => {
                check.report(P1018, "/instance/storage/type", format!("storage of type {} needs `instance.iops`", kind.name()));
            }
            Some(_) if kind == StorageType::Gp2 => {
                check.report(P1017, "/instance/iops", "storage of type gp2 gets its operations by its size: take `iops` away, or use gp3");
            }
            Some(_) if kind == StorageType::Gp3 && allocated < 400 => {
                check.report(P1013, "/instance/iops", format!("storage of type gp3 takes `iops` from 400 GB on, and has {allocated}"));
            }
            Some(iops) => {
                let (least, most) = kind.operations(allocated);
                if iops < least || iops > most {
                    let message = format!("{allocated} GB of type {} take {least} to {most} operations a second, not {iops}", kind.name());
                    check.report(P1013, "/instance/iops", message);
                }
            }
            None => {}
        }
        if kind.by_operations() && allocated < 100 {
            check.report(
                P1013,
                "/instance/storage/allocatedGB",
                format!("storage of type {} begins at 100 GB, not {allocated}", kind.name()),
            );
        }
        // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
        let least = allocated + allocated.div_ceil(10);
        if let Some(max) = storage.max_allocated.filter(|max| *max < least) {
            let message = format!("`maxAllocatedGB` is {max}, and AWS wants at least 10 % more than the {allocated} GB of the beginning");
            let finding = check.finding(P1013, "/instance/storage/maxAllocatedGB", message).help(format!("give {least} or more"));
            check.push(finding);
        }
    }

    /// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.Overview.Engines.html>
    fn check_insights(&self, check: &mut Check<'_>) {
        let class = self.class();
        let kind = self.engine.kind;
        let small = class.ends_with(".micro") || class.ends_with(".small");
        let burstable = class.starts_with("db.t");
        let lacking = match kind {
            EngineType::Mysql | EngineType::Mariadb => burstable && small,
            EngineType::AuroraMysql => burstable,
            EngineType::Postgres | EngineType::AuroraPostgresql => false,
        };
        if self.monitoring.performance_insights && lacking {
            let finding = check
                .finding(P3023, "/monitoring/performanceInsights", format!("{} has no Performance Insights on {class}", kind.name()))
                .help("take a larger class, for instance db.r7g.large, or leave them off");
            check.push(finding);
        }
    }

    fn check_database(&self, check: &mut Check<'_>) {
        let (database, kind) = (&self.database, self.engine.kind);
        if let Some(name) = database.name.as_ref().filter(|name| kind.reserves(name)) {
            let finding = check
                .finding(P1013, "/database/name", format!("`{name}` is a reserved word of {}", kind.name()))
                .help("choose another, for instance `app`");
            check.push(finding);
        }
        if kind.reserved_users().contains(&database.username.to_ascii_lowercase().as_str()) || kind.reserves(&database.username) {
            let finding = check
                .finding(P1013, "/database/username", format!("`{}` is a reserved name of {}", database.username, kind.name()))
                .help("choose another, for instance `app`");
            check.push(finding);
        }
        if kind.port() == 3306 && database.username.len() > 16 {
            check.report(P1013, "/database/username", format!("a user of {} has at most 16 letters", kind.name()));
        }
        if database.managed_password && database.password_secret.is_some() {
            check.report(P1017, "/database/managedPassword", "`passwordSecret` gives a password, and AWS is to make one: give one of them");
        }
        if let Some(Err(fault)) = database.password_secret.as_ref().map(SecretSource::of_secret) {
            check.report(P1041, "/database/passwordSecret", fault);
        }
    }

    fn check_backup(&self, check: &mut Check<'_>) {
        let backup = &self.backup;
        let daily = backup.preferred_window.as_deref().and_then(|text| window(text, false));
        let weekly = backup.maintenance_window.as_deref().and_then(|text| window(text, true));
        for (field, window) in [("preferredWindow", daily), ("maintenanceWindow", weekly)] {
            if let Some((_, length)) = window.filter(|(_, length)| *length < 30) {
                check.report(P1014, &format!("/backup/{field}"), format!("a window has at least 30 minutes, and this has {length}"));
            }
        }
        if let (Some(day), Some(week)) = (daily, weekly)
            && overlap(day, week)
        {
            let finding = check
                .finding(P1017, "/backup/maintenanceWindow", "the maintenance window overlaps the backup window, which AWS refuses")
                .help("move one of them");
            check.push(finding);
        }
    }
}

const DAY: u32 = 24 * 60;

/// Start and length in minutes of a window of a day, or of a week; the schema has seen to its form.
fn window(text: &str, weekly: bool) -> Option<(u32, u32)> {
    let (start, end) = text.split_once('-')?;
    let (start, end) = (minute(start, weekly)?, minute(end, weekly)?);
    let span = if weekly { 7 * DAY } else { DAY };
    Some((start, (end + span - start) % span))
}

fn minute(text: &str, weekly: bool) -> Option<u32> {
    let (day, time) = match weekly {
        true => text.split_once(':')?,
        false => ("mon", text),
    };
    let day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().position(|name| day.eq_ignore_ascii_case(name))?;
    let (hours, minutes) = time.split_once(':').filter(|(hours, minutes)| hours.len() == 2 && minutes.len() == 2)?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then(|| u32::try_from(day).unwrap_or(0) * DAY + hours * 60 + minutes)
}

/// Whether a window of each day touches one of a week.
fn overlap((day, day_length): (u32, u32), (week, week_length): (u32, u32)) -> bool {
    (0..7).any(|n| {
        let start = n * DAY + day;
        let forward = (start + 7 * DAY - week) % (7 * DAY);
        let backward = (week + 7 * DAY - start) % (7 * DAY);
        forward < week_length || backward < day_length
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read() {
        assert_eq!(window("02:00-03:30", false), Some((120, 90)));
        assert_eq!(window("23:30-00:30", false), Some((1410, 60)));
        assert_eq!(window("sun:23:30-mon:00:30", true), Some((6 * DAY + 1410, 60)));
        for text in ["2:00-3:00", "02:00", "24:00-01:00", "02:60-03:00", "sun:02:00-sun:03:00", ""] {
            assert_eq!(window(text, false), None, "{text}");
        }
    }

    #[test]
    fn a_daily_window_touches_a_weekly_one_on_its_day() {
        let week = window("sun:23:30-mon:00:30", true).unwrap();
        assert!(overlap(window("00:00-00:40", false).unwrap(), week));
        assert!(overlap(window("23:00-23:45", false).unwrap(), week));
        assert!(!overlap(window("01:00-02:00", false).unwrap(), week));
    }
}
