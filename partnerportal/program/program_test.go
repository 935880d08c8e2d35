package program_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

func TestExistingID(t *testing.T) {
	t.Parallel()
	desk := program.New(newClient())
	first, err := desk.InvitePartner(t.Context(), program.Invitation{Name: "Acme"})
	require.NoError(t, err)
	_, err = desk.InvitePartner(t.Context(), program.Invitation{Name: "Acme Inc."})
	require.ErrorIs(t, err, program.ErrDuplicatePartner)
	assert.Equal(t, first.ID, program.ExistingID(err))
	_, err = desk.SuspendPartner(t.Context(), first.ID, program.Ruling{Reason: "?"})
	require.ErrorIs(t, err, program.ErrDuplicateRef)
	assert.Empty(t, program.ExistingID(err), "of a shape that it should not have")
	for _, other := range []error{nil, errors.New("offline"), &partnerportal.Error{Status: 409}} {
		assert.Empty(t, program.ExistingID(other))
	}
}

func TestRulesThatSomebodyElseChanged(t *testing.T) {
	t.Parallel()
	desk := program.New(newClient())
	rules, err := desk.Get(t.Context(), program.DefaultID)
	require.NoError(t, err)
	_, err = desk.Put(t.Context(), rules.ID, *rules, partnerportal.IfMatch(rules))
	require.NoError(t, err)
	_, err = desk.Put(t.Context(), rules.ID, *rules, partnerportal.IfMatch(rules))
	require.ErrorIs(t, err, partnerportal.ErrStale)
}

func TestDaysOfTheProgramme(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC)
	for zone, want := range map[string]string{"Asia/Tokyo": "2026-11-23", "UTC": "2026-11-22", "no/such": "2026-11-22"} {
		p := program.Program{TimeZone: zone}
		assert.Equal(t, want, p.Today(at).String(), zone)
		assert.Equal(t, p.Today(at).AddDays(1), p.Today(p.EndOfDay(p.Today(at))), zone)
		assert.Equal(t, p.Today(at), p.Today(p.EndOfDay(p.Today(at)).Add(-time.Second)), zone)
	}
}

func TestWhatIsInForce(t *testing.T) {
	t.Parallel()
	for status, want := range map[program.Status]bool{"": true, program.StatusActive: true, program.StatusDraft: false, program.StatusRetired: false, "frozen": false} {
		assert.Equal(t, want, (&program.Program{Status: status}).InForce(), status)
	}
	assert.True(t, (&program.Partner{Status: program.PartnerStatusActive}).Active())
	assert.False(t, (&program.Partner{Status: program.PartnerStatusInvited}).Active())
}
