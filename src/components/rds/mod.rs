//! RDS: a database instance, or an Aurora cluster with its members.

use serde_json::{Value, json};

use super::access::{Access, Statement};
use super::check::Check;
use super::draft::Draft;
use super::edge::Edge;
use super::kind::{Behaviour, Facts, Listening, Output, Spec};
use super::network::Placement;
use super::part::Part;
use super::scope::Scope;
use super::wiring::arn;
use crate::manifest::Alias;
use crate::resource::{aws, join};

mod check;
mod engine;
mod password;
mod spec;

use password::Password;
pub(super) use spec::Rds;
use spec::StorageType;

/// Characters of the account's policy for enhanced monitoring.
const MONITORING_POLICY: &str = ":iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole";

impl Spec for Rds {
    const FACTS: Facts = {
        let mut facts = Facts::new("RDS", "A relational database");
        facts.stateful = true;
        facts.spellings = &[
            Alias::Move { from: "instance.storage.iops", to: "instance.iops" },
            Alias::Move { from: "storage.iops", to: "instance.iops" },
            Alias::Move { from: "availability.multiAZ", to: "instance.multiAZ" },
            Alias::Move { from: "backup.automated.retentionDays", to: "backup.retentionDays" },
            Alias::Move { from: "maintenance.preferredWindow", to: "backup.maintenanceWindow" },
        ];
        facts.outputs = &[
            Output::text("endpoint", "host name to write to"),
            Output::text("port", "port"),
            Output::text("readerEndpoint", "host name to read from; of an instance that of `endpoint`"),
            Output::text("databaseName", "`database.name`"),
            Output::text("username", "the first user"),
            Output::text("secretArn", "ARN of the secret with the password; a secret that is given by name only has none here"),
            Output::text("identifier", "physical name of the instance or cluster"),
            Output::text("arn", "ARN of the instance or cluster"),
            Output::text("securityGroupId", "security group of the database"),
        ];
        facts
    };
}

impl Behaviour for Rds {
    fn check(&self, check: &mut Check<'_>) {
        self.check_fields(check);
    }

    fn access(&self, _this: &Part<'_>, _consumer: &Part<'_>) -> Access {
        Access::ReadWrite
    }

    fn grant(&self, this: &Part<'_>, edge: &Edge) -> Vec<Statement> {
        if !self.iam_auth || edge.access == Access::None {
            return Vec::new();
        }
        // Which users log in so is the database's own matter: it grants them the role rds_iam.
        let users = join([arn("rds-db", "dbuser:"), this.reference(self.main_role(), self.resource_id()), json!("/*")]);
        vec![Statement::allow("Connect", vec!["rds-db:connect".into()], vec![users])]
    }

    fn listens(&self, _this: &Part<'_>) -> Vec<Listening> {
        vec![Listening::tcp(self.port())]
    }

    fn translate(&self, scope: &mut Scope<'_, '_>) {
        let subnets = scope.subnets(Placement::Private, 2, "");
        let subnet_group = scope
            .draft("subnet-group", "AWS::RDS::DBSubnetGroup")
            .set("DBSubnetGroupDescription", format!("{} in {} {}", scope.id(), scope.stack_name(), scope.environment()))
            .set("SubnetIds", subnets);
        let group =
            Group { subnets: subnet_group.reference("DBSubnetGroupName"), security: scope.security_group(&[Listening::tcp(self.port())]) };
        scope.add(subnet_group);
        let parameters = self.parameter_group(scope);
        let monitoring = self.monitoring_role(scope);
        let password = self.first_password(scope);
        if self.engine.kind.is_aurora() {
            self.cluster(scope, &group, &password, parameters, monitoring.as_ref());
        } else {
            self.instance(scope, &group, &password, parameters, monitoring.as_ref());
        }
        scope.output("username", self.database.username.clone());
        scope.output_some("databaseName", self.database.name.clone());
        scope.output("securityGroupId", group.security);
    }
}

/// Where the database stands.
struct Group {
    subnets: Value,
    security: Value,
}

