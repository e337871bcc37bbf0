//! A transport for tests under a stopped clock: each request is made and answered before anything else happens, so that time, which goes on
//! only when nothing is left to do, does not go on meanwhile.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use super::Aws;
use crate::emulator::{Account, REGION};

/// The transport.
#[derive(Debug, Clone, Copy)]
struct Blocking;

/// Access to an account of the emulator.
pub(crate) fn access(account: &Account) -> Aws {
    let credentials = Credentials::new(account.number(), "secret", None, None, "tests");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(account.endpoint())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(SharedHttpClient::new(Blocking))
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .build();
    Aws::of(config)
}

impl HttpClient for Blocking {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(*self)
    }
}

impl HttpConnector for Blocking {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(exchange(&request).map_err(|error| ConnectorError::io(error.into())))
    }
}

fn exchange(request: &HttpRequest) -> std::io::Result<HttpResponse> {
    let bad = |what: &str| std::io::Error::other(what.to_owned());
    let uri = request.uri().strip_prefix("http://").ok_or_else(|| bad("not plain HTTP"))?;
    let (host, target) = uri.find('/').map_or((uri, "/"), |at| uri.split_at(at));
    let body = request.body().bytes().ok_or_else(|| bad("a body that is not in memory"))?;
    let mut head = format!("{} {target} HTTP/1.0\r\nhost: {host}\r\n", request.method());
    for (name, value) in request.headers() {
        if !matches!(name, "host" | "content-length") {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut stream = TcpStream::connect(host)?;
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").ok_or_else(|| bad("no answer"))?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.lines();
    let status: u16 = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).ok_or_else(|| bad("no status"))?;
    let status = status.try_into().map_err(|_| bad("no status of HTTP"))?;
    let mut response = HttpResponse::new(status, SdkBody::from(answer[end + 4..].to_vec()));
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        response.headers_mut().append(name.trim().to_lowercase(), value.trim().to_owned());
    }
    Ok(response)
}
