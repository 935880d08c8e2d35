package match

import "slices"

// MatchedOn says by what two customers were recognised as one.
type MatchedOn string

// The values of matched_on, in the order in which a [Match] lists them.
const (
	ExactDomain MatchedOn = "exact_domain" // the same host
	Subdomain   MatchedOn = "subdomain"    // different hosts of one registrable domain
	SameDUNS    MatchedOn = "duns"
	NameCountry MatchedOn = "name_country" // equal normalised name, same country
	CustomerID  MatchedOn = "customer_id"
	SimilarName MatchedOn = "similar_name" // name at least SimilarNameThreshold alike, same country
)

// Severity grades a match.
type Severity int

// The grades, in rising order.
const (
	None     Severity = iota // different customers, as far as is known
	Advisory                 // possibly the same: for a person to look at, never to refuse by
	Strong                   // the same customer
)

func (s Severity) String() string {
	return [...]string{"none", "advisory", "strong"}[s]
}

// contradicted is by how much the score of a name shrinks when the two
// customers have different domains or D-U-N-S numbers.
const contradicted = 0.5

// Evidence is one thing that two customers have in common.
type Evidence struct {
	On       MatchedOn
	Severity Severity
	Score    float64 // 0 to 1; 1 for strong evidence
}

// Match is all that two customers have in common, in the order of the
// [MatchedOn] constants. No evidence, no match.
type Match []Evidence

// Compare is Identify(a).Compare(Identify(b)).
func Compare(a, b Customer) Match { return Identify(a).Compare(Identify(b)) }

// Compare tells by what two customers can be taken for one. It is symmetric.
//
// A shared domain, D-U-N-S number or customer id is strong evidence. So is an
// equal name in the same country, unless both customers have a domain and the
// registrable domains differ, or both have a D-U-N-S number and these differ:
// then it is advisory. A name that is only similar is always advisory.
func (id Identity) Compare(other Identity) Match {
	var m Match
	strong := func(on MatchedOn) { m = append(m, Evidence{on, Strong, 1}) }

	sameSite := id.Host.Site != "" && id.Host.Site == other.Host.Site
	switch {
	case sameSite && id.Host.Name == other.Host.Name:
		strong(ExactDomain)
	case sameSite:
		strong(Subdomain)
	}
	if id.DUNS != "" && id.DUNS == other.DUNS {
		strong(SameDUNS)
	}
	name, named := id.compareNames(other)
	if named && name.On == NameCountry {
		m = append(m, name)
	}
	if shareOne(id.Refs, other.Refs) {
		strong(CustomerID)
	}
	if named && name.On == SimilarName {
		m = append(m, name)
	}
	return m
}

func (id Identity) compareNames(other Identity) (Evidence, bool) {
	if id.Name == "" || id.Country == "" || id.Country != other.Country {
		return Evidence{}, false
	}
	doubt := 1.0
	if differ(id.Host.Site, other.Host.Site) || differ(id.DUNS, other.DUNS) {
		doubt = contradicted
	}
	if id.Name == other.Name {
		if doubt < 1 {
			return Evidence{NameCountry, Advisory, doubt}, true
		}
		return Evidence{NameCountry, Strong, 1}, true
	}
	score := jaccard(id.trigrams, other.trigrams)
	return Evidence{SimilarName, Advisory, score * doubt}, score >= SimilarNameThreshold
}

func differ(a, b string) bool { return a != "" && b != "" && a != b }

// shareOne reports whether two sorted lists have an element in common.
func shareOne(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool {
		_, found := slices.BinarySearch(b, s)
		return found
	})
}

// Under keeps the evidence that a programme with these match keys looks at.
// Similar names go with [KeyNameCountry]; [KeySubdomain] includes the exact host.
func (m Match) Under(matchKeys []string) Match {
	return slices.DeleteFunc(slices.Clone(m), func(e Evidence) bool {
		return !slices.ContainsFunc(matchKeys, func(key string) bool { return covers(key, e.On) })
	})
}

func covers(matchKey string, on MatchedOn) bool {
	switch on {
	case ExactDomain:
		return matchKey == KeyDomain || matchKey == KeySubdomain
	case NameCountry, SimilarName:
		return matchKey == KeyNameCountry
	default: // the others are called alike
		return matchKey == string(on)
	}
}

// On lists the kinds of evidence.
func (m Match) On() []MatchedOn {
	on := make([]MatchedOn, len(m))
	for i, e := range m {
		on[i] = e.On
	}
	return on
}

// Severity is that of the gravest evidence.
func (m Match) Severity() Severity {
	grade := None
	for _, e := range m {
		grade = max(grade, e.Severity)
	}
	return grade
}

// Score is the highest score of the evidence, 0 to 1.
func (m Match) Score() float64 {
	score := 0.0
	for _, e := range m {
		score = max(score, e.Score)
	}
	return score
}
