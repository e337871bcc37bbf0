//! infrastructure/terraform makes what `panka backend create` makes: the files are read and evaluated, and every setting and policy is compared
//! with what the program would do for the same names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use hcl::eval::{Context, Evaluate as _, FuncArgs, FuncDef, ParamType};
use hcl::{Body, Expression, Structure};
use panka::setup::permission::On;
use panka::setup::{PERMISSIONS, Role};
use serde_json::{Map, Value, json};

use crate::backend::place;
use crate::env::repository;

/// The file of actions, from the table of permissions; `terraform fmt` leaves it as it is.
pub(crate) fn permissions() -> String {
    let mut out = "# Generated from the table of permissions: src/setup/permission.rs.\n\nlocals {\n  actions = {\n".to_owned();
    for role in Role::ALL {
        writeln!(out, "    {} = {{", role.word()).unwrap();
        for (name, on) in [("bucket", On::Bucket), ("objects", On::Objects), ("table", On::Table), ("key", On::Key)] {
            writeln!(out, "      {name} = [").unwrap();
            for one in PERMISSIONS.iter().filter(|one| one.on == on && one.role <= role) {
                writeln!(out, "        \"{}\",", one.action).unwrap();
            }
            out += "      ]\n";
        }
        out += "    }\n";
    }
    out + "  }\n}\n"
}

/// The functions that the files use, as Terraform has them.
fn functions(context: &mut Context<'_>) {
    fn texts(args: FuncArgs) -> Vec<String> {
        args.into_values().iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect()
    }
    let mut declare = |name: &str, function: fn(FuncArgs) -> Result<hcl::Value, String>| {
        context.declare_func(name, FuncDef::builder().variadic_param(ParamType::Any).build(function));
    };
    declare("coalesce", |args| args.into_values().into_iter().find(|value| !value.is_null()).ok_or_else(|| "all are null".to_owned()));
    declare("replace", |args| match &texts(args)[..] {
        [text, from, to] => Ok(text.replace(from.as_str(), to).into()),
        other => Err(format!("{other:?}")),
    });
    declare("split", |args| match &texts(args)[..] {
        [by, text] => Ok(text.split(by.as_str()).map(hcl::Value::from).collect()),
        other => Err(format!("{other:?}")),
    });
    declare("length", |args| match &args.into_values()[..] {
        [hcl::Value::Array(items)] => Ok(items.len().into()),
        [hcl::Value::Object(fields)] => Ok(fields.len().into()),
        other => Err(format!("{other:?}")),
    });
    declare("one", |args| match &args.into_values()[..] {
        [hcl::Value::Array(items)] if items.len() < 2 => Ok(items.first().cloned().unwrap_or_default()),
        other => Err(format!("{other:?}")),
    });
    declare("concat", |args| Ok(args.into_values().iter().filter_map(hcl::Value::as_array).flatten().cloned().collect()));
    declare("merge", |args| {
        let all = args.into_values().into_iter().filter_map(|value| value.as_object().cloned()).flatten();
        Ok(hcl::Value::Object(all.collect()))
    });
    declare("jsonencode", |args| {
        let value = args.into_values().into_iter().next().unwrap_or_default();
        Ok(serde_json::to_string(&value).map_err(|error| error.to_string())?.into())
    });
}

fn hcl_of(value: &Value) -> hcl::Value {
    serde_json::from_value(value.clone()).unwrap()
}

/// What stands in a body, evaluated: attributes by name, blocks as lists. What only Terraform itself minds is left out.
fn evaluated(body: &Body, context: &Context<'_>, place: &str) -> Value {
    let mut out = Map::new();
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                let name = attribute.key.to_string();
                if !["depends_on", "count", "for_each"].contains(&name.as_str()) {
                    let value = attribute.expr.evaluate(context).unwrap_or_else(|error| panic!("{place}, {name}: {error}"));
                    out.insert(name, serde_json::to_value(value).unwrap());
                }
            }
            Structure::Block(block) if block.identifier() != "lifecycle" => {
                let list = out.entry(block.identifier().to_owned()).or_insert_with(|| json!([]));
                list.as_array_mut().unwrap().push(evaluated(&block.body, context, place));
            }
            Structure::Block(_) => {}
        }
    }
    Value::Object(out)
}

