package account_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// system is another system that says what a test lets it say.
type system struct {
	mu       sync.Mutex
	books    *source.Books
	sales    *source.Relations
	learning *source.Learning
	err      error
}

func (s *system) Finance(context.Context) (*source.Books, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.books, s.err
}

func (s *system) CRM(context.Context) (*source.Relations, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sales, s.err
}

func (s *system) LMS(context.Context) (*source.Learning, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.learning, s.err
}

func stamp(at time.Time) source.Stamp { return source.Stamp{System: "netsuite", AsOf: at} }

// pull reads the system and must succeed.
func (d *desk) pull() {
	d.t.Helper()
	require.NoError(d.t, d.Pull(d.t.Context()))
}

// finance is the finance system as the partner and the vendor see it.
func (d *desk) finance() (partner, vendor account.Source) {
	d.t.Helper()
	seen, err := d.money.Sources(d.t.Context())
	require.NoError(d.t, err)
	all, err := d.books.Sources(d.t.Context())
	require.NoError(d.t, err)
	require.Len(d.t, seen.Items, 1)
	return seen.Items[0], all.Items[0]
}

// balance is what finance has posted, less what was held since it looked, exactly to the instant.
func TestPostedLessUnseenHolds(t *testing.T) {
	t.Parallel()
	finance := &system{}
	d := open(t, portal.WithFinance(finance))
	d.fund(usd("1000"))
	seen := d.hold(usd("100")) // finance sees this one
	d.Advance(time.Hour)
	finance.books = &source.Books{Stamp: stamp(d.Now()), Balances: []source.Balance{{PartnerID: d.AcmeID, Amount: usd("950")}}} // it has posted 50 more than we know
	d.Advance(time.Hour)
	unseen := d.hold(usd("30"))
	d.pull()
	available := func(want, why string) {
		t.Helper()
		m := d.summary().MDF
		assert.Equal(t, usd(want), m.Available, why)
		assert.Equal(t, partnerportal.SourceStamp{System: "netsuite", Kind: "finance", AsOf: finance.books.AsOf}, m.Source)
		assert.Equal(t, usd(want), d.lines(account.FigureMDFAvailable, "USD"))
	}
	available("920", "a hold before the pull that finance has not seen")
	d.hold(usd("20"))
	available("900", "and one after it")
	for _, r := range []*mdf.Request{unseen, seen} {
		_, err := d.mdf.WithdrawRequest(t.Context(), r.ID, mdf.Note{})
		require.NoError(t, err)
	}
	available("950", "what comes back never makes more of it than finance has posted")
	finance.books = &source.Books{Stamp: stamp(d.Now()), Balances: []source.Balance{{PartnerID: d.AcmeID, Amount: usd("1030")}}}
	d.pull()
	available("1030", "now it has seen all")
	assert.Equal(t, usd("20"), d.summary().MDF.Held, "the other accounts are the ledger's")
}

