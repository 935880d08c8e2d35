// Package ids makes and checks the ids of the portal's resources: a prefix that
// names the kind, and a UUIDv7 in TypeID's base32, as in
// "deal_01h455vb4pex5vsknk084sn02q". They sort by the time they were made.
package ids

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"time"
)

// The prefixes, one per kind of resource.
const (
	Deal         = "deal_"
	Lead         = "lead_"
	Offer        = "ofr_"
	Extension    = "ext_"
	Amendment    = "amd_"
	Conflict     = "cfl_"
	Attachment   = "att_"
	Note         = "note_"
	Partner      = "par_"
	Client       = "cli_"
	Event        = "evt_"
	Request      = "req_"
	Endpoint     = "we_"
	Delivery     = "whd_"
	Precheck     = "chk_"
	File         = "file_"
	Rule         = "rule_"
	Membership   = "mem_"
	Fund         = "fund_"
	Allocation   = "alc_"
	Entry        = "ent_"
	MDFRequest   = "mdf_"
	Activity     = "act_"
	Claim        = "clm_"
	ClaimLine    = "cln_"
	Template     = "tpl_"
	Timing       = "tim_"
	NPS          = "nps_"
	Commission   = "com_"
	Payout       = "pay_"
	Rebate       = "reb_"
	Asset        = "ast_"
	Version      = "asv_"
	Download     = "dl_"
	CoBrandJob   = "cob_"
	Product      = "prd_"
	Configured   = "cfg_"
	Quote        = "quo_"
	QuoteLine    = "qln_"
	Document     = "qdoc_"
	Approval     = "apr_"
	Special      = "spc_"
	SpecialLine  = "spl_"
	Session      = "ses_"
	Order        = "ord_"
	OrderLine    = "oln_"
	OrderStep    = "ful_"
	Invoice      = "inv_"
	Credential   = "crd_"
	Learner      = "lrn_"
	Course       = "crs_"
	Path         = "lpa_"
	ClassSession = "cls_"
	Enrolment    = "enr_"
)

// New makes an id of the kind that the prefix names. Its time is now, to the
// millisecond; the rest is random. Ids of one millisecond rise in the order in
// which this process made them.
func New(prefix string, now time.Time) string {
	var b [26]byte
	encode(&b, makers.next(uint64(now.UnixMilli())&(1<<48-1))) // 48 bits: until the year 10889
	return prefix + string(b[:])
}

// makers is the state of the whole process: its ids rise whoever asks for them.
var makers sequence

// sequence remembers the last id of the milliseconds asked for most recently.
// One memory would not do: goroutines arrive here out of the order in which they
// read the clock, and portals in one process may have clocks of their own.
type sequence struct {
	mu     sync.Mutex
	recent [16]struct { // the latest first
		milli uint64
		last  uint128 // zero where the entry is unused
	}
}

type uint128 struct{ hi, lo uint64 }

// next makes a UUIDv7: 48 bits of time, 4 of version, 12 random, 2 of variant,
// 62 random. In a millisecond that already had an id, the 74 random bits are
// those of the last id and a random step: higher, yet not to be guessed.
func (s *sequence) next(milli uint64) uint128 {
	const low = 1<<62 - 1 // the random bits of lo
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	a, b := binary.BigEndian.Uint64(random[:8]), binary.BigEndian.Uint64(random[8:])
	id := uint128{
		hi: milli<<16 | 7<<12 | a&(1<<11-1), // the top random bit starts at 0: room to rise
		lo: 2<<62 | b&low,
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	i := 0
	for i < len(s.recent)-1 && s.recent[i].milli != milli {
		i++
	}
	if entry := s.recent[i]; entry.milli == milli && entry.last != (uint128{}) {
		lo := entry.last.lo&low + b&(1<<32-1) + 1
		id = uint128{hi: entry.last.hi + lo>>62, lo: 2<<62 | lo&low}
	}
	copy(s.recent[1:i+1], s.recent[:i])
	s.recent[0].milli, s.recent[0].last = milli, id
	return id
}

// alphabet is Crockford's base32 in lower case: no i, l, o and u.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// encode writes 128 bits as 26 digits of 5 bits; the first has only 3.
func encode(b *[26]byte, id uint128) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = alphabet[id.lo&31]
		id.lo = id.lo>>5 | id.hi<<59
		id.hi >>= 5
	}
}

// ErrInvalid is the error of [Parse].
var ErrInvalid = errors.New("ids: not an id of this kind")

// Parse gives the UUID inside an id of the kind that the prefix names.
// Only the spelling that [New] makes is an id: upper case is not.
func Parse(prefix, id string) (uuid [16]byte, err error) {
	text, ok := strings.CutPrefix(id, prefix)
	if !ok || len(text) != 26 || text[0] > '7' {
		return uuid, ErrInvalid
	}
	var v uint128
	for i := range len(text) {
		digit := strings.IndexByte(alphabet, text[i])
		if digit < 0 {
			return uuid, ErrInvalid
		}
		v.hi = v.hi<<5 | v.lo>>59
		v.lo = v.lo<<5 | uint64(digit)
	}
	binary.BigEndian.PutUint64(uuid[:8], v.hi)
	binary.BigEndian.PutUint64(uuid[8:], v.lo)
	return uuid, nil
}

// Valid reports whether id is an id of the kind that the prefix names.
func Valid(prefix, id string) bool {
	_, err := Parse(prefix, id)
	return err == nil
}