/// Every resource that the files make, by `type.name` and for those of a map `type.name[key]`.
fn resources(variables: &Value, account: &str) -> BTreeMap<String, Value> {
    let folder = repository().join("infrastructure/terraform");
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let files = names.iter().filter(|path| path.extension().is_some_and(|extension| extension == "tf"));
    let bodies: Vec<Body> = files.map(|path| hcl::parse(&fs::read_to_string(path).unwrap()).unwrap()).collect();
    let blocks = || bodies.iter().flat_map(Body::blocks);
    let labels = |block: &hcl::Block| block.labels().iter().map(|label| label.as_str().to_owned()).collect::<Vec<_>>();
    let text = |name: &str| variables[name].as_str().unwrap_or_default().to_owned();
    let mut var: Map<String, Value> = blocks()
        .filter(|block| block.identifier() == "variable")
        .map(|block| {
            let default = block.body.attributes().find(|attribute| attribute.key.as_str() == "default");
            let value = default.map(|default| serde_json::to_value(default.expr.evaluate(&Context::new()).unwrap()).unwrap());
            (labels(block)[0].clone(), value.unwrap_or_default())
        })
        .collect();
    for (name, value) in variables.as_object().unwrap() {
        assert!(var.insert(name.clone(), value.clone()).is_some(), "there is no variable {name}");
    }
    let arn = |what: String| format!("arn:aws:iam::{account}:{what}");
    let both = |kind: &str| {
        Value::Object(
            Role::ALL
                .map(|role| {
                    let name = format!("{}-{}", var["name"].as_str().unwrap_or(&text("bucket")), role.word());
                    (role.word().to_owned(), json!({"name": name, "arn": arn(format!("{kind}/{name}"))}))
                })
                .into_iter()
                .collect(),
        )
    };
    let trusted = ["github", "gitlab", "trusted_account"].iter().any(|name| !variables[*name].is_null());
    let table = text("table");
    let locks = json!([{"name": table, "arn": format!("arn:aws:dynamodb:eu-west-1:{account}:table/{table}")}]);
    let providers = json!({
        "github": {"arn": arn("oidc-provider/token.actions.githubusercontent.com".to_owned())},
        "gitlab": {"arn": arn(format!("oidc-provider/{}", var["gitlab_host"].as_str().unwrap()))},
    });
    let world = json!({
        "var": var,
        "data": {"aws_partition": {"current": {"partition": "aws"}}, "aws_iam_openid_connect_provider": {"ci": providers}},
        "aws_s3_bucket": {"states": {"id": text("bucket"), "bucket": text("bucket")}},
        "aws_dynamodb_table": {"locks": if table.is_empty() { json!([]) } else { locks }},
        "aws_iam_openid_connect_provider": {"ci": providers},
        "aws_iam_policy": {"panka": both("policy")},
        "aws_iam_role": {"panka": if trusted { both("role") } else { json!({}) }},
    });
    let mut context = Context::new();
    functions(&mut context);
    for (name, value) in world.as_object().unwrap() {
        context.declare_var(name.as_str(), hcl_of(value));
    }
    // Locals use each other in any order.
    let mut waiting: Vec<(String, Expression)> = blocks()
        .filter(|block| block.identifier() == "locals")
        .flat_map(|block| block.body.attributes().map(|attribute| (attribute.key.to_string(), attribute.expr.clone())))
        .collect();
    let mut local = Map::new();
    while !waiting.is_empty() {
        context.declare_var("local", hcl_of(&Value::Object(local.clone())));
        let before = waiting.len();
        let mut errors = Vec::new();
        waiting.retain(|(name, expression)| match expression.evaluate(&context) {
            Ok(value) => {
                local.insert(name.clone(), serde_json::to_value(value).unwrap());
                false
            }
            Err(error) => {
                errors.push(format!("local.{name}: {error}"));
                true
            }
        });
        assert!(waiting.len() < before, "{errors:#?}");
    }
    context.declare_var("local", hcl_of(&Value::Object(local)));
    let mut made = BTreeMap::new();
    for block in blocks().filter(|block| block.identifier() == "resource") {
        let place = labels(block).join(".");
        let meta = |name: &str| {
            let attribute = block.body.attributes().find(|attribute| attribute.key.as_str() == name)?;
            Some(attribute.expr.evaluate(&context).unwrap_or_else(|error| panic!("{place}, {name}: {error}")))
        };
        if meta("count").is_some_and(|count| count.as_number().and_then(hcl::Number::as_u64) == Some(0)) {
            continue;
        }
        match meta("for_each") {
            None => drop(made.insert(place.clone(), evaluated(&block.body, &context, &place))),
            Some(each) => {
                for (key, value) in each.as_object().unwrap() {
                    let mut context = context.clone();
                    context.declare_var("each", hcl_of(&json!({"key": key, "value": value})));
                    made.insert(format!("{place}[{key}]"), evaluated(&block.body, &context, &place));
                }
            }
        }
    }
    made
}

