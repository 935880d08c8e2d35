package main

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
)

func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), args, &out))
	return out.String()
}

func TestDemoScreen(t *testing.T) {
	t.Parallel()
	screen := printed(t)
	for _, row := range []string{
		`Revenue this year +310,000\.00 +24\.0 % against 250,000\.00 +netsuite, as of`,
		`Open pipeline +264,000\.00 +2 deals +portal`,
		`MDF available +6,000\.00 +of 10,000\.00 allocated +netsuite`,
		`held +1,500\.00 +1 open request`,
		`committed +2,500\.00`,
		`Commissions due +1,920\.00`,
		`pending +3,840\.00`,
		`on hold +2,880\.00`,
		`Tier Member; Gold also asks for:`,
		`Deals won: 3 of 5`,
		`Certified people: unknown of 2`,
		`To do:`,
	} {
		assert.Regexp(t, row, screen)
	}
}

func TestDemoLinesAddUpToTheFigure(t *testing.T) {
	t.Parallel()
	for figure, sum := range map[string]string{
		account.FigureRevenueYTD: "310,000.00", account.FigureOpenPipeline: "264,000.00", account.FigureMDFAvailable: "6,000.00", account.FigureCommissionsDue: "1,920.00",
	} {
		assert.Regexp(t, figure+` +sum +`+sum+`\n$`, printed(t, "-lines", figure))
	}
}

func TestDemoJSON(t *testing.T) {
	t.Parallel()
	var sum account.Summary
	require.NoError(t, json.Unmarshal([]byte(printed(t, "-json")), &sum))
	assert.Equal(t, dollars("264000.00"), sum.OpenPipeline.Value)
	var lines []account.Line
	require.NoError(t, json.Unmarshal([]byte(printed(t, "-json", "-lines", account.FigureOpenPipeline)), &lines))
	assert.Len(t, lines, 2)
}

// TestUnknownIsNotZero is about the figure of a system that could not be read.
func TestUnknownIsNotZero(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, printScreen(&out, &account.Summary{
		Currency:   "USD",
		RevenueYTD: account.Revenue{Source: partnerportal.SourceStamp{System: "netsuite", Kind: "finance", Error: "The system has never been read."}},
		OpenPipeline: account.Pipeline{
			Value: dollars("-1234567.5"), PerCurrency: []partnerportal.Money{partnerportal.MustMoney("7", "JPY")},
			Source: partnerportal.SourceStamp{System: "crm", Kind: "crm", Stale: true, AsOf: time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)},
		},
		Freshness: account.Freshness{Stale: true, FailedSources: []string{"netsuite"}},
	}))
	assert.Regexp(t, `Revenue this year +unknown +The system has never been read\. +netsuite`, out.String())
	assert.Regexp(t, `Open pipeline +-1,234,567\.50 +0 deals; also 7 JPY +crm, as of 2026-11-20 02:00, stale`, out.String())
	assert.Contains(t, out.String(), "could not be read: netsuite")
}

func TestAnotherPortal(t *testing.T) {
	p := portaltest.New(t)
	key, err := p.Admin().CreateAPIKey(t.Context(), portal.ClientSpec{Name: "money"})
	require.NoError(t, err)
	t.Setenv("PARTNERPORTAL_API_KEY", key)
	assert.Contains(t, printed(t, "-portal", p.URL(), "-partner", p.AcmeID, "-currency", "EUR"), "in EUR\n")
	require.ErrorIs(t, run(t.Context(), []string{"-portal", p.URL()}, &bytes.Buffer{}), partnerportal.ErrValidation, "the vendor has to name a partner")
	require.Error(t, run(t.Context(), []string{"-lines", "nonsense"}, &bytes.Buffer{}))
	require.Error(t, run(t.Context(), []string{"stray"}, &bytes.Buffer{}))
}
