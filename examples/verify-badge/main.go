// Verify-badge says whether badges can be relied on, without a network: Open Badges 3.0 as files, or baked into PNG and SVG images.
//
//	go run ./examples/verify-badge
//
// shows it on the badges in testdata: a good one as an image, one that was revoked, one that was changed, one of an issuer that nobody
// knows, and one of Open Badges 2.0. With your own, first fetch what there is to know about the issuers that you trust, then verify
// wherever you like:
//
//	go run ./examples/verify-badge -fetch https://academy.example/issuer=https://academy.example/jwks.json -bundle bundle.json ada.png
//	go run ./examples/verify-badge -bundle bundle.json -holder ada@example.com ada.png
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

const usage = `Usage: verify-badge [flags] [file...]

Verifies badges offline against a bundle: whom you trust, their keys, and the status lists that you fetched. Says of each what was
checked, and ends with status 1 unless all can be relied on, and with 2 when something cannot be read. The file - is what is piped in.

Without arguments it verifies badges of its own, to show how it looks.

Flags:
`

// errNotVerified ends the program with status 1 after everything was printed.
var errNotVerified = errors.New("not all badges can be relied on")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Stdout); {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errNotVerified):
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, "verify-badge:", err)
		os.Exit(2)
	}
}

// settings are the flags.
type settings struct {
	bundle  string
	sources []badge.Source
	holder  string
	at      time.Time
	maxAge  time.Duration
	asJSON  bool
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var s settings
	flags := flag.NewFlagSet("verify-badge", flag.ContinueOnError)
	flags.StringVar(&s.bundle, "bundle", "", "the `file` of the bundle; with -fetch it is written")
	flags.Func("fetch", "trust this `issuer=jwks` (two addresses), and fetch its keys and the files' status lists; may be repeated", s.trust)
	flags.StringVar(&s.holder, "holder", "", "the e-mail `address` of who shows the badges")
	flags.Func("at", "the `instant` to ask about, such as 2026-11-20T09:00:00Z, instead of now", func(text string) (err error) {
		s.at, err = time.Parse(time.RFC3339, text)
		return err
	})
	flags.DurationVar(&s.maxAge, "max-age", 0, "how old a status list may be")
	flags.BoolVar(&s.asJSON, "json", false, "print the verdicts as JSON")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
	case flags.NFlag() == 0, flags.NFlag() == 1 && s.asJSON:
		return demo(out, s.asJSON)
	default: // a pattern that matches no file must not look as if all were good
		return errors.New("which badges? Name the files; see -help")
	}
	var shown []document
	for _, name := range flags.Args() {
		data, err := read(name)
		if err != nil {
			return err
		}
		shown = append(shown, document{name: name, data: data})
	}
	bundle, err := s.load(ctx, shown)
	if err != nil {
		return err
	}
	return report(out, s.asJSON, verify(shown, bundle, s.options()...))
}

func read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name)
}

// trust splits where the second address begins: the first one may have a query.
func (s *settings) trust(text string) error {
	issuer, jwks, ok := strings.Cut(text, "=http")
	if !ok {
		return errors.New("want issuer=jwks, the second one an address on the web")
	}
	s.sources = append(s.sources, badge.Source{ID: issuer, JWKS: "http" + jwks})
	return nil
}

// load reads the bundle, or fetches it and writes it for the next time.
func (s *settings) load(ctx context.Context, shown []document) (*badge.Bundle, error) {
	switch {
	case s.bundle == "" && len(s.sources) == 0:
		return nil, errors.New("-bundle or -fetch says whom you trust; see -help")
	case len(s.sources) == 0:
		file, err := os.ReadFile(s.bundle)
		if err != nil {
			return nil, err
		}
		return badge.ParseBundle(file)
	}
	var badges [][]byte
	for _, d := range shown {
		badges = append(badges, d.data)
	}
	bundle, err := badge.Fetch(ctx, &http.Client{Timeout: 30 * time.Second}, s.sources, badges...)
	if err != nil || s.bundle == "" {
		return bundle, err
	}
	file, err := json.MarshalIndent(bundle, "", "  ")
	if err != nil {
		return nil, err
	}
	return bundle, os.WriteFile(s.bundle, file, 0o600)
}

func (s *settings) options() []badge.Option {
	options := []badge.Option{badge.MaxStatusAge(s.maxAge)}
	if !s.at.IsZero() {
		options = append(options, badge.At(s.at))
	}
	if s.holder != "" {
		options = append(options, badge.WithHolder(s.holder))
	}
	return options
}