fn document(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap()).unwrap()
}

/// A rule of the lifecycle as the program shows it.
fn rule(rule: &Value) -> Value {
    let mut shown = json!({"id": rule["id"], "status": rule["status"], "prefix": rule["filter"][0]["prefix"]});
    for (name, value) in [
        ("noncurrentDays", &rule["noncurrent_version_expiration"][0]["noncurrent_days"]),
        ("deleteMarkers", &rule["expiration"][0]["expired_object_delete_marker"]),
        ("uploadDays", &rule["abort_incomplete_multipart_upload"][0]["days_after_initiation"]),
    ] {
        if !value.is_null() {
            shown[name] = value.clone();
        }
    }
    shown
}

/// What the files make, in the words of the program: `subject: setting` → what it should be.
fn of_terraform(variables: &Value, account: &str) -> BTreeMap<String, Value> {
    let made = resources(variables, account);
    let bucket = format!("bucket {}", variables["bucket"].as_str().unwrap());
    let mut said = BTreeMap::new();
    for (place, one) in &made {
        let (kind, rest) = place.split_once('.').unwrap();
        let key = rest.split_once('[').map_or("", |(_, key)| key.trim_end_matches(']'));
        let name = one["name"].as_str().unwrap_or_default();
        let mut say = |subject: &str, setting: &str, value: Value| {
            let title = if setting.is_empty() { subject.to_owned() } else { format!("{subject}: {setting}") };
            said.insert(title, value);
        };
        match kind {
            "aws_s3_bucket" => {
                say(&bucket, "", json!({"region": "eu-west-1"}));
                say(&bucket, "tags", one["tags"].clone());
            }
            "aws_s3_bucket_versioning" => say(&bucket, "versioning", one["versioning_configuration"][0]["status"].clone()),
            "aws_s3_bucket_server_side_encryption_configuration" => {
                let how = &one["rule"][0]["apply_server_side_encryption_by_default"][0];
                let mut shown = json!({"algorithm": how["sse_algorithm"]});
                if !how["kms_master_key_id"].is_null() {
                    shown["key"] = how["kms_master_key_id"].clone();
                }
                say(&bucket, "encryption", shown);
            }
            "aws_s3_bucket_public_access_block" => say(
                &bucket,
                "publicAccessBlock",
                json!({
                    "blockPublicAcls": one["block_public_acls"],
                    "ignorePublicAcls": one["ignore_public_acls"],
                    "blockPublicPolicy": one["block_public_policy"],
                    "restrictPublicBuckets": one["restrict_public_buckets"],
                }),
            ),
            "aws_s3_bucket_ownership_controls" => say(&bucket, "ownership", one["rule"][0]["object_ownership"].clone()),
            "aws_s3_bucket_policy" => say(&bucket, "policy", document(&one["policy"])),
            "aws_s3_bucket_lifecycle_configuration" => {
                say(&bucket, "lifecycle", one["rule"].as_array().unwrap().iter().map(rule).collect());
            }
            "aws_dynamodb_table" => {
                let table = format!("table {name}");
                let attribute = &one["attribute"][0];
                assert_eq!((&one["hash_key"], one["range_key"].is_null()), (&attribute["name"], true));
                say(
                    &table,
                    "",
                    json!({"key": format!("{}: {}", attribute["name"].as_str().unwrap(), attribute["type"].as_str().unwrap())}),
                );
                say(&table, "deletionProtection", one["deletion_protection_enabled"].clone());
                say(&table, "billing", one["billing_mode"].clone());
                assert_eq!(one["ttl"][0]["enabled"], true);
                say(&table, "timeToLive", one["ttl"][0]["attribute_name"].clone());
                say(&table, "pointInTimeRecovery", one["point_in_time_recovery"][0]["enabled"].clone());
                say(&table, "tags", one["tags"].clone());
            }
            "aws_iam_openid_connect_provider" => {
                let host = one["url"].as_str().unwrap().trim_start_matches("https://");
                say(&format!("identity provider {host}"), "", json!({"audiences": one["client_id_list"]}));
            }
            "aws_iam_policy" => {
                say(&format!("policy {name}"), "", json!({"description": one["description"]}));
                say(&format!("policy {name}"), "document", document(&one["policy"]));
                say(&format!("policy {name}"), "tags", one["tags"].clone());
            }
            "aws_iam_role" => {
                say(&format!("role {name}"), "", json!({"description": one["description"]}));
                say(&format!("role {name}"), "trust", document(&one["assume_role_policy"]));
                say(&format!("role {name}"), "tags", one["tags"].clone());
            }
            "aws_iam_role_policy_attachment" => {
                assert!(one["role"].as_str().unwrap().ends_with(key));
                say(&format!("role {}", one["role"].as_str().unwrap()), "policies", json!([one["policy_arn"]]));
            }
            _ => panic!("{place} is compared with nothing"),
        }
    }
    // No tags are none.
    said.retain(|title, value| !(title.ends_with(": tags") && *value == json!({})));
    said
}

