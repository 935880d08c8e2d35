package badge

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The purposes of status lists that a verdict heeds.
const (
	Revocation = "revocation" // Revocation is for good.
	Suspension = "suspension" // Suspension may end.
)

// harmless are the purposes of the standard that are no matter of validity: that a newer credential can be had, and a message.
var harmless = []string{"refresh", "message"}

const (
	statusEntryType = "BitstringStatusListEntry"
	statusListType  = "BitstringStatusList"
	statusListVC    = "BitstringStatusListCredential"
)

// StatusEntry is where in which list it stands whether a credential was revoked: see [Status]. Entries of other types are read and
// written by ID and Type alone.
type StatusEntry struct {
	ID                   string `json:"id,omitzero"`
	Type                 string `json:"type"`
	StatusPurpose        string `json:"statusPurpose,omitzero"`
	StatusListIndex      string `json:"statusListIndex,omitzero"` // StatusListIndex is a number in digits.
	StatusListCredential string `json:"statusListCredential,omitzero"`
	StatusSize           int    `json:"statusSize,omitzero"` // StatusSize is in bits; a purpose of this package has one.
}

// Status is the entry of the credential at index of the list under that URL. Choose indexes at random, each once, so that the list does
// not tell in which order credentials were issued.
func Status(list string, index int, purpose string) StatusEntry {
	return StatusEntry{
		ID: list + "#" + strconv.Itoa(index), Type: statusEntryType, StatusPurpose: purpose,
		StatusListIndex: strconv.Itoa(index), StatusListCredential: list,
	}
}

// index reads digits and nothing else: no sign, no exponent, no leading zero.
func (s StatusEntry) index() (int, error) {
	n, err := strconv.ParseUint(s.StatusListIndex, 10, 31)
	if err != nil || strconv.FormatUint(n, 10) != s.StatusListIndex || n >= MaxStatusEntries {
		return 0, fmt.Errorf("statusListIndex %.40q is not a number of the list", s.StatusListIndex)
	}
	return int(n), nil
}

// StatusList is what an issuer publishes about many credentials at once: a BitstringStatusListCredential.
type StatusList struct {
	// ID is the URL under which the list is published.
	ID string
	// Issuer is the ID of the issuer, the same as in the credentials.
	Issuer string
	// Purpose is Revocation or Suspension.
	Purpose string
	// ValidFrom is when the list was made, in whole seconds; ValidUntil, unless zero, is when it should no longer be relied on.
	ValidFrom, ValidUntil time.Time
	// TTL, unless zero, tells caches how long to keep it.
	TTL time.Duration
	// Bits has a bit for each credential.
	Bits *Bitstring
}

// statusCredential is a StatusList as JSON, with the claims that repeat it.
type statusCredential struct {
	Context    Set[any]      `json:"@context"`
	ID         string        `json:"id"`
	Type       Set[string]   `json:"type"`
	Issuer     Profile       `json:"issuer"`
	ValidFrom  time.Time     `json:"validFrom,omitzero"`
	ValidUntil end           `json:"validUntil,omitzero"`
	Subject    statusSubject `json:"credentialSubject"`
	claims
}

type statusSubject struct {
	ID      string          `json:"id,omitzero"`
	Type    string          `json:"type"`
	Purpose compact[string] `json:"statusPurpose"` // text, for verifiers that compare it
	List    string          `json:"encodedList"`
	TTL     int64           `json:"ttl,omitzero"` // in milliseconds
}

// SignStatusList makes a VC-JWT of the list, to be served under its ID as application/vc+jwt.
func SignStatusList(list StatusList, key SigningKey) (string, error) {
	switch {
	case !isAbsolute(list.ID), !isAbsolute(list.Issuer):
		return "", errors.New("badge: a status list's ID and Issuer are absolute URIs")
	case list.Purpose != Revocation && list.Purpose != Suspension:
		return "", fmt.Errorf("badge: a status list is for revocation or suspension, not for %q", list.Purpose)
	case list.Bits == nil:
		return "", errors.New("badge: a status list needs Bits")
	}
	if err := wholeSeconds("ValidFrom", list.ValidFrom); err != nil {
		return "", err
	}
	if err := wholeSeconds("ValidUntil", list.ValidUntil); err != nil {
		return "", err
	}
	credential := statusCredential{
		Context: Set[any]{ContextVC}, ID: list.ID, Type: Set[string]{TypeCredential, statusListVC},
		Issuer: Profile{ID: list.Issuer}, ValidFrom: list.ValidFrom.UTC(), ValidUntil: end{list.ValidUntil.UTC()},
		Subject: statusSubject{
			ID: list.ID + "#list", Type: statusListType, Purpose: compact[string]{list.Purpose},
			List: list.Bits.Encode(), TTL: list.TTL.Milliseconds(),
		},
		claims: claimsOf(list.Issuer, list.ID, "", list.ValidFrom, list.ValidUntil),
	}
	payload, err := encode(&credential)
	if err != nil {
		return "", err
	}
	return key.sign(payload, "vc+jwt")
}

// statusList is a list that was read, or why it cannot be used.
type statusList struct {
	StatusList
	asOf time.Time
	err  error
}

// readStatusList checks everything about a list that does not depend on when it is asked.
func readStatusList(url, token string, asOf time.Time, issuers map[string]*Issuer) (statusList, error) {
	list := statusList{asOf: asOf}
	if len(token) > maxList {
		return list, fmt.Errorf("longer than %d bytes", maxList)
	}
	signed, err := parseJWS(strings.TrimSpace(token))
	if err != nil {
		return list, err
	}
	var credential statusCredential
	if err := decode(signed.payload, &credential); err != nil {
		return list, err
	}
	from, ok := issuers[credential.Issuer.ID]
	if !ok {
		return list, fmt.Errorf("of an issuer that is not trusted: %.200q", credential.Issuer.ID)
	}
	check := from.verify(signed, cmp.Or(credential.ValidFrom, asOf), cmp.Or(asOf, credential.ValidFrom))
	if check.Result != Passed {
		return list, errors.New(check.Detail)
	}
	list.StatusList = StatusList{
		ID: credential.ID, Issuer: credential.Issuer.ID,
		ValidFrom: credential.ValidFrom, ValidUntil: credential.ValidUntil.Time,
		TTL: time.Duration(credential.Subject.TTL) * time.Millisecond,
	}
	if len(credential.Subject.Purpose) == 1 {
		list.Purpose = credential.Subject.Purpose[0]
	}
	if err := credential.check(url); err != nil {
		return list, err
	}
	list.Bits, err = DecodeBitstring(credential.Subject.List)
	return list, err
}

func (c *statusCredential) check(url string) error {
	v := visitor{}
	v.types(&c.Type, statusListVC)
	v.kind(&c.Subject.Type, statusListType)
	if len(c.Context) == 0 || c.Context[0] != any(ContextVC) {
		v.violate("@context/0", "is "+ContextVC)
	}
	if len(c.Subject.Purpose) != 1 {
		v.violate("credentialSubject/statusPurpose", "is one purpose")
	}
	if len(v.violations) > 0 {
		return &InvalidError{Violations: v.violations}
	}
	if c.ID != url {
		return fmt.Errorf("its id is %.200q", c.ID)
	}
	return c.agree(c.Issuer.ID, c.ID, c.Subject.ID, c.ValidFrom, c.ValidUntil.Time)
}