impl Rds {
    fn main_role(&self) -> &'static str {
        if self.engine.kind.is_aurora() { "cluster" } else { "instance" }
    }

    /// The attribute that policies name the database by.
    fn resource_id(&self) -> &'static str {
        if self.engine.kind.is_aurora() { "DBClusterResourceId" } else { "DbiResourceId" }
    }

    fn port(&self) -> u16 {
        self.database.port.unwrap_or_else(|| self.engine.kind.port())
    }

    fn class(&self) -> &str {
        match (&self.instance.class, &self.serverless) {
            (_, Some(_)) => "db.serverless",
            (Some(class), None) => class,
            (None, None) => self.engine.kind.class(),
        }
    }

    /// What instances and clusters have in common.
    fn common(&self, draft: Draft, scope: &Scope<'_, '_>, group: &Group, password: &Password) -> Draft {
        let (backup, encryption) = (&self.backup, &self.encryption);
        let draft = draft
            .from("Engine", "/engine/type", self.engine.kind.name())
            .from_some("EngineVersion", "/engine/version", self.engine.version.clone())
            .from("MasterUsername", "/database/username", self.database.username.clone())
            .from("BackupRetentionPeriod", "/backup/retentionDays", if backup.enabled { backup.retention_days } else { 0 })
            .from_some("PreferredBackupWindow", "/backup/preferredWindow", backup.preferred_window.clone())
            .from_some("PreferredMaintenanceWindow", "/backup/maintenanceWindow", backup.maintenance_window.clone())
            .from("StorageEncrypted", "/encryption/atRest", encryption.at_rest)
            .from_some("KmsKeyId", "/encryption/kmsKeyId", encryption.kms_key_id.as_ref())
            .from("EnableIAMDatabaseAuthentication", "/iamAuth", self.iam_auth)
            .from("EnableCloudwatchLogsExports", "/logs", self.logs.clone())
            .set("CopyTagsToSnapshot", true)
            .set("DeletionProtection", scope.protected())
            .set("DBSubnetGroupName", group.subnets.clone());
        password.put(draft.last_snapshot(backup.final_snapshot.unwrap_or_else(|| scope.protects())))
    }

    /// What instances and members of a cluster have in common.
    fn machine(&self, draft: Draft, monitoring: Option<&Value>) -> Draft {
        draft
            .from("DBInstanceClass", "/instance/class", self.class())
            .from("AutoMinorVersionUpgrade", "/maintenance/autoMinorVersionUpgrade", self.maintenance.auto_minor_version_upgrade)
            .from("EnablePerformanceInsights", "/monitoring/performanceInsights", self.monitoring.performance_insights)
            .from(
                "MonitoringInterval",
                "/monitoring/monitoringInterval",
                if monitoring.is_some() { self.monitoring.monitoring_interval } else { 0 },
            )
            .set_some("MonitoringRoleArn", monitoring.cloned())
            .set("PubliclyAccessible", false)
    }

    fn instance(
        &self,
        scope: &mut Scope<'_, '_>,
        group: &Group,
        password: &Password,
        parameters: Option<Value>,
        monitoring: Option<&Value>,
    ) {
        let (instance, storage) = (&self.instance, &self.instance.storage);
        let draft = self.common(scope.main("instance", "AWS::RDS::DBInstance"), scope, group, password);
        let draft = self.machine(draft, monitoring);
        let draft = draft
            .from("AllocatedStorage", "/instance/storage/allocatedGB", storage.allocated.unwrap_or(20).to_string())
            .from("StorageType", "/instance/storage/type", storage.kind.unwrap_or(StorageType::Gp3).name())
            .from_some("MaxAllocatedStorage", "/instance/storage/maxAllocatedGB", storage.max_allocated)
            .from_some("Iops", "/instance/iops", instance.iops)
            // Without it AWS refuses the version of another major release, which only the manifest can ask for.
            .set("AllowMajorVersionUpgrade", true)
            .from("MultiAZ", "/instance/multiAZ", instance.multi_az)
            .from_some("DBName", "/database/name", self.database.name.clone())
            .from("Port", "/database/port", self.port().to_string())
            .from_some("DBParameterGroupName", "/engine/parameterGroup", parameters)
            .set("VPCSecurityGroups", vec![group.security.clone()]);
        let endpoint = draft.reference("Endpoint.Address");
        scope.output("readerEndpoint", endpoint.clone());
        scope.output("endpoint", endpoint);
        scope.output("port", draft.reference("Endpoint.Port"));
        scope.output("identifier", draft.reference("DBInstanceIdentifier"));
        scope.output("arn", draft.reference("DBInstanceArn"));
        scope.output_some("secretArn", password.arn(&draft));
        scope.add(draft);
    }

    fn cluster(
        &self,
        scope: &mut Scope<'_, '_>,
        group: &Group,
        password: &Password,
        parameters: Option<Value>,
        monitoring: Option<&Value>,
    ) {
        let capacity = self.serverless.as_ref().map(|units| json!({ "MaxCapacity": units.max, "MinCapacity": units.min }));
        let draft = self
            .common(scope.main("cluster", "AWS::RDS::DBCluster"), scope, group, password)
            .from_some("DatabaseName", "/database/name", self.database.name.clone())
            .from("Port", "/database/port", self.port())
            .from_some("DBClusterParameterGroupName", "/engine/parameterGroup", parameters)
            .from_some("ServerlessV2ScalingConfiguration", "/serverless", capacity)
            .set("VpcSecurityGroupIds", vec![group.security.clone()]);
        let identifier = draft.reference("DBClusterIdentifier");
        scope.output("endpoint", draft.reference("Endpoint.Address"));
        scope.output("port", draft.reference("Endpoint.Port"));
        scope.output("readerEndpoint", draft.reference("ReadEndpoint.Address"));
        scope.output("identifier", identifier.clone());
        scope.output("arn", draft.reference("DBClusterArn"));
        scope.output_some("secretArn", password.arn(&draft));
        scope.add(draft);
        for n in 1..=self.instance.count.unwrap_or(1) {
            let member = self
                .machine(scope.draft(&format!("instance-{n}"), "AWS::RDS::DBInstance"), monitoring)
                .from("Engine", "/engine/type", self.engine.kind.name())
                .set("DBClusterIdentifier", identifier.clone());
            scope.add(member);
        }
    }

    /// The name of the parameter group: a present one, or one of its own.
    fn parameter_group(&self, scope: &mut Scope<'_, '_>) -> Option<Value> {
        let engine = &self.engine;
        if let Some(group) = &engine.parameter_group {
            return Some(group.value());
        }
        let family = engine.version.as_deref().and_then(|version| engine.kind.family(version)).filter(|_| !engine.parameters.is_empty())?;
        let (type_name, name) = match engine.kind.is_aurora() {
            true => ("AWS::RDS::DBClusterParameterGroup", "DBClusterParameterGroupName"),
            false => ("AWS::RDS::DBParameterGroup", "DBParameterGroupName"),
        };
        let parameters: serde_json::Map<String, Value> =
            engine.parameters.iter().map(|(name, value)| (name.clone(), value.value())).collect();
        let draft = scope
            .draft("parameter-group", type_name)
            .set("Description", format!("parameters of {}", scope.id()))
            .from("Family", "/engine/version", family)
            .from("Parameters", "/engine/parameters", parameters);
        let group = draft.reference(name);
        scope.add(draft);
        Some(group)
    }

    /// The ARN of the role that measures the operating system, when that is on.
    fn monitoring_role(&self, scope: &mut Scope<'_, '_>) -> Option<Value> {
        if !self.monitoring.enhanced_monitoring {
            return None;
        }
        let policy = join([json!("arn:"), aws("partition"), json!(MONITORING_POLICY)]);
        let draft = scope.role("monitoring-role", "monitoring.rds.amazonaws.com").set("ManagedPolicyArns", vec![policy]);
        let arn = draft.reference("Arn");
        scope.add(draft);
        Some(arn)
    }
}

impl StorageType {
    fn name(self) -> &'static str {
        match self {
            Self::Gp2 => "gp2",
            Self::Gp3 => "gp3",
            Self::Io1 => "io1",
            Self::Io2 => "io2",
        }
    }

    /// Least and most operations a second that a size in GB takes.
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html>
    fn operations(self, allocated: u32) -> (u32, u32) {
        match self {
            Self::Gp2 | Self::Gp3 => (12_000, 64_000),
            Self::Io1 => (1_000.max(allocated / 2), (allocated * 50).min(256_000)),
            Self::Io2 => (1_000.max(allocated / 2), allocated.saturating_mul(1_000).min(256_000)),
        }
    }

    /// Whether the operations a second are bought.
    fn by_operations(self) -> bool {
        matches!(self, Self::Io1 | Self::Io2)
    }
}

#[cfg(test)]
mod tests;
