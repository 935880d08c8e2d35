package match

import (
	"slices"
	"strings"
)

// What a programme may compare customers by, the values of its match_keys.
const (
	KeyDomain      = "domain"       // the same host
	KeySubdomain   = "subdomain"    // any host of the same registrable domain
	KeyDUNS        = "duns"         // the same D-U-N-S number
	KeyNameCountry = "name_country" // the same normalised name in the same country
	KeyCustomerID  = "customer_id"  // the same id in the same system
)

// Customer is what a registration says about the end customer, as it was typed.
// Fields that are empty or not valid identify nobody and are passed over.
type Customer struct {
	Name    string
	Country string // ISO 3166-1 alpha-2
	Domain  string // anything that [Domain] reads
	DUNS    string
	Refs    []Ref
}

// Ref is the customer's id in a system. Ids are compared exactly, systems
// without regard to case. Pass only systems whose ids mean the same to every
// partner, such as the vendor's own CRM: two partners' CRMs both have a "42".
type Ref struct{ System, ID string }

// Identity is a [Customer] after normalisation. Keep it where one customer is
// compared with many: the trigrams of its name are computed once.
type Identity struct {
	Name     string // normalised; "" where unknown
	Country  string
	Host     Host
	DUNS     string
	Refs     []string // "system:id", sorted
	trigrams []uint64
}

// Identify normalises a customer.
func Identify(c Customer) Identity {
	id := Identity{Name: Name(c.Name)}
	id.trigrams = trigrams(id.Name)
	// An error leaves the field empty: such a field identifies nobody.
	id.Host, _ = Domain(c.Domain)
	id.Country, _ = Country(c.Country)
	id.DUNS, _ = DUNS(c.DUNS)
	for _, ref := range c.Refs {
		system, key := fold(strings.TrimSpace(ref.System)), strings.TrimSpace(ref.ID)
		if system != "" && key != "" {
			id.Refs = append(id.Refs, refSystem.Replace(system)+":"+key)
		}
	}
	slices.Sort(id.Refs)
	id.Refs = slices.Compact(id.Refs)
	return id
}

// refSystem keeps the colon between system and id the first one.
var refSystem = strings.NewReplacer("%", "%25", ":", "%3a")

// Key is one normalised way to recognise a customer, for a store to index and
// to lock: "domain:www2.acme.com", "site:acme.com", "duns:123456789",
// "name:acme|US", "ref:crm:0042". Customers with a key in common are candidates
// for [Compare], which knows what contradicts a key.
type Key string

// Keys is Identify(c).Keys(matchKeys).
func Keys(c Customer, matchKeys []string) []Key { return Identify(c).Keys(matchKeys) }

// Keys gives the keys of the customer that a programme with these match keys
// looks at, sorted, so that transactions which lock them cannot deadlock.
// Unknown match keys give no key.
func (id Identity) Keys(matchKeys []string) []Key {
	var keys []Key
	for _, match := range matchKeys {
		switch {
		case match == KeyDomain && id.Host.Name != "":
			keys = append(keys, Key("domain:"+id.Host.Name))
		case match == KeySubdomain && id.Host.Site != "":
			keys = append(keys, Key("site:"+id.Host.Site))
		case match == KeyDUNS && id.DUNS != "":
			keys = append(keys, Key("duns:"+id.DUNS))
		case match == KeyNameCountry && id.Name != "" && id.Country != "":
			keys = append(keys, Key("name:"+id.Name+"|"+id.Country))
		case match == KeyCustomerID:
			for _, ref := range id.Refs {
				keys = append(keys, Key("ref:"+ref))
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
