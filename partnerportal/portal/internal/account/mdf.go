package account

import (
	"context"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// mdf is the ledger's accounts. Where finance owns the balance, available is what finance has posted less what was held since it
// looked; the other accounts finance does not know, and they stay the ledger's.
func (v *screen) mdf(ctx context.Context) (contract.MDF, error) {
	m := contract.MDF{Source: portalStamp()}
	owner := v.sources.mdf()
	if owner != nil {
		m.Source = owner.stamp()
		if m.Source.Error != "" {
			return m, nil
		}
	}
	var converted partnerportal.Money
	for _, account := range []struct {
		name  string
		value *partnerportal.Money
	}{
		{figures.MDFAllocated, &m.Allocated}, {figures.MDFAvailable, &m.Available}, {figures.MDFHeld, &m.Held}, {figures.MDFCommitted, &m.Committed},
		{figures.MDFClaimed, &m.Claimed}, {figures.MDFPayable, &m.Payable}, {figures.MDFPaid, &m.Paid}, {figures.MDFExpired, &m.Expired},
		{figures.MDFConverted, &converted},
	} {
		sums, err := v.undated(ctx, account.name)
		if err != nil {
			return m, err
		}
		var others []partnerportal.Money
		if *account.value, others, err = split(sums, v.currency); err != nil {
			return m, err
		}
		if account.name == figures.MDFAvailable {
			m.PerCurrency = others
		}
		seen(&m.Source, sums)
	}
	var err error
	if m.Expired, err = m.Expired.Add(converted); err != nil {
		return m, err
	}
	if owner != nil {
		if err := v.postedBalances(ctx, &m); err != nil || m.Source.Error != "" {
			return m, err
		}
	}
	return m, v.mdfWork(ctx, &m)
}

// postedBalances puts finance's word for what is available in the place of the ledger's.
func (v *screen) postedBalances(ctx context.Context, m *contract.MDF) error {
	posted, err := v.posted(ctx)
	if err != nil {
		return err
	}
	own, err := partnerportal.NewMoney(0, v.currency)
	if err != nil {
		return err
	}
	var others []partnerportal.Money
	for _, p := range posted {
		switch {
		case p.available.Currency() == v.currency:
			own = p.available
		case p.available.Sign() != 0:
			others = append(others, p.available)
		}
	}
	if m.Allocated.Sign() > 0 && !hasCurrency(posted, v.currency) {
		// The amounts would be those of other money than the partner's, or nothing where finance has not spoken.
		*m = contract.MDF{Source: m.Source}
		m.Source.Error = "The system has posted nothing of the partner's funds."
		if len(posted) > 0 {
			m.Source.Error = fmt.Sprintf("The system posts the funds in %s, and the ledger keeps them in %s.", posted[0].available.Currency(), v.currency)
		}
		return nil
	}
	m.Available, m.PerCurrency = own, others
	return nil
}

// balance is what finance has posted in one currency.
type balance struct {
	record    store.SourceRecord
	posted    partnerportal.Money
	unseen    partnerportal.Money // what was held since finance looked, less what came back; never below nothing
	available partnerportal.Money
}

// posted reads what finance says of the partner's funds. What finance has seen by then was noted when it was read; what the ledger has
// taken from the funds since is the difference.
func (v *screen) posted(ctx context.Context) ([]balance, error) {
	records, err := v.c.Tx.SourceRecordsOf(ctx, store.SourceRecordsOfParams{PartnerID: v.partner.ID, Kind: financeKind, Type: mdfRecords})
	if err != nil {
		return nil, err
	}
	balances := make([]balance, len(records))
	for i, r := range records {
		b := balance{record: r}
		if b.posted, err = partnerportal.NewMoney(r.Amount, r.Currency); err != nil {
			return nil, err
		}
		taken, err := taken(ctx, v.c.Tx, v.partner.ID, r.Currency)
		if err != nil {
			return nil, err
		}
		if b.unseen, err = partnerportal.NewMoney(max(0, taken-r.Base), r.Currency); err != nil {
			return nil, err
		}
		if b.available, err = b.posted.Sub(b.unseen); err != nil {
			return nil, err
		}
		balances[i] = b
	}
	return balances, nil
}

func hasCurrency(balances []balance, currency string) bool {
	for _, b := range balances {
		if b.posted.Currency() == currency {
			return true
		}
	}
	return false
}

// taken is what holds, commitments and payments have taken from the partner's funds so far: what was allocated and is not available.
func taken(ctx context.Context, tx *store.Tx, partnerID, currency string) (int64, error) {
	var amounts [2]int64
	for i, name := range []string{figures.MDFAllocated, figures.MDFAvailable} {
		sums, err := figures.Of(ctx, tx, partnerID, name)
		if err != nil {
			return 0, err
		}
		own, _, err := split(sums, currency)
		if err != nil {
			return 0, err
		}
		amounts[i] = own.TenThousandths()
	}
	return amounts[0] - amounts[1], nil
}

// mdfWork adds what expires, and what waits for somebody.
func (v *screen) mdfWork(ctx context.Context, m *contract.MDF) error {
	days, err := v.c.Tx.FigureDays(ctx, store.FigureDaysParams{
		PartnerID: v.partner.ID, Name: figures.MDFExpiring, FromDay: v.today.String(), ToDay: v.today.AddDays(366).String(),
	})
	if err != nil {
		return err
	}
	for _, d := range days {
		day, err := partnerportal.ParseDate(d.Day)
		if err != nil {
			return err
		}
		amount, err := partnerportal.NewMoney(d.Amount, d.Currency)
		if err != nil {
			return err
		}
		m.Expiring = append(m.Expiring, contract.MDFExpiring{Amount: amount, ExpiresAt: v.rules.EndOfDay(day)})
	}
	requests, err := v.undated(ctx, figures.MDFOpenRequests)
	if err != nil {
		return err
	}
	unclaimed, err := v.undated(ctx, figures.MDFUnclaimed)
	m.OpenRequests, m.ClaimsAwaitingProof = count(requests), count(unclaimed)
	return err
}
