package main

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"path"
	"time"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// What is in testdata was made once by TestMake, with keys that were thrown away.
//
//go:embed testdata
var testdata embed.FS

const (
	demoHolder = "ada@partner.example"
	bundleFile = "testdata/bundle.json"
)

var demoTime = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// demo verifies each badge of testdata, as if Ada had shown it on a day when all of that was new.
func demo(out io.Writer, asJSON bool) error {
	file, err := testdata.ReadFile(bundleFile)
	if err != nil {
		return err
	}
	bundle, err := badge.ParseBundle(file)
	if err != nil {
		return err
	}
	entries, err := testdata.ReadDir("testdata")
	if err != nil {
		return err
	}
	var shown []document
	for _, entry := range entries {
		if name := path.Join("testdata", entry.Name()); name != bundleFile {
			data, err := testdata.ReadFile(name)
			if err != nil {
				return err
			}
			shown = append(shown, document{name: entry.Name(), data: data})
		}
	}
	if !asJSON {
		fmt.Fprintf(out, "On %s, shown by %s, trusting %s:\n\n", demoTime.Format(time.DateOnly), demoHolder, bundle.Contents().Issuers[0].Name)
	}
	err = report(out, asJSON, verify(shown, bundle, badge.At(demoTime), badge.WithHolder(demoHolder)))
	if errors.Is(err, errNotVerified) { // most are there to show that
		return nil
	}
	return err
}
