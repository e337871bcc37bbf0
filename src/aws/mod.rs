//! AWS: one configuration for all clients, what their errors mean, and a line for each request.
//!
//! In: profile and region of the effective configuration. Out: clients that share one pool of connections, and [`Failure`], which says in the words of this program why a call did not succeed. Credentials, endpoints (`AWS_ENDPOINT_URL` and its
//! variants) and proxies are found as every AWS tool finds them; nothing is looked up before the first call.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_sdk_s3::config::retry::RetryPartition;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_types::retry::RetryConfig;
use aws_types::os_shim_internal::{Env, Fs};
use tokio::sync::OnceCell;

pub mod databases;
mod failure;
pub mod identity;
mod requests;
pub mod secrets;

#[cfg(test)]
pub(crate) mod blocking;

pub use failure::{Class, Failure};
pub use requests::ServerTime;

/// Time to open a connection.
const CONNECT: Duration = Duration::from_secs(4);

/// Time until an answer begins, for a request without a large body.
const ANSWER: Duration = Duration::from_secs(12);

/// Time of a call with all its attempts; a lease is longer than that.
const WHOLE: Duration = Duration::from_secs(40);

/// Attempts of a call, unless AWS_MAX_ATTEMPTS or the profile says otherwise. With pauses of at most five seconds, a service that slows down
/// for a quarter of a minute is waited for.
const ATTEMPTS: u32 = 8;

/// Longest pause between attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Uploads slower than this, in bytes a second, are given up.
const SLOWEST: u64 = 128 << 10;

/// Region of a bucket whose region nobody has named: S3 answers there for every bucket, and says where it is.
pub const ANY_REGION: &str = "us-east-1";

/// Access to AWS. Cheap to clone; clones share connections and credentials.
#[derive(Clone)]
pub struct Aws(Arc<Inner>);

struct Inner {
    profile: Option<String>,
    region: Option<String>,
    config: OnceCell<SdkConfig>,
    time: ServerTime,
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws").field("profile", &self.0.profile).field("region", &self.0.region).finish_non_exhaustive()
    }
}

impl Aws {
    /// Access with a profile, else the ambient credentials; `region` is used where a client is asked for without one.
    pub fn new(profile: Option<String>, region: Option<String>) -> Self {
        Self(Arc::new(Inner { profile, region, config: OnceCell::new(), time: ServerTime::default() }))
    }

    /// Access as a configuration says that was made elsewhere.
    pub fn of(config: SdkConfig) -> Self {
        let config = OnceCell::new_with(Some(config));
        Self(Arc::new(Inner { profile: None, region: None, config, time: ServerTime::default() }))
    }

    /// Access with a role, which is assumed with the credentials of this one when it is first needed, and again when its session ends. The name of
    /// the session stands in CloudTrail.
    pub async fn assuming(&self, role: &str, session: &str) -> Self {
        let config = self.config().await;
        let region = config.region().cloned().unwrap_or_else(|| Region::new(ANY_REGION));
        let provider = AssumeRoleProvider::builder(role).session_name(session).configure(config).region(region).build().await;
        // What was cached are the credentials of this one.
        let cache = IdentityCache::lazy().build();
        let config = config.to_builder().credentials_provider(SharedCredentialsProvider::new(provider)).identity_cache(cache);
        Self::of(config.build())
    }

    /// What the answers so far have told of the time.
    pub fn time(&self) -> ServerTime {
        self.0.time.clone()
    }

