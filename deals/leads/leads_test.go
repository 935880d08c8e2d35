package leads_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/openapi"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// document is what these tests read of the contract.
type document struct {
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Schemas map[string]struct{ Enum []string }
	}
}

func readContract(t *testing.T) document {
	t.Helper()
	var doc document
	require.NoError(t, json.Unmarshal(openapi.Document, &doc))
	return doc
}

func TestEventsAreTheContracts(t *testing.T) {
	t.Parallel()
	assert.ElementsMatch(t, readContract(t).Components.Schemas["LeadEventType"].Enum, []string{
		leads.EventCreated, leads.EventOffered, leads.EventAccepted, leads.EventDeclined, leads.EventOfferExpired, leads.EventRecalled,
		leads.EventUpdated, leads.EventContacted, leads.EventReturned, leads.EventUnplaced, leads.EventConverted, leads.EventClosed,
		leads.EventSLABreached, leads.EventSubmitted, leads.EventReviewStarted, leads.EventRejected,
	})
}

// Every code that the contract names for a leads operation can be asked for with errors.Is: here, or for all operations in the core.
func TestErrorCodesAreTheContracts(t *testing.T) {
	t.Parallel()
	var named []string
	for path, operations := range readContract(t).Paths {
		if !strings.HasPrefix(path, "/leads") {
			continue
		}
		for _, raw := range operations {
			var op struct {
				Codes []string `json:"x-problem-codes"`
			}
			if json.Unmarshal(raw, &op) == nil { // a path's parameters are no operation
				named = append(named, op.Codes...)
			}
		}
	}
	slices.Sort(named)
	general := []partnerportal.ErrorCode{
		partnerportal.ErrValidation, partnerportal.ErrInvalidState,
		"not_found", "revision_mismatch", "precondition_required", "idempotency_key_required", "cursor_invalid", // by their status
	}
	var known []string
	for _, code := range append(general, leads.ErrTaken, leads.ErrOfferExpired, leads.ErrMasked, leads.ErrNotAssigned,
		leads.ErrConsentMissing, leads.ErrNoCandidates, leads.ErrDuplicateRef) {
		known = append(known, string(code))
	}
	assert.ElementsMatch(t, known, slices.Compact(named))
}

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
