package leads_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	contract "github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
)

func TestConvertFillsInWhatTheLeadKnows(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1")
	id := r.held("p1").ID
	closeOn := partnerportal.Date{Year: 2027, Month: 3, Day: 31}
	lead, err := r.convert(partner("p1"), id, contract.Conversion{
		Amount: partnerportal.MustMoney("30000.00", "USD"), ExpectedCloseOn: closeOn,
		DealExternalRef: partnerportal.ExternalRef{System: "psa", ID: "42"},
	})
	require.NoError(t, err)
	assert.Equal(t, contract.StatusConverted, lead.Status)
	assert.True(t, ids.Valid(ids.Deal, lead.ConvertedDealID))

	require.Len(t, r.converted, 1)
	conversion := r.converted[0]
	assert.Equal(t, lead.ConvertedDealID, conversion.DealID)
	var registration deals.Registration
	require.NoError(t, json.Unmarshal(conversion.Registration, &registration))
	assert.Equal(t, deals.Registration{
		Customer: partnerportal.Organization{
			Name: "Acme canary", Country: "US", Domain: "canary.example", DUNS: "123456789", Industry: "retail",
			Address:      partnerportal.Address{Line1: "1 canary street", City: "canary city", Region: "IL"},
			ExternalRefs: []partnerportal.ExternalRef{{System: "erp", ID: "canary-77"}},
		},
		Contacts: []partnerportal.Contact{{
			GivenName: "Ada canary", FamilyName: "Lovelace canary", Email: "ada@canary.example", Phone: "+13125550100", Title: "canary officer", Primary: true,
		}},
		Name: "Storage refresh", Products: []deals.Product{{Family: "GTX"}}, Territory: "US",
		Amount: partnerportal.MustMoney("30000.00", "USD"), ExpectedCloseOn: closeOn,
		Origin: deals.OriginVendorLead, LeadID: id, CampaignID: "expo-2026",
		ExternalRefs: []partnerportal.ExternalRef{{System: "psa", ID: "42"}},
	}, registration)
	assert.Equal(t, []string{
		"/campaign_id", "/contacts", "/customer/address", "/customer/country", "/customer/domain", "/customer/duns", "/customer/external_refs",
		"/customer/industry", "/customer/name", "/lead_id", "/name", "/origin", "/products", "/territory",
	}, conversion.Prefilled, "not the amount: the partner gave another")
	assert.Equal(t, partnerportal.SourceStamp{System: "salesforce", Kind: "crm", RecordID: "canary-00Q", FetchedAt: noon}, conversion.Source)

	again, err := r.convert(partner("p1"), id, contract.Conversion{})
	require.NoError(t, err)
	assert.Equal(t, lead, again)
	assert.Len(t, r.converted, 1, "a second conversion makes no second deal")
	_, err = r.giveBack(partner("p1"), id)
	assertInvalidState(t, err, "converted", "update")
}

func TestConvertOfABareLead(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1")
	lead, err := r.create(vendor, contract.NewLead{
		Title: "Call me", Organization: contract.Organization{Name: "Beta"}, Consent: contract.Consent{MayContact: true},
	})
	require.NoError(t, err)
	_, err = r.distribute(lead.ID, contract.OfferModeExclusive, "p1")
	require.NoError(t, err)
	_, err = r.convert(partner("p1"), lead.ID, contract.Conversion{})
	assertInvalidState(t, err, "offered", "accept", "decline")
	_, err = r.accept(partner("p1"), lead.ID)
	require.NoError(t, err)
	_, err = r.convert(partner("p1"), lead.ID, contract.Conversion{Name: "Beta FY27", ProductFamilies: []string{"MG"}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"customer":{"name":"Beta"},"lead_id":"`+lead.ID+`","name":"Beta FY27","origin":"vendor_lead","products":[{"family":"MG"}]}`,
		string(r.converted[0].Registration))
	assert.Equal(t, "portal", r.converted[0].Source.Kind)
	assert.Equal(t, lead.ID, r.converted[0].Source.RecordID)
}

func TestAConversionThatTheDealsRoomRefusesDoesNotHappen(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "p1")
	r.feed.Subscribe(contract.EventConverted, func(context.Context, feed.Event) error {
		return &partnerportal.Error{Status: 409, Code: "duplicate_external_ref"}
	})
	id := r.held("p1").ID
	_, err := r.convert(partner("p1"), id, contract.Conversion{})
	require.ErrorIs(t, err, contract.ErrDuplicateRef)
	lead, err := r.get(partner("p1"), id)
	require.NoError(t, err)
	assert.Equal(t, contract.StatusAccepted, lead.Status)
	assert.Empty(t, lead.ConvertedDealID)
}
