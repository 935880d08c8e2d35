package main

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
)

func TestDemoLosesNothing(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), nil, &out))
	assert.Regexp(t, `\nhandled=\d\d+ lost=0 twice=0\n$`, out.String())
	assert.Contains(t, out.String(), deals.EventExpired)
	assert.Contains(t, out.String(), "The follower is stopped.")
}

func TestFollowsAnotherPortal(t *testing.T) {
	p := portaltest.New(t)
	key, err := p.Admin().CreateAPIKey(t.Context(), portal.ClientSpec{PartnerID: p.AcmeID, Name: "follow"})
	require.NoError(t, err)
	t.Setenv("PARTNERPORTAL_API_KEY", key)
	_, err = deals.New(p.Acme).Create(t.Context(), deals.Registration{Customer: partnerportal.Organization{Name: "Initech"}})
	require.NoError(t, err)

	ctx, stop := contextUntil(t, deals.EventCreated)
	require.NoError(t, run(ctx, []string{"-url", p.URL(), "-cursor", filepath.Join(t.TempDir(), "cursor"), "-types", "deal.*", "-poll", time.Minute.String()}, stop))
	assert.Contains(t, stop.String(), " is draft /status")
	require.Error(t, run(t.Context(), []string{"what"}, &bytes.Buffer{}))
}

// stopping is an output that ends a context when a word is written.
type stopping struct {
	bytes.Buffer

	word string
	stop context.CancelFunc
}

func (s *stopping) Write(text []byte) (int, error) {
	if bytes.Contains(text, []byte(s.word)) {
		s.stop()
	}
	return s.Buffer.Write(text)
}

func contextUntil(t *testing.T, word string) (context.Context, *stopping) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	return ctx, &stopping{word: word, stop: cancel}
}
