package match

import (
	"errors"
	"strings"
)

// The errors of [Country] and [Territory].
var (
	ErrCountry   = errors.New("match: not an ISO 3166-1 alpha-2 country code")
	ErrTerritory = errors.New(`match: not a country code ("US") or country and region ("US-CA")`)
)

// Country checks an officially assigned ISO 3166-1 alpha-2 code and gives it in
// upper case. Codes that are only reserved or in private use, such as UK, EL
// and XK, are refused.
func Country(s string) (string, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 2 || !isUpper(s[0]) || !isUpper(s[1]) || !assigned[s[0]-'A'][s[1]-'A'] {
		return "", ErrCountry
	}
	return s, nil
}

// Territory checks a country code, or the code of a region of it in the form
// of ISO 3166-2, and gives it in upper case. The country must be assigned; of
// the region only the form is checked, one to three letters or digits.
func Territory(s string) (string, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	country, region, hasRegion := strings.Cut(s, "-")
	if _, err := Country(country); err != nil || len(country) != 2 {
		return "", ErrTerritory
	}
	if hasRegion && (len(region) < 1 || len(region) > 3 || strings.Trim(region, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "") {
		return "", ErrTerritory
	}
	return s, nil
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

// assigned marks the 249 codes below by their two letters.
var assigned = func() (table [26][26]bool) {
	for code := range strings.FieldsSeq(countryCodes) {
		table[code[0]-'A'][code[1]-'A'] = true
	}
	return table
}()

const countryCodes = `
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ
BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ
DE DJ DK DM DO DZ
EC EE EG EH ER ES ET
FI FJ FK FM FO FR
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY
HK HM HN HR HT HU
ID IE IL IM IN IO IQ IR IS IT
JE JM JO JP
KE KG KH KI KM KN KP KR KW KY KZ
LA LB LC LI LK LR LS LT LU LV LY
MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ
NA NC NE NF NG NI NL NO NP NR NU NZ
OM
PA PE PF PG PH PK PL PM PN PR PS PT PW PY
QA
RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ
TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
UA UG UM US UY UZ
VA VC VE VG VI VN VU
WF WS
YE YT
ZA ZM ZW`
