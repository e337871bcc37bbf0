//go:build tools

// Package tools names Pulumi's YAML host, so that go mod tidy keeps what it needs.
package tools

import _ "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"
