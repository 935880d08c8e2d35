package directory_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// A deadline that is a day ends at 24:00 where the programme is, also on the days when the clocks change.
func TestDaysEndInTheProgrammesZone(t *testing.T) {
	t.Parallel()
	day := func(text string) partnerportal.Date {
		d, err := partnerportal.ParseDate(text)
		require.NoError(t, err)
		return d
	}
	for _, test := range []struct{ zone, day, end string }{
		{"UTC", "2026-11-22", "2026-11-23T00:00:00Z"},
		{"America/New_York", "2026-11-22", "2026-11-23T05:00:00Z"},
		{"Europe/Berlin", "2026-03-28", "2026-03-28T23:00:00Z"},
		{"Europe/Berlin", "2026-03-29", "2026-03-29T22:00:00Z"}, // summer time began
		{"Pacific/Auckland", "2026-12-31", "2026-12-31T11:00:00Z"},
		{"nowhere", "2026-11-22", "2026-11-23T00:00:00Z"},
	} {
		p := policy.Program{TimeZone: test.zone}
		end := p.EndOfDay(day(test.day))
		assert.Equal(t, test.end, end.Format(time.RFC3339), "%s in %s", test.day, test.zone)
		assert.Equal(t, test.day, p.Today(end.Add(-time.Second)).String(), "the last second of the day")
		assert.NotEqual(t, test.day, p.Today(end).String(), "and it is over")
	}
}

func TestStoredRules(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite::memory:")
	require.NoError(t, err)
	defer s.Close()
	ctx, rules := t.Context(), policy.Default()
	rules.Deal.MinimumValue = partnerportal.MustMoney("100", "USD")
	require.NoError(t, s.Write(ctx, func(tx *store.Tx) error {
		if err := directory.Put(ctx, tx, &rules, time.Unix(0, 0).UTC()); err != nil {
			return err
		}
		for i, id := range []string{"par_b", "par_a"} {
			doc, err := json.Marshal(policy.Partner{ID: id, Name: id, Status: "active", ProgramID: rules.ID})
			if err != nil {
				return err
			}
			if err := tx.InsertPartner(ctx, store.InsertPartnerParams{ID: id, Status: "active", ProgramID: rules.ID, Doc: string(doc), CreatedAt: int64(i)}); err != nil {
				return err
			}
		}
		return nil
	}))
	read, err := directory.Load(ctx, s.Read(), "")
	require.NoError(t, err)
	assert.Equal(t, &rules, read)
	before, err := directory.DecodeProgram(`{"id":"old","time_zone":"UTC"}`)
	require.NoError(t, err)
	assert.Equal(t, rules.Membership, before.Membership, "of rules that know nothing of memberships")
	_, err = directory.Load(ctx, s.Read(), "nowhere")
	require.ErrorIs(t, err, partnerportal.ErrValidation)

	partner, err := directory.LoadPartner(ctx, s.Read(), "par_a")
	require.NoError(t, err)
	assert.True(t, partner.Active())
	_, err = directory.LoadPartner(ctx, s.Read(), "par_c")
	require.ErrorIs(t, err, store.ErrNotFound)
	all, err := directory.Partners(ctx, s.Read())
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, "par_b", all[0].ID, "the oldest first")
}
