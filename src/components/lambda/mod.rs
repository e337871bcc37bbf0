//! Lambda: a function, its role, and what calls it.

use serde_json::{Map, Value, json};

use super::access::{Access, Statement};
use super::check::Check;
use super::container::{Architecture, Permission, SecretVariable};
use super::draft::Draft;
use super::edge::Links;
use super::field::Text;
use super::fifo::Pairing;
use super::kind::{Behaviour, Facts, Identity, Output, Spec};
use super::network::Placement;
use super::part::Part;
use super::scope::Scope;
use super::wiring::{SecretSource, read_secrets};
use crate::diagnostic::codes::aws::P3041;
use crate::diagnostic::codes::manifest::{P1012, P1013, P1015, P1017, P1018, P1019};
use crate::manifest::Alias;
use crate::resource::{Tier, cut};

mod invoke;
mod runtime;
mod source;
mod spec;
mod trigger;

pub(super) use spec::Lambda;
use spec::{Code, UrlAuth, UrlCors};

const READ: &[&str] = &["lambda:GetFunction"];
const WRITE: &[&str] = &["lambda:InvokeFunction"];

/// What Lambda does for a function that stands in a VPC; none of it can be narrowed to a resource.
const NETWORK: &[&str] = &[
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
];

/// Characters that the name of a function may have.
const NAME_LIMIT: usize = 64;

impl Spec for Lambda {
    const FACTS: Facts = {
        let mut facts = Facts::new("Lambda", "A function");
        facts.infrastructure = &["logging", "permissions"];
        facts.spellings = &[Alias::Move { from: "code.zipFile", to: "code.path" }, Alias::MapOfPairs("environment")];
        facts.outputs = &[
            Output::text("functionName", "physical name of the function"),
            Output::text("functionArn", "ARN of the function").or(&["arn"]),
            Output::text("roleArn", "ARN of its role"),
            Output::text("logGroup", "name of its log group"),
            Output::text("url", "its own URL, or that of its HTTP API"),
            Output::text("securityGroupId", "its security group, when it stands in the VPC"),
        ];
        facts
    };
}

impl Behaviour for Lambda {
    fn check(&self, check: &mut Check<'_>) {
        self.check_code(check);
        super::container::check_variables(check, &self.environment, &self.secrets);
        self.check_runtime(check);
        self.check_environment(check);
        let id = &check.component().id;
        let names: Vec<String> = self.triggers.iter().map(|trigger| trigger.name(id)).collect();
        check.unique(P1019, "/triggers", "trigger", names.iter().map(String::as_str));
        for (n, trigger) in self.triggers.iter().enumerate() {
            trigger.check(check, &format!("/triggers/{n}"));
            if let (Some(most), Some(reserved)) = (trigger.max_concurrency, self.reserved_concurrent_executions)
                && most > reserved
            {
                let message = format!("the trigger may run {most} calls at once, and the function has {reserved}");
                let finding = check
                    .finding(P1013, &format!("/triggers/{n}/maxConcurrency"), message)
                    .help("raise `reservedConcurrentExecutions`, or lower `maxConcurrency`");
                check.push(finding);
            }
        }
        if !self.vpc.subnet_ids.is_empty() && self.vpc.security_group_ids.is_empty() {
            let finding = check
                .finding(P1018, "/vpc/subnetIds", "subnets of one's own need `securityGroupIds`, groups of the same VPC")
                .help("add them, or take `subnetIds` away: the function then stands in the private subnets of the stack");
            check.push(finding);
        }
        if self.vpc.enabled == Some(false) && !(self.vpc.subnet_ids.is_empty() && self.vpc.security_group_ids.is_empty()) {
            check.report(P1017, "/vpc/enabled", "the function is to stand outside of the VPC, and subnets or security groups are given");
        }
        if self.role_arn.is_some() && !self.permissions.is_empty() {
            let finding = check
                .finding(P1017, "/permissions", "the role is managed elsewhere, so no permissions are added to it")
                .help("add them to that role, or take `roleArn` away");
            check.push(finding);
        }
    }

    fn links(&self, links: &mut Links<'_>) {
        for (n, trigger) in self.triggers.iter().enumerate() {
            trigger.link(links, &format!("/triggers/{n}"));
        }
        if let Some(queue) = &self.dead_letter_queue {
            links.add(queue, "/deadLetterQueue", "dead-letter-queue", &["SQS", "SNS"], Access::Write);
        }
    }

    fn access(&self, _this: &Part<'_>, _consumer: &Part<'_>) -> Access {
        Access::Write
    }