// A system that was never read leaves no figure, and not zero; one that was read and is down leaves what it said, until it is stale.
func TestSourceDownAndLate(t *testing.T) {
	t.Parallel()
	finance := &system{err: errors.New("dial tcp 10.0.0.7: connection refused")}
	d := open(t, portal.WithFinance(finance))
	d.won(usd("500"))
	require.ErrorContains(t, d.Pull(t.Context()), "connection refused")
	sum := d.summary()
	assert.True(t, sum.RevenueYTD.Value.IsZero())
	assert.NotEmpty(t, sum.RevenueYTD.Source.Error)
	assert.True(t, sum.MDF.Available.IsZero())
	assert.NotEmpty(t, sum.MDF.Source.Error)
	assert.Equal(t, account.Freshness{Stale: true, FailedSources: []string{"finance"}}, sum.Freshness)
	assert.Equal(t, usd("0"), sum.OpenPipeline.Value, "the portal's own figures are there")
	partner, vendor := d.finance()
	assert.Contains(t, vendor.Error, "connection refused")
	assert.Equal(t, "The last reading failed.", partner.Error, "the vendor's machines are nobody else's business")

	finance.err = nil
	finance.books = &source.Books{Stamp: stamp(d.Now()), Revenue: []source.Revenue{
		{ID: "INV-1", PartnerID: d.AcmeID, On: partnerportal.DateOf(noon), Amount: usd("700")},
		{ID: "INV-2", PartnerID: d.AcmeID, On: partnerportal.DateOf(noon), Amount: usd("-50")},
		{ID: "INV-0", PartnerID: d.AcmeID, On: partnerportal.DateOf(noon).AddDays(-365), Amount: usd("100")},
	}}
	d.pull()
	sum = d.summary()
	assert.Equal(t, usd("650"), sum.RevenueYTD.Value, "finance says so, not the won deals")
	assert.Equal(t, "550.0", sum.RevenueYTD.ChangePercent)
	assert.Equal(t, usd("650"), d.lines(account.FigureRevenueYTD, "USD"))
	assert.Equal(t, usd("0"), sum.MDF.Available, "it keeps no balances: the ledger does")
	assert.Empty(t, sum.MDF.Source.Error)
	assert.False(t, sum.Freshness.Stale)
	assert.Equal(t, noon, sum.Freshness.OldestAsOf)

	finance.err = errors.New("down")
	require.Error(t, d.Pull(t.Context()))
	sum = d.summary()
	assert.Equal(t, usd("650"), sum.RevenueYTD.Value, "what it said last")
	assert.Equal(t, []string{"netsuite"}, sum.Freshness.FailedSources)
	assert.False(t, sum.RevenueYTD.Source.Stale)
	d.Advance(36*time.Hour + time.Second)
	sum = d.summary()
	assert.Equal(t, usd("650"), sum.RevenueYTD.Value)
	assert.True(t, sum.RevenueYTD.Source.Stale)
	assert.True(t, sum.Freshness.Stale)
}

func TestReadingsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	finance := &system{}
	d := open(t, portal.WithFinance(finance))
	say := func(at time.Time, amount string) error {
		finance.books = &source.Books{Stamp: stamp(at), Revenue: []source.Revenue{{ID: "INV-1", PartnerID: d.AcmeID, On: partnerportal.DateOf(noon), Amount: usd(amount)}}}
		return d.Pull(t.Context())
	}
	require.NoError(t, say(noon, "10"))
	require.ErrorContains(t, say(noon.Add(-time.Second), "20"), "before 2026-05-15T12:00:00Z that was read already")
	require.ErrorContains(t, say(noon.Add(6*time.Minute), "30"), "yet to come")
	require.ErrorContains(t, say(time.Time{}, "40"), "as of when")
	require.NoError(t, say(noon, "50"), "the same reading again is no news")
	assert.Equal(t, usd("10"), d.summary().RevenueYTD.Value)
	require.NoError(t, say(noon.Add(time.Second), "60"))
	assert.Equal(t, usd("60"), d.summary().RevenueYTD.Value)
	finance.books.AsOf, finance.books.Revenue = noon.Add(2*time.Second), []source.Revenue{}
	d.pull()
	assert.Equal(t, usd("0"), d.summary().RevenueYTD.Value, "what is not there any more is gone")
	finance.books = nil
	require.ErrorContains(t, d.Pull(t.Context()), "says nothing")
}

// What finance posts in another currency than the ledger's is no figure of the partner's.
func TestWrongCurrency(t *testing.T) {
	t.Parallel()
	finance := &system{}
	d := open(t, portal.WithFinance(finance))
	d.fund(usd("1000"))
	finance.books = &source.Books{Stamp: stamp(noon), Balances: []source.Balance{{PartnerID: d.AcmeID, Amount: partnerportal.MustMoney("1000", "EUR")}}}
	d.pull()
	m := d.summary().MDF
	assert.True(t, m.Available.IsZero())
	assert.Equal(t, "The system posts the funds in EUR, and the ledger keeps them in USD.", m.Source.Error)
	euro, err := d.money.Summary(t.Context(), account.SummaryParams{Currency: "EUR"})
	require.NoError(t, err)
	assert.Equal(t, partnerportal.MustMoney("1000", "EUR"), euro.MDF.Available)
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	finance := &system{}
	d := open(t, portal.WithFinance(finance))
	finance.books = &source.Books{Stamp: stamp(noon), Revenue: []source.Revenue{
		{ID: "INV-1", PartnerID: "par_none", On: partnerportal.DateOf(noon), Amount: usd("1")},
		{ID: "INV-2", PartnerID: d.AcmeID, On: partnerportal.DateOf(noon), Amount: usd("2")},
		{ID: "INV-2", PartnerID: d.AcmeID, On: partnerportal.DateOf(noon), Amount: usd("3")},
	}, Payments: []source.Payment{{Payout: "P-000099", Amount: usd("1"), PaidOn: partnerportal.DateOf(noon)}}}
	d.pull()
	assert.Equal(t, usd("2"), d.summary().RevenueYTD.Value)
	partner, vendor := d.finance()
	assert.Empty(t, partner.Conflicts)
	assert.Equal(t, []string{
		"revenue INV-1 is of the partner par_none, whom the portal does not know.",
		"revenue INV-2 is there twice: the first counts.",
		"There is no payout P-000099.",
	}, vendor.Conflicts)
}

