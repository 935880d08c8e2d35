package examples_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
	"github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// The README quotes this file, so that its code compiles and runs; TestREADMEQuotesThisFile holds it to that.

func register(ctx context.Context, portalURL, id, secret string, amount partnerportal.Money, closeOn partnerportal.Date) error {
	client, err := partnerportal.New(portalURL, partnerportal.WithClientCredentials(id, secret))
	if err != nil {
		return err
	}
	deal, err := deals.New(client).Register(ctx, deals.Registration{
		Customer:        partnerportal.Organization{Name: "Acme Corporation", Country: "US", Domain: "acme.com"},
		Products:        []deals.Product{{Family: "GTX", Quantity: 10}},
		Amount:          amount,
		ExpectedCloseOn: closeOn,
		ExternalRefs:    []partnerportal.ExternalRef{{System: "crm", ID: "006-4711"}},
	}, partnerportal.WithIdempotencyKey("crm-006-4711"))
	switch {
	case errors.Is(err, deals.ErrConflict): // somebody holds the customer: what may be disclosed, and the ways out
		for _, match := range deals.MatchesOf(err) {
			fmt.Println("held by", match.Holder, "ways out:", match.Options)
		}
	case errors.Is(err, deals.ErrOwnDuplicate): // you hold it yourself
		fmt.Println("already registered as", deals.ExistingID(err))
	case err != nil:
		return err
	default:
		fmt.Println(deal.Status, "since", deal.RegisteredAt.Format(time.DateOnly))
	}
	return nil
}

func list(ctx context.Context, registry *deals.Client) error {
	for deal, err := range registry.All(ctx, deals.ListParams{Status: []deals.Status{deals.StatusApproved}}) {
		if err != nil {
			return err
		}
		fmt.Println(deal.Number, deal.Customer.Name, deal.Protection.DaysRemaining)
	}
	return nil
}

func update(ctx context.Context, registry *deals.Client, deal *deals.Deal) error {
	var err error
	deal, err = registry.Update(ctx, deal.ID, deals.Patch{
		Probability:     partnerportal.Set(60),
		BusinessProblem: partnerportal.Null[string](),
	}, partnerportal.IfMatch(deal))
	if errors.Is(err, partnerportal.ErrStale) {
		return errors.New("somebody was faster; read the deal again")
	}
	if err == nil && deal.Probability != 60 {
		err = fmt.Errorf("the probability is %d", deal.Probability)
	}
	return err
}

func follow(ctx context.Context, client *partnerportal.Client, cursorFile string, registry *deals.Client) error {
	err := events.Follow(ctx, events.New(client), events.FileCursor(cursorFile), func(ctx context.Context, e events.Event) error {
		if e.Type != deals.EventApproved {
			return nil
		}
		deal, err := registry.Get(ctx, e.Subject.ID) // the event tells little and nothing personal; read the rest
		if err != nil {
			return err // the same event comes again, and no other before it
		}
		fmt.Println(deal.Number, "is protected until", deal.Protection.ExpiresAt)
		return nil
	})
	return err
}

func subscribe(ctx context.Context, client *partnerportal.Client, url string) (*webhook.Verifier, error) {
	created, err := events.New(client).CreateEndpoint(ctx, events.EndpointForm{URL: url, Types: []string{deals.EventApproved}})
	if err != nil {
		return nil, err
	}
	key, err := webhook.ParseKey(created.Secret) // told this once: keep it where your secrets are
	if err != nil {
		return nil, err
	}
	return webhook.NewVerifier(webhook.StaticKeys(key))
}

func receive(verifier *webhook.Verifier, inbox *webhook.SQLStore, registry *deals.Client) http.Handler {
	receiver := webhook.NewReceiver(verifier, webhook.WithDedupe(inbox, 0)) // inbox, err := webhook.NewSQLStore(ctx, db)
	webhook.On(receiver, deals.EventApproved, webhook.Fetch(registry.Get, func(ctx context.Context, ev webhook.Event[deals.Deal]) error {
		return inbox.InTx(ctx, func(tx *sql.Tx) error { // your work and the note that it is done, together or not at all
			_, err := tx.ExecContext(ctx, `INSERT INTO projects (deal, starts_on) VALUES ($1, $2)`, ev.Data.Number, ev.Timestamp)
			return err
		})
	}))
	return receiver
}

func ask(ctx context.Context, client *partnerportal.Client, firstDay partnerportal.Date, amount partnerportal.Money) (*mdf.Request, error) {
	funds := mdf.New(client)
	request, err := funds.QuickRequest(ctx, mdf.QuickRequest{Type: mdf.ActivityTypeEvent, Title: "Customer event", StartsOn: firstDay, Amount: amount})
	if errors.Is(err, mdf.ErrInsufficientFunds) {
		return nil, fmt.Errorf("%s is missing", mdf.ShortfallOf(err).Shortfall)
	}
	return request, err
}