    fn grant(&self, this: &Part<'_>, edge: &super::edge::Edge) -> Vec<Statement> {
        vec![Statement::allow("", edge.access.actions(READ, WRITE), vec![this.reference("function", "Arn")])]
    }

    fn identity(&self) -> Option<Identity> {
        self.role_arn.is_none().then_some(Identity { role: "role", policy: "role-policy" })
    }

    fn source_group(&self, this: &Part<'_>, reaches: bool) -> Option<Value> {
        if !self.in_vpc(reaches) {
            return None;
        }
        match self.vpc.security_group_ids.first().filter(|_| !self.vpc.subnet_ids.is_empty()) {
            Some(group) => Some(group.value()),
            None => Some(this.reference("security-group", "GroupId")),
        }
    }

    fn translate(&self, scope: &mut Scope<'_, '_>) {
        let in_vpc = self.in_vpc(scope.reaches_network());
        let name = scope.part().shared.name.clone().unwrap_or_else(|| cut(&scope.base_name(), NAME_LIMIT));
        let log_group = scope.log_group(format!("/aws/lambda/{name}"), self.logging.retention_days);
        let sources: Vec<(&SecretVariable, SecretSource)> = self
            .secrets
            .iter()
            .filter_map(|secret| Some((secret, SecretSource::of(&secret.secret_ref, secret.key.as_deref()).ok()?)))
            .collect();
        let mut function = scope.main("function", "AWS::Lambda::Function").tier(Tier::Run);
        let role = self.role(scope, in_vpc, &sources);
        if in_vpc {
            function = self.network(scope, function, &sources);
        }
        let queue = self.dead_letter_queue.as_ref().and_then(|queue| scope.target(queue));
        if let Some(other) = queue {
            scope.check_pair(Pairing::DeadLetters, scope.part(), other, "/deadLetterQueue");
        }
        let queue = queue.map(|part| match part.kind() {
            "SNS" => part.reference("topic", "TopicArn"),
            _ => part.reference("queue", "Arn"),
        });
        let variables = self.variables(&sources);
        let function = self
            .code(function)
            .from("MemorySize", "/memory", self.memory)
            .from("Timeout", "/timeout", self.timeout)
            .from("Architectures", "/architecture", json!([if self.architecture == Architecture::Arm { "arm64" } else { "x86_64" }]))
            .from("EphemeralStorage", "/ephemeralStorageMB", json!({ "Size": self.ephemeral_storage }))
            .from_some("Environment", "/environment", (!variables.is_empty()).then(|| json!({ "Variables": variables })))
            .from_some("ReservedConcurrentExecutions", "/reservedConcurrentExecutions", self.reserved_concurrent_executions)
            .from_some("Layers", "/layers", (!self.layers.is_empty()).then(|| self.layers.iter().map(Text::value).collect::<Vec<_>>()))
            .set_if(self.tracing, "TracingConfig", json!({ "Mode": "Active" }))
            .from_some("DeadLetterConfig", "/deadLetterQueue", queue.map(|arn| json!({ "TargetArn": arn })))
            .set("LoggingConfig", json!({ "LogGroup": log_group.clone() }))
            .set("Role", role.clone());
        let arn = function.reference("Arn");
        scope.output("functionName", function.reference("FunctionName"));
        scope.output("functionArn", arn.clone());
        scope.output("roleArn", role);
        scope.output("logGroup", log_group);
        scope.output_some("securityGroupId", scope.part().behaviour.source_group(scope.part(), in_vpc));
        scope.add(function);
        let api = self.triggered(scope, &arn);
        let url = self.function_url(scope, &arn);
        scope.output_some("url", url.or(api));
    }
}

impl Lambda {
    /// Whether the function stands in the VPC; `reaches` tells whether it uses something there.
    fn in_vpc(&self, reaches: bool) -> bool {
        self.vpc.enabled.unwrap_or(reaches || !self.vpc.subnet_ids.is_empty() || !self.vpc.security_group_ids.is_empty())
    }

