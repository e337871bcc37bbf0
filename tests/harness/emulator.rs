//! The AWS of the tests: starts the emulator of `tests/emulator` once for the test binary, gives each test an account of its own, and speaks to
//! the control surface. Included by the tests of the library and by those of the program; needs std and serde_json only.
//!
//! The emulator ends when its standard input closes, which the end of the test binary does, however it ends.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

mod rule;

pub use rule::Rule;

/// Region of an account unless it is told another.
pub const REGION: &str = "eu-west-1";

/// Longest wait for anything, in seconds.
const PATIENCE: u64 = 10;

/// The process; held for its standard input.
struct Emulator {
    port: u16,
    _process: Child,
}

/// The port of the one emulator of this test binary, started at the first call.
pub fn port() -> u16 {
    static EMULATOR: OnceLock<Result<Emulator, String>> = OnceLock::new();
    match EMULATOR.get_or_init(start) {
        Ok(emulator) => emulator.port,
        Err(problem) => panic!("{problem}"),
    }
}

fn start() -> Result<Emulator, String> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tools = repository.join("target/test-tools");
    let python = tools.join("venv/bin/python");
    if !python.exists() {
        return Err(format!("{} is missing: run `make tools` once", python.display()));
    }
    let log = tools.join("emulator.log");
    let problem = |what: &str, error: &dyn std::fmt::Display| {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        format!("the emulator {what}: {error}; if its packages are old, run `make tools`\n{text}")
    };
    let errors = File::create(&log).map_err(|error| problem("has no log", &error))?;
    let mut process = Command::new(python)
        .args(["-m", "emulator"])
        .current_dir(repository.join("tests"))
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(errors)
        .spawn()
        .map_err(|error| problem("does not start", &error))?;
    let mut line = String::new();
    let output = process.stdout.take().ok_or("the emulator has no output")?;
    BufReader::new(output).read_line(&mut line).map_err(|error| problem("does not start", &error))?;
    let announced: Value = serde_json::from_str(&line).map_err(|error| problem("does not say its port", &error))?;
    let port = announced["port"].as_u64().and_then(|port| u16::try_from(port).ok()).ok_or("the emulator has no port")?;
    Ok(Emulator { port, _process: process })
}

/// An answer over HTTP.
#[must_use]
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers as they came, with line ends.
    pub head: String,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body of an answer that must be a success.
    pub fn success(self) -> Vec<u8> {
        assert!((200..300).contains(&self.status), "{} {}", self.head, String::from_utf8_lossy(&self.body));
        self.body
    }

    /// The body as JSON, whatever the status.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// One request on a connection of its own.
fn exchange(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let talk = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port()))?;
        stream.set_read_timeout(Some(Duration::from_secs(3 * PATIENCE)))?;
        // In version 1.0 the body is as it is, to the end of the connection.
        let mut head = format!("{method} {target} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\nContent-Length: {}\r\n", port(), body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    };
    let answer = talk().unwrap_or_else(|error| panic!("{method} {target}: {error}"));
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or_else(|| panic!("{method} {target}: no answer"));
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{method} {target}: {head}"));
    Answer { status, head, body: answer[end + 4..].to_vec() }
}

/// An account of its own in the emulator, with the names of a bucket and a table, which are not made yet.
#[derive(Debug, Clone)]
pub struct Account {
    number: String,
    region: String,
}

impl Default for Account {
    fn default() -> Self {
        Self::new()
    }
}

