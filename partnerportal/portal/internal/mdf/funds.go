package mdf

import (
	"context"
	"slices"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// fund is a fund and the programme whose days it counts. Allocated follows the allocations; it is not part of the document.
type fund struct {
	contract.Fund

	program *policy.Program
}

// CreateFund makes the draft of a fund.
func (s *Service) CreateFund(ctx context.Context, body *contract.NewFund) (*contract.Fund, error) {
	c := call.From(ctx)
	program, err := directory.Load(ctx, c.Tx, body.ProgramID)
	if err != nil {
		return nil, err
	}
	f := &fund{program: program, Fund: contract.Fund{
		ID: ids.New(ids.Fund, c.Now), ProgramID: program.ID, Name: body.Name, Description: body.Description, Kind: body.Kind, Currency: body.Currency,
		Status: contract.FundStatusDraft, Period: body.Period, Accrual: body.Accrual, Rules: body.Rules, Budget: body.Budget,
		Allocated: none(body.Currency), Livemode: c.Live, CreatedAt: c.Now,
	}}
	f.complete()
	if err := f.check(); err != nil {
		return nil, err
	}
	if err := f.save(ctx, c); err != nil {
		return nil, err
	}
	return f.seenBy(c), nil
}

// UpdateFund changes what the patch names. What was approved before keeps its rules: they went over to its activities.
func (s *Service) UpdateFund(ctx context.Context, fundID, ifMatch string, body *contract.FundPatch) (*contract.Fund, error) {
	c := call.From(ctx)
	f, err := openFundFor(ctx, c, fundID, contract.FundActionUpdate, ifMatch)
	if err != nil {
		return nil, err
	}
	before := f.Fund
	fields := f.apply(body)
	f.complete()
	if f.Status != contract.FundStatusDraft && (f.Kind != before.Kind || f.Currency != before.Currency) {
		return nil, invalid(problem.Field("/kind", "invalid_state", "Kind and currency are fixed once the fund has been opened."))
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	if !f.Budget.IsZero() && less(f.Budget, f.Allocated) {
		return nil, insufficient(f.Budget, f.Allocated)
	}
	if err := f.save(ctx, c); err != nil {
		return nil, err
	}
	if f.Period != before.Period {
		if err := f.movePeriod(ctx, c); err != nil {
			return nil, err
		}
	}
	return f.seenBy(c), f.tell(ctx, c, contract.EventFundUpdated, fields...)
}

func (f *fund) apply(body *contract.FundPatch) (fields []string) {
	apply(&fields, "/name", body.Name, &f.Name)
	apply(&fields, "/description", body.Description, &f.Description)
	apply(&fields, "/kind", body.Kind, &f.Kind)
	apply(&fields, "/currency", body.Currency, &f.Currency)
	apply(&fields, "/period", body.Period, &f.Period)
	apply(&fields, "/accrual", body.Accrual, &f.Accrual)
	apply(&fields, "/rules", body.Rules, &f.Rules)
	apply(&fields, "/budget", body.Budget, &f.Budget)
	return fields
}

// apply carries out one member of a patch and notes that it was there.
func apply[T any](fields *[]string, pointer string, change partnerportal.Opt[T], member *T) {
	if change.IsZero() {
		return
	}
	change.Apply(member)
	*fields = append(*fields, pointer)
}

// OpenFund lets money be allocated from a fund.
func (s *Service) OpenFund(ctx context.Context, fundID, ifMatch string) (*contract.Fund, error) {
	return s.turnFund(ctx, fundID, ifMatch, contract.FundActionOpen, contract.FundStatusOpen, contract.EventFundOpened, "")
}

// FreezeFund stops new requests and allocations.
func (s *Service) FreezeFund(ctx context.Context, fundID, ifMatch string, body *contract.Note) (*contract.Fund, error) {
	return s.turnFund(ctx, fundID, ifMatch, contract.FundActionFreeze, contract.FundStatusFrozen, contract.EventFundFrozen, body.Text)
}

// CloseFund ends a fund; what is available in its allocations expires.
func (s *Service) CloseFund(ctx context.Context, fundID, ifMatch string, body *contract.Note) (*contract.Fund, error) {
	seen, err := s.turnFund(ctx, fundID, ifMatch, contract.FundActionClose, contract.FundStatusClosed, contract.EventFundClosed, body.Text)
	if err != nil {
		return nil, err
	}
	c := call.From(ctx)
	docs, err := c.Tx.AllocationsOfFund(ctx, fundID)
	if err != nil {
		return nil, err
	}
	for _, doc := range docs {
		a, err := decode[allocation](doc)
		if err != nil {
			return nil, err
		}
		if !allocations.Can(a.Status, states.Vendor, contract.AllocationActionClose) {
			continue
		}
		p, err := openPurse(ctx, c, a.ID)
		if err != nil {
			return nil, err
		}
		if err := p.end(ctx, c, contract.AllocationActionClose, contract.AllocationStatusClosed, body.Text); err != nil {
			return nil, err
		}
	}
	return seen, nil
}

func (s *Service) turnFund(ctx context.Context, id, ifMatch string, action contract.FundAction, to contract.FundStatus, event, note string) (*contract.Fund, error) {
	c := call.From(ctx)
	f, err := openFundFor(ctx, c, id, action, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := funds.Enter(&f.Status, states.Vendor, action, to); err != nil {
		return nil, err
	}
	f.StatusNote = note
	if err := f.save(ctx, c); err != nil {
		return nil, err
	}
	return f.seenBy(c), f.tell(ctx, c, event, "/status")
}

// GetFund returns a fund that the caller may know of.
func (s *Service) GetFund(ctx context.Context, fundID string) (*contract.Fund, error) {
	c := call.From(ctx)
	f, err := readFund(ctx, c, fundID)
	if err != nil {
		return nil, err
	}
	seen, err := f.visible(ctx, c)
	if err != nil {
		return nil, err
	}
	if !seen {
		return nil, call.NotFound("fund")
	}
	return f.seenBy(c), nil
}

// visible says whether the caller may know of a fund: the vendor of all, a partner of those of its programme that were opened,
// and of those that it has money of.
func (f *fund) visible(ctx context.Context, c *call.Call) (bool, error) {
	if c.Caller.Side != partnerportal.SidePartner {
		return true, nil
	}
	if f.Status == contract.FundStatusDraft {
		return false, nil
	}
	p, err := directory.LoadPartner(ctx, c.Tx, c.Caller.PartnerID)
	if err != nil || p.ProgramID == f.ProgramID {
		return err == nil, err
	}
	own, err := allocationsOf(ctx, c, c.Caller.PartnerID, f.ID)
	return len(own) > 0, err
}

func readFund(ctx context.Context, c *call.Call, id string) (*fund, error) {
	row, err := c.Tx.Fund(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, "fund")
	}
	f, err := decodeFund(row.Doc, row.Allocated)
	if err != nil {
		return nil, err
	}
	f.program, err = directory.Load(ctx, c.Tx, f.ProgramID)
	return f, err
}

func decodeFund(doc string, allocated int64) (*fund, error) {
	f, err := decode[contract.Fund](doc)
	if err != nil {
		return nil, err
	}
	f.Allocated, err = partnerportal.NewMoney(allocated, f.Currency)
	return &fund{Fund: *f}, err
}

// openFund takes a fund out to be changed, or to be allocated from.
func openFund(ctx context.Context, c *call.Call, id string) (*fund, error) {
	if err := c.Tx.Lock(ctx, "mdf/fund/"+id); err != nil {
		return nil, err
	}
	return readFund(ctx, c, id)
}

// openFundFor takes a fund out for an action that its state must allow.
func openFundFor(ctx context.Context, c *call.Call, id string, action contract.FundAction, ifMatch string) (*fund, error) {
	f, err := openFund(ctx, c, id)
	if err != nil {
		return nil, err
	}
	if err := problem.Unchanged("It", ifMatch, f.Revision); err != nil {
		return nil, err
	}
	if !funds.Can(f.Status, states.Vendor, action) {
		return nil, invalidState("fund", f.Status, action, f.allowed(c))
	}
	return f, nil
}

func (f *fund) save(ctx context.Context, c *call.Call) error {
	before := f.Revision
	f.Revision, f.UpdatedAt = before+1, c.Now
	stored := f.Fund
	stored.Allocated = partnerportal.Money{}
	doc, err := encode(stored)
	if err != nil {
		return err
	}
	at := store.Micros(c.Now)
	if before == 0 {
		return c.Tx.InsertFund(ctx, store.InsertFundParams{
			ID: f.ID, Bucket: store.Bucket(f.ID), ProgramID: f.ProgramID, Kind: string(f.Kind), Status: string(f.Status),
			Budget: f.Budget.TenThousandths(), Revision: f.Revision, CreatedAt: at, UpdatedAt: at, Doc: doc,
		})
	}
	return store.Changed(c.Tx.UpdateFund(ctx, store.UpdateFundParams{
		ID: f.ID, Revision: before, Kind: string(f.Kind), Status: string(f.Status), Budget: f.Budget.TenThousandths(), UpdatedAt: at, Doc: doc,
	}))
}

func (f *fund) allowed(c *call.Call) []contract.FundAction {
	return slices.DeleteFunc(funds.Allowed(f.Status, c.Caller, domain), func(a contract.FundAction) bool {
		return a == contract.FundActionAccrue && f.Kind != contract.FundKindAccrual ||
			a == contract.FundActionAllocate && f.Kind == contract.FundKindAccrual
	})
}

// seenBy is the fund as the caller sees it: what the vendor plans to spend is not for partners.
func (f *fund) seenBy(c *call.Call) *contract.Fund {
	seen := f.Fund
	if !c.Caller.Vendor() {
		seen.Budget, seen.Allocated = partnerportal.Money{}, partnerportal.Money{}
	}
	seen.AllowedActions, seen.EditableFields = f.allowed(c), []string{}
	if slices.Contains(seen.AllowedActions, contract.FundActionUpdate) {
		seen.EditableFields = []string{"/name", "/description", "/period", "/accrual", "/rules", "/budget"}
		if f.Status == contract.FundStatusDraft {
			seen.EditableFields = append(seen.EditableFields, "/kind", "/currency")
		}
	}
	return &seen
}

// grant takes an amount out of the fund's budget, which must have it.
func (f *fund) grant(amount partnerportal.Money) error {
	after, err := f.Allocated.Add(amount)
	if err != nil {
		return tooLarge(err)
	}
	if !f.Budget.IsZero() && less(f.Budget, after) {
		left, err := f.Budget.Sub(f.Allocated)
		if err != nil {
			return err
		}
		return insufficient(left, amount)
	}
	f.Allocated = after
	return nil
}

// endOf is when a day ends in the fund's programme.
func (f *fund) endOf(day partnerportal.Date) time.Time { return f.program.EndOfDay(day) }
