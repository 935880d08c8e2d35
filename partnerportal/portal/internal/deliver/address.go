package deliver

import (
	"net/netip"
	"slices"
)

// special are the blocks of IANA's special-purpose registries, multicast and what is reserved: none of them is a partner's server on the
// Internet, and most of them are somebody's inside. Of IPv6 the list has only what lies in global unicast space; see public.
var special = prefixes(
	"0.0.0.0/8",       // this network; dialled, it is this host
	"10.0.0.0/8",      // private
	"100.64.0.0/10",   // carrier-grade NAT; a cloud's metadata service
	"127.0.0.0/8",     // loopback
	"168.63.129.16",   // public by number, but a cloud's host agent to those inside it
	"169.254.0.0/16",  // link-local; metadata services
	"172.16.0.0/12",   // private
	"192.0.0.0/24",    // protocol assignments; a cloud's metadata service
	"192.0.2.0/24",    // documentation
	"192.31.196.0/24", // AS112
	"192.52.193.0/24", // AMT
	"192.88.99.0/24",  // 6to4 relays
	"192.168.0.0/16",  // private
	"192.175.48.0/24", // AS112
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"224.0.0.0/4",     // multicast
	"240.0.0.0/4",     // reserved, broadcast

	"2001::/23",         // protocol assignments: Teredo, ORCHID, benchmarks
	"2001:db8::/32",     // documentation
	"2002::/16",         // 6to4: an IPv4 address in disguise
	"2620:4f:8000::/48", // AS112
	"3fff::/20",         // documentation
)

// globalUnicast is all that is given out of IPv6. Loopback, link-local, unique local, multicast and the translations of IPv4 are outside.
var globalUnicast = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		if addr, err := netip.ParseAddr(text); err == nil {
			list[i] = netip.PrefixFrom(addr, addr.BitLen())
			continue
		}
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// public holds for addresses that are a host's on the Internet.
func public(addr netip.Addr) bool {
	return (addr.Is4() || globalUnicast.Contains(addr)) && !within(special, addr)
}

func within(list []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// plain is the one spelling of an address that a list is compared with: a Prefix contains no address with a zone, and ::ffff:10.0.0.1 is
// 10.0.0.1 to the kernel.
func plain(addr netip.Addr) netip.Addr { return addr.WithZone("").Unmap() }
