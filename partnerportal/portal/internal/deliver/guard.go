package deliver

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Guard says where deliveries may go. An endpoint's URL is somebody else's text, and whoever chooses where a server sends its requests
// reaches whatever that server reaches; so by default that is https to public addresses on two ports. The zero Guard is good.
//
// The rules hold twice: [Guard.CheckURL] tells whoever registers an endpoint what is wrong with its URL, and [Guard.Transport] holds them for
// each connection, because what a name resolves to is known only then.
type Guard struct {
	AllowHTTP bool           // plain http too
	Ports     []uint16       // nil: 443 and 8443, and 80 with AllowHTTP; a 0 among them: all
	Prefixes  []netip.Prefix // networks that may be sent to although they are not public, such as a host's own
	Resolver  *net.Resolver  // of the endpoints' names; nil: net.DefaultResolver
}

// maxURL is the contract's limit; it holds for what is kept.
const maxURL = 2048

// CheckURL reads the URL of an endpoint when it is registered and returns it as it is to be kept: the host in lower case and in ASCII
// (xn--…), no default port. The error says which rule the URL breaks, in words that go behind "the url ", and repeats nothing of it.
func (g *Guard) CheckURL(raw string) (*url.URL, error) {
	if len(raw) > maxURL {
		return nil, fmt.Errorf("must have at most %d bytes", maxURL)
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || !utf8.ValidString(raw): // url's own error would repeat the URL, and with it a password
		return nil, errors.New("must be a valid URL, such as https://crm.example.com/hooks")
	case u.Scheme != "https" && (u.Scheme != "http" || !g.AllowHTTP):
		return nil, errors.New("must begin with https://")
	case u.Hostname() == "":
		return nil, errors.New("must name a host, as https://crm.example.com/hooks does")
	case u.User != nil:
		return nil, errors.New("must not have user information (name@ or name:password@)")
	case strings.Contains(raw, "#"):
		return nil, errors.New("must not have a fragment (#…): it would never be sent")
	case strings.ContainsFunc(u.RawQuery, func(r rune) bool { return r <= ' ' || r > '~' }): // the path is encoded by net/url
		return nil, errors.New("must have a percent-encoded query")
	}
	host, err := g.checkHost(u.Hostname())
	if err != nil {
		return nil, err
	}
	port, err := g.checkPort(u.Scheme, u.Port())
	if err != nil {
		return nil, err
	}
	u.Host = host + port
	if len(u.String()) > maxURL {
		return nil, fmt.Errorf("must have at most %d bytes when it is percent-encoded", maxURL)
	}
	return u, nil
}

// checkPort returns what stands behind the host: nothing for the scheme's own port.
func (g *Guard) checkPort(scheme, text string) (string, error) {
	own := uint64(443)
	if scheme == "http" {
		own = 80
	}
	port := own
	if text != "" {
		var err error
		if port, err = strconv.ParseUint(text, 10, 16); err != nil || port == 0 {
			return "", errors.New("must have a port between 1 and 65535")
		}
	}
	switch {
	case !g.allowsPort(uint16(port)):
		return "", fmt.Errorf("must have one of the ports %s", strings.Trim(strings.ReplaceAll(fmt.Sprint(g.ports()), " ", ", "), "[]"))
	case port == own:
		return "", nil
	}
	return ":" + strconv.FormatUint(port, 10), nil
}

func (g *Guard) ports() []uint16 {
	switch {
	case g.Ports != nil:
		return g.Ports
	case g.AllowHTTP:
		return []uint16{80, 443, 8443}
	}
	return []uint16{443, 8443}
}

func (g *Guard) allowsPort(port uint16) bool {
	return slices.Contains(g.ports(), port) || slices.Contains(g.ports(), 0)
}

func (g *Guard) allowsAddr(addr netip.Addr) bool {
	addr = plain(addr)
	return public(addr) || within(g.Prefixes, addr)
}

// hostNames reads names as browsers do. Hyphens may stand anywhere, since hosting services give out names such as qa--shop.example.com.
var hostNames = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.CheckHyphens(false), idna.VerifyDNSLength(true))

// checkHost returns the host as it is dialled.
func (g *Guard) checkHost(host string) (string, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return g.checkAddr(addr)
	}
	name, err := hostNames.ToASCII(host)
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case strings.HasSuffix(name, "."): // certificates and Host headers have none
		return "", errors.New("must not have a dot behind the host")
	case err != nil:
		return "", errors.New("must have a valid host name")
	case last[0] >= '0' && last[0] <= '9': // 127.1, 2130706433, 0x7f.1: an address to some resolvers and a name to others
		return "", errors.New("must write an IPv4 address as four decimal numbers")
	case last == name && len(g.Prefixes) == 0: // intranet, localhost
		return "", errors.New("must have a public host name, with a dot in it")
	}
	shown, _ := hostNames.ToUnicode(name)
	if slices.ContainsFunc(strings.Split(shown, "."), mixesScripts) {
		return "", errors.New("must not mix the letters of different scripts in one part of the host name")
	}
	return name, nil
}

func (g *Guard) checkAddr(addr netip.Addr) (string, error) {
	switch {
	case addr.Zone() != "":
		return "", errors.New("must not have an IPv6 zone (%…)")
	case !g.allowsAddr(addr):
		return "", errors.New("must not be at a private, local or otherwise special IP address")
	}
	if addr = plain(addr); addr.Is6() {
		return "[" + addr.String() + "]", nil
	}
	return addr.String(), nil
}

// writtenTogether are the scripts that languages mix (UTS 39, highly restrictive).
var writtenTogether = [][]string{
	{"Latin", "Han", "Hiragana", "Katakana"},
	{"Latin", "Han", "Hangul"},
	{"Latin", "Han", "Bopomofo"},
}

// mixesScripts finds the names that look like another one because a letter of theirs is from elsewhere: a Cyrillic а in paypal.
func mixesScripts(label string) bool {
	var scripts []string
	for _, r := range label {
		if name := scriptOf(r); name != "" && !slices.Contains(scripts, name) {
			scripts = append(scripts, name)
		}
	}
	return len(scripts) > 1 && !slices.ContainsFunc(writtenTogether, func(some []string) bool {
		return !slices.ContainsFunc(scripts, func(name string) bool { return !slices.Contains(some, name) })
	})
}

// scriptOf is "" for what all scripts share, such as digits.
func scriptOf(r rune) string {
	if r < utf8.RuneSelf && unicode.IsLetter(r) {
		return "Latin"
	}
	if unicode.In(r, unicode.Common, unicode.Inherited) {
		return ""
	}
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return name
		}
	}
	return "Unknown"
}