    async fn config(&self) -> &SdkConfig {
        self.0
            .config
            .get_or_init(|| async {
                let timeouts = TimeoutConfig::builder()
                    .connect_timeout(CONNECT)
                    .read_timeout(ANSWER)
                    .operation_attempt_timeout(ANSWER + CONNECT)
                    .operation_timeout(WHOLE)
                    .build();
                let mut loader = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts);
                if let Ok(name) = AppName::new(concat!("panka-", env!("CARGO_PKG_VERSION"))) {
                    loader = loader.app_name(name);
                }
                if let Some(profile) = &self.0.profile {
                    loader = loader.profile_name(profile);
                }
                if let Some(region) = &self.0.region {
                    loader = loader.region(Region::new(region.clone()));
                }
                let config = Box::pin(loader.load()).await;
                // A mode and a number that the user has set stay; else the client slows down with the service.
                let mode = setting(&config, "S3", "AWS_RETRY_MODE", "retry_mode");
                let chosen = config.retry_config().cloned().filter(|_| mode.is_some());
                let given = config.retry_config().map(RetryConfig::max_attempts);
                let mut retries = chosen.unwrap_or_else(RetryConfig::adaptive).with_max_backoff(LONGEST_PAUSE);
                if let Some(given) = given {
                    retries = retries.with_max_attempts(given);
                }
                if setting(&config, "S3", "AWS_MAX_ATTEMPTS", "max_attempts").is_none() {
                    retries = retries.with_max_attempts(ATTEMPTS);
                }
                config.into_builder().retry_config(retries).build()
            })
            .await
    }

    /// The profile that was named, by configuration or environment, where there is no such profile.
    async fn missing_profile(&self) -> Option<String> {
        let named = self.0.profile.clone().map(Into::into);
        let (files, environment) = (Fs::real(), Env::real());
        let known = aws_config::profile::load(&files, &environment, &EnvConfigFiles::default(), named).await.ok()?;
        let name = known.selected_profile().to_owned();
        (name != "default" && known.get_profile(&name).is_none()).then_some(name)
    }

    /// The region that is in effect where none is named.
    pub async fn region(&self) -> Option<String> {
        self.config().await.region().map(ToString::to_string)
    }

    /// A client of S3. When the service slows down, the requests of one queue slow down together, and those of another do not.
    pub async fn s3(&self, region: &str, queue: Option<&'static str>) -> aws_sdk_s3::Client {
        let config = self.config().await;
        let partition = queue.map(|queue| RetryPartition::new(format!("s3-{region}-{queue}")));
        let own = aws_sdk_s3::config::Builder::from(config)
            .region(Region::new(region.to_owned()))
            .interceptor(self.observer())
            // Stores that speak S3 seldom have a host name for each bucket.
            .force_path_style(has_own_endpoint(config, "S3"));
        let own = match partition {
            Some(partition) => own.retry_partition(partition),
            None => own,
        };
        aws_sdk_s3::Client::from_conf(own.build())
    }

    /// A client of DynamoDB.
    pub async fn dynamodb(&self, region: &str) -> aws_sdk_dynamodb::Client {
        let own = aws_sdk_dynamodb::config::Builder::from(self.config().await)
            .region(Region::new(region.to_owned()))
            .interceptor(self.observer())
            .build();
        aws_sdk_dynamodb::Client::from_conf(own)
    }

    /// A client of IAM, whose one place in the partition is found from any region of it.
    pub async fn iam(&self, region: &str) -> aws_sdk_iam::Client {
        let own = aws_sdk_iam::config::Builder::from(self.config().await).region(Region::new(region.to_owned()));
        aws_sdk_iam::Client::from_conf(own.interceptor(self.observer()).build())
    }

    /// A client of STS, which says whose credentials these are.
    pub async fn sts(&self) -> aws_sdk_sts::Client {
        let config = self.config().await;
        let region = config.region().cloned().unwrap_or_else(|| Region::new(ANY_REGION));
        aws_sdk_sts::Client::from_conf(aws_sdk_sts::config::Builder::from(config).region(region).interceptor(self.observer()).build())
    }

    /// A client of RDS.
    pub async fn databases(&self, region: &str) -> aws_sdk_rds::Client {
        let own = aws_sdk_rds::config::Builder::from(self.config().await).region(Region::new(region.to_owned()));
        aws_sdk_rds::Client::from_conf(own.interceptor(self.observer()).build())
    }

    /// A client of Secrets Manager.
    pub async fn secrets_manager(&self, region: &str) -> aws_sdk_secretsmanager::Client {
        let own = aws_sdk_secretsmanager::config::Builder::from(self.config().await).region(Region::new(region.to_owned()));
        aws_sdk_secretsmanager::Client::from_conf(own.interceptor(self.observer()).build())
    }

    /// A client of the parameter store.
    pub async fn ssm(&self, region: &str) -> aws_sdk_ssm::Client {
        let own = aws_sdk_ssm::config::Builder::from(self.config().await).region(Region::new(region.to_owned()));
        aws_sdk_ssm::Client::from_conf(own.interceptor(self.observer()).build())
    }

    fn observer(&self) -> SharedInterceptor {
        SharedInterceptor::new(requests::Observer(self.time()))
    }

    /// The same failure with what is known of the configuration: where credentials are missing because a profile was named that does not
    /// exist, it says so.
    pub async fn explain(&self, failure: Failure) -> Failure {
        match failure.class {
            Class::NoCredentials => match Box::pin(self.missing_profile()).await {
                Some(name) => failure.without_profile(&name),
                None => failure,
            },
            _ => failure,
        }
    }
}

/// Tells whether requests to a service go to an endpoint that somebody has named.
fn has_own_endpoint(config: &SdkConfig, service: &str) -> bool {
    config.endpoint_url().is_some() || setting(config, service, "AWS_ENDPOINT_URL", "endpoint_url").is_some()
}

/// A setting of the environment or the profile, for a service or for all.
fn setting(config: &SdkConfig, service: &str, variable: &str, key: &str) -> Option<String> {
    let services = config.service_config()?;
    let key = aws_types::service_config::ServiceConfigKey::builder().service_id(service).env(variable).profile(key).build().ok()?;
    services.load_config(key)
}

/// Timeouts of a call that sends `bytes`; none when the usual ones are enough.
pub fn upload_timeouts(bytes: usize) -> Option<TimeoutConfig> {
    let extra = Duration::from_secs(u64::try_from(bytes).unwrap_or(u64::MAX) / SLOWEST);
    (!extra.is_zero()).then(|| {
        TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .read_timeout(ANSWER + extra)
            .operation_attempt_timeout(ANSWER + CONNECT + extra)
            .operation_timeout(WHOLE + 2 * extra)
            .build()
    })
}
