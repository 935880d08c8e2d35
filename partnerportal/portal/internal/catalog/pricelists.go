package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// ListPriceLists returns a page of price lists; of a partner's only those that are in force for it.
func (s *Service) ListPriceLists(ctx context.Context, params *contract.ListPriceListsParams) (*contract.PriceListPage, error) {
	c := call.From(ctx)
	sees, err := reader(ctx, c)
	if err != nil {
		return nil, err
	}
	q := store.Query{Table: "price_lists", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	q.UpdatedSince(params.UpdatedSince)
	if !c.Caller.Vendor() {
		q.Where("status = ?", string(contract.PriceListStatusActive))
	}
	store.WhereIn(&q, "status", params.Status)
	store.WhereIn(&q, "currency", params.Currency)
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (*contract.PriceList, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return nil, err
		}
		return offer.DecodePriceList(doc)
	})
	if err != nil {
		return nil, err
	}
	page := &contract.PriceListPage{Items: []contract.PriceList{}, Page: partnerportal.PageInfo{NextCursor: next}}
	for _, l := range items {
		if sees(l) {
			page.Items = append(page.Items, *shownList(c, l))
		}
	}
	return page, nil
}

// reader says which price lists the caller may see.
func reader(ctx context.Context, c *call.Call) (func(*contract.PriceList) bool, error) {
	b, err := buyer(ctx, c)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return func(*contract.PriceList) bool { return true }, nil
	}
	rules, err := directory.Load(ctx, c.Tx, b.ProgramID)
	if err != nil {
		return nil, err
	}
	today := rules.Today(c.Now)
	return func(l *contract.PriceList) bool { return b.Serves(l, today) }, nil
}

// GetPriceList returns a price list.
func (s *Service) GetPriceList(ctx context.Context, id string) (*contract.PriceList, error) {
	c := call.From(ctx)
	l, err := findList(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return shownList(c, l), nil
}

func loadList(ctx context.Context, c *call.Call, id string) (*contract.PriceList, error) {
	doc, err := c.Tx.PriceList(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, "price list")
	}
	return offer.DecodePriceList(doc)
}

// findList returns a price list that the caller may see.
func findList(ctx context.Context, c *call.Call, id string) (*contract.PriceList, error) {
	l, err := loadList(ctx, c, id)
	if err != nil {
		return nil, err
	}
	sees, err := reader(ctx, c)
	if err != nil {
		return nil, err
	}
	if !sees(l) {
		return nil, call.NotFound("price list")
	}
	return l, nil
}

