module completions {

  def "nu-complete panka output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Deploy an AWS application from YAML in Git
  export extern panka [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka apply on_failure" [] {
    [ "stop" "continue" "rollback" ]
  }

  def "nu-complete panka apply output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Carry out a plan: from a plan on standard input, from any earlier document, or end to end
  export extern "panka apply" [
    --target: string          # Only these resources and what they need: service, service/component or service/component/role; `*` and `?` are wildcards
    --exclude: string         # Not these resources, nor what needs them
    --replace: string         # Replace these resources even if nothing changed
    --adopt                   # Have the engine take over what the state knows and the engine does not, without a change in AWS, and go on from there
    --allow-mass-delete       # Delete more than half of what exists without asking
    --auto-approve(-y)        # Do not ask
    --yes                     # Do not ask
    --confirm: string         # Name of the stack, where a protected environment is destroyed and nobody can be asked
    --parallelism: string     # Steps at once, 1 to 1000
    --on-failure: string@"nu-complete panka apply on_failure" # What to do when a step fails
    --lock-timeout: string    # How long to wait for a held lock: 90s, 10m
    --no-takeover             # Never take over the lock of a dead run
    --lock: path              # Use the lock in this file, made by `panka lock acquire`, and leave it held
    --skip-protected          # Run what protection does not forbid, and exit with 6
    --events: string          # Write the events of the run as lines of JSON to a file, or to `fd:N`
    --keep-program: path      # Keep the Pulumi program of the run in this directory
    --cancel-pulumi           # Clear Pulumi's own lock of the stack, whoever holds it
    --allow-simulated         # Let the local engine act with a real backend
    --faults: path            # Faults to inject into the simulated account, for tests of pipelines
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka apply output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    document?: path           # A saved plan, or an earlier document, instead of standard input
  ]

