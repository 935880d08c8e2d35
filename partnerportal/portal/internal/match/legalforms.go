package match

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed legalforms.txt
var legalFormsText string

type legalFormTable struct {
	suffix     set      // whole words at the end
	prefix     set      // one word at the start
	affix      []string // scripts without spaces: glued to either end
	longest    int      // words in the longest suffix
	connectors set      // dropped where a suffix was dropped behind them: "GmbH & Co. KG"
}

var legalForms = sync.OnceValue(func() legalFormTable {
	t := legalFormTable{suffix: set{}, prefix: set{}, connectors: set{}}
	for _, line := range lines(legalFormsText) {
		kind, form, _ := strings.Cut(line, " ")
		switch kind {
		case "suffix":
			t.suffix[form] = struct{}{}
			t.longest = max(t.longest, strings.Count(form, " ")+1)
		case "prefix":
			t.prefix[form] = struct{}{}
		case "affix":
			t.affix = append(t.affix, form)
		case "connector":
			t.connectors[form] = struct{}{}
		default:
			panic("match: legalforms.txt: " + line)
		}
	}
	return t
})

// dropLegalForms removes legal forms until none is left to remove, but never
// the last word: a company may be called "SA".
func dropLegalForms(name string) string {
	t := legalForms()
	for {
		shorter := t.dropAffix(t.dropPrefix(t.dropSuffix(name)))
		if shorter == name {
			return name
		}
		name = shorter
	}
}

// dropSuffix removes the longest legal form at the end, and the connector that
// would be left dangling: "gmbh and co kg", "gmbh and co", "gmbh", "".
func (t legalFormTable) dropSuffix(name string) string {
	for n := t.longest; n > 0; n-- {
		cut := lastWords(name, n)
		if cut <= 0 || !t.suffix.has(name[cut:]) {
			continue
		}
		name = name[:cut-1]
		if cut = lastWords(name, 1); cut > 0 && t.connectors.has(name[cut:]) {
			name = name[:cut-1]
		}
		return name
	}
	return name
}

// lastWords gives where the last n words of name start: 0 if they are all of
// it, -1 if there are fewer.
func lastWords(name string, n int) int {
	end := len(name)
	for ; n > 0; n-- {
		if end < 0 {
			return -1
		}
		end = strings.LastIndexByte(name[:end], ' ')
	}
	return end + 1
}

func (t legalFormTable) dropPrefix(name string) string {
	if first, rest, ok := strings.Cut(name, " "); ok && t.prefix.has(first) {
		return rest
	}
	return name
}

func (t legalFormTable) dropAffix(name string) string {
	if isASCII(name) {
		return name
	}
	for _, form := range t.affix {
		rest, ok := strings.CutSuffix(name, form)
		if !ok {
			rest, ok = strings.CutPrefix(name, form)
		}
		if rest = strings.TrimSpace(rest); ok && rest != "" {
			return rest
		}
	}
	return name
}