// takeList takes a price list out to change it.
func takeList(ctx context.Context, id, ifMatch string) (*call.Call, *contract.PriceList, error) {
	c, err := desk(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := c.Tx.Lock(ctx, "price list "+id); err != nil {
		return nil, nil, err
	}
	l, err := loadList(ctx, c, id)
	if err != nil {
		return nil, nil, err
	}
	return c, l, problem.Unchanged("The price list", ifMatch, l.Revision)
}

// PutPriceList creates a price list, or replaces what is said of it.
func (s *Service) PutPriceList(ctx context.Context, id, ifMatch string, body *contract.PriceListInput) (*contract.PriceList, error) {
	c, err := desk(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.Tx.Lock(ctx, "price list "+id); err != nil {
		return nil, err
	}
	before, err := loadList(ctx, c, id)
	switch {
	case errors.Is(err, partnerportal.ErrNotFound) && ifMatch != "":
		return nil, problem.New(http.StatusPreconditionFailed, "revision_mismatch", "There is no price list with this id yet.")
	case errors.Is(err, partnerportal.ErrNotFound):
		before = &contract.PriceList{ID: id, Status: contract.PriceListStatusDraft}
	case err != nil:
		return nil, err
	}
	if err := problem.Unchanged("The price list", ifMatch, before.Revision); err != nil {
		return nil, err
	}
	after := *before
	after.Name, after.Currency, after.Regions, after.ProgramID, after.TierID = body.Name, body.Currency, body.Regions, body.ProgramID, body.TierID
	after.ValidFromOn, after.ValidToOn = body.ValidFromOn, body.ValidToOn
	if before.EntryCount > 0 && after.Currency != before.Currency {
		return nil, problem.Invalid("/currency", "invalid_state", "The list has prices in "+before.Currency+". Make another list for another currency.")
	}
	if err := checkList(ctx, c, &after); err != nil {
		return nil, err
	}
	changed, err := differences(before, after)
	if err != nil {
		return nil, err
	}
	if len(changed) == 0 && before.Revision > 0 {
		return shownList(c, before), nil
	}
	if err := saveList(ctx, c, &after); err != nil {
		return nil, err
	}
	if after.Status == contract.PriceListStatusActive {
		err = tellList(ctx, c, before, &after, contract.EventPriceListUpdated, map[string]any{"currency": after.Currency}, changed...)
	}
	return shownList(c, &after), err
}

// checkList holds what is said of a price list against the rules, and writes it the one way.
func checkList(ctx context.Context, c *call.Call, l *contract.PriceList) error {
	var f problem.Fields
	f.Text("/name", l.Name, 200)
	if _, err := partnerportal.NewMoney(0, l.Currency); err != nil {
		f.Add("/currency", "invalid_format", `Give an ISO 4217 code, such as "USD".`)
	}
	regions := make([]string, len(l.Regions))
	for i, r := range l.Regions {
		country, err := match.Country(r)
		if err != nil {
			f.Add(fmt.Sprintf("/regions/%d", i), "invalid_format", `Give an ISO 3166-1 alpha-2 code, such as "US".`)
		}
		regions[i] = country
	}
	slices.Sort(regions)
	l.Regions = slices.Compact(regions)
	if !l.ValidToOn.IsZero() && l.ValidToOn.Before(l.ValidFromOn) {
		f.Add("/valid_to_on", "out_of_range", "The last day is before the first.")
	}
	if err := f.Err(); err != nil || l.ProgramID == "" && l.TierID == "" {
		return err
	}
	rules, err := directory.Load(ctx, c.Tx, l.ProgramID)
	if err != nil {
		return err
	}
	if l.TierID != "" && directory.TierOf(rules, l.TierID) == nil {
		return problem.Invalid("/tier_id", "invalid_value", fmt.Sprintf("The programme %s has no such tier.", rules.ID))
	}
	return nil
}

// saveList stores a price list as its next revision.
func saveList(ctx context.Context, c *call.Call, l *contract.PriceList) error {
	read := l.Revision
	l.Revision, l.UpdatedAt, l.AllowedActions = read+1, c.Now, nil
	if read == 0 {
		l.CreatedAt = c.Now
	}
	doc, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if read == 0 {
		return c.Tx.InsertPriceList(ctx, store.InsertPriceListParams{
			ID: l.ID, Bucket: store.Bucket(l.ID), Status: string(l.Status), Currency: l.Currency,
			CreatedAt: store.Micros(l.CreatedAt), UpdatedAt: store.Micros(l.UpdatedAt), Doc: string(doc),
		})
	}
	return store.Changed(c.Tx.UpdatePriceList(ctx, store.UpdatePriceListParams{
		ID: l.ID, Revision: read, Status: string(l.Status), Currency: l.Currency, UpdatedAt: store.Micros(l.UpdatedAt), Doc: string(doc),
	}))
}

// ActivatePriceList puts a price list into force.
func (s *Service) ActivatePriceList(ctx context.Context, id, ifMatch string) (*contract.PriceList, error) {
	c, l, err := takeList(ctx, id, ifMatch)
	if err != nil {
		return nil, err
	}
	if l.Status == contract.PriceListStatusActive {
		return nil, problem.Untimely("price list", l.Status, contract.ActionActivate, listActions(c, l))
	}
	if l.EntryCount == 0 {
		return nil, problem.New(http.StatusConflict, contract.ErrNoEntries, "The price list has no entries, so it would price nothing. Put some first.")
	}
	l.Status = contract.PriceListStatusActive
	return moveList(ctx, c, l, contract.EventPriceListActivated)
}

// RetirePriceList ends a price list.
func (s *Service) RetirePriceList(ctx context.Context, id, ifMatch string) (*contract.PriceList, error) {
	c, l, err := takeList(ctx, id, ifMatch)
	if err != nil {
		return nil, err
	}
	if l.Status == contract.PriceListStatusRetired {
		return nil, problem.Untimely("price list", l.Status, contract.ActionRetire, listActions(c, l))
	}
	wasDraft := l.Status == contract.PriceListStatusDraft
	l.Status = contract.PriceListStatusRetired
	if !wasDraft {
		return moveList(ctx, c, l, contract.EventPriceListRetired)
	}
	if err := saveList(ctx, c, l); err != nil {
		return nil, err
	}
	e := event(contract.EventPriceListRetired, priceListResource, l.ID, l.Revision, string(l.Status), map[string]any{"currency": l.Currency}, "/status")
	e.PartnerID, e.Audience = "", feed.Vendor // no partner has heard of it
	return shownList(c, l), c.Emit(ctx, e)
}

func moveList(ctx context.Context, c *call.Call, l *contract.PriceList, kind string) (*contract.PriceList, error) {
	if err := saveList(ctx, c, l); err != nil {
		return nil, err
	}
	return shownList(c, l), tellList(ctx, c, l, l, kind, map[string]any{"currency": l.Currency}, "/status")
}

// tellList tells of a price list: all partners when it is for all of them, else the vendor, those that it is for, and those that it was for.
func tellList(ctx context.Context, c *call.Call, before, l *contract.PriceList, kind string, facts map[string]any, changed ...string) error {
	e := event(kind, priceListResource, l.ID, l.Revision, string(l.Status), facts, changed...)
	if len(l.Regions) == 0 && l.ProgramID == "" && l.TierID == "" {
		return c.Emit(ctx, e)
	}
	e.PartnerID, e.Audience = "", feed.Vendor
	if err := c.Emit(ctx, e); err != nil {
		return err
	}
	e.Audience = feed.Partner
	partners, err := offer.Concerned(ctx, c.Tx, before, l)
	if err != nil {
		return err
	}
	for _, id := range partners {
		e.PartnerID = id
		if err := c.Emit(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func shownList(c *call.Call, l *contract.PriceList) *contract.PriceList {
	seen := *l
	seen.AllowedActions = listActions(c, l)
	return &seen
}

func listActions(c *call.Call, l *contract.PriceList) []contract.Action {
	if !c.Caller.Vendor() || !c.Caller.May("catalog:review") {
		return []contract.Action{}
	}
	actions := []contract.Action{contract.ActionUpdate, contract.ActionPutEntries}
	if l.Status != contract.PriceListStatusActive {
		actions = append(actions, contract.ActionActivate)
	}
	if l.Status != contract.PriceListStatusRetired {
		actions = append(actions, contract.ActionRetire)
	}
	return actions
}
