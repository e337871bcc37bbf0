//! Why a call to AWS did not succeed, and what to do about it.
//!
//! The codes are those of the services' published error lists: S3 "Error responses", DynamoDB "Error handling", the common errors of the
//! query services. S3 answers a request for a bucket of another region with 301 or 400 and names that region in `x-amz-bucket-region`.

use std::error::Error as _;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::diagnostic::Code;
use crate::diagnostic::codes::account::{
    P4010, P4011, P4012, P4013, P4014, P4015, P4016, P4017, P4018, P4020, P4021, P4022, P4023, P4024, P4025,
};

/// What kind of failure it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Class {
    /// The object, the item or the resource does not exist.
    Absent,
    /// The object does not exist because it was deleted: its newest version is a delete marker.
    Deleted,
    /// A condition of a write was not met.
    Condition,
    /// Two conditional writes met; it may be tried again.
    Collision,
    /// No credentials were found.
    NoCredentials,
    /// The profile that was named does not exist.
    NoProfile,
    /// The session of single sign-on is over, or was never begun.
    Login,
    /// The credentials have expired.
    Expired,
    /// The credentials are not accepted.
    Rejected,
    /// This permission is missing.
    Denied(String),
    /// The bucket does not exist.
    NoBucket,
    /// The table does not exist in this region.
    NoTable,
    /// The table has another key than that of locks.
    OtherKey,
    /// It is in another region, which is named when it is known.
    Region(Option<String>),
    /// The clock of this machine is wrong.
    Skew,
    /// The service asked to slow down, to the last attempt.
    Throttled,
    /// The service did not answer, or not wholly.
    Unreachable,
    /// The service failed.
    Service,
    /// What answers is not AWS, nor anything that speaks like it.
    Foreign,
    /// Something else.
    Other,
}

impl Class {
    /// Tells whether the same call may go through later, though the SDK has repeated it already.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Throttled | Self::Unreachable | Self::Service)
    }
}

/// A failure of a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{action}: {message}")]
pub struct Failure {
    /// What kind it is.
    pub class: Class,
    /// The code that the service gave.
    pub code: Option<String>,
    /// What happened, in a line.
    pub message: String,
    /// `s3:PutObject`: the permission that the call needs.
    pub action: &'static str,
}

impl Failure {
    /// Classifies the error of a call that needs the permission `action`.
    pub fn of<E>(error: &SdkError<E, HttpResponse>, action: &'static str) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let chain = chain(error);
        match error {
            SdkError::TimeoutError(_) => Self::new(Class::Unreachable, None, "no answer in time".to_owned(), action),
            SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => Self::unsent(error, &chain, action),
            SdkError::ResponseError(response) if !is_of_aws(response.raw()) => {
                let status = response.raw().status().as_u16();
                Self::new(Class::Foreign, None, format!("an answer with status {status} that is none of the service: {chain}"), action)
            }
            SdkError::ResponseError(_) => Self::new(Class::Unreachable, None, format!("the answer was cut off: {chain}"), action),
            SdkError::ServiceError(service) => {
                let (error, raw) = (service.err(), service.raw());
                Self::answered(error.code(), error.message(), raw, action)
            }
            _ => Self::new(Class::Other, None, chain, action),
        }
    }

