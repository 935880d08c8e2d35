package leads_test

import (
	"encoding/json"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

func TestExactlyOneAccepts(t *testing.T) {
	t.Parallel()
	inbox := newDesk().client()
	results := make([]error, 8)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() { _, results[i] = inbox.Accept(t.Context(), "lead_1") })
	}
	wg.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, leads.ErrTaken)
	}
	assert.Equal(t, 1, won)
}

func TestWhatARefusalCarries(t *testing.T) {
	t.Parallel()
	inbox := newDesk().client()
	_, err := inbox.Create(t.Context(), leads.NewLead{Title: "Again", Consent: leads.Consent{MayContact: true}})
	require.ErrorIs(t, err, leads.ErrDuplicateRef)
	assert.Equal(t, "lead_1", leads.ExistingID(err))
	assert.Nil(t, leads.CandidatesOf(err))

	assert.Empty(t, leads.ExistingID(errors.New("not of a portal")))
	odd := &partnerportal.Error{Extensions: map[string]json.RawMessage{"existing_id": json.RawMessage(`{}`), "candidates": json.RawMessage(`7`)}}
	assert.Empty(t, leads.ExistingID(odd))
	assert.Nil(t, leads.CandidatesOf(odd))
}
