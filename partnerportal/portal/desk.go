package portal

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
	"github.com/partnerportal/partnerportal-go/training"
)

// desk is where a sandbox's vendor sits: it turns what the vendor is asked to play into the rooms' own operations.
type desk struct {
	deals deals.Server
	leads leads.Server
	mdf   mdf.Server

	quotes   quotes.Server
	orders   orders.Server
	training training.Server
}

// SeeDeal fails when the caller must not know of the deal.
func (d desk) SeeDeal(ctx context.Context, dealID string) error {
	_, err := d.deals.Get(ctx, dealID)
	return err
}

// SeeLead fails when the caller must not know of the lead, or is out of it: what becomes of it then is between the vendor and others.
func (d desk) SeeLead(ctx context.Context, leadID string) error {
	lead, err := d.leads.Get(ctx, leadID)
	if err != nil {
		return err
	}
	switch lead.Offer.Status {
	case "", leads.OfferStatusPending, leads.OfferStatusAccepted:
		return nil
	}
	return &partnerportal.Error{Status: http.StatusConflict, Code: partnerportal.ErrInvalidState, CurrentState: string(lead.Status),
		AllowedActions: []string{}, Detail: "The lead is no longer with you."}
}

// simulated is why the vendor that is played decides, when nothing is said.
const simulated = "Decided by the simulated vendor."

// DecideDeal does what the vendor is to do with a deal and returns the deal's status then.
func (d desk) DecideDeal(ctx context.Context, dealID string, action sandbox.DealAction, text string) (string, error) {
	if err := d.decideDeal(ctx, dealID, action, text); err != nil {
		return "", err
	}
	deal, err := d.deals.Get(ctx, dealID)
	if err != nil {
		return "", err
	}
	return string(deal.Status), nil
}

func (d desk) decideDeal(ctx context.Context, id string, action sandbox.DealAction, text string) (err error) {
	said := cmp.Or(text, simulated)
	switch action {
	case sandbox.DealActionStartReview:
		_, err = d.deals.StartReview(ctx, id, "", &deals.ReviewStart{})
	case sandbox.DealActionRequestChanges:
		_, err = d.deals.RequestChanges(ctx, id, "", &deals.ChangeRequest{Message: said, Changes: []deals.RequestedChange{{Pointer: "/name", Message: said}}})
	case sandbox.DealActionApprove:
		_, err = d.deals.Approve(ctx, id, "", &deals.Approval{Comment: text})
	case sandbox.DealActionReject:
		_, err = d.deals.Reject(ctx, id, "", &deals.Rejection{Code: deals.RejectionCodeOther, Text: said})
	case sandbox.DealActionCancel:
		_, err = d.deals.Cancel(ctx, id, "", &deals.Closing{Reason: said})
	case sandbox.DealActionReinstate:
		_, err = d.deals.Reinstate(ctx, id, "", &deals.Reinstatement{Reason: said})
	case sandbox.DealActionApproveExtension, sandbox.DealActionRejectExtension:
		return d.decideExtension(ctx, id, action == sandbox.DealActionApproveExtension, said)
	case sandbox.DealActionApproveAmendment, sandbox.DealActionRejectAmendment:
		return d.decideAmendment(ctx, id, action == sandbox.DealActionApproveAmendment, said)
	default:
		err = fmt.Errorf("the contract lets the vendor play %q, the desk cannot", action)
	}
	return err
}

func (d desk) decideExtension(ctx context.Context, dealID string, approve bool, said string) error {
	page, err := d.deals.ListExtensions(ctx, dealID, &deals.ListExtensionsParams{Limit: 1000})
	if err != nil {
		return err
	}
	for _, e := range page.Items {
		if e.Status != deals.RequestStatusPending {
			continue
		}
		if approve {
			_, err = d.deals.ApproveExtension(ctx, dealID, e.ID, &deals.ExtensionApproval{Comment: said})
		} else {
			_, err = d.deals.RejectExtension(ctx, dealID, e.ID, &deals.Decision{Reason: said})
		}
		return err
	}
	return nothingPending("extension")
}

func (d desk) decideAmendment(ctx context.Context, dealID string, approve bool, said string) error {
	page, err := d.deals.ListAmendments(ctx, dealID, &deals.ListAmendmentsParams{Limit: 1000})
	if err != nil {
		return err
	}
	for _, a := range page.Items {
		if a.Status != deals.RequestStatusPending {
			continue
		}
		if approve {
			_, err = d.deals.ApproveAmendment(ctx, dealID, a.ID, &deals.AmendmentApproval{Comment: said})
		} else {
			_, err = d.deals.RejectAmendment(ctx, dealID, a.ID, &deals.Decision{Reason: said})
		}
		return err
	}
	return nothingPending("amendment")
}

func nothingPending(what string) error {
	return &partnerportal.Error{Status: http.StatusConflict, Code: partnerportal.ErrInvalidState, Detail: "The deal has no pending " + what + "."}
}

// DecideLead does what the vendor is to do with a lead and returns the lead's status then.
func (d desk) DecideLead(ctx context.Context, leadID string, action sandbox.LeadAction, text string) (string, error) {
	var lead *leads.Lead
	var err error
	switch action {
	case sandbox.LeadActionRecall:
		lead, err = d.leads.Recall(ctx, leadID, "", &leads.Recalling{Reason: text})
	case sandbox.LeadActionStartReview:
		lead, err = d.leads.StartReview(ctx, leadID, "")
	case sandbox.LeadActionAccept:
		lead, err = d.leads.Accept(ctx, leadID, "")
	case sandbox.LeadActionReject:
		if text == "" {
			text = "Rejected by the simulated vendor."
		}
		lead, err = d.leads.Reject(ctx, leadID, "", &leads.Rejection{Text: text})
	default:
		err = fmt.Errorf("the contract lets the vendor play %q, the desk cannot", action)
	}
	if err != nil {
		return "", err
	}
	return string(lead.Status), nil
}

// OfferLead invents a lead and offers it to one partner alone.
func (d desk) OfferLead(ctx context.Context, partnerID, title string, acceptWithinHours int) (leadID, status string, err error) {
	lead, err := d.leads.Create(ctx, &leads.NewLead{
		Title:        title,
		Organization: leads.Organization{Name: "Initech", Domain: "initech.example", Country: "US", Industry: "Software"},
		Contact:      leads.Contact{GivenName: "Peter", FamilyName: "Gibbons", Email: "peter@initech.example"},
		Consent:      leads.Consent{MayContact: true},
	})
	if err != nil {
		return "", "", err
	}
	lead, err = d.leads.Distribute(ctx, lead.ID, "", &leads.Distribution{
		Mode: leads.OfferModeExclusive, PartnerIDs: []string{partnerID}, AcceptWithinHours: acceptWithinHours,
	})
	if err != nil {
		return "", "", err
	}
	return lead.ID, string(lead.Status), nil
}
