use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::schema::{FaultKind, NoForms};

/// An account in a directory that goes with it.
struct Bench {
    directory: tempfile::TempDir,
    local: Local,
    tokens: AtomicU64,
}

impl Bench {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let local = open(directory.path());
        Self { directory, local, tokens: AtomicU64::new(0) }
    }

    fn request(&self, at: &str, type_name: &str, properties: Value) -> Request {
        let Value::Object(properties) = properties else { panic!("{properties} is not an object") };
        Request {
            address: at.parse().unwrap(),
            type_name: type_name.into(),
            identifier: None,
            properties,
            before: Map::new(),
            generation: 0,
            nested: false,
            makes_room: false,
            token: format!("token-{}", self.tokens.fetch_add(1, Ordering::Relaxed)),
        }
    }

    async fn create(&self, at: &str, type_name: &str, properties: Value) -> Result<Live, Failure> {
        self.local.create(&self.request(at, type_name, properties), &Handle::silent()).await
    }

    async fn queue(&self, at: &str, name: &str) -> Live {
        self.create(at, "AWS::SQS::Queue", json!({"QueueName": name})).await.unwrap()
    }

    async fn update(&self, live: &Live, type_name: &str, properties: Value) -> Result<Live, Failure> {
        let request = Request {
            identifier: Some(live.identifier.clone()),
            before: live.properties.clone(),
            ..self.request("a/a/a", type_name, properties)
        };
        self.local.update(&request, &Handle::silent()).await
    }

    async fn delete(&self, identifier: &str, type_name: &str, makes_room: bool) -> Result<(), Failure> {
        let request = Request { identifier: Some(identifier.to_owned()), makes_room, ..self.request("a/a/a", type_name, json!({})) };
        self.local.delete(&request, &Handle::silent()).await
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("000000000000/eu-west-1/operations.ndjson")).unwrap()
    }
}

fn open(directory: &Path) -> Local {
    Local::open(directory, "eu-west-1", "shop/dev", now()).unwrap()
}

fn now() -> Now {
    Arc::new(|| 1_790_000_000)
}

fn code<T: fmt::Debug>(answer: Result<T, Failure>) -> String {
    answer.unwrap_err().code
}

#[tokio::test]
async fn a_queue_has_the_identity_that_aws_gives() {
    let bench = Bench::new();
    let live = bench.queue("a/jobs/queue", "shop-dev-jobs").await;
    assert_eq!(live.identifier, "https://sqs.eu-west-1.amazonaws.com/000000000000/shop-dev-jobs");
    assert_eq!(live.attributes["Arn"], "arn:aws:sqs:eu-west-1:000000000000:shop-dev-jobs");
    let read = bench.local.read(&"AWS::SQS::Queue".into(), &live.identifier).await.unwrap().unwrap();
    assert_eq!(read.properties, live.properties);
    assert_eq!(read.attributes["Arn"], live.attributes["Arn"]);
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let bench = Bench::new();
    bench.queue("a/jobs/queue", "q").await;
    assert_eq!(code(bench.create("a/other/queue", "AWS::SQS::Queue", json!({"QueueName": "q"})).await), "AlreadyExists");
}

#[tokio::test]
async fn what_the_schema_forbids_is_refused() {
    let bench = Bench::new();
    for (properties, word) in [
        (json!({"QueueNam": "q"}), "QueueNam"),
        (json!({"QueueName": 7}), "QueueName"),
        (json!({"QueueName": "q", "Arn": "arn:aws:sqs:x"}), "Arn"),
    ] {
        let failure = bench.create("a/a/a", "AWS::SQS::Queue", properties).await.unwrap_err();
        assert_eq!((failure.code.as_str(), failure.class), ("InvalidRequest", Class::Terminal));
        assert!(failure.message.contains(word), "{failure}");
    }
    assert_eq!(code(bench.create("a/a/a", "AWS::Nothing::AtAll", json!({})).await), "TypeNotFound");
}

#[tokio::test]
async fn what_is_fixed_at_creation_cannot_change() {
    let bench = Bench::new();
    let live = bench.queue("a/jobs/queue", "q").await;
    assert_eq!(code(bench.update(&live, "AWS::SQS::Queue", json!({"QueueName": "other"})).await), "NotUpdatable");
    let changed = bench.update(&live, "AWS::SQS::Queue", json!({"QueueName": "q", "VisibilityTimeout": 60})).await.unwrap();
    assert_eq!(changed.properties["VisibilityTimeout"], 60);
    let permission = json!({"Action": "lambda:InvokeFunction", "FunctionName": "f", "Principal": "sqs.amazonaws.com"});
    let live = bench.create("a/p/p", "AWS::Lambda::Permission", permission.clone()).await.unwrap();
    assert_eq!(code(bench.update(&live, "AWS::Lambda::Permission", permission).await), "NotUpdatable");
}