func claim(ctx context.Context, client *partnerportal.Client, request *mdf.Request, path string, spent partnerportal.Money) error {
	funds := mdf.New(client)
	invoice, err := files.New(client).UploadFile(ctx, path, files.PurposeProof)
	if err != nil {
		return err
	}
	claim, err := funds.QuickClaim(ctx, mdf.QuickClaim{
		RequestID: request.ID, InvoiceNumber: "2027-0117", Supplier: "Expo Hall Ltd", Spent: spent, FileIDs: []string{invoice.ID},
	})
	if errors.Is(err, mdf.ErrDuplicateInvoice) { // this invoice, or this very file, is in another claim
		return fmt.Errorf("claimed already, by %s", mdf.ClaimOf(err))
	}
	if err == nil {
		fmt.Println(claim.Number, claim.ClaimedTotal)
	}
	return err
}

// quote goes from a registered deal to a quote that a customer can accept.
func quote(ctx context.Context, client *partnerportal.Client, deal *deals.Deal, pdf io.Writer) (*quotes.Quote, error) {
	cpq := quotes.New(client)
	session, err := cpq.StartSession(ctx, quotes.NewSession{DealID: deal.ID})
	if err != nil {
		return nil, err
	}
	if _, err := catalog.New(client).Configure(ctx, catalog.ConfigurationInput{
		SessionID: session.ID, SKU: "RACK-42", Selections: []catalog.Selection{{Group: "servers", SKU: "SRV-L", Quantity: 2}},
	}); err != nil {
		return nil, err
	}
	quote, err := cpq.Create(ctx, quotes.NewQuote{SessionID: session.ID}) // customer, products and discounts are known
	if err != nil {
		return nil, err
	}
	for _, step := range quote.Lines[0].Components {
		fmt.Println(step.Kind, step.Percent, step.Amount) // list, tier, deal_registration, …
	}
	if quote, err = cpq.Present(ctx, quote.ID); err != nil {
		return nil, err
	}
	document, err := cpq.OpenDocument(ctx, quote.ID, quotes.OpenDocumentParams{}) // a PDF to sign
	if err != nil {
		return nil, err
	}
	defer document.Close()
	_, err = io.Copy(pdf, document)
	return quote, err
}

func order(ctx context.Context, client *partnerportal.Client, quote *quotes.Quote) error {
	order, err := orders.New(client).Place(ctx, orders.Placement{QuoteID: quote.ID, PONumber: "PO-2026-1001"})
	if errors.Is(err, orders.ErrPriceChanged) { // the protection of the deal has ended since, say
		change := orders.PriceChangeOf(err)
		return fmt.Errorf("it would cost %v more", change.Difference)
	}
	if err != nil {
		return err
	}
	fmt.Println(order.Number, order.Totals.Total)
	return nil
}

func whoLapses(ctx context.Context, client *partnerportal.Client, until time.Time) error {
	for held, err := range credentials.New(client).All(ctx, credentials.ListParams{ExpiresBefore: until, Status: credentials.InForce}) {
		if err != nil {
			return err
		}
		fmt.Println(held.Holder.Name, "loses", held.Name, "on", held.ValidUntil.Format(time.DateOnly))
	}
	return nil
}

func verify(file, snapshot []byte) error {
	bundle, err := badge.ParseBundle(snapshot) // whom you trust, their keys and status lists: fetched once with badge.Fetch
	if err != nil {
		return err
	}
	verdict := badge.Verify(file, bundle, badge.WithHolder("ada@example.com")) // a JWT, JSON, or a PNG or SVG with the badge inside
	for _, check := range verdict.Checks() {
		fmt.Println(check.Name, check.Result, check.Detail) // passed, failed or unknown, each by itself
	}
	return verdict.Err()
}

func money(ctx context.Context, client *partnerportal.Client) error {
	sum, err := account.New(client).Summary(ctx, account.SummaryParams{})
	if err != nil {
		return err
	}
	fmt.Println(sum.RevenueYTD.Value, sum.OpenPipeline.Value, sum.MDF.Available, sum.Commissions.Due)
	if source := sum.MDF.Source; source.Error != "" {
		fmt.Println("nobody knows the funds now:", source.System, source.Error) // the figure is absent, not zero
	}
	return nil
}

var registration = deals.Registration{
	Customer:        partnerportal.Organization{Name: "Initech GmbH", Country: "DE", Domain: "initech.de"},
	Products:        []deals.Product{{Family: "GTX", Quantity: 10}},
	Amount:          partnerportal.MustMoney("125000.00", "USD"),
	ExpectedCloseOn: partnerportal.DateOf(time.Now()).AddDays(90),
}

