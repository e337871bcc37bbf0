#!/bin/sh
# The tour: deploys a copy of examples/user-platform to the simulated account, looks at it, changes it, and destroys it again.
# Nothing is configured, no account is needed, and nothing is left behind. PANKA names the program; `make demo` builds and runs it.
set -eu
# Whoever starts it may have an empty pipe for standard input, which panka would take for a stage that has failed.
exec </dev/null

here=$(cd "$(dirname "$0")" && pwd)
panka=${PANKA:-$(command -v panka)}
panka=$(cd "$(dirname "$panka")" && pwd)/$(basename "$panka")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

cp -R "$here/user-platform/." "$work"
cd "$work"
# Neither the configuration nor the environment of the person who looks on takes part.
for name in $(env | sed -n 's/^\(PANKA_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
PATH=$(dirname "$panka"):$PATH
HOME=$work
export PATH HOME PANKA_STACK=user-platform PANKA_ENVIRONMENT=dev

say() { printf '\n# %s\n\n' "$1"; }
run() {
    printf '$ %s\n' "$1"
    sh -c "$1"
    echo
}

say "A stack of two services, described in YAML. Is it valid? No account is asked."
run "panka validate -o table"

say "The AWS resources that its five components become: the same data, one stage further down the pipe."
run "panka parse | panka graph --jq '.resources | map(.type) | group_by(.) | map({(.[0]): length}) | add' -o yaml"

say "Four stages, one document between each two. The last one makes the resources, here in an account simulated on disk."
run "panka parse | panka graph | panka diff | panka apply --auto-approve --jq '{serial, summary, apiUrl: .outputs[\"_stack.apiUrl\"]}' -o yaml"

say "What panka now remembers is a document too."
run "panka state show --jq '.resources | map_values(.type) | with_entries(select(.key | startswith(\"notify/\")))' -o yaml"

say "Nothing has changed since, so there is nothing to do."
run "panka diff --exit-code --jq .summary -o yaml"

say "Now a message may be worked on for 90 seconds instead of 60. The plan is exactly that one property."
queue=stacks/user-platform/services/notify/components/queue/sqs.yaml
run "sed -i.bak 's/visibilityTimeout: 60/visibilityTimeout: 90/' $queue && rm $queue.bak && panka plan -o table"

say "Carry it out, this time in one command instead of four."
run "panka apply --auto-approve --quiet --jq '{serial, summary}' -o yaml"

say "And away with all of it."
run "panka destroy --auto-approve --quiet --jq .summary -o yaml"
run "panka state show --jq '.resources'"
