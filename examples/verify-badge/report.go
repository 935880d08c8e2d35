package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// document is a file with a badge in it.
type document struct {
	name string
	data []byte
}

// judged is what was found about one document.
type judged struct {
	File    string        `json:"file"`
	OK      bool          `json:"ok"`
	Verdict badge.Verdict `json:"verdict"`
}

func verify(shown []document, bundle *badge.Bundle, options ...badge.Option) []judged {
	all := make([]judged, len(shown))
	for i, d := range shown {
		verdict := badge.Verify(d.data, bundle, options...)
		all[i] = judged{File: d.name, OK: verdict.OK(), Verdict: verdict}
	}
	return all
}

// report prints the verdicts, and is errNotVerified unless all are good.
func report(out io.Writer, asJSON bool, all []judged) error {
	ok := true
	for _, j := range all {
		ok = ok && j.OK
		if !asJSON {
			printVerdict(out, j)
		}
	}
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(all); err != nil {
			return err
		}
	}
	if !ok {
		return errNotVerified
	}
	return nil
}

func printVerdict(out io.Writer, j judged) {
	answer := "NOT VERIFIED"
	if j.OK {
		answer = "VERIFIED"
	}
	fmt.Fprintf(out, "%s: %s (%s)\n", j.File, answer, j.Verdict.Format)
	if c := j.Verdict.Credential; c != nil {
		says := c.CredentialSubject.Achievement.Name + ", by " + c.Issuer.ID
		if !c.ValidUntil.IsZero() {
			says += ", until " + c.ValidUntil.Format(time.DateOnly)
		}
		fmt.Fprintf(out, "  it says    %s\n", printable(says))
	}
	for _, check := range j.Verdict.Checks() {
		detail := printable(check.Detail)
		if !check.AsOf.IsZero() {
			detail = strings.TrimLeft(detail+", as of "+check.AsOf.Format(time.DateOnly), ", ")
		}
		fmt.Fprintln(out, strings.TrimRight(fmt.Sprintf("  %-10s %-8s %s", check.Name, check.Result, detail), " "))
	}
}

// printable takes out what a terminal would obey, as who wrote the badge may not be a friend.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return '�'
		}
		return r
	}, text)
}