func TestOurIntegration(t *testing.T) {
	p := portaltest.New(t)
	p.FailNext(2, http.StatusServiceUnavailable) // the SDK has to get over this
	deal, err := deals.New(p.Acme).Register(t.Context(), registration)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := deals.New(p.Vendor).Approve(t.Context(), deal.ID, deals.Approval{}); err != nil {
		t.Fatal(err)
	}
	p.Advance(91 * 24 * time.Hour) // the protection ends
	deal, err = deals.New(p.Acme).Get(t.Context(), deal.ID)
	if err != nil || deal.Status != deals.StatusExpired {
		t.Fatalf("%v, %v", deal, err)
	}
}

func TestREADMECodeRuns(t *testing.T) {
	p := portaltest.New(t)
	credentials, err := p.Admin().CreateClient(t.Context(), portal.ClientSpec{PartnerID: p.AcmeID, Name: "readme"})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time is a replay
		if err := register(t.Context(), p.URL(), credentials.ClientID, credentials.ClientSecret, registration.Amount, registration.ExpectedCloseOn); err != nil {
			t.Fatal(err)
		}
	}
	registry := deals.New(p.Acme)
	page, err := registry.List(t.Context(), deals.ListParams{})
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%v, %v", page, err)
	}
	if _, err := deals.New(p.Vendor).Approve(t.Context(), page.Items[0].ID, deals.Approval{}); err != nil {
		t.Fatal(err)
	}
	if err := list(t.Context(), registry); err != nil {
		t.Fatal(err)
	}
	deal, err := registry.Get(t.Context(), page.Items[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := update(t.Context(), registry, deal); err != nil {
		t.Fatal(err)
	}
	cursorFile := filepath.Join(t.TempDir(), "events.cursor")
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // stops it when it has written down where it is
		defer cancel()
		for _, err := os.Stat(cursorFile); err != nil && ctx.Err() == nil; _, err = os.Stat(cursorFile) {
			<-time.After(10 * time.Millisecond)
		}
	}()
	if err := follow(ctx, p.Acme, cursorFile, registry); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestREADMEReceives(t *testing.T) {
	p := portaltest.New(t)
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "projects.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE projects (deal TEXT, starts_on TEXT)`); err != nil {
		t.Fatal(err)
	}
	inbox, err := webhook.NewSQLStore(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil) // it listens; that it answers needs the secret
	verifier, err := subscribe(t.Context(), p.Acme, "http://"+server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = receive(verifier, inbox, deals.New(p.Acme))
	server.Start()
	defer server.Close()
	p.DeliverWebhooks()

	deal, err := deals.New(p.Acme).Register(t.Context(), registration)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := deals.New(p.Vendor).Approve(t.Context(), deal.ID, deals.Approval{}); err != nil {
		t.Fatal(err)
	}
	p.DeliverWebhooks()
	var number string
	if err := db.QueryRowContext(t.Context(), `SELECT deal FROM projects`).Scan(&number); err != nil || number != deal.Number {
		t.Fatalf("%s, %v", number, err)
	}
}

func TestREADMEMoneyRuns(t *testing.T) {
	p := portaltest.New(t)
	ctx, play := t.Context(), sandbox.New(p.Acme)
	usd := func(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }
	if _, err := play.AllocateMDF(ctx, sandbox.MDFAllocation{Amount: usd("3000.00")}); err != nil {
		t.Fatal(err)
	}
	today := partnerportal.DateOf(p.Now())
	if _, err := ask(ctx, p.Acme, today, usd("3001.00")); err == nil || err.Error() != "1.00 USD is missing" {
		t.Fatal(err)
	}
	request, err := ask(ctx, p.Acme, today, usd("2500.00"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := play.SimulateMDFRequest(ctx, request.ID, sandbox.MDFRequestSimulation{Action: sandbox.MDFRequestActionApprove}); err != nil {
		t.Fatal(err)
	}
	invoice := filepath.Join(t.TempDir(), "invoice.pdf")
	if err := os.WriteFile(invoice, []byte("%PDF-1.7\nthe hall"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := claim(ctx, p.Acme, request, invoice, usd("1000.00")); err != nil {
		t.Fatal(err)
	}
	if err := claim(ctx, p.Acme, request, invoice, usd("1000.00")); err == nil || !strings.HasPrefix(err.Error(), "claimed already, by ") {
		t.Fatal(err)
	}
	if err := money(ctx, p.Acme); err != nil {
		t.Fatal(err)
	}
}

var fenced = regexp.MustCompile("(?s)```go\n(.*?)```")

func TestREADMEQuotesThisFile(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := fenced.FindAllStringSubmatch(string(readme), -1)
	if len(blocks) == 0 {
		t.Fatal("the README quotes no code")
	}
	for _, block := range blocks {
		if !strings.Contains(flat(string(source)), flat(block[1])) {
			t.Errorf("this code of the README is not in readme_test.go:\n%s", block[1])
		}
	}
}

// flat drops indentation, in which a quotation may differ.
func flat(code string) string {
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}