    /// The answer of a call; nothing where its failure is one of those that mean that there is none, or that it is done already.
    pub fn unless<T, E>(
        answer: Result<T, SdkError<E, HttpResponse>>,
        action: &'static str,
        expected: impl Fn(&Self) -> bool,
    ) -> Result<Option<T>, Self>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match answer.map_err(|error| Self::of(&error, action)) {
            Ok(answer) => Ok(Some(answer)),
            Err(failure) if expected(&failure) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Tells whether the service gave one of these codes.
    pub fn has_code(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }

    fn new(class: Class, code: Option<&str>, message: String, action: &'static str) -> Self {
        Self { class, code: code.map(str::to_owned), message, action }
    }

    /// The body of an answer did not arrive whole.
    pub fn cut_off(why: &str, action: &'static str) -> Self {
        Self::new(Class::Unreachable, None, format!("the answer was cut off: {why}"), action)
    }

    /// A failure that the service reports for one of several objects.
    pub fn reported(code: Option<&str>, message: Option<&str>, action: &'static str) -> Self {
        let class = classify(code.unwrap_or_default(), message.unwrap_or_default(), 0, action);
        Self::new(class, code, said(code, message), action)
    }

    /// Nothing was sent, or no answer came.
    fn unsent<E: std::error::Error + 'static>(error: &SdkError<E, HttpResponse>, chain: &str, action: &'static str) -> Self {
        let mut source = error.source();
        while let Some(cause) = source {
            if let Some(credentials) = cause.downcast_ref::<CredentialsError>() {
                let class = class_of_credentials(credentials, chain);
                let message = match class {
                    Class::NoCredentials => "no credentials were found".to_owned(),
                    _ => format!("the credentials cannot be had: {chain}"),
                };
                return Self::new(class, None, message, action);
            }
            source = cause.source();
        }
        let lower = chain.to_lowercase();
        if lower.contains("missing region") || lower.contains("region must be set") || lower.contains("a region was not provided") {
            return Self::new(Class::Region(None), None, "no region is known".to_owned(), action);
        }
        if matches!(error, SdkError::ConstructionFailure(_)) {
            return Self::new(Class::Other, None, format!("the request cannot be made: {chain}"), action);
        }
        Self::new(Class::Unreachable, None, format!("no connection: {chain}"), action)
    }

    fn answered(code: Option<&str>, message: Option<&str>, raw: &HttpResponse, action: &'static str) -> Self {
        let status = raw.status().as_u16();
        let text = message.unwrap_or_default();
        let elsewhere = raw.headers().get("x-amz-bucket-region").map(str::to_owned);
        let class = match (code.unwrap_or_default(), status) {
            ("NoSuchKey", 404) if raw.headers().get("x-amz-delete-marker") == Some("true") => Class::Deleted,
            // Whatever answers without a code and without the id of a request is no service of AWS: its 404 proves nothing.
            ("", status) if !(301..=308).contains(&status) && !is_of_aws(raw) => Class::Foreign,
            ("PermanentRedirect" | "TemporaryRedirect" | "IllegalLocationConstraintException", _) | (_, 301 | 307) => {
                Class::Region(elsewhere)
            }
            ("AuthorizationHeaderMalformed", _) => Class::Region(elsewhere.or_else(|| expected_region(text))),
            (code, status) => classify(code, text, status, action),
        };
        let mut said = said(code, message);
        if said.is_empty() {
            said = format!("status {status}");
        }
        Self::new(class, code, said, action)
    }

    /// The code of the finding that it makes; none for those that mean nothing by themselves.
    pub fn finding_code(&self) -> Option<Code> {
        Some(match self.class {
            Class::NoCredentials => P4010,
            Class::NoProfile => P4020,
            Class::Login => P4021,
            Class::Expired => P4011,
            Class::Rejected => P4022,
            Class::Denied(_) => P4012,
            Class::NoBucket => P4013,
            Class::NoTable => P4018,
            Class::OtherKey => P4025,
            Class::Region(_) => P4014,
            Class::Skew => P4015,
            Class::Throttled => P4016,
            Class::Unreachable => P4017,
            Class::Service => P4024,
            Class::Foreign => P4023,
            Class::Absent | Class::Deleted | Class::Condition | Class::Collision | Class::Other => return None,
        })
    }