  def "nu-complete panka backend output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Set up and check the bucket of the states, the table of the locks, and the roles
  export extern "panka backend" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka backend output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka backend create output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Make the bucket, the table and the roles, or repair them
  export extern "panka backend create" [
    --bucket: string          # S3 bucket of the states; the configured one otherwise
    --table: string           # DynamoDB table of the locks; the configured one otherwise, and without any the locks are objects of the bucket
    --region: string          # Region of both; the configured one otherwise
    --kms-key: string         # ARN of the KMS key that encrypts the states; AES256 otherwise
    --name: string            # What the names of policies and roles begin with: NAME-deploy, NAME-plan; the bucket otherwise
    --github: string          # Repository of GitHub whose workflows may take the roles; with an environment, only jobs of that environment may deploy
    --gitlab: string          # Project of GitLab whose pipelines may take the roles; with a branch, only that branch may deploy
    --gitlab-host: string     # Host of GitLab
    --account: string         # Account whose users and roles may take the roles, as far as that account allows them to
    --tag: string             # Tag of everything that is made; may be repeated
    --dry-run                 # Show what would be done, and stop
    --auto-approve(-y)        # Do not ask
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka backend create output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka backend delete output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Delete the bucket, the table and the roles
  export extern "panka backend delete" [
    --bucket: string          # S3 bucket of the states; the configured one otherwise
    --table: string           # DynamoDB table of the locks; the configured one otherwise, and without any the locks are objects of the bucket
    --region: string          # Region of both; the configured one otherwise
    --kms-key: string         # ARN of the KMS key that encrypts the states; AES256 otherwise
    --name: string            # What the names of policies and roles begin with: NAME-deploy, NAME-plan; the bucket otherwise
    --github: string          # Repository of GitHub whose workflows may take the roles; with an environment, only jobs of that environment may deploy
    --gitlab: string          # Project of GitLab whose pipelines may take the roles; with a branch, only that branch may deploy
    --gitlab-host: string     # Host of GitLab
    --account: string         # Account whose users and roles may take the roles, as far as that account allows them to
    --tag: string             # Tag of everything that is made; may be repeated
    --dry-run                 # Show what would be deleted, and stop
    --auto-approve(-y)        # Do not ask; --confirm must name the bucket
    --confirm: string         # The name of the bucket, which is not asked for then
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka backend delete output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka backend status output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Check the bucket, the table, and what the credentials may do there
  export extern "panka backend status" [
    --bucket: string          # S3 bucket of the states; the configured one otherwise
    --table: string           # DynamoDB table of the locks; the configured one otherwise, and without any the locks are objects of the bucket
    --region: string          # Region of both; the configured one otherwise
    --kms-key: string         # ARN of the KMS key that encrypts the states; AES256 otherwise
    --name: string            # What the names of policies and roles begin with: NAME-deploy, NAME-plan; the bucket otherwise
    --github: string          # Repository of GitHub whose workflows may take the roles; with an environment, only jobs of that environment may deploy
    --gitlab: string          # Project of GitLab whose pipelines may take the roles; with a branch, only that branch may deploy
    --gitlab-host: string     # Host of GitLab
    --account: string         # Account whose users and roles may take the roles, as far as that account allows them to
    --tag: string             # Tag of everything that is made; may be repeated
    --exit-code               # Exit with 10 if anything is not as it should be
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka backend status output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "panka backend help" [
  ]

  # Make the bucket, the table and the roles, or repair them
  export extern "panka backend help create" [
  ]

  # Delete the bucket, the table and the roles
  export extern "panka backend help delete" [
  ]

  # Check the bucket, the table, and what the credentials may do there
  export extern "panka backend help status" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "panka backend help help" [
  ]

  def "nu-complete panka config output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Show the effective configuration
  export extern "panka config" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka config output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka config show output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Show every key with its value
  export extern "panka config show" [
    --origin                  # Show where each value comes from
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka config show output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "panka config help" [
  ]

  # Show every key with its value
  export extern "panka config help show" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "panka config help help" [
  ]

  def "nu-complete panka destroy on_failure" [] {
    [ "stop" "continue" "rollback" ]
  }

  def "nu-complete panka destroy output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Delete everything of a stack in one environment
  export extern "panka destroy" [
    --target: string          # Only these resources and what needs them: service, service/component or service/component/role; `*` and `?` are wildcards
    --exclude: string         # Not these resources, nor what they need
    --auto-approve(-y)        # Do not ask
    --yes                     # Do not ask
    --confirm: string         # Name of the stack, where a protected environment is destroyed and nobody can be asked
    --parallelism: string     # Steps at once, 1 to 1000
    --on-failure: string@"nu-complete panka destroy on_failure" # What to do when a step fails
    --lock-timeout: string    # How long to wait for a held lock: 90s, 10m
    --no-takeover             # Never take over the lock of a dead run
    --lock: path              # Use the lock in this file, made by `panka lock acquire`, and leave it held
    --skip-protected          # Run what protection does not forbid, and exit with 6
    --events: string          # Write the events of the run as lines of JSON to a file, or to `fd:N`
    --keep-program: path      # Keep the Pulumi program of the run in this directory
    --cancel-pulumi           # Clear Pulumi's own lock of the stack, whoever holds it
    --allow-simulated         # Let the local engine act with a real backend
    --faults: path            # Faults to inject into the simulated account, for tests of pipelines
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka destroy output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka diff output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Compare the graph with the state and emit a plan
  export extern "panka diff" [
    --target: string          # Only these resources and what they need: service, service/component or service/component/role; `*` and `?` are wildcards
    --exclude: string         # Not these resources, nor what needs them
    --replace: string         # Replace these resources even if nothing changed
    --exit-code               # Exit with 10 when the plan holds steps; with --check, when the two differ
    --check                   # Have Pulumi preview the same program, and tell where the two differ
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka diff output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka explain output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Explain a code of a finding, or a component kind
  export extern "panka explain" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka explain output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name?: string             # Code or kind
  ]

  def "nu-complete panka fmt output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Format manifests
  export extern "panka fmt" [
    --check                   # Change nothing; exit with 10 when a file would change
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka fmt output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...paths: path            # Files or directories
  ]

  def "nu-complete panka graph output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Emit the AWS resources that the components become, with their edges
  export extern "panka graph" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka graph output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka init output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Write the configuration file
  export extern "panka init" [
    --region: string          # Region to deploy to
    --bucket: string          # S3 bucket of the state
    --table: string           # DynamoDB table of the locks
    --profile: string         # AWS profile
    --here                    # Write panka.yaml in the repository instead
    --force                   # Write over a file that is there
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka init output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka lock output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Take, show and free locks; without a verb, a stage of the pipe that takes the lock
  export extern "panka lock" [
    --ttl: string             # Length of the lease as a stage of the pipe: no process is left to renew it
    --lock-timeout: string    # How long to wait for a held lock
    --no-takeover             # Never take over the lock of a dead run
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka lock output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka lock status output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Show who holds the lock of a stack and environment
  export extern "panka lock status" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka lock status output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka lock list output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # List the locks of all stacks and environments
  export extern "panka lock list" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka lock list output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka lock acquire output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Take the lock for a script: prints the ticket
  export extern "panka lock acquire" [
    --ttl: string             # Length of the lease
    --lock-timeout: string    # How long to wait for a held lock
    --no-takeover             # Never take over the lock of a dead run
    --operation: string       # What it is held for
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka lock acquire output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka lock renew output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Lengthen a lease that a script holds
  export extern "panka lock renew" [
    --ttl: string             # Length of the lease from now; as long as it was taken for, if not given
    --lock-id: string         # Id of the lease instead of a ticket
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka lock renew output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ticket?: path             # File with the ticket; standard input otherwise
  ]

  def "nu-complete panka lock release output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Free a lock that a script holds
  export extern "panka lock release" [
    --lock-id: string         # Id of the lease instead of a ticket
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka lock release output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ticket?: path             # File with the ticket; standard input otherwise
  ]

  def "nu-complete panka lock break output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Take the lock away from a holder that is known to be dead
  export extern "panka lock break" [
    --lock-id: string         # Id of the lease to break, as `panka lock status` shows it
    --reason: string          # Why; kept in the lock's history
    --yes(-y)                 # Do not ask
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka lock break output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "panka lock help" [
  ]

  # Show who holds the lock of a stack and environment
  export extern "panka lock help status" [
  ]

  # List the locks of all stacks and environments
  export extern "panka lock help list" [
  ]

  # Take the lock for a script: prints the ticket
  export extern "panka lock help acquire" [
  ]

  # Lengthen a lease that a script holds
  export extern "panka lock help renew" [
  ]

  # Free a lock that a script holds
  export extern "panka lock help release" [
  ]

  # Take the lock away from a holder that is known to be dead
  export extern "panka lock help break" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "panka lock help help" [
  ]

  def "nu-complete panka outputs output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Show the outputs of components and of the stack
  export extern "panka outputs" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka outputs output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name?: string             # Output of the stack, or service/component.name
  ]

  def "nu-complete panka parse output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Compile the manifests of a stack in one environment
  export extern "panka parse" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka parse output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file?: path               # One multi-document file to compile instead of a repository; `-` is standard input
  ]

  def "nu-complete panka plan output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Show what apply would do, drawn for people
  export extern "panka plan" [
    --target: string          # Only these resources and what they need: service, service/component or service/component/role; `*` and `?` are wildcards
    --exclude: string         # Not these resources, nor what needs them
    --replace: string         # Replace these resources even if nothing changed
    --out: path               # Write the plan document to a file as well
    --destroy                 # Show a plan that deletes everything
    --exit-code               # Exit with 10 when the plan holds steps
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka plan output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka render format" [] {
    [ "cloudformation" "pulumi" "dot" "mermaid" "markdown" ]
  }

  def "nu-complete panka render output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Write a graph or a plan in another form: CloudFormation, Pulumi, DOT, Mermaid, Markdown
  export extern "panka render" [
    --format: string@"nu-complete panka render format" # The form
    --out: path               # Write a Pulumi project into this directory; a stack file that is there is kept, since it holds configuration
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka render output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka schema output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Print the JSON Schema of a document kind
  export extern "panka schema" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka schema output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    kind?: string             # Kind of document: panka.plan/v1, or plan
  ]

  def "nu-complete panka stack output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Make a new stack
  export extern "panka stack" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka stack output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka stack init output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Write a new stack with one service, a queue and two environments
  export extern "panka stack init" [
    --region: string          # Region to deploy to
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka stack init output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name: string              # Name of the stack
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "panka stack help" [
  ]

  # Write a new stack with one service, a queue and two environments
  export extern "panka stack help init" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "panka stack help help" [
  ]

  def "nu-complete panka state output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Show and change the state; without a verb, a stage of the pipe that attaches the state
  export extern "panka state" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka state output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka state show output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Show the whole state, journal folded in
  export extern "panka state show" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka state show output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka state list output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # List the resources
  export extern "panka state list" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka state list output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...selectors: string      # Only these
  ]

  def "nu-complete panka state pull output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Print the stored state, for keeping or for another backend
  export extern "panka state pull" [
    --version: string         # A version that the backend has kept, as `panka state history` lists them
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka state pull output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete panka state push output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Replace the stored state with the one on standard input or in a file
  export extern "panka state push" [
    --force                   # Push even if the serial is behind
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka state push output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file?: path               # File to read instead of standard input
  ]

  def "nu-complete panka state rm output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Forget resources without touching them in AWS
  export extern "panka state rm" [
    --dry-run                 # Show what would be forgotten
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka state rm output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...selectors: string      # What to forget
  ]

  def "nu-complete panka state mv output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Rename a resource, a component or a service in the state
  export extern "panka state mv" [
    --dry-run                 # Show what would be renamed
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka state mv output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    from: string              # Address, component or service as it is
    to: string                # As it shall be
  ]

  def "nu-complete panka state history output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # List the runs of this place, and the versions of its snapshot
  export extern "panka state history" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka state history output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka state restore output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Put a version of the snapshot back that the backend has kept
  export extern "panka state restore" [
    --dry-run                 # Show what would be put back
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka state restore output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    snapshot-version: string  # Version, as `panka state history` lists them
  ]

  def "nu-complete panka state migrate to" [] {
    [ "local" "s3" ]
  }

  def "nu-complete panka state migrate output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Move the state to another backend
  export extern "panka state migrate" [
    --to: string@"nu-complete panka state migrate to" # Where the state is to live
    --to-bucket: string       # Bucket, with --to s3
    --to-prefix: string       # Prefix of every key in that bucket
    --to-region: string       # Region of that bucket
    --to-lock-table: string   # DynamoDB table of the locks there; without it they are objects of that bucket
    --to-lock-region: string  # Region of that table
    --dry-run                 # Show what would be moved
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka state migrate output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete panka state protect output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Refuse delete and replace of resources from now on
  export extern "panka state protect" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka state protect output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...selectors: string      # Which
  ]

  def "nu-complete panka state unprotect output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Allow delete and replace of resources again
  export extern "panka state unprotect" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka state unprotect output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...selectors: string      # Which
  ]

  def "nu-complete panka state resolve output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Say what became of a pending step that panka cannot find out
  export extern "panka state resolve" [
    --from: path              # Feed back what a run learned that could not write any more: a file of .panka/orphans
    --identifier: string      # It exists, with this identifier
    --absent                  # It does not exist
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka state resolve output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    address?: string          # The resource
  ]

  def "nu-complete panka state verify output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Check the stored state, its journal, its records of runs and its lock
  export extern "panka state verify" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka state verify output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "panka state help" [
  ]

  # Show the whole state, journal folded in
  export extern "panka state help show" [
  ]

  # List the resources
  export extern "panka state help list" [
  ]

  # Print the stored state, for keeping or for another backend
  export extern "panka state help pull" [
  ]

  # Replace the stored state with the one on standard input or in a file
  export extern "panka state help push" [
  ]

  # Forget resources without touching them in AWS
  export extern "panka state help rm" [
  ]

  # Rename a resource, a component or a service in the state
  export extern "panka state help mv" [
  ]

  # List the runs of this place, and the versions of its snapshot
  export extern "panka state help history" [
  ]

  # Put a version of the snapshot back that the backend has kept
  export extern "panka state help restore" [
  ]

  # Move the state to another backend
  export extern "panka state help migrate" [
  ]

  # Refuse delete and replace of resources from now on
  export extern "panka state help protect" [
  ]

  # Allow delete and replace of resources again
  export extern "panka state help unprotect" [
  ]

  # Say what became of a pending step that panka cannot find out
  export extern "panka state help resolve" [
  ]

  # Check the stored state, its journal, its records of runs and its lock
  export extern "panka state help verify" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "panka state help help" [
  ]

  def "nu-complete panka validate output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Check the manifests offline: no credentials, no network
  export extern "panka validate" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka validate output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file?: path               # One multi-document file to check instead of a repository; `-` is standard input
  ]

  def "nu-complete panka version output" [] {
    [ "auto" "json" "yaml" "table" "tree" ]
  }

  # Show the version
  export extern "panka version" [
    --dir(-C): path           # Directory to start from instead of the working directory
    --stack(-s): string       # Stack; may be left out where the repository has one
    --environment(-e): string # Environment of the stack
    --service: string         # Narrow the run and its lock to one service
    --var: string             # Set a manifest variable; wins over every other source
    --var-file: path          # Read manifest variables from a YAML or JSON map; a later file wins
    --engine: string          # What executes plans: local, cloudcontrol or pulumi
    --backend-type: string    # Where state lives: local or s3
    --backend-bucket: string  # S3 bucket of the state
    --backend-prefix: string  # Prefix of every key in the bucket
    --backend-region: string  # Region of the bucket
    --lock-type: string       # Where locks live: local, dynamodb, s3 or dynamodb+s3
    --lock-table: string      # DynamoDB table of the locks
    --lock-region: string     # Region of that table
    --output(-o): string@"nu-complete panka version output" # Form of the output: auto is a table on a terminal and JSON when piped
    --jq: string              # Filter the output document with a jq expression
    --raw-output(-r)          # Print strings that --jq gives without quotes
    --quiet(-q)               # Print the result and errors only
    --verbose(-v)             # Tell on standard error what is read, locked and decided; -vv: each request and call as well
    --no-color                # Never use colour; the variable `NO_COLOR` does the same
    --strict                  # Treat warnings as errors
    --config: path            # Configuration file to read instead of ~/.panka/config.yaml
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "panka help" [
  ]

  # Carry out a plan: from a plan on standard input, from any earlier document, or end to end
  export extern "panka help apply" [
  ]

  # Set up and check the bucket of the states, the table of the locks, and the roles
  export extern "panka help backend" [
  ]

  # Make the bucket, the table and the roles, or repair them
  export extern "panka help backend create" [
  ]

  # Delete the bucket, the table and the roles
  export extern "panka help backend delete" [
  ]

  # Check the bucket, the table, and what the credentials may do there
  export extern "panka help backend status" [
  ]

  # Show the effective configuration
  export extern "panka help config" [
  ]

  # Show every key with its value
  export extern "panka help config show" [
  ]

  # Delete everything of a stack in one environment
  export extern "panka help destroy" [
  ]

  # Compare the graph with the state and emit a plan
  export extern "panka help diff" [
  ]

  # Explain a code of a finding, or a component kind
  export extern "panka help explain" [
  ]

  # Format manifests
  export extern "panka help fmt" [
  ]

  # Emit the AWS resources that the components become, with their edges
  export extern "panka help graph" [
  ]

  # Write the configuration file
  export extern "panka help init" [
  ]

  # Take, show and free locks; without a verb, a stage of the pipe that takes the lock
  export extern "panka help lock" [
  ]

  # Show who holds the lock of a stack and environment
  export extern "panka help lock status" [
  ]

  # List the locks of all stacks and environments
  export extern "panka help lock list" [
  ]

  # Take the lock for a script: prints the ticket
  export extern "panka help lock acquire" [
  ]

  # Lengthen a lease that a script holds
  export extern "panka help lock renew" [
  ]

  # Free a lock that a script holds
  export extern "panka help lock release" [
  ]

  # Take the lock away from a holder that is known to be dead
  export extern "panka help lock break" [
  ]

  # Show the outputs of components and of the stack
  export extern "panka help outputs" [
  ]

  # Compile the manifests of a stack in one environment
  export extern "panka help parse" [
  ]

  # Show what apply would do, drawn for people
  export extern "panka help plan" [
  ]

  # Write a graph or a plan in another form: CloudFormation, Pulumi, DOT, Mermaid, Markdown
  export extern "panka help render" [
  ]

  # Print the JSON Schema of a document kind
  export extern "panka help schema" [
  ]

  # Make a new stack
  export extern "panka help stack" [
  ]

  # Write a new stack with one service, a queue and two environments
  export extern "panka help stack init" [
  ]

  # Show and change the state; without a verb, a stage of the pipe that attaches the state
  export extern "panka help state" [
  ]

  # Show the whole state, journal folded in
  export extern "panka help state show" [
  ]

  # List the resources
  export extern "panka help state list" [
  ]

  # Print the stored state, for keeping or for another backend
  export extern "panka help state pull" [
  ]

  # Replace the stored state with the one on standard input or in a file
  export extern "panka help state push" [
  ]

  # Forget resources without touching them in AWS
  export extern "panka help state rm" [
  ]

  # Rename a resource, a component or a service in the state
  export extern "panka help state mv" [
  ]

  # List the runs of this place, and the versions of its snapshot
  export extern "panka help state history" [
  ]

  # Put a version of the snapshot back that the backend has kept
  export extern "panka help state restore" [
  ]

  # Move the state to another backend
  export extern "panka help state migrate" [
  ]

  # Refuse delete and replace of resources from now on
  export extern "panka help state protect" [
  ]

  # Allow delete and replace of resources again
  export extern "panka help state unprotect" [
  ]

  # Say what became of a pending step that panka cannot find out
  export extern "panka help state resolve" [
  ]

  # Check the stored state, its journal, its records of runs and its lock
  export extern "panka help state verify" [
  ]

  # Check the manifests offline: no credentials, no network
  export extern "panka help validate" [
  ]

  # Show the version
  export extern "panka help version" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "panka help help" [
  ]

}

export use completions *
