//! Where manifests may lie, and what their paths say.

use super::*;

const STACK: &str = "apiVersion: core.panka.io/v1\nkind: Stack\nmetadata: {name: s}\n";

fn ids(repo: &Repo) -> Vec<String> {
    repo.good().manifest.components.iter().map(|component| component.id.to_string()).collect()
}

#[test]
fn components_lie_in_directories_or_flat() {
    let flat = format!("{}---\n{}", component("SQS", "a", "{}"), component("SQS", "b", "{visibilityTimeout: 5}"));
    let repo = Repo::stack(&[
        ("services/one/queues.yaml", &flat),
        ("services/one/components/c/any.yml", &component("SQS", "c", "{}")),
        ("services/two/components/a/sqs.yaml", &component("SQS", "a", "{}")),
    ]);
    assert_eq!(ids(&repo), ["one/a", "one/b", "one/c", "two/a"]);
    assert_eq!(repo.spec("one/b")["visibilityTimeout"], json!(5));
}

#[test]
fn flat_infrastructure_is_matched_by_name() {
    let infra = "apiVersion: infra.panka.io/v1\nkind: ComponentInfra\nmetadata: {name: b}\nspec: {scaling: {replicas: 3}}\n";
    let repo = Repo::stack(&[("services/one/all.yaml", &format!("{}---\n{infra}", component("MicroService", "b", "{image: x}")))]);
    assert_eq!(repo.spec("one/b")["scaling"], json!({"replicas": 3}));
}

#[test]
fn a_repository_can_be_one_stack() {
    let repo = Repo::new(&[
        ("stack.yaml", STACK),
        ("services/one/components/a/x.yaml", &component("SQS", "a", "{}")),
        ("docker-compose.yaml", "x: 1\n"),
    ]);
    assert_eq!(ids(&repo), ["one/a"]);
    assert_eq!(repo.good().warnings, []);
    assert_eq!(super::super::stacks(repo.path()).unwrap(), ["s"]);
    let other = repo.with(|request| request.stack = Some("t".into()));
    assert_eq!(other.findings(), ["P0002 stack.yaml:3:18"]);
}

#[test]
fn single_input_holds_everything() {
    let text = format!(
        "{STACK}---\napiVersion: core.panka.io/v1\nkind: Environment\nmetadata: {{name: dev}}\nspec: {{variables: {{N: 7}}}}\n---\n\
         apiVersion: core.panka.io/v1\nkind: Environment\nmetadata: {{name: live}}\n---\n\
         apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {{name: q, service: one, stack: s}}\nspec: {{visibilityTimeout: \"${{N}}\"}}\n---\n\
         apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {{name: q, service: one, environment: dev}}\nspec: {{type: fifo}}\n---\n\
         apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {{name: q, service: one, environment: live}}\nspec: {{type: nonsense}}\n"
    );
    let repo = Repo::new(&[]).with(|request| request.single = Some(("-".into(), text)));
    assert_eq!(repo.spec("one/q"), json!({"type": "fifo", "visibilityTimeout": 7}));
    assert_eq!(repo.good().manifest.components[0].source.to_string(), "-:14:1");
    let elsewhere = repo.with(|request| request.environment = Some("test".into()));
    assert_eq!(elsewhere.findings(), ["P1050 -"]);
}

#[test]
fn single_input_says_service_and_stack_itself() {
    let text = format!(
        "{STACK}---\n{}---\n{}",
        component("SQS", "a", "{}"),
        "apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {name: b, service: one, stack: t}\n"
    );
    let repo = Repo::new(&[]).with(|request| request.single = Some(("all.yaml".into(), text)));
    assert_eq!(repo.findings(), ["P1012 all.yaml:7:18", "P1006 all.yaml:12:42"]);
}

#[test]
fn the_only_stack_and_environment_are_taken() {
    let repo = Repo::stack(&[("environments/dev.yaml", "apiVersion: core.panka.io/v1\nkind: Environment\nmetadata: {name: dev}\n")]);
    let repo = repo.with(|request| request.environment = None);
    assert_eq!((repo.good().manifest.stack.as_str(), repo.good().manifest.environment.as_str()), ("s", "dev"));
    repo.write("stacks/t/stack.yaml", STACK.as_bytes());
    assert_eq!(repo.findings(), ["P0002 -"]);
    assert_eq!(super::super::stacks(repo.path()).unwrap(), ["s", "t"]);
    assert_eq!(super::super::environments(repo.path(), "s").unwrap(), ["dev"]);
}

#[test]
fn environments_that_lie_there_are_the_only_ones() {
    let repo = Repo::stack(&[("environments/live/services/.keep", "")]);
    assert_eq!(repo.findings(), ["P1050 -"]);
    assert_eq!(repo.with(|request| request.environment = Some("live".into())).findings(), [""; 0]);
}

#[test]
fn names_agree_with_paths() {
    let repo = Repo::stack(&[
        ("services/one/components/a/x.yaml", &component("SQS", "b", "{}")),
        ("services/one/components/c/x.yaml", "apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {name: c, service: two}\n"),
        ("services/one/components/d/x.yaml", "apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {name: d, stack: t}\n"),
        ("services/one/service.yaml", "apiVersion: core.panka.io/v1\nkind: Service\nmetadata: {name: uno}\n"),
        ("environments/dev.yaml", "apiVersion: core.panka.io/v1\nkind: Environment\nmetadata: {name: live}\n"),
    ]);
    assert_eq!(
        repo.findings(),
        [
            "P1006 stacks/s/environments/dev.yaml:3:18",
            "P1006 stacks/s/services/one/components/a/x.yaml:3:18",
            "P1006 stacks/s/services/one/components/c/x.yaml:3:30",
            "P1006 stacks/s/services/one/components/d/x.yaml:3:28",
            "P1006 stacks/s/services/one/service.yaml:3:18",
        ]
    );
    let other = Repo::new(&[("stacks/t/stack.yaml", STACK)]);
    assert_eq!(other.findings(), ["P1006 stacks/t/stack.yaml:3:18"]);
}

