package mdf_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

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