    /// The way out.
    pub fn help(&self) -> Option<String> {
        Some(match &self.class {
            Class::NoCredentials => {
                "set AWS_PROFILE or `aws.profile`, log in with `aws sso login`, or give the role of the runner".to_owned()
            }
            Class::NoProfile => "`aws configure list-profiles` lists those that exist; correct --config, aws.profile or AWS_PROFILE".to_owned(),
            Class::Login => "log in with `aws sso login`, for the same profile, and run the command again".to_owned(),
            Class::Expired => "get new ones, for instance with `aws sso login`, and run the command again".to_owned(),
            Class::Rejected => "check the profile and the keys: `aws sts get-caller-identity` must succeed".to_owned(),
            Class::Denied(action) => {
                let more = match self.action {
                    "s3:GetObject" if action == "s3:GetObject" => "; s3:ListBucket is needed to tell a missing object from a forbidden one",
                    _ => "",
                };
                format!("allow {action}{more}; docs/reference/permissions.md lists what a run needs")
            }
            Class::NoBucket => "create it with `panka backend create`, or correct backend.bucket: `panka config show --origin` says where it is set".to_owned(),
            Class::NoTable => "create it with `panka backend create`, or correct locks.table or locks.region: `panka config show --origin` says where they are set".to_owned(),
            Class::OtherKey => "the partition key must be the string `lockKey`, with no sort key: name another table, or create one with `panka backend create`".to_owned(),
            Class::Region(Some(region)) => format!("set the region to {region}: --backend-region {region}"),
            Class::Region(None) => "set the region: aws.region, or backend.region for the bucket and locks.region for the table".to_owned(),
            Class::Skew => "set the clock of this machine: requests are signed with the time".to_owned(),
            Class::Throttled => "wait a moment and run the command again; nothing is lost".to_owned(),
            Class::Unreachable => "check the network, the proxy and AWS_ENDPOINT_URL, and run the command again".to_owned(),
            Class::Service => "the service is in trouble; run the command again later".to_owned(),
            Class::Foreign => "check AWS_ENDPOINT_URL and its forms for single services, and the proxy".to_owned(),
            Class::Absent | Class::Deleted | Class::Condition | Class::Collision | Class::Other => return None,
        })
    }

    /// What happened, in words.
    pub fn cause(&self) -> String {
        match &self.class {
            Class::Denied(action) => format!("{action} is not allowed ({})", self.message),
            Class::NoBucket => "the bucket does not exist".to_owned(),
            Class::NoTable => format!("the table does not exist ({})", self.message),
            Class::OtherKey => format!("the table has another key ({})", self.message),
            Class::Region(Some(region)) => format!("the bucket is in {region}"),
            Class::Region(None) if self.code.is_some() => format!("it is in another region ({})", self.message),
            Class::Expired => format!("the credentials have expired ({})", self.message),
            Class::Rejected => format!("the credentials are not accepted ({})", self.message),
            Class::Skew => format!("the clock of this machine is wrong ({})", self.message),
            Class::Throttled => format!("it was asked to slow down at every attempt ({})", self.message),
            Class::Foreign => format!("what answers there is not AWS ({})", self.message),
            Class::Service => format!("the service failed at every attempt ({})", self.message),
            _ => self.message.clone(),
        }
    }

    /// The same where the reason is that a profile was named which does not exist.
    #[must_use]
    pub fn without_profile(self, name: &str) -> Self {
        Self { class: Class::NoProfile, message: format!("there is no profile `{name}`"), ..self }
    }
}

/// Why credentials could not be had. The SDK says it in words only.
fn class_of_credentials(error: &CredentialsError, chain: &str) -> Class {
    let lower = chain.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    match error {
        _ if says(&["sso", "token"]) && says(&["expired", "login", "cached", "sso login", "not found", "no such file"]) => Class::Login,
        CredentialsError::CredentialsNotLoaded(_) => Class::NoCredentials,
        _ if says(&["expired"]) => Class::Expired,
        _ => Class::Rejected,
    }
}

/// Tells whether an answer bears the id that every service of AWS, and what imitates it, gives to a request.
fn is_of_aws(raw: &HttpResponse) -> bool {
    ["x-amz-request-id", "x-amzn-requestid", "x-amz-id-2"].iter().any(|name| raw.headers().get(name).is_some())
}

fn said(code: Option<&str>, message: Option<&str>) -> String {
    match (code, message.filter(|message| !message.is_empty())) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, message) => message.unwrap_or_default().to_owned(),
    }
}

