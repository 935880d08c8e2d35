package main

import (
	"maps"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// countryAliases are names in use that the Unicode tables, of which [countryCodes] is made, do not have. Keys are folded.
var countryAliases = map[string]string{
	"america": "US", "unitedstatesofamerica": "US", "usa": "US", "greatbritain": "GB", "england": "GB", "scotland": "GB", "uk": "GB",
	"korea": "KR", "republicofkorea": "KR", "koreasouth": "KR", "russianfederation": "RU", "czechrepublic": "CZ", "turkiye": "TR",
	"holland": "NL", "thenetherlands": "NL", "uae": "AE", "hongkong": "HK", "macao": "MO", "macau": "MO", "northmacedonia": "MK",
	"ivorycoast": "CI", "eswatini": "SZ", "burma": "MM", "myanmar": "MM", "capeverde": "CV", "caboverde": "CV", "congo": "CG",
}

// countryCodes maps the folded English names of all countries to their ISO 3166-1 alpha-2 codes.
var countryCodes = sync.OnceValue(func() map[string]string {
	codes := maps.Clone(countryAliases)
	names := display.English.Regions()
	for first := 'A'; first <= 'Z'; first++ {
		for second := 'A'; second <= 'Z'; second++ {
			code := string([]rune{first, second})
			region, err := language.ParseRegion(code)
			if err != nil || !region.IsCountry() || region.Canonicalize().String() != code { // not a group, nor a former country
				continue
			}
			if name := names.Name(region); name != "" {
				codes[fold(name)] = code
			}
		}
	}
	return codes
})

// country finds the ISO 3166-1 alpha-2 code of a country that is given by code or English name, well or nearly well written.
// It says whether that took more than looking up the name.
func country(s string) (code string, corrected, ok bool) {
	codes, folded := countryCodes(), fold(s)
	if len(s) == 2 && strings.ToUpper(s) == s {
		return s, false, true // the portal knows which codes are assigned
	}
	if code, ok := codes[folded]; ok {
		_, corrected = countryAliases[folded]
		return code, corrected, true
	}
	if name, ok := nearest(folded, maps.Keys(codes)); ok {
		return codes[name], true, true
	}
	return "", false, false
}
