//! Codes of AWS rules and resource schemas.

codes! {
    P3001 Invalid Error "unknown AWS type";
    P3002 Invalid Error "unknown property of the type";
    P3003 Invalid Error "property has the wrong type, pattern, length or range";
    P3004 Invalid Error "required property missing";
    P3005 Invalid Error "read-only property given";
    P3006 Invalid Error "type cannot be carried by a nested stack";
    P3007 Invalid Error "nested template exceeds 51 200 bytes";
    P3008 Invalid Error "physical name breaks the type's rules";
    P3009 Invalid Error "more tags than the type allows, or a reserved tag";
    P3010 Invalid Error "cpu and memory do not form a Fargate size";
    P3011 Invalid Error "public exposure not allowed by the access block";
    P3012 Invalid Error "certificate in the wrong region";
    P3013 Invalid Error "too few subnets or zones for the kind";
    P3014 Invalid Error "private subnets needed but none given";
    P3015 Invalid Error "public and private subnet lists overlap or repeat";
    P3017 Invalid Error "configs or user data too large";
    P3018 Invalid Error "schedule expression refused";
    P3019 Invalid Error "policy document above the size limit";
    P3020 Invalid Error "change needs replacement of a protected resource";
    P3021 Invalid Error "deletion of a protected resource";
    P3022 Invalid Error "storage cannot shrink";
    P3023 Invalid Error "instance class not offered for the engine";
    P3024 Invalid Error "step that AWS does not take";
    P3025 Invalid Error "version cannot go back";
    P3026 Invalid Error "AWS takes such changes one at a time";
    P3027 Invalid Error "no way from private subnets to what is needed";
    P3028 Invalid Error "key that the sending service cannot use";
    P3040 Invalid Warning "image tag `latest`";
    P3041 Invalid Warning "function without a path to public APIs";
    P3042 Invalid Warning "stateful component without protection in a protected environment";
    P3043 Invalid Warning "open to 0.0.0.0/0 on a port other than 80 or 443";
    P3044 Invalid Warning "queue hides messages for less time than its function may work";
    P3045 Invalid Warning "key that the sending service must be allowed to use";
    P3046 Invalid Warning "template above the limits of CloudFormation";
    P3047 Invalid Warning "runtime without security updates";
    P3048 Invalid Warning "volume that the container's user cannot write to";
    P3049 Invalid Warning "password that is exchanged while tasks hold it";
}