#[test]
fn it_makes_what_backend_create_makes() {
    let (env, _) = place();
    let (bucket, table, account) = (env.account().bucket(), env.account().table(), env.account().number());
    let key = "arn:aws:kms:eu-west-1:111122223333:key/1";
    let cases = [
        (String::new(), json!({})),
        (format!("--table {table}"), json!({"table": table})),
        (format!("--kms-key {key} --name ci"), json!({"kms_key": key, "name": "ci"})),
        ("--backend-prefix team*/".to_owned(), json!({"prefix": "team*/"})),
        (
            format!("--table {table} --github acme/shop --tag team=platform --tag cost=7"),
            json!({"table": table, "github": "acme/shop", "tags": {"team": "platform", "cost": "7"}}),
        ),
        (
            "--github acme/shop:production --gitlab acme/sub/shop:main".to_owned(),
            json!({"github": "acme/shop:production", "gitlab": "acme/sub/shop:main"}),
        ),
        (
            "--gitlab acme/shop --gitlab-host git.acme.example --account 111122223333".to_owned(),
            json!({"gitlab": "acme/shop", "gitlab_host": "git.acme.example", "trusted_account": "111122223333"}),
        ),
    ];
    for (flags, mut variables) in cases {
        variables["bucket"] = json!(bucket);
        let would = env.pipe(&format!("panka backend create --bucket {bucket} --region eu-west-1 {flags} --dry-run")).succeeds().json();
        let steps = would["steps"].as_array().unwrap().iter();
        let ours: BTreeMap<String, Value> = steps
            .map(|step| {
                let setting = step["setting"].as_str().map(|setting| format!(": {setting}")).unwrap_or_default();
                (format!("{}{setting}", step["subject"].as_str().unwrap()), step["after"].clone())
            })
            .collect();
        let theirs = of_terraform(&variables, account);
        let titles = |of: &BTreeMap<String, Value>| of.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(titles(&theirs), titles(&ours), "{flags}");
        for (title, value) in &ours {
            assert_eq!(theirs[title], *value, "{title} with `{flags}`: Terraform is left, the program is right");
        }
    }
}

#[test]
fn terraform_finds_the_files_well_formed() {
    let folder = repository().join("infrastructure/terraform");
    for tool in ["terraform", "tofu"] {
        // Where it is not installed there is nothing to ask; its own check of types needs the provider, and is a stage of `make test`.
        let Ok(done) = Command::new(tool).args(["fmt", "-check", "-diff"]).current_dir(&folder).output() else { continue };
        assert!(done.status.success(), "{tool}: {}", String::from_utf8_lossy(&done.stdout));
    }
}
