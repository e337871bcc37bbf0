"""Answers that refuse: AWS's codes, statuses and wordings, in the form of the protocol that was asked in."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from xml.sax.saxutils import escape

from emulator.calls import Call

Answer = tuple[int, dict[str, str], bytes]

# Code -> status and message, as the services give them.
S3 = {
    "AccessDenied": (403, "Access Denied"),
    "AuthorizationHeaderMalformed": (400, "The authorization header is malformed"),
    "ConditionalRequestConflict": (409, "The conditional request cannot succeed due to a conflicting operation against this resource."),
    "ExpiredToken": (400, "The provided token has expired."),
    "InternalError": (500, "We encountered an internal error. Please try again."),
    "InvalidAccessKeyId": (403, "The AWS Access Key Id you provided does not exist in our records."),
    "NoSuchBucket": (404, "The specified bucket does not exist"),
    "NoSuchKey": (404, "The specified key does not exist."),
    "PermanentRedirect": (301, "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all "
                               "future requests to this endpoint."),
    "PreconditionFailed": (412, "At least one of the pre-conditions you specified did not hold"),
    "RequestTimeTooSkewed": (403, "The difference between the request time and the current time is too large."),
    "RequestTimeout": (400, "Your socket connection to the server was not read from or written to within the timeout period. Idle connections "
                            "will be closed."),
    "ServiceUnavailable": (503, "Service is unable to handle request."),
    "SignatureDoesNotMatch": (403, "The request signature we calculated does not match the signature you provided. Check your key and signing "
                                   "method."),
    "SlowDown": (503, "Please reduce your request rate."),
}
OTHERS = {
    "AccessDenied": (403, "Access Denied"),
    "AccessDeniedException": (400, "Access Denied"),
    "ExpiredToken": (403, "The security token included in the request is expired"),
    "ExpiredTokenException": (400, "The security token included in the request is expired"),
    "InternalFailure": (500, "The request processing has failed because of an unknown error, exception or failure."),
    "InternalServerError": (500, "Internal server error"),
    "InvalidClientTokenId": (403, "The security token included in the request is invalid."),
    "InvalidSignatureException": (400, "Signature expired"),
    "ProvisionedThroughputExceededException": (400, "The level of configured provisioned throughput for the table was exceeded. Consider "
                                                    "increasing your provisioning level with the UpdateTable API."),
    "RequestLimitExceeded": (400, "Throughput exceeds the current throughput limit for your account."),
    "ResourceNotFoundException": (400, "Requested resource not found"),
    "ServiceUnavailable": (503, "The request has failed due to a temporary failure of the server."),
    "ThrottlingException": (400, "Rate exceeded"),
    "TransactionConflictException": (400, "Transaction is ongoing for the item"),
    "UnrecognizedClientException": (400, "The security token included in the request is invalid."),
}

# Handler error codes, which Cloud Control's events end with.
EVENTS = frozenset({
    "AccessDenied", "AlreadyExists", "GeneralServiceException", "HandlerInternalFailure", "InternalFailure", "InvalidCredentials", "InvalidRequest",
    "NetworkFailure", "NotFound", "NotStabilized", "NotUpdatable", "ResourceConflict", "ServiceInternalError", "ServiceLimitExceeded",
    "ServiceTimeout", "Throttling", "UnauthorizedTaggingOperation"})

# Those that the front end of all JSON services answers, and not the service itself.
FRONT_END = frozenset({"AccessDeniedException", "ExpiredTokenException", "InvalidSignatureException", "ThrottlingException",
                       "UnrecognizedClientException", "InternalFailure", "ServiceUnavailable"})
NAMESPACES = {"dynamodb": "com.amazonaws.dynamodb.v20120810", "cloudcontrolapi": "com.amazon.cloudapiservice"}

# Operations of S3 that need a permission of another name.
S3_PERMISSIONS = {
    "CreateMultipartUpload": "PutObject", "CompleteMultipartUpload": "PutObject", "UploadPart": "PutObject", "CopyObject": "PutObject",
    "DeleteObjects": "DeleteObject", "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration", "GetPublicAccessBlock": "GetBucketPublicAccessBlock", "HeadBucket": "ListBucket",
    "HeadObject": "GetObject", "ListBuckets": "ListAllMyBuckets", "ListObjects": "ListBucket", "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions", "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration", "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}


@dataclass(frozen=True)
class Failure:
    """A refusal: what is left out comes from the tables above."""

    code: str
    status: int | None = None
    message: str | None = None
    region: str | None = None  # of the bucket, for a redirect
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, given: dict[str, Any]) -> Failure:
        """From a rule; a code that no table knows must bring its status."""
        unknown = given.keys() - {"code", "status", "message", "region", "headers"}
        if unknown:
            raise ValueError(f"fail does not take {', '.join(sorted(unknown))}")
        failure = cls(**given)
        if failure.status is None and failure.code not in S3 and failure.code not in OTHERS:
            raise ValueError(f"fail needs the status of {failure.code}")
        return failure

    @classmethod
    def throttling(cls, call: Call) -> Failure:
        return cls({"s3": "SlowDown", "dynamodb": "ProvisionedThroughputExceededException"}.get(call.service, "ThrottlingException"))

    def answer(self, call: Call) -> Answer:
        """The whole answer to a call."""
        first, second = (S3, OTHERS) if call.service == "s3" else (OTHERS, S3)
        status, message = first.get(self.code) or second.get(self.code) or (self.status or 400, self.code)
        status = self.status or status
        if self.message is not None:
            message = self.message
        elif self.code in ("AccessDenied", "AccessDeniedException"):
            message = denial(call)
        request = str(uuid.uuid4())
        headers = {"x-amzn-requestid": request, "x-amz-request-id": request, "date": formatdate(usegmt=True), **self.headers}
        if self.region is not None:
            headers["x-amz-bucket-region"] = self.region
        body = self._body(call, message, request, headers)
        if call.method == "HEAD":
            body = b""
        headers["content-length"] = str(len(body))
        return status, headers, body

    def _body(self, call: Call, message: str, request: str, headers: dict[str, str]) -> bytes:
        match call.protocol:
            case "json":
                namespace = "com.amazon.coral.service" if self.code in FRONT_END else NAMESPACES.get(call.service, "com.amazonaws")
                headers["content-type"] = "application/x-amz-json-1.0"
                # The front end writes a capital, the services a small letter.
                name = "Message" if self.code == "AccessDeniedException" else "message"
                return json.dumps({"__type": f"{namespace}#{self.code}", name: message}).encode()
            case "rest-json":
                headers["content-type"] = "application/json"
                headers["x-amzn-errortype"] = self.code
                return json.dumps({"message": message}).encode()
            case "query":
                headers["content-type"] = "text/xml"
                kind = "Receiver" if self.status and self.status >= 500 else "Sender"
                return (f"<ErrorResponse><Error><Type>{kind}</Type><Code>{escape(self.code)}</Code><Message>{escape(message)}</Message></Error>"
                        f"<RequestId>{request}</RequestId></ErrorResponse>").encode()
            case _:
                headers["content-type"] = "application/xml"
                return (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{escape(self.code)}</Code><Message>{escape(message)}</Message>'
                        f"{self._s3_details(call)}<RequestId>{request}</RequestId><HostId>emulator</HostId></Error>").encode()

    def _s3_details(self, call: Call) -> str:
        match self.code:
            case "PermanentRedirect":
                endpoint = f"{call.resource}.s3.{self.region or 'us-west-2'}.amazonaws.com"
                return f"<Endpoint>{escape(endpoint)}</Endpoint><Bucket>{escape(call.resource)}</Bucket>"
            case "AuthorizationHeaderMalformed" if self.region:
                return f"<Region>{escape(self.region)}</Region>"
            case "NoSuchBucket":
                return f"<BucketName>{escape(call.resource)}</BucketName>"
            case "NoSuchKey":
                return f"<Key>{escape(call.key)}</Key>"
            case "RequestTimeTooSkewed":
                return "<MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>"
            case _:
                return ""


def denial(call: Call) -> str:
    """AWS's wording of a missing permission, with the name of the permission and of the resource."""
    who = f"arn:aws:iam::{call.account}:user/tester"
    if call.service == "s3":
        action = f"s3:{S3_PERMISSIONS.get(call.operation, call.operation)}"
        whole_bucket = "Bucket" in action or not call.key
        arn = "*" if not call.resource else f"arn:aws:s3:::{call.resource}" + ("" if whole_bucket else f"/{call.key}")
        where = f'"{arn}"'
    else:
        action = f"{'cloudformation' if call.service == 'cloudcontrolapi' else call.service}:{call.operation}"
        where = f"arn:aws:dynamodb:{call.region}:{call.account}:table/{call.resource}" if call.service == "dynamodb" and call.resource else "*"
    return f"User: {who} is not authorized to perform: {action} on resource: {where} because no identity-based policy allows the {action} action"
