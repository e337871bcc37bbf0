//! Variables and output references in whole stacks.

use super::*;

fn core(kind: &str, name: &str, spec: &str) -> String {
    format!("apiVersion: core.panka.io/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n")
}

/// A stack with a queue whose tags are given, and variables in Stack, Environment and Service.
fn stack(tags: &str, stack: &str, environment: &str, service: &str) -> Repo {
    Repo::new(&[
        ("stacks/s/stack.yaml", &core("Stack", "s", &format!("{{variables: {stack}}}"))),
        ("stacks/s/environments/dev.yaml", &core("Environment", "dev", &format!("{{variables: {environment}}}"))),
        ("stacks/s/services/one/service.yaml", &core("Service", "one", &format!("{{variables: {service}}}"))),
        ("stacks/s/services/one/q.yaml", &component("SQS", "q", &format!("\n  tags: {tags}"))),
    ])
}

fn tags(repo: &Repo) -> Json {
    repo.spec("one/q")["tags"].clone()
}

const Q: &str = "stacks/s/services/one/q.yaml";

#[test]
fn the_highest_source_wins() {
    let all = "{a: \"${A}\", b: \"${B}\", c: \"${C}\", d: \"${D}\", e: \"${E}\", f: \"${F}\"}";
    let repo =
        stack(all, "{A: stack, B: stack, C: stack, D: stack, E: stack, F: stack}", "{C: env, D: env, E: env, F: env}", "{B: svc, C: svc}");
    repo.write("vars.yaml", b"E: file\nF: file\n");
    repo.write("more.json", br#"{"E": "file 2"}"#);
    let files = vec![repo.path().join("vars.yaml"), repo.path().join("more.json")];
    let repo = repo.with(|request| {
        request.ambient = [("D".into(), "ambient".into()), ("E".into(), "ambient".into())].into();
        request.variable_files = files;
        request.variables = vec![("F".into(), "var".into()), ("F".into(), "var 2".into())];
    });
    assert_eq!(tags(&repo), json!({"a": "stack", "b": "svc", "c": "env", "d": "ambient", "e": "file 2", "f": "var 2"}));
}

#[test]
fn built_in_variables_are_there_and_cannot_be_set() {
    let repo = stack("{x: \"${STACK}/${ENVIRONMENT}/${SERVICE}/${COMPONENT}/${REGION}\"}", "{}", "{}", "{}");
    assert_eq!(tags(&repo), json!({"x": "s/dev/one/q/us-east-1"}));
    let repo = stack("{}", "{STACK: x}", "{REGION: y}", "{}").with(|request| request.variables = vec![("SERVICE".into(), "z".into())]);
    assert_eq!(repo.findings(), ["P1033 -", "P1033 stacks/s/environments/dev.yaml:4:20", "P1033 stacks/s/stack.yaml:4:20"]);
}

#[test]
fn the_account_is_known_only_if_it_is_said() {
    let repo = stack("{x: \"${ACCOUNT_ID}\"}", "{}", "{}", "{}");
    assert_eq!(repo.findings(), [format!("P1030 {Q}:5:14")]);
    let repo = repo.with(|request| request.defaults.account_id = Some("012345678901".into()));
    assert_eq!(tags(&repo), json!({"x": "012345678901"}));
}

#[test]
fn a_whole_scalar_takes_the_type_of_the_value() {
    let repo = Repo::stack(&[(
        "services/one/q.yaml",
        &component(
            "Resource",
            "r",
            "{type: \"${T}\", properties: {a: \"${N}\", b: \"${S}\", c: \"x${N}\", d: \"${B}\", e: \"${F:-1.5}\", f: \"${C}\"}}",
        ),
    )]);
    let repo = repo.with(|request| {
        request.variables =
            [("N", "5"), ("S", "1.10.0"), ("B", "true"), ("C", ""), ("T", "1.10")].map(|(n, v)| (n.into(), v.into())).into();
    });
    assert_eq!(repo.spec("one/r"), json!({"type": "1.10", "properties": {"a": 5, "b": "1.10.0", "c": "x5", "d": true, "e": 1.5, "f": ""}}));
}

#[test]
fn a_default_stands_for_the_unset_and_the_empty() {
    let repo = stack("{a: \"${A:-x y}\", b: \"${B:-z}\", c: \"${C:-}\", d: \"<${A:-}>\"}", "{B: \"\", C: ~}", "{}", "{}");
    assert_eq!(tags(&repo), json!({"a": "x y", "b": "z", "c": "", "d": "<>"}));
}

#[test]
fn null_unsets_what_a_lower_source_sets() {
    let repo = stack("{a: \"${A:-nothing}\"}", "{A: stack}", "{A: null}", "{}");
    assert_eq!(tags(&repo), json!({"a": "nothing"}));
}

#[test]
fn variables_may_use_variables() {
    let repo =
        stack("{a: \"${URL}\"}", "{URL: \"https://${HOST}:${PORT}\", HOST: stack, PORT: 80}", "{HOST: \"${SERVICE}.dev\"}", "{PORT: 8080}");
    assert_eq!(tags(&repo), json!({"a": "https://one.dev:8080"}));
}

#[test]
fn circles_are_one_finding_wherever_they_are_entered() {
    let repo =
        stack("{a: \"${A}\", b: \"${B}\", c: \"${C}\", x: \"${X}\"}", "{A: \"${B}\", B: \"${C}\", C: \"-${A}\", X: \"${C}\"}", "{}", "{}");
    assert_eq!(repo.findings(), ["P1032 stacks/s/stack.yaml:4:23"]);
    let message = repo.compile().unwrap_err().findings()[0].message.clone();
    assert_eq!(message, "the variables use each other in a circle: A → B → C → A");
    let own = stack("{a: \"${A}\"}", "{A: \"${A}x\"}", "{}", "{}");
    assert_eq!(own.findings(), ["P1032 stacks/s/stack.yaml:4:23"]);
}

#[test]
fn a_variable_that_nothing_uses_may_be_circular() {
    assert_eq!(stack("{}", "{A: \"${A}\"}", "{}", "{}").findings(), [""; 0]);
}

#[test]
fn what_is_not_set_is_found_at_its_reference() {
    let repo = stack("\n    a: \"x-${VERSON}\"\n    b: plain-${GONE}", "{VERSION: 1}", "{}", "{}");
    assert_eq!(repo.findings(), [format!("P1030 {Q}:6:11"), format!("P1030 {Q}:7:14")]);
    let finding = repo.compile().unwrap_err().findings()[0].clone();
    assert_eq!((finding.help[0].as_str(), finding.span.unwrap().length), ("did you mean `VERSION`?", 9));
}

#[test]
fn what_an_overlay_replaces_need_not_be_set() {
    let repo = stack("{a: \"${GONE}\"}", "{}", "{}", "{}");
    repo.write("stacks/s/environments/dev/services/one/components/q/q.yaml", component("SQS", "q", "{tags: {a: here}}").as_bytes());
    assert_eq!(tags(&repo), json!({"a": "here"}));
}

#[test]
fn malformed_references_are_found_at_their_place() {
    let repo = stack("{a: \"${A\", b: \"${}\", c: \"${a-b}\", d: '$${A} $5'}", "{}", "{}", "{}");
    assert_eq!(repo.findings(), [format!("P1031 {Q}:5:14"), format!("P1031 {Q}:5:24"), format!("P1031 {Q}:5:34")]);
}

#[test]
fn values_never_alter_the_structure() {
    let repo = stack("{a: \"${A}\"}", "{}", "{}", "{}").with(|request| request.variables = vec![("A".into(), "x}, b: {c: d".into())]);
    assert_eq!(tags(&repo), json!({"a": "x}, b: {c: d"}));
}

#[test]
fn keys_and_names_are_not_substituted() {
    let repo = stack("{\"${A}\": x}", "{A: a}", "{}", "{}");
    assert_eq!(tags(&repo), json!({"${A}": "x"}));
    let repo = Repo::stack(&[("services/one/q.yaml", &component("SQS", "\"${A}\"", "{}"))]);
    assert_eq!(repo.findings(), ["P1005 stacks/s/services/one/q.yaml:3:18"]);
}

#[test]
fn a_value_that_does_not_fit_is_shown_with_its_variable() {
    let repo = Repo::new(&[
        ("stacks/s/stack.yaml", &core("Stack", "s", "{variables: {N: many, M: 99999}}")),
        (
            "stacks/s/services/one/q.yaml",
            &format!(
                "{}---\n{}",
                component("SQS", "q", "{visibilityTimeout: \"${N}\"}"),
                component("SQS", "p", "{visibilityTimeout: \"${M}\"}")
            ),
        ),
    ]);
    assert_eq!(repo.findings(), [format!("P1034 {Q}:4:27"), format!("P1013 {Q}:9:27")]);
    let error = repo.compile().unwrap_err();
    assert_eq!(error.findings()[0].labels[0].span.to_string(), "stacks/s/stack.yaml:4:23");
    let given = repo.with(|request| request.variables = vec![("N".into(), "few".into()), ("M".into(), "1".into())]);
    let finding = given.compile().unwrap_err().findings()[0].clone();
    assert_eq!((finding.code.name(), finding.note.as_deref()), ("P1034", Some("`N` is set by --var N")));
}

#[test]
fn what_the_command_line_sets_for_nobody_is_a_warning() {
    let repo = stack("{a: \"${A}\"}", "{}", "{}", "{}")
        .with(|request| request.variables = vec![("A".into(), "1".into()), ("B".into(), "2".into())]);
    assert_eq!(repo.findings(), ["P1035 -"]);
}

#[test]
fn malformed_variables_are_refused_by_source() {
    let repo = stack("{}", "{a-b: 1, L: [1]}", "[x]", "{}");
    repo.write("list.yaml", b"- a\n");
    repo.write("two.yaml", b"a: 1\n---\nb: 2\n");
    let files = ["list.yaml", "two.yaml", "gone.yaml"].map(|name| repo.path().join(name)).to_vec();
    let repo = repo.with(|request| {
        request.variables = vec![("a-b".into(), String::new())];
        request.variable_files = files;
    });
    let codes: Vec<String> = repo.findings().into_iter().map(|finding| finding[..5].to_owned()).collect();
    assert_eq!(codes, ["P0010", "P0014", "P0010", "P0010", "P1011", "P1014", "P1011"]);
}

#[test]
fn outputs_of_components_become_references() {
    let repo = Repo::stack(&[(
        "services/one/q.yaml",
        &component(
            "Resource",
            "r",
            "{type: x, properties: {a: \"${db.endpoint}\", b: \"x-${two/db.secret_arn}-${STACK}\", c: {valueFrom: {component: db, output: port}}, d: [\"${files.ids.up}\"]}}",
        ),
    )]);
    assert_eq!(
        repo.spec("one/r")["properties"],
        json!({
            "a": {"$output": "one/db.endpoint"},
            "b": {"$join": ["x-", {"$output": "two/db.secret_arn"}, "-s"]},
            "c": {"$output": "one/db.port"},
            "d": [{"$output": "one/files.ids.up"}]
        })
    );
}

#[test]
fn outputs_stand_only_where_they_can() {
    let repo = Repo::new(&[
        (
            "stacks/s/stack.yaml",
            &core("Stack", "s", "{variables: {V: \"${one/db.port}\"}, defaultTags: {a: \"${one/db.port}\"}, outputs: {x: \"${db.port}\"}}"),
        ),
        ("stacks/s/services/one/q.yaml", &component("SQS", "q", "{visibilityTimeout: \"${db.port}\", tags: {a: \"${V}\"}}")),
    ]);
    assert_eq!(
        repo.findings(),
        [
            format!("P2008 {Q}:4:27"),
            "P2008 stacks/s/stack.yaml:4:24".into(),
            "P2008 stacks/s/stack.yaml:4:59".into(),
            "P1031 stacks/s/stack.yaml:4:92".into()
        ]
    );
}

#[test]
fn value_from_says_what_it_lacks() {
    let environment = "[{name: A, valueFrom: {component: db}}, {name: B, value: x, valueFrom: {component: db, output: y}}, {name: C, valueFrom: {component: DB, output: y}}]";
    let repo =
        Repo::stack(&[("services/one/q.yaml", &component("MicroService", "a", &format!("{{image: x, environment: {environment}}}")))]);
    assert_eq!(repo.findings(), [format!("P1031 {Q}:4:53"), format!("P1017 {Q}:4:102"), format!("P1031 {Q}:4:152")]);
}

#[test]
fn variables_that_double_each_other_stay_small() {
    let level = |n: usize| format!(", A{n}: \"${{A{0}}}${{A{0}}}\"", n - 1);
    let variables = format!("A0: 0123456789abcdef{}", (1..40).map(level).collect::<Vec<_>>().concat());
    let found = stack("{a: \"${A39}\"}", &format!("{{{variables}}}"), "{}", "{}").findings();
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("P1013 "), "{found:?}");
}
