package match

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed freemail.txt
var freeMailText string

// freeMail holds the registrable domains of mailbox providers, internet access
// providers and throw-away addresses: many unrelated customers share them.
var freeMail = sync.OnceValue(func() set { return newSet(lines(freeMailText)) })

type set map[string]struct{}

func newSet(items []string) set {
	s := make(set, len(items))
	for _, item := range items {
		s[item] = struct{}{}
	}
	return s
}

func (s set) has(item string) bool {
	_, ok := s[item]
	return ok
}

// lines gives the non-blank lines of an embedded list without its # comments.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
