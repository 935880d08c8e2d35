package ledger_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/mdf/ledger"
)

func usd(t testing.TB, cents int64) partnerportal.Money {
	t.Helper()
	m, err := partnerportal.NewMoney(cents*100, "USD")
	require.NoError(t, err)
	return m
}

var (
	types = []mdf.EntryType{
		mdf.EntryTypeAllocate, mdf.EntryTypeAccrue, mdf.EntryTypeAdjustUp, mdf.EntryTypeAdjustDown, mdf.EntryTypeTransferIn, mdf.EntryTypeTransferOut,
		mdf.EntryTypeHold, mdf.EntryTypeReleaseHold, mdf.EntryTypeCommit, mdf.EntryTypeRelease, mdf.EntryTypeClaim, mdf.EntryTypeUnclaim,
		mdf.EntryTypeApproveClaim, mdf.EntryTypePay, mdf.EntryTypeReversePayment, mdf.EntryTypeExpire, mdf.EntryTypeConvert,
	}
	places = append([]mdf.Account{mdf.AccountFunding}, ledger.Accounts...)
)

// model keeps the same books in the plainest way: one number for each account, funding among them, which together are always zero.
type model map[mdf.Account]int64

func (m model) sum() (all int64) {
	for _, n := range m {
		all += n
	}
	return all
}

func agree(t require.TestingT, m model, b *ledger.Book) {
	require.NoError(t, ledger.Check(&b.Balance))
	require.Zero(t, m.sum())
	require.Equal(t, -m[mdf.AccountFunding]*100, b.Balance.Allocated.TenThousandths())
	for _, a := range ledger.Accounts {
		require.Equal(t, m[a]*100, ledger.In(&b.Balance, a).TenThousandths(), a)
		require.GreaterOrEqual(t, m[a], int64(0), a)
	}
}

// step tries one movement on both. Whether it may happen is for the book to say; what an overdraft is, the model knows too.
func step(t require.TestingT, m model, b *ledger.Book, kind mdf.EntryType, from, to mdf.Account, cents int64) {
	before := *b
	amount, err := partnerportal.NewMoney(cents*100, "USD")
	require.NoError(t, err)
	entry, err := b.Post(kind, from, to, amount)
	if err != nil {
		require.Equal(t, before, *b, "a refused movement leaves no trace")
		if over, ok := errors.AsType[*ledger.Overdraft](err); ok {
			require.Equal(t, from, over.Account)
			require.Equal(t, m[from]*100, over.Has.TenThousandths())
			require.Equal(t, (cents-m[from])*100, over.Shortfall.TenThousandths())
		}
		return
	}
	require.True(t, from == mdf.AccountFunding || m[from] >= cents, "%s was overdrawn", from)
	m[from], m[to] = m[from]-cents, m[to]+cents
	require.Equal(t, before.Sequence+1, entry.Sequence)
	require.Equal(t, b.Balance, entry.Balance)
	agree(t, m, b)
}

func TestIdentityHoldsAfterEveryEntry(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b, err := ledger.New("USD")
		require.NoError(t, err)
		m := model{}
		for range rapid.IntRange(1, 60).Draw(t, "entries") {
			step(t, m, b, rapid.SampledFrom(types).Draw(t, "type"), rapid.SampledFrom(places).Draw(t, "from"),
				rapid.SampledFrom(places).Draw(t, "to"), rapid.Int64Range(-5, 100).Draw(t, "cents"))
		}
	})
}

// Most random movements are of no type. These are 10,000 of ways that exist, so that money really flows through all accounts.
func TestTenThousandMovements(t *testing.T) {
	t.Parallel()
	var ways []mdf.Entry
	for _, kind := range types {
		for _, from := range places {
			for _, to := range places {
				if ledger.Allows(kind, from, to) {
					ways = append(ways, mdf.Entry{Type: kind, From: from, To: to})
				}
			}
		}
	}
	require.Len(t, ways, 22)
	b, err := ledger.New("USD")
	require.NoError(t, err)
	m, reached, rng := model{}, map[mdf.Account]bool{}, rand.New(rand.NewPCG(4, 2))
	for b.Sequence < 10_000 {
		w := ways[rng.IntN(len(ways))]
		step(t, m, b, w.Type, w.From, w.To, 1+rng.Int64N(500))
		for _, a := range ledger.Accounts {
			reached[a] = reached[a] || m[a] > 0
		}
	}
	for _, a := range ledger.Accounts {
		assert.True(t, reached[a], "nothing ever came to %s", a)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	b, err := ledger.New("USD")
	require.NoError(t, err)
	_, err = b.Post(mdf.EntryTypeAllocate, mdf.AccountFunding, mdf.AccountAvailable, usd(t, 1000))
	require.NoError(t, err)
	before := *b
	fine, err := partnerportal.NewMoney(1, "USD")
	require.NoError(t, err)
	for name, try := range map[string]func() (mdf.Entry, error){
		"the wrong way": func() (mdf.Entry, error) {
			return b.Post(mdf.EntryTypePay, mdf.AccountAvailable, mdf.AccountPaid, usd(t, 1))
		},
		"nothing": func() (mdf.Entry, error) {
			return b.Post(mdf.EntryTypeHold, mdf.AccountAvailable, mdf.AccountHeld, usd(t, 0))
		},
		"negative": func() (mdf.Entry, error) {
			return b.Post(mdf.EntryTypeHold, mdf.AccountAvailable, mdf.AccountHeld, usd(t, -1))
		},
		"less than a cent": func() (mdf.Entry, error) {
			return b.Post(mdf.EntryTypeHold, mdf.AccountAvailable, mdf.AccountHeld, fine)
		},
		"another currency": func() (mdf.Entry, error) {
			return b.Post(mdf.EntryTypeHold, mdf.AccountAvailable, mdf.AccountHeld, partnerportal.MustMoney("1", "EUR"))
		},
		"more than can be held": func() (mdf.Entry, error) {
			return b.Post(mdf.EntryTypeAllocate, mdf.AccountFunding, mdf.AccountAvailable, partnerportal.MustMoney("922337203685477.58", "USD"))
		},
	} {
		_, err := try()
		require.Error(t, err, name)
		assert.Equal(t, before, *b, name)
	}
	_, err = ledger.New("dollars")
	require.Error(t, err)
}

func TestAllowancesAreAddedUp(t *testing.T) {
	t.Parallel()
	one, err := ledger.New("USD")
	require.NoError(t, err)
	_, err = one.Post(mdf.EntryTypeAllocate, mdf.AccountFunding, mdf.AccountAvailable, usd(t, 700))
	require.NoError(t, err)
	_, err = one.Post(mdf.EntryTypeHold, mdf.AccountAvailable, mdf.AccountHeld, usd(t, 200))
	require.NoError(t, err)
	both, err := ledger.Add(one.Balance, one.Balance)
	require.NoError(t, err)
	assert.Equal(t, "14.00 USD 10.00 USD 4.00 USD", both.Allocated.String()+" "+both.Available.String()+" "+both.Held.String())
	require.NoError(t, ledger.Check(&both))
	euros, err := ledger.New("EUR")
	require.NoError(t, err)
	_, err = ledger.Add(one.Balance, euros.Balance)
	require.ErrorIs(t, err, partnerportal.ErrCurrencyMismatch)
}
