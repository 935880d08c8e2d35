// Contract turns the documents in openapi/ into what the module carries: the Go code of both ends, by oapi-codegen
// with our own templates, and the one bundled document that a portal serves.
//
// Run it through "go generate ./openapi".
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// Packages are the documents that become Go packages, with the package's folder below the root of the module.
// The first holds the shared models; the others stand upon it.
var packages = []struct{ document, folder string }{
	{"common", "partnerportal"},
	{"deals", "deals"},
	{"leads", "deals/leads"},
	{"program", "partnerportal/program"},
	{"mdf", "mdf"},
	{"assets", "mdf/assets"},
	{"quotes", "quotes"},
	{"orders", "quotes/orders"},
	{"catalog", "quotes/catalog"},
	{"account", "partnerportal/account"},
	{"training", "training"},
	{"credentials", "training/credentials"},
	{"events", "partnerportal/events"},
	{"files", "partnerportal/files"},
	{"sandbox", "partnerportal/sandbox"},
}

// Bundled are the documents of the bundle.
var bundled = []string{"auth", "deals", "leads", "program", "mdf", "assets", "quotes", "catalog", "orders", "training", "credentials", "account", "events", "webhooks", "files", "sandbox", "common", "wire"}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: contract ROOT-OF-THE-MODULE")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "contract:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	source := filepath.Join(root, "openapi")
	build, err := os.MkdirTemp("", "contract")
	if err != nil {
		return err
	}
	defer os.RemoveAll(build)

	if err := bundle(source, filepath.Join(source, "openapi.json")); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	if err := prepare(source, build); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	for _, p := range packages {
		if err := generate(source, build, p.document, filepath.Join(root, p.folder)); err != nil {
			return fmt.Errorf("generate %s: %w", p.folder, err)
		}
	}
	return nil
}
