package source_test

import (
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
)

// FuzzRevenue: whatever is in a file, reading it neither panics nor makes a record that means nothing, and CSV and JSON keep the same rules.
func FuzzRevenue(f *testing.F) {
	for _, seed := range []string{
		"id,partner_id,on,amount,currency\n1,par_1,2026-11-01,10.00,USD\n", "\ufeffid\n\"\n", "id,id\n", "", "a\r\n\"x\ny\",\n",
	} {
		f.Add("revenue.csv", seed)
	}
	for _, seed := range []string{`[{"id":1,"partner_id":"p","on":"2026-11-01","amount":1e2,"currency":"USD"}]`, `[null]`, `[`, `[[]]`, `[{"id":"\u0000"}]`, `[]]`} {
		f.Add("revenue.json", seed)
	}
	f.Fuzz(func(t *testing.T, name, content string) {
		if name != "revenue.csv" && name != "revenue.json" {
			return
		}
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "as_of"), []byte("2026-11-22T04:00:00Z"), 0o600))
		books, err := source.NewDir(dir, "fuzz").Finance(t.Context())
		if err != nil {
			return
		}
		require.NotNil(t, books.Revenue)
		for _, r := range books.Revenue {
			assert.NotEmpty(t, r.ID)
			assert.LessOrEqual(t, len(r.ID), 64)
			assert.NotEmpty(t, r.PartnerID)
			assert.NotContains(t, r.ID+r.PartnerID, "\x00")
			assert.True(t, utf8.ValidString(r.ID+r.PartnerID))
			assert.True(t, r.On.IsValid())
			assert.Len(t, r.Amount.Currency(), 3)
		}
	})
}

// FuzzOthers is the same of the other files, by their names.
func FuzzOthers(f *testing.F) {
	f.Add("balances.csv", "partner_id,amount,currency\np,1,USD\n")
	f.Add("payments.json", `[{"payout":"P-1","amount":"1","currency":"USD","failure":"x"}]`)
	f.Add("completions.csv", "partner_id,requirement,person,expires_on\np,r,x,2026-01-01\n")
	f.Add("leads.json", `[{"title":"t","external_refs":[{"system":"s","id":"1"}]}]`)
	f.Fuzz(func(t *testing.T, name, content string) {
		switch name {
		case "balances.csv", "payments.json", "completions.csv", "leads.json":
		default:
			return
		}
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "as_of"), []byte("2026-11-22T04:00:00Z"), 0o600))
		d := source.NewDir(dir, "fuzz")
		if books, err := d.Finance(t.Context()); err == nil {
			for _, p := range books.Payments {
				assert.NotEqual(t, p.PaidOn.IsZero(), p.Failure == "")
			}
		}
		if crm, err := d.CRM(t.Context()); err == nil {
			for _, lead := range crm.Leads {
				assert.NotEmpty(t, lead.ExternalRefs)
			}
		}
		_, _ = d.LMS(t.Context())
	})
}
