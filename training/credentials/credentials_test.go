package credentials_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/training/credentials"
)

func TestInForceAt(t *testing.T) {
	t.Parallel()
	end := today.AddDate(2, 0, 0)
	for _, test := range []struct {
		status credentials.Status
		until  time.Time
		at     time.Time
		want   bool
	}{
		{credentials.StatusIssued, end, today, true},
		{credentials.StatusIssued, end, today.Add(-1), false},
		{credentials.StatusRenewalOpen, end, end.Add(-1), true},
		{credentials.StatusRenewalOpen, end, end, false},
		{credentials.StatusIssued, time.Time{}, end.AddDate(100, 0, 0), true},
		{credentials.StatusExpired, end, today, true},
		{credentials.StatusExpired, end, end, false},
		{credentials.StatusPending, end, today, false},
		{credentials.StatusRevoked, end, today, false},
		{credentials.StatusSuperseded, end, today, false},
	} {
		k := credentials.Credential{Status: test.status, ValidFrom: today, ValidUntil: test.until}
		assert.Equal(t, test.want, k.InForceAt(test.at), "%+v", test)
	}
}

func TestLapses(t *testing.T) {
	t.Parallel()
	end := today.AddDate(0, 1, 0)
	for _, test := range []struct {
		status credentials.Status
		until  time.Time
		by     time.Time
		want   bool
	}{
		{credentials.StatusIssued, end, end.Add(-1), false},
		{credentials.StatusIssued, end, end, true},
		{credentials.StatusRenewalOpen, end, end, true},
		{credentials.StatusIssued, time.Time{}, end.AddDate(100, 0, 0), false},
		{credentials.StatusExpired, end, end, false},
		{credentials.StatusPending, end, end, false},
		{credentials.StatusRevoked, end, end, false},
	} {
		k := credentials.Credential{Status: test.status, ValidFrom: today, ValidUntil: test.until}
		assert.Equal(t, test.want, k.Lapses(test.by), "%+v", test)
	}
}

func TestAMissingCheckIsUnknown(t *testing.T) {
	t.Parallel()
	v := credentials.Verdict{Checks: []credentials.Check{{Name: credentials.CheckNameStatus, Result: credentials.CheckResultFailed}}}
	assert.Equal(t, credentials.CheckResultFailed, v.Check(credentials.CheckNameStatus).Result)
	assert.Equal(t, credentials.Check{Name: credentials.CheckNameIssuer, Result: credentials.CheckResultUnknown}, v.Check(credentials.CheckNameIssuer))
}

// TestDetailsOfOtherErrors: what an error does not say, or says in another way than expected, is absent and no error of its own.
func TestDetailsOfOtherErrors(t *testing.T) {
	t.Parallel()
	ctx, broken := t.Context(), newClient(&registrar{damaged: true})
	_, held := broken.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx-engineer", LearnerID: "lrn_Grace"})
	require.ErrorIs(t, held, credentials.ErrAlreadyHeld)
	_, early := broken.RequestRenewal(ctx, "crd_Grace")
	require.ErrorIs(t, early, credentials.ErrRenewalNotOpen)
	_, revoked := broken.Import(ctx, credentials.ImportRequest{LearnerID: "lrn_Ada", Badge: "revoked"})
	require.ErrorIs(t, revoked, credentials.ErrRevoked)
	for _, err := range []error{nil, errors.New("other"), &partnerportal.Error{Code: credentials.ErrExpired}, held, early, revoked} {
		assert.Empty(t, credentials.ExistingID(err))
		assert.Zero(t, credentials.OpensAt(err))
		assert.Nil(t, credentials.ChecksOf(err))
	}
}
