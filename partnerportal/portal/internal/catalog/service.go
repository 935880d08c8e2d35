// Package catalog is the portal's room for what partners sell: products, price lists, configuration models, and configurations.
//
// It writes the catalogue; package offer reads it, for this room and for others. What fits together is the business of package configure.
package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// What the feed calls the resources.
const (
	productResource       = "product"
	priceListResource     = "price_list"
	modelResource         = "config_model"
	configurationResource = "configuration"
)

// endDeadline is when the sale of a product ends.
const endDeadline = "catalog.end_of_sale"

// Service implements the catalog operations of the contract.
type Service struct {
	models *offer.Models
}

var _ contract.Server = (*Service)(nil)

// New returns a Service that compiles models once each.
func New(models *offer.Models) *Service { return &Service{models} }

// Fire acts on a deadline.
func (s *Service) Fire(ctx context.Context, kind, id string, _ time.Time) error {
	if kind != endDeadline {
		return fmt.Errorf("catalog: unknown deadline %q", kind)
	}
	return endSale(ctx, call.From(ctx), id)
}

// desk is the call of somebody who may change the catalogue.
func desk(ctx context.Context) (*call.Call, error) {
	c := call.From(ctx)
	if !c.Caller.Vendor() {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	return c, nil
}

// buyer is the partner that calls, nil for the vendor.
func buyer(ctx context.Context, c *call.Call) (*offer.Buyer, error) {
	if c.Caller.Side != partnerportal.SidePartner {
		return nil, nil
	}
	return offer.BuyerOf(ctx, c.Tx, c.Caller.PartnerID, c.Now)
}

// differences are the JSON pointers of the members in which two versions of a resource differ.
func differences(before, after any) ([]string, error) {
	was, err := members(before)
	if err != nil {
		return nil, err
	}
	is, err := members(after)
	if err != nil {
		return nil, err
	}
	changed := []string{}
	for name, value := range is {
		if string(was[name]) != string(value) {
			changed = append(changed, "/"+name)
		}
		delete(was, name)
	}
	for name := range was {
		changed = append(changed, "/"+name)
	}
	slices.Sort(changed)
	return changed, nil
}

func members(v any) (map[string]json.RawMessage, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var m map[string]json.RawMessage
	return m, json.Unmarshal(data, &m)
}

// event is one that all partners may hear of.
func event(kind, resource, id string, revision int64, state string, facts map[string]any, changed ...string) feed.Event {
	return feed.Event{
		Type: kind, ResourceType: resource, ResourceID: id, Revision: revision, PartnerID: feed.Everyone, Audience: feed.Both,
		Facts: facts, ChangedFields: changed, State: state,
	}
}