#[test]
fn a_component_is_defined_once() {
    let repo = Repo::stack(&[
        ("services/one/components/a/x.yaml", &component("SQS", "a", "{}")),
        ("services/one/components/a/y.yaml", &component("SQS", "a", "{}")),
        ("services/one/flat.yaml", &format!("{}---\n{}", component("SQS", "a", "{}"), component("SQS", "b", "{}"))),
        ("services/one/more.yaml", &component("S3", "b", "{}")),
    ]);
    assert_eq!(
        repo.findings(),
        [
            "P1007 stacks/s/services/one/components/a/y.yaml:1:1",
            "P1008 stacks/s/services/one/flat.yaml:1:1",
            "P1008 stacks/s/services/one/more.yaml:1:1"
        ]
    );
}

#[test]
fn there_is_one_stack_document() {
    let repo = Repo::new(&[("stacks/s/services/one/a.yaml", "")]);
    assert_eq!(repo.findings(), ["P1023 stacks/s/services/one/a.yaml:1:1", "P1009 stacks/s/stack.yaml"]);
    let repo = Repo::new(&[("stacks/s/stack.yaml", STACK), ("stacks/s/stack.yml", STACK)]);
    assert_eq!(repo.findings(), ["P1009 stacks/s/stack.yml:1:1"]);
}

#[test]
fn documents_have_their_places() {
    let repo = Repo::stack(&[
        ("services/one/components/a/x.yaml", STACK),
        ("infra/x.yaml", &component("SQS", "x", "{}")),
        ("services/one/components/b.yaml", &component("SQS", "b", "{}")),
    ]);
    assert_eq!(
        repo.findings(),
        [
            "P1004 stacks/s/infra/x.yaml:1:1",
            "P1004 stacks/s/services/one/components/a/x.yaml:1:1",
            "P1055 stacks/s/services/one/components/b.yaml"
        ]
    );
}

#[test]
fn files_that_cannot_be_text_are_named() {
    let repo = Repo::stack(&[]);
    repo.write("stacks/s/services/one/a.yaml", b"a: 1\nb: \xff\xfe\n");
    assert_eq!(repo.findings(), ["P1023 stacks/s/services/one/a.yaml"]);
    repo.write("stacks/s/services/one/a.yaml", b"\xff\xfea\0:\0");
    assert_eq!(repo.findings(), ["P1023 stacks/s/services/one/a.yaml"]);
}

#[test]
#[cfg(unix)]
fn symbolic_links_stay_inside() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("x.yaml"), component("SQS", "a", "{}")).unwrap();
    let repo = Repo::stack(&[
        ("services/one/components/a/.keep", ""),
        ("shared/q.yaml", &component("SQS", "b", "{}")),
        ("services/one/components/b/.keep", ""),
    ]);
    let link = |to: &Path, from: &str| std::os::unix::fs::symlink(to, repo.path().join(from)).unwrap();
    link(&outside.path().join("x.yaml"), "stacks/s/services/one/components/a/x.yaml");
    link(Path::new("../../../../shared/q.yaml"), "stacks/s/services/one/components/b/x.yaml");
    link(Path::new("nowhere"), "stacks/s/services/one/dangling.yaml");
    link(outside.path(), "stacks/s/services/two");
    assert_eq!(
        repo.findings(),
        ["P1023 stacks/s/services/one/components/a/x.yaml", "P0014 stacks/s/services/one/dangling.yaml", "P1023 stacks/s/services/two"]
    );
}

#[test]
fn the_root_is_found_from_below() {
    let repo = Repo::stack(&[("services/one/components/a/x.yaml", "")]);
    let root = |dir: &str| super::super::find_root(&repo.path().join(dir)).map(|root| root.strip_prefix(repo.path()).unwrap().to_owned());
    for dir in ["", "stacks", "stacks/s", "stacks/s/services/one/components/a"] {
        assert_eq!(root(dir).unwrap(), Path::new(""), "{dir}");
    }
    let nothing = tempfile::tempdir().unwrap();
    assert_eq!(list(super::super::find_root(nothing.path()).unwrap_err().findings()), ["P0001 -"]);
    fs::write(nothing.path().join("stack.yml"), "").unwrap();
    fs::create_dir(nothing.path().join("sub")).unwrap();
    assert_eq!(super::super::find_root(&nothing.path().join("sub")).unwrap(), nothing.path());
}

#[test]
fn the_order_of_files_and_keys_says_nothing() {
    let one = Repo::stack(&[
        ("services/a/x.yaml", &component("SQS", "q", "{type: fifo, visibilityTimeout: 5}")),
        ("services/a/y.yaml", &component("S3", "b", "{}")),
    ]);
    let other = Repo::stack(&[
        ("services/a/x.yaml", &component("S3", "b", "{}")),
        ("services/a/y.yaml", &component("SQS", "q", "{visibilityTimeout: 5, type: fifo}")),
    ]);
    let specs =
        |repo: &Repo| repo.good().manifest.components.iter().map(|c| serde_json::to_string(&(&c.id, &c.spec)).unwrap()).collect::<Vec<_>>();
    assert_eq!(specs(&one), specs(&other));
    assert_eq!(serde_json::to_string(&one.good().manifest).unwrap(), serde_json::to_string(&one.good().manifest).unwrap());
}
