package credentials_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/training/credentials"
)

// lms is a learning system that says what a test wants.
type lms struct{ said *source.Learning }

func (l *lms) LMS(context.Context) (*source.Learning, error) { return l.said, nil }

// TestWhatWasTaughtIsTakenBack: a credential stays in force when its completion is taken back, and the vendor is told, once and alone; a new completion
// is not taken for a new credential.
func TestWhatWasTaughtIsTakenBack(t *testing.T) {
	t.Parallel()
	for name, dsn := range storetest.Engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, l := t.Context(), &lms{}
			d := newDesk(t, dsn(t), portal.WithLMS(l))
			tell := func(records ...source.Record) {
				d.Advance(time.Second)
				l.said = &source.Learning{Stamp: source.Stamp{System: "lms", AsOf: d.Now()}, Records: records}
				require.NoError(t, d.Pull(ctx))
			}
			passed := func(id, course string) source.Record {
				return source.Record{ID: id, Person: "ada@company.example", Course: course, Verb: source.VerbPassed, At: d.Now()}
			}
			voided := func(id string) source.Record { return source.Record{ID: id, Verb: source.VerbVoided} }
			doubts := func(pp *partnerportal.Client) []events.Event {
				t.Helper()
				return got(events.New(pp).List(ctx, events.ListParams{Type: []string{credentials.EventInDoubt}}))(t).Items
			}
			d.opens()
			one, two := d.course("one"), d.course("two")
			def := engineer()
			def.CourseIDs, def.AutoIssue, def.Renewal.Method = []string{one.ID, two.ID}, true, credentials.RenewalMethodTraining
			d.defines("gtx", def)
			ada := d.learns(d.Acme, "Ada")
			byHand := engineer()
			byHand.CourseIDs = []string{two.ID}
			d.defines("other", byHand)
			got(d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "other", LearnerID: ada.ID}))(t)
			d.Advance(day)
			tell(passed("1", "one"), passed("2", "two"))
			held := d.held(ada.ID)
			require.Len(t, held, 2)

			d.Advance(30 * day)
			tell(passed("3", "two")) // too early for a renewal
			tell(voided("3"))
			assert.Empty(t, doubts(d.Vendor), "it is completed nevertheless")
			tell(voided("2"))
			found := doubts(d.Vendor)
			require.Len(t, found, 1, "the other one was issued before")
			assert.Equal(t, held[0].ID, found[0].Subject.ID)
			assert.Equal(t, map[string]any{"definition_id": "gtx", "learner_id": ada.ID, "kind": "course", "code": "two"}, found[0].Data.Facts)
			assert.Equal(t, "issued", found[0].Data.State)
			assert.Empty(t, doubts(d.Acme))
			k := d.reads(held[0].ID)
			assert.Equal(t, credentials.StatusIssued, k.Status)
			assert.True(t, d.judges(k.ID).OK(), "until the vendor decides")
			tell(passed("4", "two"))
			assert.Len(t, d.held(ada.ID), 2)
			got(d.vendor.Revoke(ctx, k.ID, credentials.Revocation{Code: credentials.RevocationCodeRequirementsNotMet}))(t)
			tell(voided("1"))
			assert.Len(t, doubts(d.Vendor), 1, "of what is revoked already")

			def.CourseIDs = []string{one.ID}
			d.defines("gtx", def)
			d.Advance(day)
			tell(passed("5", "one"))
			fresh := d.held(ada.ID)[0]
			require.Equal(t, credentials.StatusIssued, fresh.Status)
			d.Advance(fresh.RenewalOpensAt.Sub(d.Now()) + day)
			tell(passed("6", "one"))
			require.Equal(t, 1, d.reads(fresh.ID).Renewals)
			d.Advance(2 * day)
			tell(passed("7", "one"))
			tell(voided("7"))
			assert.Len(t, doubts(d.Vendor), 1, "it was renewed before")
			tell(voided("6"))
			found = doubts(d.Vendor)
			require.Len(t, found, 2, "what it was issued for has not renewed it")
			assert.Equal(t, []any{fresh.ID, "one"}, []any{found[1].Subject.ID, found[1].Data.Facts["code"]})
		})
	}
}
