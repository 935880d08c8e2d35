package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
)

// skew is how far another system's clock may be ahead.
const skew = 5 * time.Minute

// mostConflicts is how many conflicts of a reading are shown.
const mostConflicts = 20

// reading is what a system said, on its way in.
type reading struct {
	kind      string
	stamp     source.Stamp
	state     *state
	partners  map[string]bool
	records   map[recordKey]store.SourceRecord
	conflicts []string
}

type recordKey struct{ of, id string }

// TakeBooks keeps what finance says.
func (s *Service) TakeBooks(ctx context.Context, books *source.Books) error {
	return s.take(ctx, financeKind, books.Stamp, func(c *call.Call, r *reading) error {
		r.owns(mdfRecords, books.Balances != nil)
		r.owns(revenueRecords, books.Revenue != nil)
		r.owns(creditRecords, books.Credits != nil)
		for _, b := range books.Balances {
			if err := r.addBalance(ctx, c, b); err != nil {
				return err
			}
		}
		for _, v := range books.Revenue {
			r.addRevenue(v)
		}
		for _, l := range books.Credits {
			r.addCredit(l)
		}
		for _, p := range books.Payments {
			if err := s.takePayment(ctx, c, r, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// TakeRelations keeps what the CRM says of revenue, and what of the rest was refused.
func (s *Service) TakeRelations(ctx context.Context, relations *source.Relations, refused []string) error {
	return s.take(ctx, crmKind, relations.Stamp, func(_ *call.Call, r *reading) error {
		for _, text := range refused {
			r.conflict("%s", text)
		}
		r.owns(revenueRecords, relations.Revenue != nil)
		for _, v := range relations.Revenue {
			r.addRevenue(v)
		}
		return nil
	})
}

// TakeLearning notes that the LMS was read. report hands each partner's number on, and says what contradicts the portal.
func (s *Service) TakeLearning(ctx context.Context, learning *source.Learning, report func(context.Context) ([]string, error)) error {
	return s.take(ctx, source.KindLMS, learning.Stamp, func(_ *call.Call, r *reading) error {
		conflicts, err := report(ctx)
		r.conflicts = append(r.conflicts, conflicts...)
		return err
	})
}

// Accepts says whether a reading would be taken: one that goes backwards would not, nor one that is yet to come. known says that it is the one
// that was taken last.
func (s *Service) Accepts(ctx context.Context, kind string, stamp source.Stamp) (known bool, err error) {
	c := call.From(ctx)
	t, err := s.lockState(ctx, c, kind)
	if err != nil {
		return false, err
	}
	stamp.AsOf = stamp.AsOf.UTC().Truncate(time.Microsecond)
	return stamp.AsOf.Equal(t.AsOf), checkStamp(stamp, t, c.Now)
}

// Failed notes that a system could not be read. What it said last stays.
func (s *Service) Failed(ctx context.Context, kind string, failure error) error {
	c := call.From(ctx)
	t, err := s.lockState(ctx, c, kind)
	if err != nil {
		return err
	}
	t.Error, t.PulledAt = clip(failure.Error()), c.Now
	return saveState(ctx, c.Tx, t)
}

func (s *Service) lockState(ctx context.Context, c *call.Call, kind string) (*state, error) {
	if err := c.Tx.Lock(ctx, "source "+kind); err != nil {
		return nil, err
	}
	all, err := s.known(ctx, c)
	if err != nil {
		return nil, err
	}
	return all[kind], nil
}

// take replaces what a system said before by what it says now, in one transaction with the sums. A reading as of the same instant is the same one.
func (s *Service) take(ctx context.Context, kind string, stamp source.Stamp, fill func(c *call.Call, r *reading) error) error {
	c := call.From(ctx)
	stamp.AsOf = stamp.AsOf.UTC().Truncate(time.Microsecond) // as it is stored
	t, err := s.lockState(ctx, c, kind)
	if err != nil {
		return err
	}
	if err := checkStamp(stamp, t, c.Now); err != nil {
		return err
	}
	t.PulledAt, t.Error, t.System = c.Now, "", stamp.System
	if stamp.AsOf.Equal(t.AsOf) {
		return saveState(ctx, c.Tx, t)
	}
	r := &reading{kind: kind, stamp: stamp, state: t, partners: map[string]bool{}, records: map[recordKey]store.SourceRecord{}}
	all, err := directory.Partners(ctx, c.Tx)
	if err != nil {
		return err
	}
	for _, p := range all {
		r.partners[p.ID] = true
	}
	t.Owns = nil
	if err := fill(c, r); err != nil {
		return err
	}
	if err := r.replace(ctx, c); err != nil {
		return err
	}
	t.AsOf, t.Conflicts = stamp.AsOf, r.conflicts[:min(len(r.conflicts), mostConflicts)]
	return saveState(ctx, c.Tx, t)
}

// checkStamp refuses a reading that goes backwards: a restored backup or a late file would put old figures in the place of newer ones.
func checkStamp(stamp source.Stamp, t *state, now time.Time) error {
	switch {
	case stamp.System == "" || len(stamp.System) > 64:
		return fmt.Errorf("%s: the reading does not name its system in up to 64 characters", t.Kind)
	case stamp.AsOf.IsZero():
		return fmt.Errorf("%s: the reading does not say as of when it is", stamp.System)
	case stamp.AsOf.Before(t.AsOf):
		return fmt.Errorf("%s: the reading is as of %s, which is before %s that was read already", stamp.System,
			stamp.AsOf.UTC().Format(time.RFC3339), t.AsOf.UTC().Format(time.RFC3339))
	case stamp.AsOf.After(now.Add(skew)):
		return fmt.Errorf("%s: the reading is as of %s, which is yet to come", stamp.System, stamp.AsOf.UTC().Format(time.RFC3339))
	}
	return nil
}

func (r *reading) owns(what string, keeps bool) {
	if keeps {
		r.state.Owns = append(r.state.Owns, what)
	}
}

func (r *reading) conflict(format string, args ...any) {
	r.conflicts = append(r.conflicts, clip(fmt.Sprintf(format, args...)))
}

// add keeps a record unless it contradicts what is known.
func (r *reading) add(record store.SourceRecord) {
	key := recordKey{record.Type, record.ID}
	if !utf8.ValidString(record.ID) || strings.ContainsFunc(record.ID, unicode.IsControl) {
		r.conflict("A record of %s of the partner %s has an id that is not plain text: %q.", record.Type, record.PartnerID, record.ID)
		return
	}
	if _, twice := r.records[key]; twice {
		r.conflict("%s %s is there twice: the first counts.", record.Type, record.ID)
		return
	}
	if !r.partners[record.PartnerID] {
		r.conflict("%s %s is of the partner %s, whom the portal does not know.", record.Type, record.ID, record.PartnerID)
		return
	}
	record.Kind, record.Bucket = r.kind, store.Bucket(record.ID)
	r.records[key] = record
}

func (r *reading) addRevenue(v source.Revenue) {
	if v.ID == "" || len(v.ID) > 64 || !v.On.IsValid() || v.Amount.IsZero() {
		r.conflict("A record of revenue of the partner %s has no id, day or amount.", v.PartnerID)
		return
	}
	r.add(store.SourceRecord{ID: v.ID, PartnerID: v.PartnerID, Type: revenueRecords, Currency: v.Amount.Currency(), Amount: v.Amount.TenThousandths(),
		Day: v.On.String(), At: store.Micros(endOf(v.On))})
}

// addBalance notes with the balance what the ledger had taken from the funds when finance looked: what it takes from then on, finance
// has not seen.
func (r *reading) addBalance(ctx context.Context, c *call.Call, b source.Balance) error {
	if b.Amount.IsZero() {
		r.conflict("The balance of the partner %s has no amount.", b.PartnerID)
		return nil
	}
	currency := b.Amount.Currency()
	now, err := taken(ctx, c.Tx, b.PartnerID, currency)
	if err != nil {
		return err
	}
	since, err := c.Tx.TakenFromFunds(ctx, store.TakenFromFundsParams{PartnerID: b.PartnerID, Currency: currency, AfterTime: store.Micros(r.stamp.AsOf)})
	if err != nil {
		return err
	}
	r.add(store.SourceRecord{ID: b.PartnerID + "/" + currency, PartnerID: b.PartnerID, Type: mdfRecords, Currency: currency,
		Amount: b.Amount.TenThousandths(), Day: partnerportal.DateOf(r.stamp.AsOf.UTC()).String(), At: store.Micros(r.stamp.AsOf), Base: now - since})
	return nil
}

// addCredit keeps what a partner may still order as of the reading.
func (r *reading) addCredit(l source.Credit) {
	if l.Available.IsZero() {
		r.conflict("The credit of the partner %s has no amount.", l.PartnerID)
		return
	}
	currency := l.Available.Currency()
	r.add(store.SourceRecord{ID: l.PartnerID + "/" + currency, PartnerID: l.PartnerID, Type: creditRecords, Currency: currency,
		Amount: l.Available.TenThousandths(), Day: partnerportal.DateOf(r.stamp.AsOf.UTC()).String(), At: store.Micros(r.stamp.AsOf)})
}

// replace puts the new records in the place of the old ones, and moves the sums by the difference.
func (r *reading) replace(ctx context.Context, c *call.Call) error {
	before, err := c.Tx.SourceRecords(ctx, r.kind)
	if err != nil {
		return err
	}
	gone, added := map[string][]figures.Part{}, map[string][]figures.Part{}
	for _, old := range before {
		key := recordKey{old.Type, old.ID}
		now, stays := r.records[key]
		if stays && now == old {
			delete(r.records, key)
			continue
		}
		if err := r.moved(gone, old); err != nil {
			return err
		}
		if !stays {
			if err := c.Tx.DropSourceRecord(ctx, store.DropSourceRecordParams{Kind: r.kind, Type: old.Type, ID: old.ID}); err != nil {
				return err
			}
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(r.records), recordKey.compare) {
		now := r.records[key]
		if err := r.moved(added, now); err != nil {
			return err
		}
		if err := c.Tx.PutSourceRecord(ctx, store.PutSourceRecordParams(now)); err != nil {
			return err
		}
	}
	for _, partnerID := range slices.Sorted(maps.Keys(r.partners)) {
		if err := figures.Move(ctx, c.Tx, partnerID, c.Now, gone[partnerID], added[partnerID]); err != nil {
			return fmt.Errorf("%s: the sums of the partner %s: %w", r.stamp.System, partnerID, err)
		}
	}
	return nil
}

// moved notes what a record of revenue adds to its partner's sums; a balance is a figure by itself.
func (r *reading) moved(parts map[string][]figures.Part, record store.SourceRecord) error {
	if record.Type != revenueRecords {
		return nil
	}
	day, err := partnerportal.ParseDate(record.Day)
	if err != nil {
		return err
	}
	amount, err := partnerportal.NewMoney(record.Amount, record.Currency)
	if err != nil {
		return err
	}
	name := figures.FinanceRevenue
	if r.kind == crmKind {
		name = figures.CRMRevenue
	}
	parts[record.PartnerID] = append(parts[record.PartnerID], figures.Part{Key: figures.Key{Name: name, Day: day}, Amount: amount, Count: 1})
	return nil
}

// takePayment completes or fails the payout that finance names, if both mean the same payment.
func (s *Service) takePayment(ctx context.Context, c *call.Call, r *reading, pay source.Payment) error {
	id, err := c.Tx.PayoutByNumber(ctx, pay.Payout)
	if errors.Is(err, store.ErrNotFound) {
		r.conflict("There is no payout %s.", pay.Payout)
		return nil
	}
	if err != nil {
		return err
	}
	p, _, err := readPayout(ctx, c, id)
	if err != nil {
		return err
	}
	day, err := today(ctx, c, p.PartnerID)
	if err != nil {
		return err
	}
	switch {
	case pay.Amount != p.Amount:
		r.conflict("The payout %s is of %v, and finance has %v.", p.Number, p.Amount, pay.Amount)
	case pay.PaidOn.After(day):
		r.conflict("The payout %s is said to be paid on %s, which is yet to come.", p.Number, pay.PaidOn)
	case p.Status == contract.PayoutStatusScheduled && !pay.PaidOn.IsZero():
		_, err = s.CompletePayout(ctx, id, "", &contract.PayoutReport{PaidOn: pay.PaidOn, TraceID: pay.Trace})
	case p.Status == contract.PayoutStatusScheduled && p.Told == told(pay):
		r.conflict("The payout %s was scheduled again, and finance tells no more than that it failed before.", p.Number)
	case p.Status == contract.PayoutStatusScheduled:
		_, err = s.settlePayout(ctx, id, "", contract.PayoutActionFail, func(_ *call.Call, p *payout) (func(*commission), error) {
			p.FailureReason, p.Told = cmp.Or(pay.Failure, "The payment failed."), told(pay)
			return nil, nil
		})
	case p.Status == contract.PayoutStatusCompleted && pay.PaidOn.IsZero(), p.Status == contract.PayoutStatusCanceled,
		p.Status == contract.PayoutStatusFailed && !pay.PaidOn.IsZero():
		r.conflict("The payout %s is %s here.", p.Number, p.Status)
	}
	return err
}

// told tells one failure of a payment from another.
func told(pay source.Payment) string { return "failed " + pay.Trace + " " + pay.Failure }

func (k recordKey) compare(other recordKey) int {
	return cmp.Or(cmp.Compare(k.of, other.of), cmp.Compare(k.id, other.id))
}

// clip keeps what is shown short.
func clip(s string) string {
	if r := []rune(s); len(r) > 500 {
		return string(r[:499]) + "…"
	}
	return s
}
