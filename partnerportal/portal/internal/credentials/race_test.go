package credentials_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
)

// TestAtOnce: of many who certify the same person at once one does, and no two credentials have the same place in a status list.
func TestAtOnce(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.opens()
		d.defines("gtx", engineer())
		same := d.learns(d.Acme, "Ada")
		learners := make([]string, 16)
		for i := range learners {
			learners[i] = same.ID
			if i%2 == 0 {
				learners[i] = d.learns(d.Acme, fmt.Sprint("other", i)).ID
			}
		}
		var all sync.WaitGroup
		errs := make([]error, len(learners))
		for i, id := range learners {
			all.Go(func() {
				_, errs[i] = d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx", LearnerID: id})
			})
		}
		all.Wait()
		held := 0
		for _, err := range errs {
			if errors.Is(err, credentials.ErrAlreadyHeld) {
				held++
			} else {
				assert.NoError(t, err)
			}
		}
		assert.Equal(t, 7, held, "of the eight for Ada")
		places := map[int]bool{}
		for _, k := range got(d.acme.List(ctx, credentials.ListParams{}))(t).Items {
			places[k.Verification.StatusListIndex] = true
		}
		assert.Len(t, places, 9)
	})
}

// TestCertifiedWhileLeaving: who leaves at the very moment of being certified counts no more, whichever was first.
func TestCertifiedWhileLeaving(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.opens()
		d.defines("gtx", engineer())
		m := d.joins(program.Requirement{ID: "certified", Kind: program.RequirementKindCertifiedPeople, Threshold: 1, CredentialDefinitionIDs: []string{"gtx"}})
		var all sync.WaitGroup
		for i := range 8 {
			person := d.learns(d.Acme, fmt.Sprint("person", i))
			all.Go(func() {
				_, err := d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx", LearnerID: person.ID})
				if e, ok := errors.AsType[*partnerportal.Error](err); err != nil && (!ok || e.Status >= 500) {
					assert.NoError(t, err)
				}
			})
			all.Go(func() {
				_, err := training.New(d.Acme).Offboard(ctx, person.ID)
				assert.NoError(t, err)
			})
		}
		all.Wait()
		assert.Zero(t, d.member(m.ID).Progress[0].Current)
	})
}