#[tokio::test]
async fn a_token_brings_back_the_old_answer() {
    let bench = Bench::new();
    let request = bench.request("a/jobs/queue", "AWS::SQS::Queue", json!({"QueueName": "q"}));
    let first = bench.local.create(&request, &Handle::silent()).await.unwrap();
    assert_eq!(bench.local.create(&request, &Handle::silent()).await.unwrap(), first);
    let other = Request { properties: Map::new(), ..request.clone() };
    assert_eq!(code(bench.local.create(&other, &Handle::silent()).await), "ClientTokenConflict");
    let again = Request { token: "another".to_owned(), ..request };
    let refused = bench.local.create(&again, &Handle::silent()).await.unwrap_err();
    assert_eq!(bench.local.create(&again, &Handle::silent()).await.unwrap_err(), refused);
}

#[tokio::test]
async fn what_is_in_use_cannot_be_deleted() {
    let bench = Bench::new();
    let vpc = bench.create("n/n/vpc", "AWS::EC2::VPC", json!({"CidrBlock": "10.0.0.0/16"})).await.unwrap();
    assert!(vpc.identifier.starts_with("vpc-0"), "{}", vpc.identifier);
    let subnet = json!({"VpcId": vpc.identifier, "CidrBlock": "10.0.0.0/24"});
    let subnet = bench.create("n/n/subnet", "AWS::EC2::Subnet", subnet).await.unwrap();
    let failure = bench.delete(&vpc.identifier, "AWS::EC2::VPC", false).await.unwrap_err();
    assert_eq!((failure.code.as_str(), failure.class), ("ResourceConflict", Class::Conflict));
    assert!(failure.message.contains("n/n/subnet"), "{failure}");
    assert_eq!(code(bench.delete(&vpc.identifier, "AWS::EC2::VPC", true).await), "ResourceConflict", "a subnet cannot move");
    bench.delete(&subnet.identifier, "AWS::EC2::Subnet", false).await.unwrap();
    bench.delete(&vpc.identifier, "AWS::EC2::VPC", false).await.unwrap();
    bench.delete(&vpc.identifier, "AWS::EC2::VPC", false).await.unwrap();
}

#[tokio::test]
async fn what_can_be_switched_later_makes_room() {
    let bench = Bench::new();
    let target = bench.queue("a/dead/queue", "dead").await;
    let redrive = json!({"QueueName": "q", "KmsMasterKeyId": target.attributes["Arn"]});
    bench.create("a/jobs/queue", "AWS::SQS::Queue", redrive).await.unwrap();
    assert_eq!(code(bench.delete(&target.identifier, "AWS::SQS::Queue", false).await), "ResourceConflict");
    bench.delete(&target.identifier, "AWS::SQS::Queue", true).await.unwrap();
}

#[tokio::test]
async fn a_reference_that_is_given_up_holds_no_more() {
    let bench = Bench::new();
    let target = bench.queue("a/dead/queue", "dead").await;
    let user = bench
        .create("a/jobs/queue", "AWS::SQS::Queue", json!({"QueueName": "q", "KmsMasterKeyId": target.attributes["Arn"]}))
        .await
        .unwrap();
    bench.update(&user, "AWS::SQS::Queue", json!({"QueueName": "q"})).await.unwrap();
    bench.delete(&target.identifier, "AWS::SQS::Queue", false).await.unwrap();
}

#[tokio::test]
async fn two_processes_see_one_cloud() {
    let bench = Bench::new();
    let other = open(bench.directory.path());
    let live = bench.queue("a/jobs/queue", "q").await;
    assert!(other.read(&"AWS::SQS::Queue".into(), &live.identifier).await.unwrap().is_some());
    let request = Request { identifier: Some(live.identifier.clone()), ..bench.request("a/jobs/queue", "AWS::SQS::Queue", json!({})) };
    other.delete(&request, &Handle::silent()).await.unwrap();
    assert_eq!(bench.local.read(&"AWS::SQS::Queue".into(), &live.identifier).await.unwrap(), None);
}

#[tokio::test]
async fn a_torn_last_line_never_happened() {
    let bench = Bench::new();
    bench.queue("a/jobs/queue", "q").await;
    let path = bench.directory.path().join("000000000000/eu-west-1/operations.ndjson");
    let whole = std::fs::read(&path).unwrap();
    bench.queue("a/more/queue", "r").await;
    let both = std::fs::read(&path).unwrap();
    std::fs::write(&path, &both[..both.len() - 20]).unwrap();
    let again = open(bench.directory.path());
    let queues = again.list(&"AWS::SQS::Queue".into()).await.unwrap().unwrap();
    assert_eq!(queues.len(), 1);
    let request = bench.request("a/third/queue", "AWS::SQS::Queue", json!({"QueueName": "s"}));
    again.create(&request, &Handle::silent()).await.unwrap();
    let log = std::fs::read(&path).unwrap();
    assert!(log.starts_with(&whole) && log.ends_with(b"\n") && log.iter().filter(|byte| **byte == b'\n').count() == 2);
}

