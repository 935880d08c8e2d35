package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFromDealToOrder(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	document := filepath.Join(t.TempDir(), "quote.pdf")
	require.NoError(t, run(t.Context(), []string{"-out", document}, strings.NewReader(""), &out))
	for _, said := range []string{
		"for Globex Corporation",
		"The servers draw more power than the supplies give.",
		"The configuration is valid:",
		"deal_registration",
		"Accepted by Ada Lovelace; order",
		"The session is ordered",
	} {
		assert.Contains(t, out.String(), said)
	}
	pdf, err := os.ReadFile(document)
	require.NoError(t, err)
	assert.True(t, bytes.HasPrefix(pdf, []byte("%PDF-")))
}

// A person who mistypes is asked again.
func TestInteractive(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	document := filepath.Join(t.TempDir(), "quote.pdf")
	typed := "9\n1\n2\n1\n" // no such server; the small one, the large supply, care
	require.NoError(t, run(t.Context(), []string{"-interactive", "-out", document}, strings.NewReader(typed), &out))
	assert.Contains(t, out.String(), "Type a number from 1 to 2.")
	assert.NotContains(t, out.String(), "not valid")
	assert.Contains(t, out.String(), "1 x CARE-3")
	assert.Contains(t, out.String(), "promotion")
	assert.FileExists(t, document)
}

// Whoever leaves in the middle has ordered nothing, and is told.
func TestInteractiveEndsEarly(t *testing.T) {
	t.Parallel()
	document := filepath.Join(t.TempDir(), "quote.pdf")
	err := run(t.Context(), []string{"-interactive", "-out", document}, strings.NewReader("1\n"), io.Discard)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.NoFileExists(t, document)
}

// Interrupting the program ends it while it waits for an answer.
func TestInteractiveIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	in, typing := io.Pipe() // on which nobody types
	defer typing.Close()
	document := filepath.Join(t.TempDir(), "quote.pdf")
	err := run(ctx, []string{"-interactive", "-out", document}, in, onPrompt(interrupt))
	require.ErrorIs(t, err, context.Canceled)
	assert.NoFileExists(t, document)
}

// onPrompt is called when an answer is waited for.
type onPrompt func()

func (f onPrompt) Write(p []byte) (int, error) {
	if bytes.HasSuffix(p, []byte("> ")) {
		f()
	}
	return len(p), nil
}

func TestBadCommandLines(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"unexpected argument":  {"quote.pdf"},
		"-deal and -sku":       {"-portal", "https://portal.example.com"},
		"-accepted-by and -po": {"-portal", "https://portal.example.com", "-deal", "deal_1", "-sku", "RACK-42"},
		"-accepted-by: mail":   {"-accepted-by", "nobody"},
		"not defined: -colour": {"-colour"},
	} {
		assert.ErrorContains(t, run(t.Context(), args, strings.NewReader(""), io.Discard), want)
	}
}
