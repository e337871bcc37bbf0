use serde_json::json;

use super::*;
use crate::diagnostic::codes::command::P0011;
use crate::lock::LockRecord;
use crate::state::State;

fn printed(view: &dyn View, options: &Options) -> String {
    let mut out = Vec::new();
    emit(view, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn document() -> Value {
    json!({"kind": "panka.x/v1", "b": 1, "a": ["x", "z"]})
}

fn state() -> State {
    serde_json::from_value(json!({
        "kind": "panka.state/v1", "stack": "shop", "environment": "dev", "lineage": "l", "serial": 3, "epoch": 2, "engine": "local",
        "simulated": true, "updated": {"at": "2026-01-02T03:04:05.678Z", "by": "ann@desk", "run": "r1", "version": "0.1.0"}, "resources": {
            "_stack/network/vpc": record("AWS::EC2::VPC", "network", "ready", false),
            "users/db/instance": record("AWS::RDS::DBInstance", "RDS", "failed", true),
            "users/db/subnets": record("AWS::RDS::DBSubnetGroup", "RDS", "ready", false),
        }
    }))
    .unwrap()
}

fn record(type_name: &str, component: &str, status: &str, protect: bool) -> Value {
    let touched = json!({"at": "2026-01-02T03:04:05.678Z", "run": "r1"});
    json!({"type": type_name, "component": component, "identifier": "id-1", "status": status, "properties": {}, "protect": protect,
        "created": touched, "updated": touched})
}

#[test]
fn auto_is_one_json_line_when_piped_and_a_table_on_a_terminal() {
    let piped = Options::default();
    assert_eq!(printed(&document(), &piped), "{\"kind\":\"panka.x/v1\",\"b\":1,\"a\":[\"x\",\"z\"]}\n");
    let terminal = Options { stdout_is_terminal: true, width: 80, ..Options::default() };
    assert_eq!(printed(&document(), &terminal), "b  1\na  x, z\n");
    let json = Options { mode: Mode::Json, ..terminal };
    assert_eq!(printed(&document(), &json), "{\n  \"kind\": \"panka.x/v1\",\n  \"b\": 1,\n  \"a\": [\n    \"x\",\n    \"z\"\n  ]\n}\n");
}

#[test]
fn yaml_and_trees_are_printed_on_request() {
    assert_eq!(printed(&document(), &Options { mode: Mode::Yaml, ..Options::default() }), "kind: panka.x/v1\nb: 1\na:\n- x\n- z\n");
    assert_eq!(
        printed(&document(), &Options { mode: Mode::Tree, ..Options::default() }),
        "panka.x/v1\n├── b: 1\n└── a\n    ├── x\n    └── z\n"
    );
}

#[test]
fn a_filter_prints_each_result_on_a_line() {
    let options = |jq: &str, raw| Options { jq: Some(jq.to_owned()), raw, ..Options::default() };
    assert_eq!(printed(&document(), &options(".a[], .b", false)), "\"x\"\n\"z\"\n1\n");
    assert_eq!(printed(&document(), &options(".a[], .b", true)), "x\nz\n1\n");
    assert_eq!(printed(&document(), &options("empty", false)), "");
    let table = Options { mode: Mode::Table, ..options("[{n: .b}]", false) };
    assert_eq!(printed(&document(), &table), "n\n1\n");
    let yaml = Options { mode: Mode::Yaml, ..options(".b, .a", false) };
    assert_eq!(printed(&document(), &yaml), "1\n---\n- x\n- z\n");
}

#[test]
fn a_filter_that_does_not_compile_prints_nothing() {
    let mut out = Vec::new();
    let failure = emit(&document(), &Options { jq: Some(".a[".to_owned()), ..Options::default() }, &mut out).unwrap_err();
    let Failure::Error(error) = failure else { panic!("{failure:?}") };
    assert_eq!((error.findings()[0].code, out.len()), (P0011, 0));
}

#[test]
fn a_closed_pipe_is_told_from_a_full_disk() {
    struct Refuses(io::ErrorKind);
    impl Write for Refuses {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let failure = |kind| emit(&document(), &Options::default(), &mut Refuses(kind)).unwrap_err();
    assert_eq!(failure(io::ErrorKind::BrokenPipe), Failure::Closed);
    let Failure::Error(error) = failure(io::ErrorKind::StorageFull) else { panic!("a full disk is an error") };
    assert_eq!(error.findings()[0].code, P0014);
}

#[test]
fn a_told_document_is_text_for_people_and_json_for_programs() {
    let told = Told::new(document(), "read this");
    assert_eq!(printed(&told, &Options { mode: Mode::Table, ..Options::default() }), "read this\n");
    assert_eq!(printed(&told, &Options::default()), printed(&document(), &Options::default()));
}

#[test]
fn the_state_is_a_table_and_a_tree() {
    let drawn = |mode| printed(&state(), &Options { mode, ..Options::default() });
    let expected = "\
state of shop in dev: serial 3, 3 resources, engine local, SIMULATED

resource            type                     identifier  status
_stack/network/vpc  AWS::EC2::VPC            id-1        ready
users/db/instance   AWS::RDS::DBInstance     id-1        failed  protected
users/db/subnets    AWS::RDS::DBSubnetGroup  id-1        ready

last written 2026-01-02T03:04:05Z by ann@desk, run r1
";
    assert_eq!(drawn(Mode::Table), expected);
    let expected = "\
state of shop in dev: serial 3, 3 resources, engine local, SIMULATED
├── _stack
│   └── network network
│       └── vpc AWS::EC2::VPC
└── users
    └── db RDS
        ├── instance AWS::RDS::DBInstance failed
        └── subnets AWS::RDS::DBSubnetGroup
";
    assert_eq!(drawn(Mode::Tree), expected);
}

#[test]
fn the_lock_names_its_holder() {
    let mut lock: LockRecord = serde_json::from_value(json!({
        "kind": "panka.lock/v1", "lockKey": "stack:shop:env:dev", "epoch": 7, "rev": 9, "holders": {"stack": {
            "lockId": "l1", "epoch": 7, "lockedBy": "ann@desk", "lockedAt": "2026-01-02T03:04:05Z", "operation": "apply", "ttl": 60,
            "expiresAt": "2026-01-02T03:05:05Z", "lastHeartbeat": "2026-01-02T03:04:05Z", "beat": 0,
            "metadata": {"hostname": "desk", "pid": 1, "version": "0.1.0"},
            "observed": {"liveness": "late", "age": 40, "heartbeatAge": 40}}}
    }))
    .unwrap();
    let table = Options { mode: Mode::Table, ..Options::default() };
    let expected = "\
lock stack:shop:env:dev: held

scope  holder    host        operation  since                 last heartbeat   lease ends            epoch  id
stack  ann@desk  desk pid 1  apply      2026-01-02T03:04:05Z  40 s ago (late)  2026-01-02T03:05:05Z      7  l1
";
    assert_eq!(printed(&lock, &table), expected);
    lock.holders.clear();
    assert_eq!(printed(&lock, &table), "lock stack:shop:env:dev: free, epoch 7\n");
}

#[test]
fn a_view_is_the_same_after_a_pipe() {
    let piped: State = serde_json::from_str(&printed(&state(), &Options::default())).unwrap();
    let table = Options { mode: Mode::Table, ..Options::default() };
    assert_eq!(printed(&piped, &table), printed(&state(), &table));
}
