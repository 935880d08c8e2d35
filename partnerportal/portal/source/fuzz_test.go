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
	f.Add("credit.csv", "partner_id,amount,currency\np,1,USD\n")
	f.Add("completions.csv", "partner_id,requirement,person,expires_on\np,r,x,2026-01-01\n")
	f.Add("leads.json", `[{"title":"t","external_refs":[{"system":"s","id":"1"}]}]`)
	f.Fuzz(func(t *testing.T, name, content string) {
		switch name {
		case "balances.csv", "credit.csv", "payments.json", "completions.csv", "leads.json":
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
			for _, l := range books.Credits {
				assert.NotEmpty(t, l.PartnerID)
				assert.False(t, l.Available.IsZero())
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

// FuzzLearning is the same of what a learning system drops: a record that was read means something, whatever is in the files.
func FuzzLearning(f *testing.F) {
	f.Add("records.csv", "id,person,course,verb,at,score,progress\n1,u,GTX,passed,2026-11-20T08:00:00Z,92.5,\n")
	f.Add("people.json", `[{"ref":"u","partner_id":"p","name":"Ada","email":"a@b","roles":"engineer"}]`)
	f.Add("statements.json", "["+statementOf("A", "passed", "GTX", `,"result":{"score":{"scaled":0.5}}`)+"]")
	f.Add("statements.jsonl", `{"id":"1","actor":{"mbox":"mailto:a@b"},"verb":{"id":"http://adlnet.gov/expapi/verbs/progressed"},"object":{"id":"urn:x:y"},"stored":"2026-11-20T08:00:00Z"}`)
	f.Add("statements.json", `[{"verb":{"id":"http://adlnet.gov/expapi/verbs/passed"},"result":{"score":{"raw":1e308,"min":-1e308,"max":1e308}}}]`)
	f.Fuzz(func(t *testing.T, name, content string) {
		switch name {
		case "records.csv", "records.json", "people.csv", "people.json", "statements.json", "statements.jsonl":
		default:
			return
		}
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "as_of"), []byte("2026-11-22T04:00:00Z"), 0o600))
		learned, err := source.NewDir(dir, "fuzz").LMS(t.Context())
		if err != nil {
			return
		}
		for _, r := range learned.Records {
			assert.NotEmpty(t, r.ID)
			assert.NotEmpty(t, r.Person)
			assert.NotEmpty(t, r.Course)
			assert.False(t, r.At.IsZero())
			assert.True(t, r.Score == "" || source.IsPercent(r.Score), r.Score)
			assert.True(t, r.Progress >= 0 && r.Progress <= 100)
		}
		for _, p := range learned.People {
			assert.NotEmpty(t, p.Ref)
			assert.NotEmpty(t, p.Email)
		}
	})
}
