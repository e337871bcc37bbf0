//go:build tools

// Package tools names the Pulumi command line, so that go mod tidy keeps what it needs.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