    fn check_code(&self, check: &mut Check<'_>) {
        let code = &self.code;
        let stored = code.s3_bucket.is_some() || code.s3_key.is_some() || code.s3_object_version.is_some();
        let given: Vec<&str> = [
            ("path", code.path.is_some()),
            ("s3Bucket", stored),
            ("imageUri", code.image_uri.is_some()),
            ("inline", code.inline.is_some()),
        ]
        .into_iter()
        .filter_map(|(field, given)| given.then_some(field))
        .collect();
        if given.len() != 1 {
            let found = if given.is_empty() { "there is none".to_owned() } else { format!("there are {}", given.join(", ")) };
            let finding = check
                .finding(P1017, "/code", format!("a function has exactly one source of code, and {found}"))
                .help("give `s3Bucket` with `s3Key`, `imageUri`, or `inline`");
            check.push(finding);
        }
        if code.path.is_some() {
            let finding = check
                .finding(P1015, "/code/path", "packing code from the repository is not offered yet")
                .help("put the package into a bucket and give `code.s3Bucket` and `code.s3Key`, or `code.imageUri`, or a short source as `code.inline`");
            check.push(finding);
        }
        if stored && (code.s3_bucket.is_none() || code.s3_key.is_none()) {
            check.report(P1018, "/code", "a stored package needs both `s3Bucket` and `s3Key`");
        }
        let image = code.image_uri.is_some();
        for (field, given) in [("runtime", self.runtime.is_some()), ("handler", self.handler.is_some())] {
            match (image, given) {
                (true, true) => check.report(P1017, &format!("/{field}"), format!("a container image brings its own `{field}`")),
                (false, false) => check.report(P1012, "", format!("a function needs `{field}`, unless it is a container image")),
                _ => {}
            }
        }
        if image && !self.layers.is_empty() {
            check.report(P1017, "/layers", "a container image cannot have layers: copy them into the image");
        }
        if code.inline.is_some() {
            self.check_inline(check);
        }
    }

    fn check_inline(&self, check: &mut Check<'_>) {
        if let Some(runtime) = self.runtime.as_ref().filter(|runtime| !runtime.starts_with("python") && !runtime.starts_with("nodejs")) {
            let finding = check
                .finding(P1017, "/code/inline", format!("inline code is for Python and Node.js, not for {runtime}"))
                .help("build a package and give `code.s3Bucket` and `code.s3Key`");
            check.push(finding);
        }
        if let Some(handler) = self.handler.as_ref().filter(|handler| !handler.starts_with("index.")) {
            let finding = check
                .finding(P1013, "/handler", format!("inline code is the module `index`, and the handler is `{handler}`"))
                .help(format!("write `index.{}`", handler.rsplit('.').next().unwrap_or("handler")));
            check.push(finding);
        }
    }

    /// Sets the code and what goes with it.
    fn code(&self, draft: Draft) -> Draft {
        let Code { s3_bucket, s3_key, s3_object_version, image_uri, inline, path: _ } = &self.code;
        let mut code = Map::new();
        for (property, text) in
            [("S3Bucket", s3_bucket), ("S3Key", s3_key), ("S3ObjectVersion", s3_object_version), ("ImageUri", image_uri)]
        {
            if let Some(text) = text {
                code.insert(property.to_owned(), text.value());
            }
        }
        if let Some(source) = inline {
            code.insert("ZipFile".to_owned(), json!(source));
        }
        draft
            .from("Code", "/code", code)
            .set("PackageType", if image_uri.is_some() { "Image" } else { "Zip" })
            .from_some("Runtime", "/runtime", self.runtime.clone())
            .from_some("Handler", "/handler", self.handler.clone())
    }

    /// The environment, with where the secrets are.
    fn variables(&self, sources: &[(&SecretVariable, SecretSource)]) -> Map<String, Value> {
        let mut variables: Map<String, Value> =
            self.environment.iter().filter_map(|variable| Some((variable.name.clone(), variable.value.as_ref()?.value()))).collect();
        for (secret, source) in sources {
            let (SecretSource::Manager { arn, .. } | SecretSource::Parameter { arn }) = source;
            variables.insert(format!("{}_ARN", secret.variable()), arn.clone());
            if let Some(key) = &secret.key {
                variables.insert(format!("{}_KEY", secret.variable()), json!(key));
            }
        }
        variables
    }

