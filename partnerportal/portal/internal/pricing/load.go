package pricing

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// Load reads what the prices of a quote depend on now: the products, the price lists, the policy, the partner's tier, the protection of the deal, and the special
// pricing. Of the quote it reads programme, partner, deal, currency (that of the programme when it has none), customer, promotion codes, special pricing, adjustments, and the lines with
// their product, quantity, term and adjustment. Lines that cannot be sold or have no price are refused: with validation_failed for a product that does not exist,
// product_end_of_sale, product_not_authorised or price_missing.
func Load(ctx context.Context, tx *store.Tx, q *contract.Quote, now time.Time) (*Input, error) {
	in, faults, err := read(ctx, tx, q, now, false)
	if err != nil {
		return nil, err
	}
	return in, refuse(faults)
}

// Again reads what the prices of a quote that was priced before depend on now, for the comparison. Prices that the price list protects, and the special
// pricing of a quote that was accepted in time, stay as they were. Lines that cannot be priced any more are not in the Input, but among the faults.
func Again(ctx context.Context, tx *store.Tx, q *contract.Quote, now time.Time) (*Input, []Fault, error) {
	return read(ctx, tx, q, now, true)
}

// defaultFresh is how long prices are fresh when the policy does not say it.
const defaultFresh = 24 * time.Hour

func read(ctx context.Context, tx *store.Tx, q *contract.Quote, now time.Time, again bool) (*Input, []Fault, error) {
	program, err := directory.Load(ctx, tx, q.ProgramID)
	if err != nil {
		return nil, nil, err
	}
	buyer, err := offer.BuyerOf(ctx, tx, q.PartnerID, now)
	if err != nil {
		return nil, nil, call.OrNotFound(err, "partner")
	}
	rules, err := StoredPolicy(ctx, tx, program.ID)
	if err != nil {
		return nil, nil, err
	}
	in := &Input{
		Currency: cmp.Or(q.Currency, program.Currency), TierID: buyer.Tiers[program.ID], Country: q.Customer.Country, Region: q.Customer.Address.Region,
		Today: program.Today(now), Codes: q.PromotionCodes, Adjustments: q.Adjustments, Clip: again,
		Pricing: contract.Pricing{PolicyVersion: rules.Version, PricedAt: now, FreshUntil: now.Add(defaultFresh)},
	}
	if hours := rules.Quote.PriceFreshHours; hours > 0 {
		in.Pricing.FreshUntil = now.Add(time.Duration(hours) * time.Hour)
	}
	if in.Policy, err = Compile(&rules.PricePolicyInput); err != nil {
		return nil, nil, fmt.Errorf("version %d of the price policy of %s was stored and does not hold: %w", rules.Version, program.ID, err)
	}
	if err := in.readDeal(ctx, tx, q, program.ID, now); err != nil {
		return nil, nil, err
	}
	s := &shelf{tx: tx, program: program, buyer: buyer, now: now, again: again, currency: in.Currency}
	faults, err := s.fill(ctx, in, q)
	if err != nil {
		return nil, nil, err
	}
	return in, faults, in.readBids(ctx, tx, q, now, again)
}

// Rules are a price policy as it is stored.
type Rules struct {
	contract.PricePolicyInput

	Version int64 `json:"version"`
}

// StoredPolicy returns the price policy of a programme in its last version, and one without rules and of version 0 where there is none.
func StoredPolicy(ctx context.Context, tx *store.Tx, programID string) (*Rules, error) {
	r := new(Rules)
	doc, err := tx.PricePolicy(ctx, programID)
	if errors.Is(err, store.ErrNotFound) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(doc), r); err != nil {
		return nil, fmt.Errorf("the price policy of %s: %w", programID, err)
	}
	return r, nil
}

// endOf is when a day has passed, the zero time for no day.
func endOf(program *policy.Program, day partnerportal.Date) time.Time {
	if day.IsZero() {
		return time.Time{}
	}
	return program.EndOfDay(day)
}