fn classify(code: &str, message: &str, status: u16, action: &str) -> Class {
    match code {
        "NoSuchKey" | "NotFound" | "NoSuchVersion" | "NoSuchEntity" => Class::Absent,
        "PreconditionFailed" | "ConditionalCheckFailedException" => Class::Condition,
        "ConditionalRequestConflict" | "OperationAborted" | "TransactionConflictException" => Class::Collision,
        "NoSuchBucket" => Class::NoBucket,
        "ResourceNotFoundException" if action.starts_with("dynamodb:") => Class::NoTable,
        // GetItem on a table with another key: "The provided key element does not match the schema", "The number of conditions on the keys is invalid".
        "ValidationException" if action.starts_with("dynamodb:") && message.contains(" key") => Class::OtherKey,
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => Class::Expired,
        "InvalidSignatureException" if message.contains("expired") || message.contains("not yet current") => Class::Skew,
        "InvalidAccessKeyId"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "SignatureDoesNotMatch"
        | "InvalidToken"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "InvalidSignatureException" => Class::Rejected,
        "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => Class::Skew,
        "SlowDown"
        | "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "ProvisionedThroughputExceededException"
        | "RequestThrottled"
        | "BandwidthLimitExceeded" => Class::Throttled,
        "AccessDenied"
        | "AccessDeniedException"
        | "AllAccessDisabled"
        | "AccountProblem"
        | "UnauthorizedOperation"
        | "NotAuthorized"
        | "Forbidden" => Class::Denied(denied_action(message).unwrap_or(action).to_owned()),
        _ => match status {
            403 => Class::Denied(denied_action(message).unwrap_or(action).to_owned()),
            404 => Class::Absent,
            409 => Class::Collision,
            412 => Class::Condition,
            429 => Class::Throttled,
            500.. => Class::Service,
            _ => Class::Other,
        },
    }
}

/// `… is not authorized to perform: s3:PutObject on resource: …`
fn denied_action(message: &str) -> Option<&str> {
    let rest = message.split_once("to perform: ")?.1;
    rest.split([' ', ',']).next().filter(|action| action.contains(':'))
}

/// `…; the region 'us-east-1' is wrong; expecting 'eu-west-1'`
fn expected_region(message: &str) -> Option<String> {
    Some(message.split_once("expecting '")?.1.split_once('\'')?.0.to_owned())
}

/// An error with its causes, each said once.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !text.is_empty() && !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = cause.source();
    }
    if parts.is_empty() { error.to_string() } else { parts.join(": ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_services_have_a_class() {
        for (code, status, class) in [
            ("NoSuchKey", 404, Class::Absent),
            ("PreconditionFailed", 412, Class::Condition),
            ("ConditionalRequestConflict", 409, Class::Collision),
            ("SlowDown", 503, Class::Throttled),
            ("ProvisionedThroughputExceededException", 400, Class::Throttled),
            ("ExpiredToken", 400, Class::Expired),
            ("ExpiredTokenException", 400, Class::Expired),
            ("RequestTimeTooSkewed", 403, Class::Skew),
            ("InvalidAccessKeyId", 403, Class::Rejected),
            ("InternalError", 500, Class::Service),
            ("", 403, Class::Denied("s3:PutObject".to_owned())),
            ("MalformedXML", 400, Class::Other),
            ("ResourceNotFoundException", 400, Class::Other),
        ] {
            assert_eq!(classify(code, "", status, "s3:PutObject"), class, "{code} {status}");
        }
    }

    #[test]
    fn the_missing_permission_is_the_one_that_aws_names() {
        let message = "User: arn:aws:sts::1:assumed-role/ci/x is not authorized to perform: kms:GenerateDataKey on resource: arn:…";
        assert_eq!(classify("AccessDenied", message, 403, "s3:PutObject"), Class::Denied("kms:GenerateDataKey".to_owned()));
        assert_eq!(classify("AccessDenied", "Access Denied", 403, "s3:PutObject"), Class::Denied("s3:PutObject".to_owned()));
    }

    #[test]
    fn the_region_is_read_from_the_message_where_no_header_has_it() {
        let message = "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'";
        assert_eq!(expected_region(message).as_deref(), Some("eu-west-1"));
    }

    #[test]
    fn a_signature_from_another_time_is_a_matter_of_the_clock() {
        let message = "Signature expired: 20261123T140211Z is now earlier than 20261123T150211Z";
        assert_eq!(classify("InvalidSignatureException", message, 400, "dynamodb:GetItem"), Class::Skew);
        assert_eq!(classify("InvalidSignatureException", "no match", 400, "dynamodb:GetItem"), Class::Rejected);
    }
}
