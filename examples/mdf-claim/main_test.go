package main

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
)

func TestOffline(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	folder := t.TempDir()
	require.NoError(t, run(t.Context(), []string{"-proof", folder}, &out))
	for _, said := range []string{
		"asks for 2500.00 USD in one call with 3 values typed",
		"approves 2500.00 USD of its cost of 5000.00 USD",
		"invoice.pdf: application/pdf",
		"photo.png: image/png",
		"The same invoice again is refused.",
		"is paid",
		"identity holds at all 6 entries",
	} {
		assert.Contains(t, out.String(), said)
	}
	photo, err := os.ReadFile(filepath.Join(folder, "photo.png"))
	require.NoError(t, err)
	_, err = png.Decode(bytes.NewReader(photo))
	require.NoError(t, err)
}

func TestSandboxElsewhere(t *testing.T) {
	p := portaltest.New(t)
	key, err := p.Admin().CreateAPIKey(t.Context(), portal.ClientSpec{PartnerID: p.AcmeID, Name: "mdf-claim"})
	require.NoError(t, err)
	t.Setenv("PARTNERPORTAL_API_KEY", key)

	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-portal", p.URL()}, &out))
	assert.Contains(t, out.String(), "identity holds at all 6 entries")

	key, err = p.Admin().CreateAPIKey(t.Context(), portal.ClientSpec{Name: "mdf-claim"})
	require.NoError(t, err)
	t.Setenv("PARTNERPORTAL_VENDOR_API_KEY", key)
	require.NoError(t, run(t.Context(), []string{"-portal", p.URL()}, &out), "what is left of the allocation is enough for another one")
	assert.Contains(t, out.String(), "identity holds at all 11 entries")
	err = run(t.Context(), []string{"-portal", p.URL()}, &out)
	require.ErrorIs(t, err, mdf.ErrInsufficientFunds)
	assert.ErrorContains(t, err, "only 0.00 USD is available, 2500.00 USD is missing")
}

func TestBadCommandLines(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-nonsense"}, {"stray"}, {"-portal", "ftp://portal.example.com"}} {
		require.Error(t, run(t.Context(), args, &bytes.Buffer{}), "%v", args)
	}
}
