package source_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
)

var asOf = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

// drop makes a folder with these files, complete as of asOf.
func drop(t *testing.T, files map[string]string) *source.Dir {
	t.Helper()
	dir := t.TempDir()
	if _, ok := files["as_of"]; !ok {
		files["as_of"] = "2026-11-22T05:00:00+01:00\n"
	}
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	return source.NewDir(dir, "netsuite")
}

func TestDirReadsCSVAndJSON(t *testing.T) {
	t.Parallel()
	finance := drop(t, map[string]string{
		"balances.csv": "\ufeffPartner_ID, amount, currency, ignored\npar_1, 1000.50, USD, x\npar_2,-3,JPY,\n",
		"revenue.json": `[{"id": 4711, "partner_id": "par_1", "on": "2026-11-01", "amount": 12.5, "currency": "EUR", "other": null}]`,
		"payments.csv": "payout,amount,currency,paid_on,trace,failure\nP-000001,10,USD,2026-11-20,TRX,\nP-000002,20,USD,,,The account is closed.\n",
		"credit.csv":   "partner_id,amount,currency\npar_1,250000,USD\npar_1,-1.50,EUR\n",
	})
	books, err := finance.Finance(t.Context())
	require.NoError(t, err)
	day := func(d int) partnerportal.Date { return partnerportal.Date{Year: 2026, Month: 11, Day: d} }
	assert.Equal(t, &source.Books{
		Stamp:    source.Stamp{System: "netsuite", AsOf: asOf},
		Balances: []source.Balance{{PartnerID: "par_1", Amount: partnerportal.MustMoney("1000.50", "USD")}, {PartnerID: "par_2", Amount: partnerportal.MustMoney("-3", "JPY")}},
		Revenue:  []source.Revenue{{ID: "4711", PartnerID: "par_1", On: day(1), Amount: partnerportal.MustMoney("12.50", "EUR")}},
		Payments: []source.Payment{
			{Payout: "P-000001", Amount: partnerportal.MustMoney("10", "USD"), PaidOn: day(20), Trace: "TRX"},
			{Payout: "P-000002", Amount: partnerportal.MustMoney("20", "USD"), Failure: "The account is closed."},
		},
		Credits: []source.Credit{{PartnerID: "par_1", Available: partnerportal.MustMoney("250000", "USD")}, {PartnerID: "par_1", Available: partnerportal.MustMoney("-1.50", "EUR")}},
	}, books)

	crm, err := drop(t, map[string]string{"leads.json": `[{"title":"Initech","organization":{"name":"Initech"},"external_refs":[{"system":"salesforce","id":"00Q1"}]}]`}).CRM(t.Context())
	require.NoError(t, err)
	require.Len(t, crm.Leads, 1)
	assert.Equal(t, "Initech", crm.Leads[0].Organization.Name)
	assert.Nil(t, crm.Revenue, "a file that is not there is knowledge that the system does not have")

	lms, err := drop(t, map[string]string{"completions.csv": "partner_id,requirement,person,expires_on\npar_1,people,ada,\npar_1,people,bob,2026-12-31\n"}).LMS(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []source.Completion{
		{PartnerID: "par_1", Requirement: "people", Person: "ada"},
		{PartnerID: "par_1", Requirement: "people", Person: "bob", ExpiresOn: partnerportal.Date{Year: 2026, Month: 12, Day: 31}},
	}, lms.Completions)

	empty, err := drop(t, map[string]string{"revenue.csv": "id,partner_id,on,amount,currency\n"}).Finance(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []source.Revenue{}, empty.Revenue, "a file without records is knowledge that there are none")
	assert.Nil(t, empty.Balances)
	assert.Nil(t, empty.Credits)
}

// A folder that is not complete is not read, and a file that cannot be understood fails with its name and line.
func TestDirRefuses(t *testing.T) {
	t.Parallel()
	header := "id,partner_id,on,amount,currency\n"
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no instant":          {map[string]string{"as_of": "yesterday"}, "netsuite: as_of is no instant"},
		"an empty file":       {map[string]string{"revenue.csv": ""}, "netsuite: revenue.csv: there is no header line"},
		"no amount":           {map[string]string{"revenue.csv": header + "1,par_1,2026-11-01,,USD\n"}, "revenue.csv: line 2: amount and currency"},
		"no currency":         {map[string]string{"revenue.csv": header + "1,par_1,2026-11-01,10,dollars\n"}, "revenue.csv: line 2: amount and currency"},
		"a thousands comma":   {map[string]string{"revenue.csv": header + "1,par_1,2026-11-01,\"1,000\",USD\n"}, "revenue.csv: line 2: amount and currency"},
		"no day":              {map[string]string{"revenue.csv": header + "\n1,par_1,,10,USD\n"}, "revenue.csv: line 3: on is missing"},
		"a day elsewhere":     {map[string]string{"revenue.csv": header + "1,par_1,22.11.2026,10,USD\n"}, "revenue.csv: line 2: on"},
		"Latin-1":             {map[string]string{"revenue.csv": header + "M\xfcller,par_1,2026-11-01,10,USD\n"}, "line 2: id is not plain text in UTF-8"},
		"no id":               {map[string]string{"revenue.csv": header + ",par_1,2026-11-01,10,USD\n"}, "revenue.csv: line 2: id is missing"},
		"a column too many":   {map[string]string{"revenue.csv": header + "1,par_1,2026-11-01,10,USD,x\n"}, "wrong number of fields"},
		"a name twice":        {map[string]string{"revenue.csv": "id,ID\n"}, "column 2 of the header"},
		"two files":           {map[string]string{"revenue.csv": header, "revenue.json": "[]"}, "both revenue.csv and revenue.json"},
		"JSON of other shape": {map[string]string{"revenue.json": `{"items": []}`}, "no JSON array"},
		"JSON that stops":     {map[string]string{"revenue.json": `[{"id":"1","partner_id":"p","on":"2026-11-01","amount":"1","currency":"USD"}`}, "revenue.json: "},
		"JSON that goes on":   {map[string]string{"revenue.json": `[] []`}, "something follows"},
		"an object as value":  {map[string]string{"revenue.json": `[{"id":{}}]`}, "record 1: id is neither"},
		"paid and failed":     {map[string]string{"payments.csv": "payout,amount,currency,paid_on,failure\nP-1,1,USD,2026-11-01,No.\n"}, "either paid_on or failure"},
		"neither of them":     {map[string]string{"payments.csv": "payout,amount,currency,paid_on,failure\nP-1,1,USD,,\n"}, "either paid_on or failure"},
		"an endless partner":  {map[string]string{"balances.csv": "partner_id,amount,currency\n" + "pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp,1,USD\n"}, "longer than 64"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := drop(t, test.files).Finance(t.Context())
			require.ErrorContains(t, err, test.want)
		})
	}
	_, err := source.NewDir(t.TempDir(), "netsuite").Finance(t.Context())
	require.ErrorContains(t, err, "still being written")
	_, err = drop(t, map[string]string{"leads.json": `[{"title":"Initech"}]`}).CRM(t.Context())
	require.ErrorContains(t, err, "record 1 has no external reference")
	_, err = drop(t, map[string]string{"leads.json": `nothing`}).CRM(t.Context())
	require.ErrorContains(t, err, "leads.json")
}
