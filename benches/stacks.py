"""Generates stacks of a given number of components from a seed, for the benchmarks.

Equal arguments give equal files. The mix leans on what teams have many of: queues, topics, tables, buckets, functions and workers; about three
AWS resources a component. Each service holds ten components that refer to each other.
"""

import argparse
import pathlib
import random

SERVICE_SIZE = 10

# One queue in a hundred takes its timeout from a variable, so that `--var TIMEOUT=60` changes 1 % of the stack.
VARIED = '"${TIMEOUT}"'


def component(rng: random.Random, index: int, earlier: list[tuple[str, str]]) -> tuple[str, str, str]:
    """Kind, file name and YAML text of one component; `earlier` are (name, kind) pairs of the same service."""
    name = f"c{index:05d}"
    queues = [n for n, k in earlier if k == "SQS"]
    tables = [n for n, k in earlier if k == "DynamoDB"]
    roll = rng.random()
    if not queues or roll < 0.25:
        kind, spec = "SQS", f"  visibilityTimeout: {rng.randint(30, 900)}\n  deadLetterQueue: {{enabled: {str(rng.random() < 0.5).lower()}, maxReceiveCount: 5}}\n"
    elif not tables or roll < 0.40:
        kind, spec = "DynamoDB", "  hashKey: {name: id, type: S}\n  ttl: {enabled: true, attributeName: expires}\n"
    elif roll < 0.50:
        kind, spec = "SNS", f"  subscriptions: [{{protocol: sqs, component: {rng.choice(queues)}, rawMessageDelivery: true}}]\n"
    elif roll < 0.60:
        kind, spec = "S3", "  versioning: {enabled: true}\n  lifecycleRules: [{id: old, noncurrentVersionExpiration: {days: 30}}]\n"
    elif roll < 0.80:
        kind = "Lambda"
        spec = (
            "  runtime: python3.13\n  handler: app.handler\n  code: {s3Bucket: packages, s3Key: app.zip}\n"
            f"  memory: {rng.choice([128, 256, 512])}\n"
            "  environment:\n    - {name: LOG_LEVEL, value: \"${LOG_LEVEL}\"}\n"
            f"    - {{name: TABLE, value: \"${{{rng.choice(tables)}.tableName}}\"}}\n"
            f"  triggers: [{{type: sqs, source: {{component: {rng.choice(queues)}}}}}]\n"
        )
    else:
        kind = "Worker"
        spec = (
            "  image: \"acme/worker:${VERSION}\"\n"
            f"  queue: {{component: {rng.choice(queues)}}}\n"
            f"  environment: {{TABLE: \"${{{rng.choice(tables)}.tableName}}\"}}\n"
        )
    text = f"apiVersion: components.panka.io/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n{spec}"
    return name, kind, text


def generate(root: pathlib.Path, components: int, seed: int = 7, stack: str = "bench") -> None:
    """Writes the repository of one stack with `components` components below `root`."""
    rng = random.Random(seed)
    base = root / "stacks" / stack
    (base / "environments").mkdir(parents=True, exist_ok=True)
    (base / "stack.yaml").write_text(
        "apiVersion: core.panka.io/v1\nkind: Stack\n"
        f"metadata: {{name: {stack}}}\n"
        "spec:\n  provider: {name: aws, region: us-east-1}\n  variables: {VERSION: v1, LOG_LEVEL: info}\n"
    )
    (base / "environments" / "dev.yaml").write_text(
        "apiVersion: core.panka.io/v1\nkind: Environment\nmetadata: {name: dev}\nspec: {variables: {LOG_LEVEL: debug}}\n"
    )
    for start in range(0, components, SERVICE_SIZE):
        service = f"s{start // SERVICE_SIZE:04d}"
        earlier: list[tuple[str, str]] = []
        for index in range(start, min(start + SERVICE_SIZE, components)):
            name, kind, text = component(rng, index, earlier)
            earlier.append((name, kind))
            folder = base / "services" / service / "components" / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{kind.lower()}.yaml").write_text(text)


def queues(root: pathlib.Path, count: int, stack: str = "queues") -> None:
    """Writes a stack of `count` independent queues: one resource a component."""
    base = root / "stacks" / stack
    (base / "services").mkdir(parents=True, exist_ok=True)
    (base / "stack.yaml").write_text(
        f"apiVersion: core.panka.io/v1\nkind: Stack\nmetadata: {{name: {stack}}}\nspec:\n  provider: {{name: aws, region: us-east-1}}\n"
        "  variables: {TIMEOUT: 30}\n"
    )
    for service in range(0, count, 1000):
        folder = base / "services" / f"s{service // 1000:03d}"
        folder.mkdir(exist_ok=True)
        documents = [
            f"apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {{name: q{index:05d}}}\n"
            + "spec: {visibilityTimeout: " + (VARIED if index % 100 == 0 else "30") + "}\n"
            for index in range(service, min(service + 1000, count))
        ]
        (folder / "queues.yaml").write_text("---\n".join(documents))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("components", type=int)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--queues", action="store_true", help="independent queues only")
    arguments = parser.parse_args()
    if arguments.queues:
        queues(arguments.root, arguments.components)
    else:
        generate(arguments.root, arguments.components, arguments.seed)