    /// The ARN of the role: the given one, or one of its own with all that the function does.
    fn role(&self, scope: &mut Scope<'_, '_>, in_vpc: bool, sources: &[(&SecretVariable, SecretSource)]) -> Value {
        let Some(identity) = self.identity() else { return self.role_arn.as_ref().map(Text::value).unwrap_or_default() };
        let role = scope.role(identity.role, "lambda.amazonaws.com");
        let arn = role.reference("Arn");
        scope.add(role);
        let all = |actions: &[&str]| actions.iter().map(|action| (*action).to_owned()).collect::<Vec<_>>();
        let logs = all(&["logs:CreateLogStream", "logs:PutLogEvents"]);
        let mut statements = vec![Statement::allow("Logs", logs, vec![scope.part().reference("log-group", "Arn")])];
        if in_vpc {
            statements.push(Statement::allow("Network", all(NETWORK), vec![json!("*")]));
        }
        if self.tracing {
            let actions = all(&["xray:PutTelemetryRecords", "xray:PutTraceSegments"]);
            statements.push(Statement::allow("Tracing", actions, vec![json!("*")]));
        }
        for mut statement in read_secrets(sources.iter().map(|(_, source)| source)) {
            // Code reads one parameter at a time; containers are given theirs by the call for several.
            if statement.actions == ["ssm:GetParameters"] {
                statement.actions.insert(0, "ssm:GetParameter".to_owned());
            }
            statements.push(statement);
        }
        statements.extend(self.foreign_sources(scope));
        statements.extend(Permission::statements(&self.permissions));
        scope.identity_policy(identity, statements);
        arn
    }

    /// Puts the function into the VPC.
    fn network(&self, scope: &mut Scope<'_, '_>, function: Draft, sources: &[(&SecretVariable, SecretSource)]) -> Draft {
        let mut groups: Vec<Value> = self.vpc.security_group_ids.iter().map(Text::value).collect();
        if !self.vpc.subnet_ids.is_empty() {
            let subnets: Vec<Value> = self.vpc.subnet_ids.iter().map(Text::value).collect();
            return function.from("VpcConfig", "/vpc", json!({ "SecurityGroupIds": groups, "SubnetIds": subnets }));
        }
        let unreachable = scope.check_calls(sources.iter().map(|(_, source)| source.clone()), "/vpc");
        if !unreachable && !scope.network().has_nat() {
            let finding = scope
                .finding(
                    P3041,
                    "/vpc",
                    format!("`{}` stands in the VPC and reaches no public API: the network has no NAT gateway", scope.id()),
                )
                .help("set `network.create.natGateways: single` if the function calls one; gateway endpoints for S3 and DynamoDB are free");
            scope.push(finding);
        }
        let subnets = scope.subnets(Placement::Private, 1, "/vpc");
        groups.insert(0, scope.security_group(&[]));
        let ready = scope.network().ready(Placement::Private);
        function.from("VpcConfig", "/vpc", json!({ "SecurityGroupIds": groups, "SubnetIds": subnets })).after_all(ready)
    }

    /// Adds the function's own URL, and gives it.
    fn function_url(&self, scope: &mut Scope<'_, '_>, function: &Value) -> Option<Value> {
        let url = self.url.as_ref()?;
        let draft = scope
            .draft("url", "AWS::Lambda::Url")
            .from("AuthType", "/url/auth", if url.auth == UrlAuth::None { "NONE" } else { "AWS_IAM" })
            .from_some("Cors", "/url/cors", url.cors.as_ref().map(UrlCors::value))
            .set("TargetFunctionArn", function.clone());
        let reference = draft.reference("FunctionUrl");
        scope.add(draft);
        if url.auth == UrlAuth::None {
            let open = scope
                .draft("permission.url", "AWS::Lambda::Permission")
                .set("Action", "lambda:InvokeFunctionUrl")
                .set("FunctionName", function.clone())
                .set("FunctionUrlAuthType", "NONE")
                .set("Principal", "*")
                .tier(Tier::Wiring);
            scope.add(open);
            // AWS asks for both actions; this one counts for calls through the URL only.
            let invoke = scope
                .draft("permission.url-invoke", "AWS::Lambda::Permission")
                .set("Action", "lambda:InvokeFunction")
                .set("FunctionName", function.clone())
                .set("InvokedViaFunctionUrl", true)
                .set("Principal", "*")
                .tier(Tier::Wiring);
            scope.add(invoke);
        }
        Some(reference)
    }
}

impl UrlCors {
    fn value(&self) -> Value {
        let mut cors = json!({ "AllowCredentials": self.allow_credentials });
        let origins: Vec<Value> = self.allow_origins.iter().map(Text::value).collect();
        for (property, list) in [
            ("AllowOrigins", origins),
            ("AllowMethods", self.allow_methods.iter().map(|text| json!(text)).collect()),
            ("AllowHeaders", self.allow_headers.iter().map(|text| json!(text)).collect()),
            ("ExposeHeaders", self.expose_headers.iter().map(|text| json!(text)).collect()),
        ] {
            if !list.is_empty() {
                cors[property] = Value::Array(list);
            }
        }
        if let Some(seconds) = self.max_age {
            cors["MaxAge"] = json!(seconds);
        }
        cors
    }
}

#[cfg(test)]
mod tests;
