//! Codes that need the account; found by plan, never by validate.

codes! {
    P4001 Invalid Error "account differs from provider.accountId";
    P4002 Invalid Error "secret or parameter does not exist";
    P4003 Invalid Error "existing VPC, subnet, cluster or certificate not found";
    P4004 Invalid Error "region does not offer the type";
}