// Finance says what became of a payout, and is not believed when it means another amount.
func TestPaymentsFromFinance(t *testing.T) {
	t.Parallel()
	finance := &system{}
	d := open(t, portal.WithFinance(finance))
	d.due("100")
	p, err := d.books.SchedulePayout(t.Context(), d.order())
	require.NoError(t, err)
	say := func(pay source.Payment) account.PayoutStatus {
		t.Helper()
		d.Advance(time.Minute)
		pay.Payout = p.Number
		finance.books = &source.Books{Stamp: stamp(d.Now()), Payments: []source.Payment{pay}}
		d.pull()
		seen, err := d.money.GetPayout(t.Context(), p.ID)
		require.NoError(t, err)
		return seen.Status
	}
	assert.Equal(t, account.PayoutStatusScheduled, say(source.Payment{Amount: usd("99"), PaidOn: partnerportal.DateOf(noon)}))
	_, vendor := d.finance()
	assert.Equal(t, []string{"The payout " + p.Number + " is of 100.00 USD, and finance has 99.00 USD."}, vendor.Conflicts)
	assert.Equal(t, account.PayoutStatusFailed, say(source.Payment{Amount: usd("100"), Failure: "The account is closed."}))
	_, err = d.books.RetryPayout(t.Context(), p.ID)
	require.NoError(t, err)
	assert.Equal(t, account.PayoutStatusCompleted, say(source.Payment{Amount: usd("100"), PaidOn: partnerportal.DateOf(noon), Trace: "TRX-1"}))
	assert.Equal(t, account.PayoutStatusCompleted, say(source.Payment{Amount: usd("100"), PaidOn: partnerportal.DateOf(noon), Trace: "TRX-1"}), "it goes on saying so")
	_, vendor = d.finance()
	assert.Empty(t, vendor.Conflicts)
	assert.Equal(t, usd("100"), d.summary().Commissions.PaidYTD)
}

// The CRM's revenue counts where finance keeps none, and its leads are made once.
func TestCRM(t *testing.T) {
	t.Parallel()
	crm := &system{sales: &source.Relations{Stamp: source.Stamp{System: "salesforce", AsOf: noon},
		Leads: []leads.NewLead{
			{Title: "Initech", Organization: leads.Organization{Name: "Initech", Country: "US"}, ExternalRefs: []partnerportal.ExternalRef{{System: "salesforce", ID: "00Q1"}},
				Consent: leads.Consent{MayContact: true}},
			{Title: "Nameless", Organization: leads.Organization{Name: "Nameless", Country: "US"}},
		}}}
	d := open(t, portal.WithCRM(crm))
	crm.sales.Revenue = []source.Revenue{{ID: "006A", PartnerID: d.AcmeID, On: partnerportal.DateOf(noon), Amount: usd("42")}}
	d.pull()
	d.Advance(time.Second)
	crm.sales.AsOf = d.Now()
	d.pull()
	sum := d.summary()
	assert.Equal(t, usd("42"), sum.RevenueYTD.Value)
	assert.Equal(t, "salesforce", sum.RevenueYTD.Source.System)
	page, err := leads.New(d.Vendor).List(t.Context(), leads.ListParams{})
	require.NoError(t, err)
	assert.Len(t, page.Items, 1)
	_, vendor := d.finance()
	require.Len(t, vendor.Conflicts, 1)
	assert.Contains(t, vendor.Conflicts[0], `The lead "Nameless" is refused`)
}

