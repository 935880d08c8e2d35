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

// sequence remembers the random bits of the last id, of whatever millisecond: goroutines arrive here out of the order in which they read the
// clock, and portals in one process may have clocks of their own, which may stand still.
type sequence struct {
	mu     sync.Mutex
	random uint128 // 74 bits, as 12 and 62; zero before the first
}

type uint128 struct{ hi, lo uint64 }

// The random bits of an id, and of the steps between two.
const (
	low  = 1<<62 - 1
	step = 1<<44 - 1
)

// next makes a UUIDv7: 48 bits of time, 4 of version, 12 random, 2 of variant,
// 62 random. The random bits are those of the id before and a random step:
// higher, yet not to be guessed. Once in about 2^30 ids they begin anew.
func (s *sequence) next(milli uint64) uint128 {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	a, b := binary.BigEndian.Uint64(random[:8]), binary.BigEndian.Uint64(random[8:])

	s.mu.Lock()
	defer s.mu.Unlock()
	lo := s.random.lo + a&step + 1
	hi := s.random.hi + lo>>62
	if s.random == (uint128{}) || hi >= 1<<12 {
		hi, lo = a&(1<<11-1), b // the top bit starts at 0: room to rise
	}
	s.random = uint128{hi, lo & low}
	return uint128{hi: milli<<16 | 7<<12 | hi, lo: 2<<62 | lo&low}
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
