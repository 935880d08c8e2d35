package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTour(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	for _, said := range []string{
		"contact is masked: true",
		"contact unmasked: ada@hooli.com",
		"for Hooli Inc.",
		"is submitted, priority 1",
		"held by other_partner",
		"is approved, exclusive protection",
		"7 days",
		"is enabled, with the key whsec_…",
		"were verified; the last is deal.expiring of D-000002, 7 days left, with a signature v1 of the key whsec_…",
		"Done: 10 steps",
	} {
		assert.Contains(t, out.String(), said)
	}
	assert.NotContains(t, out.String(), "Acme Partners is the holder")
}
