//! What the database engines differ in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum EngineType {
    /// PostgreSQL.
    Postgres,
    /// MySQL.
    Mysql,
    /// MariaDB.
    Mariadb,
    /// Aurora, compatible with PostgreSQL.
    AuroraPostgresql,
    /// Aurora, compatible with MySQL.
    AuroraMysql,
}

impl EngineType {
    /// AWS's name of the engine.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Mariadb => "mariadb",
            Self::AuroraPostgresql => "aurora-postgresql",
            Self::AuroraMysql => "aurora-mysql",
        }
    }

    /// Whether it is a cluster with storage of its own.
    pub(super) fn is_aurora(self) -> bool {
        matches!(self, Self::AuroraPostgresql | Self::AuroraMysql)
    }

    /// The port that it listens on by default.
    pub(super) fn port(self) -> u16 {
        match self {
            Self::Postgres | Self::AuroraPostgresql => 5432,
            Self::Mysql | Self::Mariadb | Self::AuroraMysql => 3306,
        }
    }

    /// The instance class by default, the smallest that is not of an old generation.
    pub(super) fn class(self) -> &'static str {
        if self.is_aurora() { "db.t4g.medium" } else { "db.t4g.micro" }
    }

    /// A version that says which parameters there are.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Postgres | Self::AuroraPostgresql => "16",
            Self::Mysql => "8.4",
            Self::Mariadb => "11.4",
            Self::AuroraMysql => "8.0.mysql_aurora.3.08.0",
        }
    }

    /// The logs that can go to CloudWatch.
    pub(super) fn logs(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["iam-db-auth-error", "postgresql", "upgrade"],
            Self::AuroraPostgresql => &["iam-db-auth-error", "instance", "postgresql"],
            Self::Mysql | Self::Mariadb => &["audit", "error", "general", "iam-db-auth-error", "slowquery"],
            Self::AuroraMysql => &["audit", "error", "general", "iam-db-auth-error", "instance", "slowquery"],
        }
    }

    /// Names that the first user cannot have.
    pub(super) fn reserved_users(self) -> &'static [&'static str] {
        match self {
            Self::Postgres | Self::AuroraPostgresql => &["admin", "postgres_admin", "rdsadmin", "rds_superuser", "user", "public", "none"],
            Self::Mysql | Self::Mariadb | Self::AuroraMysql => &["rdsadmin", "mysql", "sys", "root_admin"],
        }
    }

    /// Whether a word cannot be the name of a database or a user: keywords, and what the engine has itself.
    /// <https://www.postgresql.org/docs/current/sql-keywords-appendix.html> (reserved),
    /// <https://dev.mysql.com/doc/refman/8.4/en/system-schema.html>
    pub(super) fn reserves(self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let own: &[&str] = match self {
            Self::Postgres | Self::AuroraPostgresql => POSTGRES,
            Self::Mysql | Self::Mariadb | Self::AuroraMysql => {
                &["information_schema", "innodb", "mysql", "performance_schema", "sys", "tmp"]
            }
        };
        own.binary_search(&name.as_str()).is_ok()
    }

    /// The family of parameter groups that a version belongs to; `None` for a version that leaves it open.
    pub(super) fn family(self, version: &str) -> Option<String> {
        let mut numbers = version.split('.').map(|part| part.parse::<u16>().ok());
        let major = numbers.next()??;
        let name = self.name();
        match self {
            // Since 10 the first number is the major version.
            Self::Postgres | Self::AuroraPostgresql if major >= 10 => Some(format!("{name}{major}")),
            _ => Some(format!("{name}{major}.{}", numbers.next()??)),
        }
    }
}

/// Words that PostgreSQL reserves, and databases that it has.
#[rustfmt::skip]
const POSTGRES: &[&str] = &[
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "binary", "both", "case", "cast", "check",
    "collate", "collation", "column", "concurrently", "constraint", "create", "cross", "current_catalog", "current_date", "current_role",
    "current_schema", "current_time", "current_timestamp", "current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end",
    "except", "false", "fetch", "for", "foreign", "freeze", "from", "full", "grant", "group", "having", "ilike", "in", "initially", "inner",
    "intersect", "into", "is", "isnull", "join", "lateral", "leading", "left", "like", "limit", "localtime", "localtimestamp", "natural", "not",
    "notnull", "null", "offset", "on", "only", "or", "order", "outer", "overlaps", "placing", "primary", "rdsadmin", "references", "returning",
    "right", "select", "session_user", "similar", "some", "symmetric", "system_user", "table", "tablesample", "template0", "template1", "then",
    "to", "trailing", "true", "union", "unique", "user", "using", "variadic", "verbose", "when", "where", "window", "with",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_words_are_known_in_any_case() {
        assert!(POSTGRES.is_sorted());
        assert!(EngineType::Postgres.reserves("User") && EngineType::AuroraPostgresql.reserves("select"));
        assert!(EngineType::Mysql.reserves("mysql") && !EngineType::Mysql.reserves("orders"));
        assert!(!EngineType::Postgres.reserves("users"));
    }

    #[test]
    fn the_family_follows_the_major_version() {
        for (engine, version, family) in [
            (EngineType::Postgres, "16", Some("postgres16")),
            (EngineType::Postgres, "16.4", Some("postgres16")),
            (EngineType::Postgres, "9.6.24", Some("postgres9.6")),
            (EngineType::AuroraPostgresql, "15.5", Some("aurora-postgresql15")),
            (EngineType::Mysql, "8.4.3", Some("mysql8.4")),
            (EngineType::Mysql, "8", None),
            (EngineType::Mariadb, "10.11", Some("mariadb10.11")),
            (EngineType::AuroraMysql, "8.0.mysql_aurora.3.08.0", Some("aurora-mysql8.0")),
            (EngineType::Postgres, "newest", None),
        ] {
            assert_eq!(engine.family(version).as_deref(), family, "{version}");
        }
    }
}
