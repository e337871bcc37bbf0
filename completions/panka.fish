# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_panka_global_optspecs
    string join \n C/dir= s/stack= e/environment= service= var= var-file= engine= backend-type= backend-bucket= backend-prefix= backend-region= lock-type= lock-table= lock-region= o/output= jq= r/raw-output q/quiet v/verbose no-color strict config= h/help V/version
end

function __fish_panka_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_panka_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_panka_using_subcommand
    set -l cmd (__fish_panka_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c panka -n "__fish_panka_needs_command" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_needs_command" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_needs_command" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_needs_command" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_needs_command" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_needs_command" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_needs_command" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_needs_command" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_needs_command" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_needs_command" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_needs_command" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_needs_command" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_needs_command" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_needs_command" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_needs_command" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_needs_command" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_needs_command" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_needs_command" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_needs_command" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_needs_command" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_needs_command" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_needs_command" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_needs_command" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_needs_command" -f -a "apply" -d 'Carry out a plan: from a plan on standard input, from any earlier document, or end to end'
complete -c panka -n "__fish_panka_needs_command" -f -a "backend" -d 'Set up and check the bucket of the states, the table of the locks, and the roles'
complete -c panka -n "__fish_panka_needs_command" -f -a "config" -d 'Show the effective configuration'
complete -c panka -n "__fish_panka_needs_command" -f -a "destroy" -d 'Delete everything of a stack in one environment'
complete -c panka -n "__fish_panka_needs_command" -f -a "diff" -d 'Compare the graph with the state and emit a plan'
complete -c panka -n "__fish_panka_needs_command" -f -a "explain" -d 'Explain a code of a finding, or a component kind'
complete -c panka -n "__fish_panka_needs_command" -f -a "fmt" -d 'Format manifests'
complete -c panka -n "__fish_panka_needs_command" -f -a "graph" -d 'Emit the AWS resources that the components become, with their edges'
complete -c panka -n "__fish_panka_needs_command" -f -a "init" -d 'Write the configuration file'
complete -c panka -n "__fish_panka_needs_command" -f -a "lock" -d 'Take, show and free locks; without a verb, a stage of the pipe that takes the lock'
complete -c panka -n "__fish_panka_needs_command" -f -a "outputs" -d 'Show the outputs of components and of the stack'
complete -c panka -n "__fish_panka_needs_command" -f -a "parse" -d 'Compile the manifests of a stack in one environment'
complete -c panka -n "__fish_panka_needs_command" -f -a "plan" -d 'Show what apply would do, drawn for people'
complete -c panka -n "__fish_panka_needs_command" -f -a "render" -d 'Write a graph or a plan in another form: CloudFormation, Pulumi, DOT, Mermaid, Markdown'
complete -c panka -n "__fish_panka_needs_command" -f -a "schema" -d 'Print the JSON Schema of a document kind'
complete -c panka -n "__fish_panka_needs_command" -f -a "stack" -d 'Make a new stack'
complete -c panka -n "__fish_panka_needs_command" -f -a "state" -d 'Show and change the state; without a verb, a stage of the pipe that attaches the state'
complete -c panka -n "__fish_panka_needs_command" -f -a "validate" -d 'Check the manifests offline: no credentials, no network'
complete -c panka -n "__fish_panka_needs_command" -f -a "version" -d 'Show the version'
complete -c panka -n "__fish_panka_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c panka -n "__fish_panka_using_subcommand apply" -l target -d 'Only these resources and what they need: service, service/component or service/component/role; `*` and `?` are wildcards' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l exclude -d 'Not these resources, nor what needs them' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l replace -d 'Replace these resources even if nothing changed' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l confirm -d 'Name of the stack, where a protected environment is destroyed and nobody can be asked' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l parallelism -d 'Steps at once, 1 to 1000' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l on-failure -d 'What to do when a step fails' -r -f -a "stop\t'Start nothing new, finish what runs'
continue\t'Go on with everything that does not depend on the failed step'
rollback\t'Finish what runs, then undo the steps of this run'"
complete -c panka -n "__fish_panka_using_subcommand apply" -l lock-timeout -d 'How long to wait for a held lock: 90s, 10m' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l lock -d 'Use the lock in this file, made by `panka lock acquire`, and leave it held' -r -F
complete -c panka -n "__fish_panka_using_subcommand apply" -l events -d 'Write the events of the run as lines of JSON to a file, or to `fd:N`' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l keep-program -d 'Keep the Pulumi program of the run in this directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand apply" -l faults -d 'Faults to inject into the simulated account, for tests of pipelines' -r -F
complete -c panka -n "__fish_panka_using_subcommand apply" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand apply" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand apply" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand apply" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand apply" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand apply" -l adopt -d 'Have the engine take over what the state knows and the engine does not, without a change in AWS, and go on from there'
complete -c panka -n "__fish_panka_using_subcommand apply" -l allow-mass-delete -d 'Delete more than half of what exists without asking'
complete -c panka -n "__fish_panka_using_subcommand apply" -s y -l auto-approve -l yes -d 'Do not ask'
complete -c panka -n "__fish_panka_using_subcommand apply" -l no-takeover -d 'Never take over the lock of a dead run'
complete -c panka -n "__fish_panka_using_subcommand apply" -l skip-protected -d 'Run what protection does not forbid, and exit with 6'
complete -c panka -n "__fish_panka_using_subcommand apply" -l cancel-pulumi -d 'Clear Pulumi\'s own lock of the stack, whoever holds it'
complete -c panka -n "__fish_panka_using_subcommand apply" -l allow-simulated -d 'Let the local engine act with a real backend'
complete -c panka -n "__fish_panka_using_subcommand apply" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand apply" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand apply" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand apply" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand apply" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand apply" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -f -a "create" -d 'Make the bucket, the table and the roles, or repair them'
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -f -a "delete" -d 'Delete the bucket, the table and the roles'
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -f -a "status" -d 'Check the bucket, the table, and what the credentials may do there'
complete -c panka -n "__fish_panka_using_subcommand backend; and not __fish_seen_subcommand_from create delete status help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l bucket -d 'S3 bucket of the states; the configured one otherwise' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l table -d 'DynamoDB table of the locks; the configured one otherwise, and without any the locks are objects of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l region -d 'Region of both; the configured one otherwise' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l kms-key -d 'ARN of the KMS key that encrypts the states; AES256 otherwise' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l name -d 'What the names of policies and roles begin with: NAME-deploy, NAME-plan; the bucket otherwise' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l github -d 'Repository of GitHub whose workflows may take the roles; with an environment, only jobs of that environment may deploy' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l gitlab -d 'Project of GitLab whose pipelines may take the roles; with a branch, only that branch may deploy' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l gitlab-host -d 'Host of GitLab' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l account -d 'Account whose users and roles may take the roles, as far as that account allows them to' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l tag -d 'Tag of everything that is made; may be repeated' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l dry-run -d 'Show what would be done, and stop'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -s y -l auto-approve -d 'Do not ask'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from create" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l bucket -d 'S3 bucket of the states; the configured one otherwise' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l table -d 'DynamoDB table of the locks; the configured one otherwise, and without any the locks are objects of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l region -d 'Region of both; the configured one otherwise' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l kms-key -d 'ARN of the KMS key that encrypts the states; AES256 otherwise' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l name -d 'What the names of policies and roles begin with: NAME-deploy, NAME-plan; the bucket otherwise' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l github -d 'Repository of GitHub whose workflows may take the roles; with an environment, only jobs of that environment may deploy' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l gitlab -d 'Project of GitLab whose pipelines may take the roles; with a branch, only that branch may deploy' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l gitlab-host -d 'Host of GitLab' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l account -d 'Account whose users and roles may take the roles, as far as that account allows them to' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l tag -d 'Tag of everything that is made; may be repeated' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l confirm -d 'The name of the bucket, which is not asked for then' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l dry-run -d 'Show what would be deleted, and stop'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -s y -l auto-approve -d 'Do not ask; --confirm must name the bucket'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from delete" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l bucket -d 'S3 bucket of the states; the configured one otherwise' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l table -d 'DynamoDB table of the locks; the configured one otherwise, and without any the locks are objects of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l region -d 'Region of both; the configured one otherwise' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l kms-key -d 'ARN of the KMS key that encrypts the states; AES256 otherwise' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l name -d 'What the names of policies and roles begin with: NAME-deploy, NAME-plan; the bucket otherwise' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l github -d 'Repository of GitHub whose workflows may take the roles; with an environment, only jobs of that environment may deploy' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l gitlab -d 'Project of GitLab whose pipelines may take the roles; with a branch, only that branch may deploy' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l gitlab-host -d 'Host of GitLab' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l account -d 'Account whose users and roles may take the roles, as far as that account allows them to' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l tag -d 'Tag of everything that is made; may be repeated' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l exit-code -d 'Exit with 10 if anything is not as it should be'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from help" -f -a "create" -d 'Make the bucket, the table and the roles, or repair them'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete the bucket, the table and the roles'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from help" -f -a "status" -d 'Check the bucket, the table, and what the credentials may do there'
complete -c panka -n "__fish_panka_using_subcommand backend; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -f -a "show" -d 'Show every key with its value'
complete -c panka -n "__fish_panka_using_subcommand config; and not __fish_seen_subcommand_from show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Show where each value comes from'
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show every key with its value'
complete -c panka -n "__fish_panka_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c panka -n "__fish_panka_using_subcommand destroy" -l target -d 'Only these resources and what needs them: service, service/component or service/component/role; `*` and `?` are wildcards' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l exclude -d 'Not these resources, nor what they need' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l confirm -d 'Name of the stack, where a protected environment is destroyed and nobody can be asked' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l parallelism -d 'Steps at once, 1 to 1000' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l on-failure -d 'What to do when a step fails' -r -f -a "stop\t'Start nothing new, finish what runs'
continue\t'Go on with everything that does not depend on the failed step'
rollback\t'Finish what runs, then undo the steps of this run'"
complete -c panka -n "__fish_panka_using_subcommand destroy" -l lock-timeout -d 'How long to wait for a held lock: 90s, 10m' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l lock -d 'Use the lock in this file, made by `panka lock acquire`, and leave it held' -r -F
complete -c panka -n "__fish_panka_using_subcommand destroy" -l events -d 'Write the events of the run as lines of JSON to a file, or to `fd:N`' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l keep-program -d 'Keep the Pulumi program of the run in this directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand destroy" -l faults -d 'Faults to inject into the simulated account, for tests of pipelines' -r -F
complete -c panka -n "__fish_panka_using_subcommand destroy" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand destroy" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand destroy" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand destroy" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand destroy" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand destroy" -s y -l auto-approve -l yes -d 'Do not ask'
complete -c panka -n "__fish_panka_using_subcommand destroy" -l no-takeover -d 'Never take over the lock of a dead run'
complete -c panka -n "__fish_panka_using_subcommand destroy" -l skip-protected -d 'Run what protection does not forbid, and exit with 6'
complete -c panka -n "__fish_panka_using_subcommand destroy" -l cancel-pulumi -d 'Clear Pulumi\'s own lock of the stack, whoever holds it'
complete -c panka -n "__fish_panka_using_subcommand destroy" -l allow-simulated -d 'Let the local engine act with a real backend'
complete -c panka -n "__fish_panka_using_subcommand destroy" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand destroy" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand destroy" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand destroy" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand destroy" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand destroy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand destroy" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand diff" -l target -d 'Only these resources and what they need: service, service/component or service/component/role; `*` and `?` are wildcards' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -l exclude -d 'Not these resources, nor what needs them' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -l replace -d 'Replace these resources even if nothing changed' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand diff" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand diff" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand diff" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand diff" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand diff" -l exit-code -d 'Exit with 10 when the plan holds steps; with --check, when the two differ'
complete -c panka -n "__fish_panka_using_subcommand diff" -l check -d 'Have Pulumi preview the same program, and tell where the two differ'
complete -c panka -n "__fish_panka_using_subcommand diff" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand diff" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand diff" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand diff" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand diff" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand diff" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand explain" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand explain" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand explain" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand explain" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand explain" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand explain" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand explain" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand explain" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand explain" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand explain" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand explain" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand explain" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand explain" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand explain" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand explain" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand explain" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand explain" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand explain" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand explain" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand explain" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand explain" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand explain" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand explain" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand fmt" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand fmt" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand fmt" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand fmt" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand fmt" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand fmt" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand fmt" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand fmt" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand fmt" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand fmt" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand fmt" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand fmt" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand fmt" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand fmt" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand fmt" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand fmt" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand fmt" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand fmt" -l check -d 'Change nothing; exit with 10 when a file would change'
complete -c panka -n "__fish_panka_using_subcommand fmt" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand fmt" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand fmt" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand fmt" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand fmt" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand fmt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand fmt" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand graph" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand graph" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand graph" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand graph" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand graph" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand graph" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand graph" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand graph" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand graph" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand graph" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand graph" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand graph" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand graph" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand graph" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand graph" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand graph" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand graph" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand graph" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand graph" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand graph" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand graph" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand graph" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand graph" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand graph" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand init" -l region -d 'Region to deploy to' -r
complete -c panka -n "__fish_panka_using_subcommand init" -l bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand init" -l table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand init" -l profile -d 'AWS profile' -r
complete -c panka -n "__fish_panka_using_subcommand init" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand init" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand init" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand init" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand init" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand init" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand init" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand init" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand init" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand init" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand init" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand init" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand init" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand init" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand init" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand init" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand init" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand init" -l here -d 'Write panka.yaml in the repository instead'
complete -c panka -n "__fish_panka_using_subcommand init" -l force -d 'Write over a file that is there'
complete -c panka -n "__fish_panka_using_subcommand init" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand init" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand init" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand init" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand init" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand init" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l ttl -d 'Length of the lease as a stage of the pipe: no process is left to renew it' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l lock-timeout -d 'How long to wait for a held lock' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l no-takeover -d 'Never take over the lock of a dead run'
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -f -a "status" -d 'Show who holds the lock of a stack and environment'
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -f -a "list" -d 'List the locks of all stacks and environments'
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -f -a "acquire" -d 'Take the lock for a script: prints the ticket'
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -f -a "renew" -d 'Lengthen a lease that a script holds'
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -f -a "release" -d 'Free a lock that a script holds'
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -f -a "break" -d 'Take the lock away from a holder that is known to be dead'
complete -c panka -n "__fish_panka_using_subcommand lock; and not __fish_seen_subcommand_from status list acquire renew release break help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l ttl -d 'Length of the lease' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l lock-timeout -d 'How long to wait for a held lock' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l operation -d 'What it is held for' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l no-takeover -d 'Never take over the lock of a dead run'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from acquire" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l ttl -d 'Length of the lease from now; as long as it was taken for, if not given' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l lock-id -d 'Id of the lease instead of a ticket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from renew" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l lock-id -d 'Id of the lease instead of a ticket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from release" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l lock-id -d 'Id of the lease to break, as `panka lock status` shows it' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l reason -d 'Why; kept in the lock\'s history' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -s y -l yes -d 'Do not ask'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from break" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show who holds the lock of a stack and environment'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the locks of all stacks and environments'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from help" -f -a "acquire" -d 'Take the lock for a script: prints the ticket'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from help" -f -a "renew" -d 'Lengthen a lease that a script holds'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from help" -f -a "release" -d 'Free a lock that a script holds'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from help" -f -a "break" -d 'Take the lock away from a holder that is known to be dead'
complete -c panka -n "__fish_panka_using_subcommand lock; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c panka -n "__fish_panka_using_subcommand outputs" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand outputs" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand outputs" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand outputs" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand outputs" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand outputs" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand outputs" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand outputs" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand outputs" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand outputs" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand outputs" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand outputs" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand outputs" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand outputs" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand outputs" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand outputs" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand outputs" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand outputs" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand outputs" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand outputs" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand outputs" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand outputs" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand outputs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand outputs" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand parse" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand parse" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand parse" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand parse" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand parse" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand parse" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand parse" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand parse" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand parse" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand parse" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand parse" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand parse" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand parse" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand parse" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand parse" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand parse" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand parse" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand parse" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand parse" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand parse" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand parse" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand parse" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand parse" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand parse" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand plan" -l target -d 'Only these resources and what they need: service, service/component or service/component/role; `*` and `?` are wildcards' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -l exclude -d 'Not these resources, nor what needs them' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -l replace -d 'Replace these resources even if nothing changed' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -l out -d 'Write the plan document to a file as well' -r -F
complete -c panka -n "__fish_panka_using_subcommand plan" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand plan" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand plan" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand plan" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand plan" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand plan" -l destroy -d 'Show a plan that deletes everything'
complete -c panka -n "__fish_panka_using_subcommand plan" -l exit-code -d 'Exit with 10 when the plan holds steps'
complete -c panka -n "__fish_panka_using_subcommand plan" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand plan" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand plan" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand plan" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand plan" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand plan" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand render" -l format -d 'The form' -r -f -a "cloudformation\t'A CloudFormation template, JSON'
pulumi\t'A Pulumi project in YAML: with --out its files; in a pipe one JSON document'
dot\t'Graphviz'
mermaid\t'Mermaid flow chart'
markdown\t'Markdown for pull requests'"
complete -c panka -n "__fish_panka_using_subcommand render" -l out -d 'Write a Pulumi project into this directory; a stack file that is there is kept, since it holds configuration' -r -F
complete -c panka -n "__fish_panka_using_subcommand render" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand render" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand render" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand render" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand render" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand render" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand render" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand render" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand render" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand render" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand render" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand render" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand render" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand render" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand render" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand render" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand render" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand render" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand render" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand render" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand render" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand render" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand render" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand render" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand schema" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand schema" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand schema" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand schema" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand schema" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand schema" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand schema" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand schema" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand schema" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand schema" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand schema" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand schema" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand schema" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand schema" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand schema" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand schema" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand schema" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand schema" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand schema" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand schema" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand schema" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand schema" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand schema" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -f -a "init" -d 'Write a new stack with one service, a queue and two environments'
complete -c panka -n "__fish_panka_using_subcommand stack; and not __fish_seen_subcommand_from init help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l region -d 'Region to deploy to' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from init" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from help" -f -a "init" -d 'Write a new stack with one service, a queue and two environments'
complete -c panka -n "__fish_panka_using_subcommand stack; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -f -a "show" -d 'Show the whole state, journal folded in'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -f -a "list" -d 'List the resources'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -f -a "pull" -d 'Print the stored state, for keeping or for another backend'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -f -a "push" -d 'Replace the stored state with the one on standard input or in a file'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -f -a "rm" -d 'Forget resources without touching them in AWS'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -f -a "mv" -d 'Rename a resource, a component or a service in the state'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -f -a "history" -d 'List the runs of this place, and the versions of its snapshot'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -f -a "restore" -d 'Put a version of the snapshot back that the backend has kept'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -f -a "migrate" -d 'Move the state to another backend'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -f -a "protect" -d 'Refuse delete and replace of resources from now on'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -f -a "unprotect" -d 'Allow delete and replace of resources again'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -f -a "resolve" -d 'Say what became of a pending step that panka cannot find out'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -f -a "verify" -d 'Check the stored state, its journal, its records of runs and its lock'
complete -c panka -n "__fish_panka_using_subcommand state; and not __fish_seen_subcommand_from show list pull push rm mv history restore migrate protect unprotect resolve verify help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l version -d 'A version that the backend has kept, as `panka state history` lists them' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from pull" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l force -d 'Push even if the serial is behind'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from push" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l dry-run -d 'Show what would be forgotten'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from rm" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l dry-run -d 'Show what would be renamed'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from mv" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from history" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l dry-run -d 'Show what would be put back'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from restore" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l to -d 'Where the state is to live' -r -f -a "local\t'Files below `.panka/`'
s3\t'A bucket'"
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l to-bucket -d 'Bucket, with --to s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l to-prefix -d 'Prefix of every key in that bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l to-region -d 'Region of that bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l to-lock-table -d 'DynamoDB table of the locks there; without it they are objects of that bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l to-lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l dry-run -d 'Show what would be moved'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from migrate" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from protect" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from unprotect" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l from -d 'Feed back what a run learned that could not write any more: a file of .panka/orphans' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l identifier -d 'It exists, with this identifier' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l absent -d 'It does not exist'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from resolve" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the whole state, journal folded in'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the resources'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "pull" -d 'Print the stored state, for keeping or for another backend'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "push" -d 'Replace the stored state with the one on standard input or in a file'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "rm" -d 'Forget resources without touching them in AWS'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "mv" -d 'Rename a resource, a component or a service in the state'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "history" -d 'List the runs of this place, and the versions of its snapshot'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "restore" -d 'Put a version of the snapshot back that the backend has kept'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "migrate" -d 'Move the state to another backend'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "protect" -d 'Refuse delete and replace of resources from now on'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "unprotect" -d 'Allow delete and replace of resources again'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "resolve" -d 'Say what became of a pending step that panka cannot find out'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check the stored state, its journal, its records of runs and its lock'
complete -c panka -n "__fish_panka_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c panka -n "__fish_panka_using_subcommand validate" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand validate" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand validate" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand validate" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand validate" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand validate" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand validate" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand validate" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand validate" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand validate" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand validate" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand validate" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand validate" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand validate" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand validate" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand validate" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand validate" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand validate" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand validate" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand validate" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand validate" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand validate" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand validate" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand version" -s C -l dir -d 'Directory to start from instead of the working directory' -r -F
complete -c panka -n "__fish_panka_using_subcommand version" -s s -l stack -d 'Stack; may be left out where the repository has one' -r
complete -c panka -n "__fish_panka_using_subcommand version" -s e -l environment -d 'Environment of the stack' -r
complete -c panka -n "__fish_panka_using_subcommand version" -l service -d 'Narrow the run and its lock to one service' -r
complete -c panka -n "__fish_panka_using_subcommand version" -l var -d 'Set a manifest variable; wins over every other source' -r
complete -c panka -n "__fish_panka_using_subcommand version" -l var-file -d 'Read manifest variables from a YAML or JSON map; a later file wins' -r -F
complete -c panka -n "__fish_panka_using_subcommand version" -l engine -d 'What executes plans: local, cloudcontrol or pulumi' -r
complete -c panka -n "__fish_panka_using_subcommand version" -l backend-type -d 'Where state lives: local or s3' -r
complete -c panka -n "__fish_panka_using_subcommand version" -l backend-bucket -d 'S3 bucket of the state' -r
complete -c panka -n "__fish_panka_using_subcommand version" -l backend-prefix -d 'Prefix of every key in the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand version" -l backend-region -d 'Region of the bucket' -r
complete -c panka -n "__fish_panka_using_subcommand version" -l lock-type -d 'Where locks live: local, dynamodb, s3 or dynamodb+s3' -r
complete -c panka -n "__fish_panka_using_subcommand version" -l lock-table -d 'DynamoDB table of the locks' -r
complete -c panka -n "__fish_panka_using_subcommand version" -l lock-region -d 'Region of that table' -r
complete -c panka -n "__fish_panka_using_subcommand version" -s o -l output -d 'Form of the output: auto is a table on a terminal and JSON when piped' -r -f -a "auto\t'A table on a terminal, JSON when piped'
json\t'One JSON document'
yaml\t'One YAML document'
table\t'A table'
tree\t'A tree'"
complete -c panka -n "__fish_panka_using_subcommand version" -l jq -d 'Filter the output document with a jq expression' -r
complete -c panka -n "__fish_panka_using_subcommand version" -l config -d 'Configuration file to read instead of ~/.panka/config.yaml' -r -F
complete -c panka -n "__fish_panka_using_subcommand version" -s r -l raw-output -d 'Print strings that --jq gives without quotes'
complete -c panka -n "__fish_panka_using_subcommand version" -s q -l quiet -d 'Print the result and errors only'
complete -c panka -n "__fish_panka_using_subcommand version" -s v -l verbose -d 'Tell on standard error what is read, locked and decided; -vv: each request and call as well'
complete -c panka -n "__fish_panka_using_subcommand version" -l no-color -d 'Never use colour; the variable `NO_COLOR` does the same'
complete -c panka -n "__fish_panka_using_subcommand version" -l strict -d 'Treat warnings as errors'
complete -c panka -n "__fish_panka_using_subcommand version" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c panka -n "__fish_panka_using_subcommand version" -s V -l version -d 'Print version'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "apply" -d 'Carry out a plan: from a plan on standard input, from any earlier document, or end to end'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "backend" -d 'Set up and check the bucket of the states, the table of the locks, and the roles'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "config" -d 'Show the effective configuration'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "destroy" -d 'Delete everything of a stack in one environment'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "diff" -d 'Compare the graph with the state and emit a plan'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "explain" -d 'Explain a code of a finding, or a component kind'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "fmt" -d 'Format manifests'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "graph" -d 'Emit the AWS resources that the components become, with their edges'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "init" -d 'Write the configuration file'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "lock" -d 'Take, show and free locks; without a verb, a stage of the pipe that takes the lock'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "outputs" -d 'Show the outputs of components and of the stack'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "parse" -d 'Compile the manifests of a stack in one environment'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "plan" -d 'Show what apply would do, drawn for people'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "render" -d 'Write a graph or a plan in another form: CloudFormation, Pulumi, DOT, Mermaid, Markdown'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "schema" -d 'Print the JSON Schema of a document kind'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "stack" -d 'Make a new stack'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "state" -d 'Show and change the state; without a verb, a stage of the pipe that attaches the state'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "validate" -d 'Check the manifests offline: no credentials, no network'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "version" -d 'Show the version'
complete -c panka -n "__fish_panka_using_subcommand help; and not __fish_seen_subcommand_from apply backend config destroy diff explain fmt graph init lock outputs parse plan render schema stack state validate version help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from backend" -f -a "create" -d 'Make the bucket, the table and the roles, or repair them'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from backend" -f -a "delete" -d 'Delete the bucket, the table and the roles'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from backend" -f -a "status" -d 'Check the bucket, the table, and what the credentials may do there'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show every key with its value'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from lock" -f -a "status" -d 'Show who holds the lock of a stack and environment'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from lock" -f -a "list" -d 'List the locks of all stacks and environments'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from lock" -f -a "acquire" -d 'Take the lock for a script: prints the ticket'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from lock" -f -a "renew" -d 'Lengthen a lease that a script holds'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from lock" -f -a "release" -d 'Free a lock that a script holds'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from lock" -f -a "break" -d 'Take the lock away from a holder that is known to be dead'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from stack" -f -a "init" -d 'Write a new stack with one service, a queue and two environments'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "show" -d 'Show the whole state, journal folded in'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "list" -d 'List the resources'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "pull" -d 'Print the stored state, for keeping or for another backend'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "push" -d 'Replace the stored state with the one on standard input or in a file'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "rm" -d 'Forget resources without touching them in AWS'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "mv" -d 'Rename a resource, a component or a service in the state'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "history" -d 'List the runs of this place, and the versions of its snapshot'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "restore" -d 'Put a version of the snapshot back that the backend has kept'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "migrate" -d 'Move the state to another backend'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "protect" -d 'Refuse delete and replace of resources from now on'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "unprotect" -d 'Allow delete and replace of resources again'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "resolve" -d 'Say what became of a pending step that panka cannot find out'
complete -c panka -n "__fish_panka_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "verify" -d 'Check the stored state, its journal, its records of runs and its lock'
