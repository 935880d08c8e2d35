package match

import (
	"errors"
	"strings"
)

// ErrDUNS is the error of [DUNS].
var ErrDUNS = errors.New("match: a D-U-N-S number has nine digits")

// DUNS normalises a D-U-N-S number to its nine digits. Spaces, hyphens and
// dots between them are accepted; a number of zeros alone is a placeholder.
func DUNS(s string) (string, error) {
	digits := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '.' {
			return -1
		}
		return r
	}, s)
	if len(digits) != 9 || !isDigits(digits) || digits == "000000000" {
		return "", ErrDUNS
	}
	return digits, nil
}
