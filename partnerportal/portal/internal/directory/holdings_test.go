package directory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// Each person counts once, until the credential ends, and only for its own partner.
func TestHoldersAreThoseOfTheInstant(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite::memory:")
	require.NoError(t, err)
	defer s.Close()
	ctx, noon := t.Context(), time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	require.NoError(t, s.Write(ctx, func(tx *store.Tx) error {
		for _, h := range []store.KeepHoldingParams{
			{PartnerID: "par_a", DefinitionID: "engineer", HolderID: "ann", ValidUntil: store.Micros(noon)},
			{PartnerID: "par_a", DefinitionID: "engineer", HolderID: "ann", ValidUntil: store.Micros(noon.Add(time.Hour))}, // renewed
			{PartnerID: "par_a", DefinitionID: "engineer", HolderID: "bob"},
			{PartnerID: "par_a", DefinitionID: "architect", HolderID: "bob", ValidUntil: store.Micros(noon)},
			{PartnerID: "par_b", DefinitionID: "engineer", HolderID: "cid"},
		} {
			if err := tx.KeepHolding(ctx, h); err != nil {
				return err
			}
		}
		held, err := directory.Holders(ctx, tx, "par_a", noon)
		assert.Equal(t, map[string]int{"engineer": 2}, held, "the architect's ended at noon")
		assert.NoError(t, err)
		held, err = directory.Holders(ctx, tx, "par_a", noon.Add(time.Hour))
		assert.Equal(t, map[string]int{"engineer": 1}, held)
		assert.NoError(t, err)
		assert.NoError(t, tx.DropHolding(ctx, store.DropHoldingParams{PartnerID: "par_a", DefinitionID: "engineer", HolderID: "bob"}))
		held, err = directory.Holders(ctx, tx, "par_a", noon.Add(time.Hour))
		assert.Empty(t, held)
		return err
	}))
}
