# make demo     build panka and watch it deploy examples/user-platform to the simulated account
# make test     everything that must hold; the one test command
# make bench    time whole processes beside their peers (CHECK=1 fails when a goal is missed)
# make lint     formatting and clippy alone
# make tools    what the tests need besides Rust and Python, into target/test-tools

STAGE := tests/tools/stage
TOOLS := target/test-tools
PANKA := target/debug/panka

.PHONY: demo test bench lint tools pulumi deny fresh templates programs terraform emulator clean-tools

demo:
	cargo build --quiet
	PANKA=$(PANKA) sh examples/tour.sh

test:
	@$(STAGE) --start
	@$(STAGE) tools     $(MAKE) --no-print-directory tools
	@$(STAGE) fmt       cargo fmt --check
	@$(STAGE) clippy    cargo clippy --quiet --locked --all-targets -- -D warnings
	@$(STAGE) deny      $(MAKE) --no-print-directory deny
	@$(STAGE) tests     cargo test --quiet --locked
	@$(STAGE) terraform $(MAKE) --no-print-directory terraform
	@$(STAGE) templates $(MAKE) --no-print-directory templates
	@$(STAGE) programs  $(MAKE) --no-print-directory programs
	@$(STAGE) emulator  $(MAKE) --no-print-directory emulator
	@$(STAGE) --end

lint:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings

tools: $(TOOLS)/venv.stamp $(TOOLS)/cargo-deny.stamp pulumi

# A stamp holds the digest of what it was made from, so that a touched file is not a rebuilt tool.
$(TOOLS)/venv.stamp: tests/tools/requirements.txt
	@tests/tools/stamp $@ $< sh -c 'rm -rf $(TOOLS)/venv && python3 -m venv $(TOOLS)/venv && $(TOOLS)/venv/bin/pip install --quiet --require-hashes --requirement $<'

$(TOOLS)/cargo-deny.stamp: tests/tools/cargo-deny.version
	@tests/tools/stamp $@ $< cargo install --quiet --debug cargo-deny --locked --version "$$(cat tests/tools/cargo-deny.version)" --root $(TOOLS)

# Pulumi and its YAML host, from Go modules whose hashes go.sum pins. Without Go the tests that run them are skipped, and say so.
pulumi: $(TOOLS)/bin/pulumi-resource-aws-native
	@if command -v go >/dev/null; then $(MAKE) --no-print-directory $(TOOLS)/pulumi.stamp $(TOOLS)/pulumi-language-yaml.stamp; \
	else echo "skipped: Go is not installed, so the tests that run Pulumi do not run"; test "$${CI:-}" != true; fi

$(TOOLS)/pulumi.stamp: tests/tools/pulumi/go.mod tests/tools/pulumi/go.sum
	@tests/tools/stamp $@ "$^" tests/tools/build_go tests/tools/pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi \
		github.com/pulumi/pulumi/sdk/v3/go/common/version.Version $(TOOLS)/bin/pulumi

$(TOOLS)/pulumi-language-yaml.stamp: tests/tools/pulumi-yaml/go.mod tests/tools/pulumi-yaml/go.sum
	@tests/tools/stamp $@ "$^" tests/tools/build_go tests/tools/pulumi-yaml github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml \
		github.com/pulumi/pulumi-yaml/pkg/version.Version $(TOOLS)/bin/pulumi-language-yaml

# A launcher of the provider that stands in for Pulumi's, where the command line finds it.
$(TOOLS)/bin/pulumi-resource-aws-native: tests/tools/pulumi-resource-aws-native
	@mkdir -p $(@D) && cp $< $@

# Terraform checks types by the schemas of its provider, which it takes from the registry; where it is not installed or cannot have them, a line says so.
terraform:
	@rm -rf $(TOOLS)/terraform && mkdir -p $(TOOLS)/terraform && cp infrastructure/terraform/*.tf $(TOOLS)/terraform
	@tool=$$(command -v terraform || command -v tofu) || { echo "skipped: neither terraform nor tofu is installed"; exit 0; }; \
	$$tool -chdir=$(TOOLS)/terraform fmt -check && \
	if timeout 300 $$tool -chdir=$(TOOLS)/terraform init -no-color -backend=false -input=false >$(TOOLS)/terraform/log 2>&1; \
	then $$tool -chdir=$(TOOLS)/terraform validate; else echo "skipped: the provider cannot be had: $$(grep -m1 -i 'error' $(TOOLS)/terraform/log)"; fi

# Advisories need the RustSec database from the network; where it cannot be had, the rest is checked and a line says so.
deny:
	$(TOOLS)/bin/cargo-deny --log-level error --locked check licenses bans sources
	@$(TOOLS)/bin/cargo-deny --log-level off --locked fetch db >/dev/null 2>&1 \
		&& $(TOOLS)/bin/cargo-deny --log-level error --locked check advisories \
		|| echo "skipped: the advisory database cannot be fetched from here"

templates:
	cargo build --quiet --locked
	$(TOOLS)/venv/bin/python tests/tools/lint_templates.py $(PANKA)

# The Pulumi projects of all examples and golden manifests, and of one stack of all fields, run by the real command line on the emulator.
programs:
	cargo build --quiet --locked
	@if test -x $(TOOLS)/bin/pulumi; then $(TOOLS)/venv/bin/python tests/tools/run_programs.py $(PANKA); \
	else echo "skipped: Pulumi is not built, which takes Go"; test "$${CI:-}" != true; fi

# The emulator's own tests; those of panka that use it are in cargo test.
emulator:
	$(TOOLS)/venv/bin/python -m unittest discover --quiet --start-directory tests/emulator --top-level-directory tests

fresh:
	SNAPSHOTS=overwrite cargo test --quiet --test it generated

bench:
	cargo build --quiet --release
	python3 benches/whole.py
	@if test -x $(TOOLS)/bin/pulumi; then python3 benches/pulumi.py; else echo "skipped: Pulumi is not built (make tools)"; fi

clean-tools:
	rm -rf $(TOOLS)
