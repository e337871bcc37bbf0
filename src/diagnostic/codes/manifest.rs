//! Codes that need one document.

codes! {
    P1001 Invalid Error "file is not valid YAML";
    P1002 Invalid Error "duplicate key in a map";
    P1003 Invalid Error "apiVersion missing or not of this kind";
    P1004 Invalid Error "unknown kind, or a kind that has no place in this file";
    P1005 Invalid Error "name missing or malformed";
    P1006 Invalid Error "name, stack, service or environment differs from the path";
    P1007 Invalid Error "more than one component document in a component directory";
    P1008 Invalid Error "two documents define one id";
    P1009 Invalid Error "no Stack document, or more than one";
    P1010 Invalid Error "unknown field";
    P1011 Invalid Error "wrong type";
    P1012 Invalid Error "required field missing";
    P1013 Invalid Error "value out of range or not in the enumeration";
    P1014 Invalid Error "malformed value (duration, CIDR, cron, ARN, window)";
    P1015 Invalid Error "recognised field or value that is not offered";
    P1016 Invalid Error "infrastructure field that the kind does not use";
    P1017 Invalid Error "fields exclude each other, or exactly one of them is needed";
    P1018 Invalid Error "field needs another field";
    P1019 Invalid Error "duplicate name in a list (ports, environment, rules, routes)";
    P1020 Invalid Error "two spellings of one field differ";
    P1021 Invalid Error "referenced file missing, too large or outside the root";
    P1022 Invalid Error "alias expansion limit or merge key";
    P1023 Invalid Error "file not UTF-8, no document in it, or symlink out of the root";
    P1030 Invalid Error "unresolved variable";
    P1031 Invalid Error "malformed reference";
    P1032 Invalid Error "circular variables";
    P1033 Invalid Error "built-in variable redefined";
    P1034 Invalid Error "substituted value does not fit the field's type";
    P1035 Invalid Warning "`--var` never used";
    P1040 Invalid Error "literal secret in YAML";
    P1041 Invalid Error "malformed secretRef, `key` with `ssm:`, or a source the field cannot use";
    P1050 Invalid Error "unknown environment";
    P1051 Invalid Error "overlay without a base";
    P1052 Invalid Error "overlay kind or value type differs from the base";
    P1053 Invalid Warning "overlay changes nothing";
    P1054 Invalid Error "ComponentInfra without a component";
    P1055 Invalid Error "manifest or directory at a place where none is read";
}
