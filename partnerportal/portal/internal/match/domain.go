package match

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Host is a normalised internet domain of a customer. The zero Host is no domain.
type Host struct {
	// Name is the exact host: ASCII (IDNA), lower-case, without "www." and
	// without a trailing dot; "mail.eu.acme.co.uk".
	Name string
	// Site is the registrable domain, one label below the public suffix:
	// "acme.co.uk". Two hosts of one site belong to one owner.
	Site string
}

// DomainError says why a text names no domain that could identify a customer.
// It is an error, and its text is the code used in the published vectors.
type DomainError string

// The errors of [Domain].
const (
	ErrEmpty        DomainError = "empty"         // nothing but white space
	ErrInvalid      DomainError = "invalid"       // not a domain name, not an address, or several of them
	ErrIPAddress    DomainError = "ip_address"    // a number moves between owners
	ErrSingleLabel  DomainError = "single_label"  // "intranet"
	ErrPublicSuffix DomainError = "public_suffix" // "co.uk", "github.io": anybody registers below it
	ErrPrivateName  DomainError = "private_name"  // "acme.local": every network has its own
	ErrFreeMail     DomainError = "free_mail"     // "gmail.com": says who hosts the mailbox
)

func (e DomainError) Error() string { return string(e) }

// Domain normalises a domain, a URL or an e-mail address to the host that it
// names. The error is always a [DomainError].
//
// The registrable domain is found with both sections of the Public Suffix List,
// ICANN and private, so acme.github.io and bolt.github.io are two customers.
func Domain(s string) (Host, error) {
	s, err := hostText(s)
	if err != nil {
		return Host{}, err
	}
	name, err := idna.Lookup.ToASCII(s)
	if err != nil || !utf8.ValidString(s) { // idna lets stray bytes through
		return Host{}, ErrInvalid
	}
	name = strings.TrimSuffix(name, ".")
	if !validLengths(name) {
		return Host{}, ErrInvalid
	}
	tld := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case isNumber(tld): // as browsers do: 10.1 and 1.2.3.4 are both IPv4
		return Host{}, ErrIPAddress
	case privateTLD(tld):
		return Host{}, ErrPrivateName
	case tld == name:
		return Host{}, ErrSingleLabel
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil {
		return Host{}, ErrPublicSuffix
	}
	if freeMail().has(site) {
		return Host{}, ErrFreeMail
	}
	for name != site && strings.HasPrefix(name, "www.") {
		name = name[len("www."):]
	}
	return Host{Name: name, Site: site}, nil
}

// hostText cuts the host out of "https://user@acme.com:8443/x?y",
// "Jane <jane@acme.com>", "mailto:jane@acme.com" and their like.
func hostText(s string) (string, error) {
	s = strings.TrimSpace(s)
	if i := strings.LastIndexByte(s, '<'); i >= 0 && strings.HasSuffix(s, ">") {
		s = s[i+1 : len(s)-1]
	}
	s = cutScheme(s)
	if i := strings.IndexAny(s, `/?#\`); i >= 0 {
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		if strings.ContainsAny(s[:i], " \t\r\n,;") {
			return "", ErrInvalid // two addresses: choosing one would be a guess
		}
		s = s[i+1:]
	}
	if strings.HasPrefix(s, "[") || strings.Count(s, ":") > 1 {
		return "", ipv6(s)
	}
	if i := strings.LastIndexByte(s, ':'); i >= 0 && isDigits(s[i+1:]) {
		s = s[:i]
	}
	if s == "" {
		return "", ErrEmpty
	}
	return s, nil
}

// cutScheme removes "mailto:", "//" and "https://". A "://" deeper in the
// text, as in "acme.com/login?next=https://other.com", is no scheme.
func cutScheme(s string) string {
	const mailto = "mailto:"
	if len(s) > len(mailto) && strings.EqualFold(s[:len(mailto)], mailto) {
		return s[len(mailto):]
	}
	scheme, rest, ok := strings.Cut(s, "//")
	if !ok {
		return s
	}
	if scheme == "" {
		return rest
	}
	scheme, ok = strings.CutSuffix(scheme, ":")
	if !ok || strings.ContainsFunc(scheme, notInScheme) {
		return s
	}
	return rest
}

func notInScheme(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '+' && r != '-' && r != '.'
}

func ipv6(s string) DomainError {
	inner, _, _ := strings.Cut(strings.TrimPrefix(s, "["), "]")
	if _, err := netip.ParseAddr(inner); err != nil {
		return ErrInvalid
	}
	return ErrIPAddress
}

// validLengths holds the limits of RFC 1035, which IDNA lookup leaves alone.
func validLengths(name string) bool {
	if len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return true
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// isNumber is the "ends in a number" test of the WHATWG URL standard.
func isNumber(label string) bool {
	hex, ok := strings.CutPrefix(label, "0x")
	if !ok {
		return isDigits(label)
	}
	return strings.Trim(hex, "0123456789abcdef") == ""
}

// privateTLD reports the names that are set aside, or used everywhere, for
// networks without a registrar: two companies called acme.local are strangers.
// "example" and "test" stay usable, because integrators need names to try with.
func privateTLD(tld string) bool {
	switch tld {
	case "local", "localhost", "localdomain", "internal", "intranet", "lan", "home", "corp", "private", "invalid", "onion", "arpa":
		return true
	}
	return false
}
