package deals_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

var acme = deals.Registration{
	Customer: partnerportal.Organization{Name: "Acme Corporation", Country: "US", Domain: "acme.com"},
	Products: []deals.Product{{Family: "GTX"}}, Amount: partnerportal.MustMoney("125000.00", "USD"),
	ExpectedCloseOn: partnerportal.Date{Year: 2027, Month: 3, Day: 31},
}

func TestConflictTellsTheWaysOut(t *testing.T) {
	t.Parallel()
	reg := deals.New(newClient())
	d, err := reg.Register(t.Context(), acme)
	require.NoError(t, err)
	assert.Equal(t, deals.StatusSubmitted, d.Status)
	assert.Equal(t, acme.Amount, d.Amount)

	_, err = reg.Register(t.Context(), acme)
	require.ErrorIs(t, err, deals.ErrConflict)
	require.NotErrorIs(t, err, deals.ErrOwnDuplicate)
	assert.Equal(t, []deals.Match{{
		MatchedOn: []deals.MatchKind{deals.MatchKindExactDomain}, ScopeOverlap: deals.ScopeOverlapFull, Holder: deals.HolderOtherPartner,
		Options: []deals.WayOut{deals.WayOutNarrowScope, deals.WayOutJoinAsServices},
	}}, deals.MatchesOf(fmt.Errorf("row 7: %w", err)))
	assert.Empty(t, deals.ExistingID(err))
}

func TestExistingID(t *testing.T) {
	t.Parallel()
	reg := deals.New(newClient())
	_, err := reg.Create(t.Context(), acme)
	require.ErrorIs(t, err, deals.ErrDuplicateRef)
	assert.Equal(t, "deal_1", deals.ExistingID(err))
	assert.Nil(t, deals.MatchesOf(err))

	_, err = reg.Get(t.Context(), "deal_1")
	require.ErrorIs(t, err, deals.ErrOwnDuplicate)
	assert.Empty(t, deals.ExistingID(err), "of a shape that it should not have")
	assert.Nil(t, deals.MatchesOf(err))
	for _, other := range []error{nil, errors.New("offline"), &partnerportal.Error{Status: 409}} {
		assert.Empty(t, deals.ExistingID(other))
		assert.Nil(t, deals.MatchesOf(other))
	}
}
