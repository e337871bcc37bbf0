//! The task definition of a container, with its roles and its log group.

use serde_json::{Map, Value, json};

use super::configs;
use super::probe::Probe;
use super::{Architecture, Container, Permission, Port};
use crate::components::access::{Statement, document};
use crate::components::kind::Identity;
use crate::components::scope::Scope;
use crate::components::wiring::{SecretSource, arn, read_secrets};
use crate::resource::{aws, join};

/// The role that the code of a task runs under.
pub(crate) const IDENTITY: Identity = Identity { role: "task-role", policy: "task-policy" };

/// The service that takes the roles of tasks.
const SERVICE: &str = "ecs-tasks.amazonaws.com";

/// What a task definition is made from.
pub(crate) struct Task<'a> {
    pub(crate) container: &'a Container,
    pub(crate) ports: &'a [Port],
    pub(crate) liveness: Option<&'a Probe>,
    /// The port for probes that name none.
    pub(crate) target_port: Option<u16>,
    /// Variables that the kind adds.
    pub(crate) variables: Vec<(String, Value)>,
}

impl Task<'_> {
    /// Adds the task definition and what it needs, with their outputs. Gives a reference to its ARN.
    pub(crate) fn add(self, scope: &mut Scope<'_, '_>) -> Value {
        let container = self.container;
        let log_group = scope.log_group(scope.log_group_name(), container.logging.retention_days);
        let logs = json!({
            "LogDriver": "awslogs",
            "Options": {
                "awslogs-group": log_group.clone(), "awslogs-region": scope.region(), "awslogs-stream-prefix": scope.id().name()
            }
        });
        let execution = scope
            .role("execution-role", SERVICE)
            .set("Policies", json!([{ "PolicyDocument": document(self.execution(scope)), "PolicyName": "execution" }]));
        let execution_arn = execution.reference("Arn");
        scope.add(execution);
        let role = scope.role(IDENTITY.role, SERVICE);
        let role_arn = role.reference("Arn");
        scope.add(role);
        scope.identity_policy(IDENTITY, self.extra_statements());

        let mut containers = vec![self.definition(scope, &logs)];
        let mut volumes: Vec<Value> = container.storage.volumes.iter().map(|volume| json!({ "Name": volume.name })).collect();
        if let Some(files) = &container.configs {
            containers.push(configs::container(files, scope.part().component, &logs));
            volumes.push(json!({ "Name": configs::NAME }));
        }
        let architecture = match container.runtime.architecture {
            Architecture::X86 => "X86_64",
            Architecture::Arm => "ARM64",
        };
        let disk = container.resources.ephemeral_storage_gb;
        let definition = scope
            .draft("task-definition", "AWS::ECS::TaskDefinition")
            .named(scope.base_name())
            .set("ContainerDefinitions", containers)
            .from("Cpu", "/resources/cpu", container.resources.cpu.0.to_string())
            .set_if(disk > 20, "EphemeralStorage", json!({ "SizeInGiB": disk }))
            .set("ExecutionRoleArn", execution_arn)
            .from("Memory", "/resources/memory", container.resources.memory.0.to_string())
            .set("NetworkMode", "awsvpc")
            .set("RequiresCompatibilities", json!(["FARGATE"]))
            .set("RuntimePlatform", json!({ "CpuArchitecture": architecture, "OperatingSystemFamily": "LINUX" }))
            .set("TaskRoleArn", role_arn.clone())
            .set_if(!volumes.is_empty(), "Volumes", volumes)
            .origin("/ContainerDefinitions/0/Image", "/image")
            .origin("/ContainerDefinitions/0/Environment", "/environment")
            .origin("/ContainerDefinitions/0/Secrets", "/secrets");
        let reference = definition.reference("TaskDefinitionArn");
        scope.add(definition);
        scope.output("taskDefinitionArn", reference.clone());
        scope.output("taskRoleArn", role_arn);
        scope.output("logGroup", log_group);
        reference
    }

    /// The main container.
    fn definition(&self, scope: &Scope<'_, '_>, logs: &Value) -> Value {
        let container = self.container;
        let mut definition = Map::new();
        let mut set = |name: &str, value: Value| {
            definition.insert(name.to_owned(), value);
        };
        set("Name", scope.id().name().into());
        set("Image", container.image());
        set("Essential", true.into());
        set("LogConfiguration", logs.clone());
        set("StopTimeout", container.stop_timeout_seconds.into());
        if let Some(command) = &container.command {
            set("EntryPoint", command.iter().map(Value::from).collect());
        }
        if let Some(args) = &container.args {
            set("Command", args.iter().map(Value::from).collect());
        }
        let environment = self.environment();
        if !environment.is_empty() {
            set("Environment", environment.into());
        }
        let mut secrets: Vec<Value> = container
            .secret_sources()
            .iter()
            .map(|(secret, source)| json!({ "Name": secret.variable(), "ValueFrom": source.value_from() }))
            .collect();
        secrets.sort_by(|a, b| a["Name"].as_str().cmp(&b["Name"].as_str()));
        if !secrets.is_empty() {
            set("Secrets", secrets.into());
        }
        if let Some(secret) = &container.image.pull_secret
            && let Ok(source) = SecretSource::of(secret, None)
        {
            set("RepositoryCredentials", json!({ "CredentialsParameter": source.value_from() }));
        }
        if !self.ports.is_empty() {
            let ports = self.ports.iter().map(|port| json!({ "ContainerPort": port.port, "Protocol": port.protocol.name() }));
            set("PortMappings", ports.collect());
        }
        if let Some(liveness) = self.liveness {
            set("HealthCheck", liveness.container_check(self.target_port));
        }
        if let Some(user) = &container.user {
            set("User", user.as_str().into());
        }
        if let Some(directory) = &container.working_dir {
            set("WorkingDirectory", directory.as_str().into());
        }
        if container.enable_exec {
            set("LinuxParameters", json!({ "InitProcessEnabled": true }));
        }
        let mut mounts: Vec<Value> = container
            .storage
            .volumes
            .iter()
            .map(|volume| json!({ "ContainerPath": volume.mount_path, "ReadOnly": volume.read_only, "SourceVolume": volume.name }))
            .collect();
        if let Some(files) = &container.configs {
            mounts.push(json!({ "ContainerPath": files.mount_path, "ReadOnly": true, "SourceVolume": configs::NAME }));
            set("DependsOn", json!([{ "Condition": "SUCCESS", "ContainerName": configs::NAME }]));
        }
        if !mounts.is_empty() {
            set("MountPoints", mounts.into());
        }
        Value::Object(definition)
    }

    /// The variables, sorted, so that their order in YAML makes no new task definition. What YAML says wins over what the kind adds.
    fn environment(&self) -> Vec<Value> {
        let given = |name: &str| self.container.environment.iter().any(|variable| variable.name == name);
        let added = self.variables.iter().filter(|(name, _)| !given(name)).map(|(name, value)| (name.as_str(), value.clone()));
        let written =
            self.container.environment.iter().filter_map(|variable| Some((variable.name.as_str(), variable.value.as_ref()?.value())));
        let mut variables: Vec<_> = added.chain(written).collect();
        variables.sort_by(|a, b| a.0.cmp(b.0));
        variables.into_iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect()
    }

    /// What the task's code may do besides what its connections give.
    fn extra_statements(&self) -> Vec<Statement> {
        let mut statements: Vec<Statement> = Permission::statements(&self.container.permissions).collect();
        if self.container.enable_exec {
            let actions = ["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"];
            let actions = actions.iter().map(|action| format!("ssmmessages:{action}")).collect();
            statements.push(Statement::allow("Exec", actions, vec![json!("*")]));
        }
        statements
    }

    /// What ECS does for the task: write its logs, pull its image, read its secrets.
    fn execution(&self, scope: &Scope<'_, '_>) -> Vec<Statement> {
        let log_actions = vec!["logs:CreateLogStream".to_owned(), "logs:PutLogEvents".to_owned()];
        let mut statements = vec![Statement::allow("WriteLogs", log_actions, vec![scope.part().reference("log-group", "Arn")])];
        if let Some(repository) = self.registry() {
            let actions = ["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"];
            let actions = actions.iter().map(|action| format!("ecr:{action}")).collect();
            statements.push(Statement::allow("PullImage", actions, vec![repository]));
            statements.push(Statement::allow("SignInToRegistry", vec!["ecr:GetAuthorizationToken".to_owned()], vec![json!("*")]));
        }
        let secrets = self.container.secret_sources();
        let pull = self.container.image.pull_secret.as_ref().and_then(|secret| SecretSource::of(secret, None).ok());
        statements.extend(read_secrets(secrets.iter().map(|(_, source)| source).chain(&pull)));
        statements
    }

    /// The ARN of the image's ECR repository. One that is known only later is taken to be in the stack's account and region.
    fn registry(&self) -> Option<Value> {
        let Some(name) = self.container.image.repository.literal() else { return Some(arn("ecr", "repository/*")) };
        let (host, repository) = name.split_once('/')?;
        let (account, rest) = host.split_once(".dkr.ecr.")?;
        let region = rest.split('.').next()?;
        Some(join([json!("arn:"), aws("partition"), json!(format!(":ecr:{region}:{account}:repository/{repository}"))]))
    }
}