impl Account {
    /// The next account; nobody else has it.
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(100_000_000_001);
        Self { number: NEXT.fetch_add(1, Ordering::Relaxed).to_string(), region: REGION.to_owned() }
    }

    /// The same account, with the helpers below working in another region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self.clone() }
    }

    /// Its 12 digits, which are its access key too.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Name of its bucket.
    pub fn bucket(&self) -> String {
        format!("panka-{}", self.number)
    }

    /// Name of its lock table.
    pub fn table(&self) -> String {
        format!("panka-locks-{}", self.number)
    }

    /// URL of every service.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", port())
    }

    /// The environment that leads an SDK here.
    pub fn variables(&self) -> [(&'static str, String); 5] {
        [
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_ACCESS_KEY_ID", self.number.clone()),
            ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
            ("AWS_REGION", self.region.clone()),
            ("NO_PROXY", "127.0.0.1".to_owned()),
        ]
    }

    /// Makes the bucket, versioned.
    pub fn create_bucket(&self) {
        // The region from which S3 came has no name there.
        let place = match self.region.as_str() {
            "us-east-1" => String::new(),
            region => format!("<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"),
        };
        let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        self.s3("PUT", "", place.as_bytes()).success();
        self.s3("PUT", "?versioning", versioning.as_bytes()).success();
    }

    /// Makes the lock table, with TTL.
    pub fn create_table(&self) {
        self.create_table_with_key("lockKey");
        let ttl = json!({"Enabled": true, "AttributeName": "expiresAt"});
        self.dynamodb("UpdateTimeToLive", json!({"TableName": self.table(), "TimeToLiveSpecification": ttl})).success();
    }

    /// Makes the lock table with a partition key of this name, and without TTL.
    pub fn create_table_with_key(&self, key: &str) {
        let answer = self.dynamodb(
            "CreateTable",
            json!({
                "TableName": self.table(),
                "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
            }),
        );
        answer.success();
    }

    /// A request to S3 about the bucket (`?versioning`) or an object in it (`/key`), under no rule and not counted.
    pub fn s3(&self, method: &str, below: &str, body: &[u8]) -> Answer {
        let signature = self.signature("s3");
        exchange(method, &format!("/{}{below}", self.bucket()), &[("Authorization", &signature), ("X-Panka-Harness", "1")], body)
    }

    /// A request to S3 as a program would make it: under the rules, and counted.
    pub fn s3_as_a_program(&self, method: &str, below: &str, body: &[u8]) -> Answer {
        exchange(method, &format!("/{}{below}", self.bucket()), &[("Authorization", &self.signature("s3"))], body)
    }

    /// A request to DynamoDB, under no rule and not counted.
    pub fn dynamodb(&self, operation: &str, request: Value) -> Answer {
        self.service("dynamodb", &format!("DynamoDB_20120810.{operation}"), &request)
    }

    /// A request to a service that speaks JSON, `AmazonSQS.GetQueueAttributes`, under no rule and not counted.
    pub fn service(&self, service: &str, target: &str, request: &Value) -> Answer {
        let signature = self.signature(service);
        let headers = [
            ("Authorization", signature.as_str()),
            ("X-Panka-Harness", "1"),
            ("X-Amz-Target", target),
            ("Content-Type", "application/x-amz-json-1.0"),
        ];
        exchange("POST", "/", &headers, request.to_string().as_bytes())
    }

    /// A request to a service that speaks forms and XML, `Action=DescribeDBSnapshots&Version=2014-10-31`, under no rule and not counted.
    pub fn query(&self, service: &str, form: &str) -> Answer {
        let signature = self.signature(service);
        let headers =
            [("Authorization", signature.as_str()), ("X-Panka-Harness", "1"), ("Content-Type", "application/x-www-form-urlencoded")];
        exchange("POST", "/", &headers, form.as_bytes())
    }

    /// Writes an object into a bucket that the program has made.
    pub fn put_into(&self, bucket: &str, key: &str, bytes: &[u8]) {
        let signature = self.signature("s3");
        let headers = [("Authorization", signature.as_str()), ("X-Panka-Harness", "1")];
        exchange("PUT", &format!("/{bucket}/{}", quoted(key)), &headers, bytes).success();
    }

    fn signature(&self, service: &str) -> String {
        let scope = format!("20260102/{}/{service}/aws4_request", self.region);
        format!("AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders=host, Signature=0", self.number)
    }

    /// The keys in the bucket, in order.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        loop {
            let after = keys.last().map(|key| format!("&start-after={}", quoted(key))).unwrap_or_default();
            let page = String::from_utf8(self.s3("GET", &format!("?list-type=2{after}"), b"").success()).unwrap();
            keys.extend(page.split("<Key>").skip(1).map(|rest| rest.split("</Key>").next().unwrap().to_owned()));
            if !page.contains("<IsTruncated>true</IsTruncated>") {
                return keys;
            }
        }
    }

    /// Every object of the bucket with its bytes.
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        let object = |key: String| {
            let bytes = self.s3("GET", &format!("/{}", quoted(&key)), b"").success();
            (key, bytes)
        };
        self.keys().into_iter().map(object).collect()
    }

    /// Writes an object behind the program's back.
    pub fn put_object(&self, key: &str, bytes: &[u8]) {
        self.s3("PUT", &format!("/{}", quoted(key)), bytes).success();
    }

    /// Deletes an object behind the program's back.
    pub fn delete_object(&self, key: &str) {
        self.s3("DELETE", &format!("/{}", quoted(key)), b"").success();
    }

    /// The item of a lock, in DynamoDB's own form (`{"epoch": {"N": "1"}, …}`).
    pub fn item(&self, lock_key: &str) -> Option<Value> {
        let request = json!({"TableName": self.table(), "Key": {"lockKey": {"S": lock_key}}, "ConsistentRead": true});
        let answer: Value = serde_json::from_slice(&self.dynamodb("GetItem", request).success()).unwrap();
        answer.get("Item").cloned()
    }

    /// Deletes the item of a lock behind the program's back.
    pub fn delete_item(&self, lock_key: &str) {
        self.dynamodb("DeleteItem", json!({"TableName": self.table(), "Key": {"lockKey": {"S": lock_key}}})).success();
    }

    fn control(&self, method: &str, what: &str, given: &Value) -> Value {
        let join = if what.contains('?') { '&' } else { '?' };
        let body = if given.is_null() { String::new() } else { given.to_string() };
        let answer = exchange(method, &format!("/_panka/{what}{join}account={}", self.number), &[], body.as_bytes());
        assert_eq!(answer.status, 200, "{method} {what} {given}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// Sets the rules, in order, in place of those before. Each counts from here on.
    pub fn rules(&self, rules: impl IntoIterator<Item = Rule>) {
        let rules: Vec<Value> = rules.into_iter().map(|rule| rule.0).collect();
        self.control("POST", "rules", &json!({"rules": rules}));
    }

    /// How often each rule has struck.
    pub fn struck(&self) -> Vec<u64> {
        let rules = self.control("GET", "rules", &Value::Null);
        rules["rules"].as_array().unwrap().iter().map(|rule| rule["acted"].as_u64().unwrap()).collect()
    }

    /// Waits until so many calls are held, by rules or by a stop, and gives them: `number`, `when`, `operation`, `key`, …
    pub fn held(&self, least: usize) -> Vec<Value> {
        let held = self.control("GET", &format!("held?wait={PATIENCE}&least={least}"), &Value::Null);
        let held = held["held"].as_array().unwrap().clone();
        assert!(held.len() >= least, "{} of {least} calls are held: {held:?}\n{:#?}", held.len(), self.log());
        held
    }

    /// Says whether a call is held, without waiting for one.
    pub fn holds(&self) -> bool {
        !self.control("GET", "held", &Value::Null)["held"].as_array().unwrap().is_empty()
    }

    /// Lets one held call go on.
    pub fn release(&self, held: &Value) {
        let released = self.control("POST", "release", &json!({"number": held["number"]}));
        assert_eq!(released["released"], 1, "nobody holds {held}");
    }

    /// Lets all that rules hold go on, and says how many those were.
    pub fn release_all(&self) -> u64 {
        self.control("POST", "release", &json!({}))["released"].as_u64().unwrap()
    }

    /// Accepts connections and answers nothing, until `go`.
    pub fn stop(&self) {
        self.control("POST", "stop", &json!({}));
    }

    /// Ends a stop; calls that still wait are done.
    pub fn go(&self) {
        self.control("POST", "go", &json!({}));
    }

    /// The counts of each operation that was called: `service`, `operation`, `calls`, `bytesIn`, `bytesOut`, `running`, `concurrency`.
    pub fn calls(&self) -> Vec<Value> {
        self.control("GET", "calls", &Value::Null)["calls"].as_array().unwrap().clone()
    }

    /// How many calls of an operation there were.
    pub fn count(&self, service: &str, operation: &str) -> u64 {
        let calls = self.calls();
        let of = |call: &&Value| call["service"] == service && call["operation"] == operation;
        calls.iter().find(of).map_or(0, |call| call["calls"].as_u64().unwrap())
    }

    /// Every call in order: `number`, `operation`, `resource`, `key`, `status`, `outcome` (answered, refused, dropped, truncated, abandoned,
    /// running), `region`, and the headers and fields that say how (`if-match`, `ConditionExpression`, `ClientToken`, …).
    pub fn log(&self) -> Vec<Value> {
        self.control("GET", "calls?log=1", &Value::Null)["log"].as_array().unwrap().clone()
    }

    /// What lives in the account by the emulator's Cloud Control: region, type and identifier of each resource.
    pub fn live(&self) -> Vec<Value> {
        self.control("GET", "live", &Value::Null).as_array().unwrap().clone()
    }

    /// Waits until so many calls of an operation have ended.
    pub fn ended(&self, service: &str, operation: &str, least: u64) {
        let query = format!("calls?wait={PATIENCE}&service={service}&operation={operation}&least={least}");
        let counts = self.control("GET", &query, &Value::Null);
        let of = |call: &&Value| call["service"] == service && call["operation"] == operation;
        let count = counts["calls"].as_array().unwrap().iter().find(of);
        let ended = count.map_or(0, |count| count["calls"].as_u64().unwrap() - count["running"].as_u64().unwrap());
        assert!(ended >= least, "{ended} of {least} {operation} have ended\n{:#?}", self.log());
    }

    /// Forgets the calls so far: what follows is counted from nothing.
    pub fn forget_calls(&self) {
        self.control("DELETE", "calls", &Value::Null);
    }
}

/// A key as a part of a URL.
fn quoted(key: &str) -> String {
    let mut quoted = String::new();
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => quoted.push(byte.into()),
            _ => write!(quoted, "%{byte:02X}").unwrap(),
        }
    }
    quoted
}
