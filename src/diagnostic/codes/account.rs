//! Codes that need the account; found by plan, never by validate.

codes! {
    P4001 Invalid Error "account differs from provider.accountId";
    P4010 Failure Error "no credentials";
    P4011 Failure Error "credentials have expired";
    P4012 Failure Error "permission missing";
    P4013 Failure Error "bucket does not exist";
    P4014 Failure Error "region unknown, or another one";
    P4015 Failure Error "clock of this machine is wrong";
    P4016 Failure Error "service asks to slow down";
    P4017 Failure Error "service cannot be reached";
    P4018 Failure Error "lock table does not exist";
    P4019 Failure Warning "bucket keeps no versions";
    P4020 Failure Error "profile does not exist";
    P4021 Failure Error "single sign-on: login needed";
    P4022 Failure Error "credentials are not accepted";
    P4023 Failure Error "endpoint is not AWS";
    P4024 Failure Error "service fails";
    P4025 Failure Error "lock table has another key";
    P4026 Failure Warning "lock table does not remove old items";
    P4027 Failure Error "bucket belongs to another account";
    P4028 Failure Warning "setting of the backend is not as it should be";
    P4029 Failure Error "backend cannot be set up";
    P4030 Failure Error "store ignores the conditions of writes";
    P4031 Failure Error "name of a policy or role is taken";
    P4032 Failure Error "backend is still in use";
}