// tiers gives the programme two tiers, and Acme a membership of the lower one.
func (d *desk) tiers() {
	d.t.Helper()
	desk := program.New(d.Vendor)
	rules := policy.Default()
	rules.Tiers = []policy.Tier{
		{ID: "silver", Name: "Silver", Rank: 10},
		{ID: "gold", Name: "Gold", Rank: 20, Productive: true, Requirements: []program.Requirement{
			{ID: "revenue", Kind: program.RequirementKindRevenue, Amount: usd("1000")},
			{ID: "people", Kind: program.RequirementKindCertifiedPeople, Name: "Certified engineers", Threshold: 2},
		}},
	}
	current, err := desk.Get(d.t.Context(), "default")
	require.NoError(d.t, err)
	_, err = desk.Put(d.t.Context(), "default", rules, partnerportal.IfMatch(current))
	require.NoError(d.t, err)
	_, err = desk.Enrol(d.t.Context(), program.Enrolment{PartnerID: d.AcmeID, ProgramID: "default", TierID: "silver"})
	require.NoError(d.t, err)
}

// The LMS says how many people there are; what it does not mention any more is zero.
func TestLMS(t *testing.T) {
	t.Parallel()
	lms := &system{}
	d := open(t, portal.WithLMS(lms))
	d.tiers()
	people := func() account.Requirement {
		t.Helper()
		tier := d.summary().Tier
		require.Len(t, tier.Missing, 2)
		return tier.Missing[1]
	}
	assert.Empty(t, people().Current, "nobody knows")
	assert.NotEmpty(t, people().Source.Error)
	said := func(completions ...source.Completion) {
		t.Helper()
		d.Advance(time.Minute)
		lms.learning = &source.Learning{Stamp: source.Stamp{System: "docebo", AsOf: d.Now()}, Completions: completions}
		d.pull()
	}
	yesterday := partnerportal.DateOf(noon).AddDays(-1)
	said(source.Completion{PartnerID: d.AcmeID, Requirement: "people", Person: "ada"}, source.Completion{PartnerID: d.AcmeID, Requirement: "people", Person: "ada"},
		source.Completion{PartnerID: d.AcmeID, Requirement: "people", Person: "old", ExpiresOn: yesterday}, source.Completion{PartnerID: d.AcmeID, Requirement: "nothing", Person: "bob"})
	assert.Equal(t, "1", people().Current, "each counts once, while it counts")
	assert.Equal(t, "1", people().Missing)
	assert.Equal(t, "docebo", people().Source.System)
	_, vendor := d.finance()
	require.Len(t, vendor.Conflicts, 1)
	assert.Contains(t, vendor.Conflicts[0], "no requirement nothing")
	said([]source.Completion(nil)...)
	assert.Equal(t, "1", people().Current, "a system that does not count by itself says nothing of it")
	said([]source.Completion{}...)
	assert.Equal(t, "0", people().Current)
}

// Run pulls by itself.
func TestRunPulls(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	d := open(t, portal.WithFinance(asking(asked)), portal.WithPullEvery(time.Second))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- d.Run(ctx) }()
	<-asked
	<-asked
	cancel()
	require.NoError(t, <-done)
}

// asking is a finance system that tells when it is asked.
type asking chan struct{}

func (a asking) Finance(ctx context.Context) (*source.Books, error) {
	select {
	case a <- struct{}{}:
	case <-ctx.Done():
	}
	return &source.Books{Stamp: stamp(noon)}, nil
}

// The profile shows the partner's tier and what the next one asks for.
func TestProfile(t *testing.T) {
	t.Parallel()
	d := open(t)
	p, err := d.money.Profile(t.Context(), account.ProfileParams{})
	require.NoError(t, err)
	assert.Equal(t, "Acme Partners", p.Name)
	assert.Empty(t, p.MembershipID)
	d.tiers()
	d.won(usd("400"))
	p, err = d.books.Profile(t.Context(), account.ProfileParams{PartnerID: d.AcmeID})
	require.NoError(t, err)
	assert.NotEmpty(t, p.MembershipID)
	assert.Equal(t, partnerportal.DateOf(noon), p.MemberSinceOn)
	assert.Equal(t, "Silver", p.Tier.Name)
	assert.Equal(t, "Gold", p.Tier.NextTierName)
	require.Len(t, p.Tier.Missing, 2)
	assert.Equal(t, account.Requirement{ID: "revenue", Kind: "revenue", Threshold: "1000.00", Current: "400.00", Missing: "600.00", DeadlineOn: p.RenewsOn,
		Source: partnerportal.SourceStamp{System: "portal", Kind: "portal"}}, p.Tier.Missing[0])
}
