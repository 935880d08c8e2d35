package mdf_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf"
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
	assert.ElementsMatch(t, readContract(t).Components.Schemas["MDFEventType"].Enum, []string{
		mdf.EventFundOpened, mdf.EventFundUpdated, mdf.EventFundFrozen, mdf.EventFundClosed, mdf.EventAllocated, mdf.EventAccrued,
		mdf.EventAccrualClosed, mdf.EventAllocationUpdated, mdf.EventBalanceChanged, mdf.EventFundsExpiring, mdf.EventFundsExpired,
		mdf.EventRequestCreated, mdf.EventRequestUpdated, mdf.EventRequestSubmitted, mdf.EventRequestResubmitted,
		mdf.EventRequestReviewStarted, mdf.EventRequestChangesRequested, mdf.EventRequestApproved, mdf.EventRequestRejected,
		mdf.EventRequestWithdrawn, mdf.EventRequestCanceled, mdf.EventRequestClosed, mdf.EventAmendmentRequested,
		mdf.EventAmendmentApproved, mdf.EventAmendmentRejected, mdf.EventActivityStarted, mdf.EventActivityCompleted,
		mdf.EventActivityCanceled, mdf.EventActivityExpired, mdf.EventClaimCreated, mdf.EventClaimUpdated, mdf.EventClaimSubmitted,
		mdf.EventClaimResubmitted, mdf.EventClaimReviewStarted, mdf.EventClaimChangesRequested, mdf.EventClaimApproved,
		mdf.EventClaimRejected, mdf.EventClaimWithdrawn, mdf.EventClaimScheduled, mdf.EventClaimPaid, mdf.EventClaimPaymentFailed,
		mdf.EventClaimDueSoon,
	})
}

// Every code that the contract names for an operation of market development funds can be asked for with errors.Is: here, or for all
// operations in the core.
func TestErrorCodesAreTheContracts(t *testing.T) {
	t.Parallel()
	var named []string
	for path, operations := range readContract(t).Paths {
		if !strings.HasPrefix(path, "/mdf") {
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
	for _, code := range append(general, mdf.ErrInsufficientFunds, mdf.ErrFundNotOpen, mdf.ErrAllocationExpired, mdf.ErrAllocationFrozen,
		mdf.ErrAllocationAccruing, mdf.ErrActivityOutsidePeriod, mdf.ErrPreApprovalRequired, mdf.ErrPercentExceeded, mdf.ErrCurrencyMismatch,
		mdf.ErrActivityNotStarted, mdf.ErrClaimWindowClosed, mdf.ErrClaimExceedsApproved, mdf.ErrProofMissing, mdf.ErrDuplicateInvoice,
		mdf.ErrDuplicateAccrual) {
		known = append(known, string(code))
	}
	assert.ElementsMatch(t, known, slices.Compact(named))
}

func TestWhatRefusalsCarry(t *testing.T) {
	t.Parallel()
	funds, ctx := newDesk().client(), t.Context()
	_, err := funds.QuickRequest(ctx, mdf.QuickRequest{Type: mdf.ActivityTypeEvent, Amount: usd("5000.01")})
	require.ErrorIs(t, err, mdf.ErrInsufficientFunds)
	assert.Equal(t, mdf.Shortfall{Available: usd("5000.00"), Shortfall: usd("0.01")}, mdf.ShortfallOf(err))
	assert.Nil(t, mdf.MissingProofOf(err))

	_, err = funds.QuickClaim(ctx, mdf.QuickClaim{RequestID: "mdf_1", InvoiceNumber: "1", Spent: usd("10")})
	require.ErrorIs(t, err, mdf.ErrProofMissing)
	assert.Equal(t, []string{"invoice"}, mdf.MissingProofOf(err))
	_, err = funds.QuickClaim(ctx, mdf.QuickClaim{RequestID: "mdf_1", InvoiceNumber: "1", Spent: usd("10000"), FileIDs: []string{"file_1"}})
	require.ErrorIs(t, err, mdf.ErrClaimExceedsApproved)
	assert.Equal(t, usd("4000"), mdf.MostOf(err))

	for _, odd := range []error{
		nil, errors.New("not of a portal"), &partnerportal.Error{Code: mdf.ErrInsufficientFunds},
		&partnerportal.Error{Code: mdf.ErrInsufficientFunds, Extensions: map[string]json.RawMessage{
			"available": json.RawMessage(`{"amount":"1.00","currency":"USD"}`), "shortfall": json.RawMessage(`7`), "claim_id": json.RawMessage(`[]`),
			"max": json.RawMessage(`"x"`), "requirement_ids": json.RawMessage(`{}`),
		}},
	} {
		assert.Zero(t, mdf.ShortfallOf(odd))
		assert.Zero(t, mdf.MostOf(odd))
		assert.Empty(t, mdf.ClaimOf(odd))
		assert.Nil(t, mdf.MissingProofOf(odd))
	}
}