#[tokio::test]
async fn a_damaged_line_is_an_error() {
    let bench = Bench::new();
    bench.queue("a/jobs/queue", "q").await;
    let path = bench.directory.path().join("000000000000/eu-west-1/operations.ndjson");
    std::fs::write(&path, "{\"seq\":1,oops}\n").unwrap();
    let error = Local::open(bench.directory.path(), "eu-west-1", "shop/dev", now()).unwrap_err();
    assert_eq!(error.findings()[0].code.name(), "P5010");
}

#[tokio::test]
async fn generated_ids_are_the_same_everywhere_and_new_for_every_instance() {
    let (one, other) = (Bench::new(), Bench::new());
    let make = async |bench: &Bench| bench.create("n/n/vpc", "AWS::EC2::VPC", json!({"CidrBlock": "10.0.0.0/16"})).await.unwrap();
    let (first, same) = (make(&one).await, make(&other).await);
    assert_eq!(first, same);
    assert_ne!(make(&one).await.identifier, first.identifier);
    one.delete(&first.identifier, "AWS::EC2::VPC", false).await.unwrap();
    assert_ne!(make(&one).await.identifier, first.identifier);
}

#[tokio::test]
async fn values_that_are_never_read_back_are_not_on_disk() {
    let bench = Bench::new();
    let properties = json!({"DBInstanceClass": "db.t4g.micro", "Engine": "postgres", "DBInstanceIdentifier": "d", "AllocatedStorage": "20",
        "MasterUsername": "app", "MasterUserPassword": "correct-horse"});
    let live = bench.create("a/db/instance", "AWS::RDS::DBInstance", properties).await.unwrap();
    assert!(!bench.log().contains("correct-horse"));
    assert!(!live.properties.contains_key("MasterUserPassword"));
    assert_eq!(live.attributes["Endpoint"]["Port"], "5432");
    assert!(live.attributes["Endpoint"]["Address"].as_str().unwrap().ends_with(".eu-west-1.rds.amazonaws.com"));
}

#[tokio::test]
async fn attributes_have_the_types_of_the_schema() {
    let bench = Bench::new();
    let mut wrong = Vec::new();
    for name in catalog().types().filter(|name| {
        ["EC2", "ECS", "RDS", "S3", "SQS", "SNS", "Lambda", "IAM", "DynamoDB", "Logs"].contains(&name.split("::").nth(1).unwrap())
    }) {
        let info = catalog().get(name).unwrap();
        let properties = Map::new();
        let shape = Shape::new(&bench.local.identity, Some(info), name, &properties, ("shop/dev", "a/b/c"), 0);
        let faults = info.schema().check_map(&shape.attributes(), &NoForms);
        wrong.extend(
            faults
                .into_iter()
                .filter(|fault| fault.kind == FaultKind::WrongType)
                .map(|fault| format!("{name}{}: {}", fault.pointer, fault.message)),
        );
        assert!(!shape.identifier().is_empty(), "{name}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_listener_stands_below_its_load_balancer() {
    let bench = Bench::new();
    let properties = json!({"Name": "shop", "Type": "application", "Subnets": ["subnet-11111111", "subnet-22222222"]});
    let balancer = bench.create("a/api/lb", "AWS::ElasticLoadBalancingV2::LoadBalancer", properties).await.unwrap();
    let group = bench
        .create("a/api/group", "AWS::ElasticLoadBalancingV2::TargetGroup", json!({"Name": "shop", "Port": 80, "Protocol": "HTTP"}))
        .await
        .unwrap();
    let listener = json!({"LoadBalancerArn": balancer.identifier, "Port": 80, "Protocol": "HTTP",
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": group.identifier}]});
    let listener = bench.create("a/api/listener", "AWS::ElasticLoadBalancingV2::Listener", listener).await.unwrap();
    let start = balancer.identifier.replace(":loadbalancer/", ":listener/");
    assert!(listener.identifier.starts_with(&start), "{} is not below {}", listener.identifier, balancer.identifier);
}

#[tokio::test]
async fn a_task_definition_counts_its_revisions() {
    let bench = Bench::new();
    let family = json!({"Family": "api", "ContainerDefinitions": [{"Name": "api", "Image": "nginx"}]});
    for revision in 1..=3 {
        let live = bench.create("a/api/task", "AWS::ECS::TaskDefinition", family.clone()).await.unwrap();
        assert_eq!(live.identifier, format!("arn:aws:ecs:eu-west-1:000000000000:task-definition/api:{revision}"));
    }
}
