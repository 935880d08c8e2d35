// Package ledger is the arithmetic of an allocation's money and nothing else: it knows no database, no clock and no rule of a
// fund, only where money can be and which ways it can go.
//
// A [Book] holds what is in each account of one allocation. Money enters, leaves and moves by [Book.Post] alone, which takes from
// one account what it gives to another and answers with the entry that says so. The account funding is the world outside: what came
// in from there, less what went back, is the allocated of a balance. So two things hold after every entry, whatever the order in
// which they come, and a test of 10,000 of them holds it to that:
//
//	allocated = available + held + committed + claimed + payable + paid + expired + converted
//
// and no account is below zero. Entries are never changed: what was wrong is taken back by an entry of the opposite way.
package ledger

import (
	"errors"
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// Accounts are the places where an allocation's money can be, in the order in which it passes through them.
var Accounts = []mdf.Account{
	mdf.AccountAvailable, mdf.AccountHeld, mdf.AccountCommitted, mdf.AccountClaimed, mdf.AccountPayable, mdf.AccountPaid,
	mdf.AccountExpired, mdf.AccountConverted,
}

// way is one direction in which money can go.
type way struct{ from, to mdf.Account }

// ways are all that the types of entries allow.
var ways = map[mdf.EntryType][]way{
	mdf.EntryTypeAllocate:       {{mdf.AccountFunding, mdf.AccountAvailable}},
	mdf.EntryTypeAccrue:         {{mdf.AccountFunding, mdf.AccountAvailable}},
	mdf.EntryTypeAdjustUp:       {{mdf.AccountFunding, mdf.AccountAvailable}},
	mdf.EntryTypeAdjustDown:     {{mdf.AccountAvailable, mdf.AccountFunding}},
	mdf.EntryTypeTransferIn:     {{mdf.AccountFunding, mdf.AccountAvailable}},
	mdf.EntryTypeTransferOut:    {{mdf.AccountAvailable, mdf.AccountFunding}},
	mdf.EntryTypeHold:           {{mdf.AccountAvailable, mdf.AccountHeld}},
	mdf.EntryTypeReleaseHold:    {{mdf.AccountHeld, mdf.AccountAvailable}},
	mdf.EntryTypeCommit:         {{mdf.AccountAvailable, mdf.AccountCommitted}, {mdf.AccountHeld, mdf.AccountCommitted}},
	mdf.EntryTypeRelease:        {{mdf.AccountCommitted, mdf.AccountAvailable}, {mdf.AccountClaimed, mdf.AccountAvailable}},
	mdf.EntryTypeClaim:          {{mdf.AccountCommitted, mdf.AccountClaimed}},
	mdf.EntryTypeUnclaim:        {{mdf.AccountClaimed, mdf.AccountCommitted}},
	mdf.EntryTypeApproveClaim:   {{mdf.AccountClaimed, mdf.AccountPayable}},
	mdf.EntryTypePay:            {{mdf.AccountPayable, mdf.AccountPaid}},
	mdf.EntryTypeReversePayment: {{mdf.AccountPaid, mdf.AccountPayable}},
	mdf.EntryTypeConvert:        {{mdf.AccountAvailable, mdf.AccountConverted}},
	mdf.EntryTypeExpire: {
		{mdf.AccountAvailable, mdf.AccountExpired}, {mdf.AccountHeld, mdf.AccountExpired},
		{mdf.AccountCommitted, mdf.AccountExpired}, {mdf.AccountClaimed, mdf.AccountExpired},
	},
}

// Book is the accounts of one allocation after the entry with that sequence.
type Book struct {
	Sequence int64
	Balance  mdf.Balance
}

// New returns the empty book of an allocation in a currency.
func New(currency string) (*Book, error) {
	nothing, err := partnerportal.NewMoney(0, currency)
	if err != nil {
		return nil, err
	}
	b := &Book{Balance: mdf.Balance{Allocated: nothing}}
	for _, a := range Accounts {
		*In(&b.Balance, a) = nothing
	}
	return b, nil
}

// Overdraft is the error of [Book.Post] when an account has less than is taken from it. Nothing has moved then.
type Overdraft struct {
	Account        mdf.Account
	Has, Shortfall partnerportal.Money
}

func (e *Overdraft) Error() string {
	return fmt.Sprintf("ledger: %s has %v, which is %v too little", e.Account, e.Has, e.Shortfall)
}

// Post moves an amount from one account to another and returns the entry, complete but for who, when and what for. It refuses, and
// leaves the book as it was, when the type has no such way, when the amount is not more than nothing, finer than the currency's
// minor unit or of another currency, and with an [Overdraft] when the account has less.
func (b *Book) Post(t mdf.EntryType, from, to mdf.Account, amount partnerportal.Money) (mdf.Entry, error) {
	if !slices.Contains(ways[t], way{from, to}) {
		return mdf.Entry{}, fmt.Errorf("ledger: no %s goes from %s to %s", t, from, to)
	}
	if whole, err := amount.Round(); err != nil || whole != amount || amount.Sign() <= 0 {
		return mdf.Entry{}, errors.Join(fmt.Errorf("ledger: %v cannot be moved", amount), err)
	}
	after := b.Balance
	if err := move(&after, from, to, amount); err != nil {
		return mdf.Entry{}, err
	}
	b.Sequence, b.Balance = b.Sequence+1, after
	return mdf.Entry{Sequence: b.Sequence, Type: t, From: from, To: to, Amount: amount, Balance: after}, nil
}

func move(b *mdf.Balance, from, to mdf.Account, amount partnerportal.Money) error {
	if err := take(b, from, amount); err != nil {
		return err
	}
	if err := give(b, to, amount); err != nil {
		return err
	}
	return Check(b)
}

func take(b *mdf.Balance, from mdf.Account, amount partnerportal.Money) (err error) {
	if from == mdf.AccountFunding {
		b.Allocated, err = b.Allocated.Add(amount)
		return err
	}
	in := In(b, from)
	left, err := in.Sub(amount)
	if err != nil {
		return err
	}
	if left.Sign() < 0 {
		shortfall, err := left.Neg()
		return errors.Join(&Overdraft{Account: from, Has: *in, Shortfall: shortfall}, err)
	}
	*in = left
	return nil
}

func give(b *mdf.Balance, to mdf.Account, amount partnerportal.Money) (err error) {
	if to == mdf.AccountFunding {
		b.Allocated, err = b.Allocated.Sub(amount)
		return err
	}
	in := In(b, to)
	*in, err = in.Add(amount)
	return err
}

// Check holds a balance against the identity.
func Check(b *mdf.Balance) error {
	var sum partnerportal.Money
	for i, a := range Accounts {
		in := *In(b, a)
		if in.Sign() < 0 {
			return fmt.Errorf("ledger: %s is %v", a, in)
		}
		if i == 0 {
			sum = in
			continue
		}
		var err error
		if sum, err = sum.Add(in); err != nil {
			return err
		}
	}
	if sum != b.Allocated {
		return fmt.Errorf("ledger: allocated is %v, the accounts hold %v", b.Allocated, sum)
	}
	return nil
}

// Add returns the balance of two allocations, or of several of them, in one currency.
func Add(b, other mdf.Balance) (mdf.Balance, error) {
	sum, err := b.Allocated.Add(other.Allocated)
	if err != nil {
		return mdf.Balance{}, err
	}
	b.Allocated = sum
	for _, a := range Accounts {
		if err := give(&b, a, *In(&other, a)); err != nil {
			return mdf.Balance{}, err
		}
	}
	return b, nil
}

// In is where a balance keeps what is in an account. funding has no such place: it is without end.
func In(b *mdf.Balance, a mdf.Account) *partnerportal.Money {
	switch a {
	case mdf.AccountAvailable:
		return &b.Available
	case mdf.AccountHeld:
		return &b.Held
	case mdf.AccountCommitted:
		return &b.Committed
	case mdf.AccountClaimed:
		return &b.Claimed
	case mdf.AccountPayable:
		return &b.Payable
	case mdf.AccountPaid:
		return &b.Paid
	case mdf.AccountExpired:
		return &b.Expired
	case mdf.AccountConverted:
		return &b.Converted
	}
	panic("ledger: " + string(a) + " is no account of a balance") // the ways are checked before
}
