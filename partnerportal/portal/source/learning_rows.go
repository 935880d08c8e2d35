package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/training"
)

func parsePerson(r row) (p Person, err error) {
	if p.Ref, err = r.long("ref", 255); err != nil {
		return p, err
	}
	if p.PartnerID, err = r.text("partner_id"); err != nil {
		return p, err
	}
	if p.Name, err = r.long("name", 200); err != nil {
		return p, err
	}
	if p.Email, err = r.long("email", 254); err != nil {
		return p, err
	}
	for role := range strings.FieldsSeq(r["roles"]) {
		p.Roles = append(p.Roles, training.Role(role))
	}
	switch r["left"] {
	case "", "no", "false":
	case "yes", "true":
		p.Left = true
	default:
		return p, errors.New(`left is neither "yes" nor empty`)
	}
	return p, nil
}

func parseRecord(r row) (c Record, err error) {
	if c.ID, err = r.long("id", 255); err != nil {
		return c, err
	}
	if c.Verb = Verb(r["verb"]); c.Verb == VerbVoided {
		return c, nil
	}
	if c.Person, err = r.long("person", 255); err != nil {
		return c, err
	}
	if c.Course, err = r.text("course"); err != nil {
		return c, err
	}
	known := []Verb{VerbRegistered, VerbInitialized, VerbProgressed, VerbCompleted, VerbPassed, VerbFailed}
	if !slices.Contains(known, c.Verb) {
		return c, fmt.Errorf("verb %q is none of %v, and not %s", c.Verb, known, VerbVoided)
	}
	if c.At, err = time.Parse(time.RFC3339, r["at"]); err != nil {
		return c, errors.New("at is no instant of the form 2006-01-02T15:04:05Z")
	}
	c.At, c.PartnerID, c.Score = c.At.UTC(), r["partner_id"], r["score"]
	if c.Score != "" && !IsPercent(c.Score) {
		return c, fmt.Errorf("score %q is no percentage from 0 to 100 with up to two decimals", c.Score)
	}
	if r["progress"] != "" {
		if c.Progress, err = strconv.Atoi(r["progress"]); err != nil || c.Progress < 0 || c.Progress > 100 {
			return c, fmt.Errorf("progress %q is no whole number from 0 to 100", r["progress"])
		}
	}
	return c, nil
}

// IsPercent says that a text is a percentage as [Record.Score] has it.
func IsPercent(score string) bool {
	whole, decimals, point := strings.Cut(score, ".")
	digits := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
	if !digits(whole) || !digits(decimals) || len(whole) < 1 || len(whole) > 3 || len(decimals) > 2 || point && decimals == "" {
		return false
	}
	if len(whole) == 3 {
		return whole == "100" && strings.Trim(decimals, "0") == ""
	}
	return true
}

// long is a value that must be there and may be longer than most.
func (r row) long(name string, most int) (string, error) {
	v := r[name]
	switch {
	case v == "":
		return "", fmt.Errorf("%s is missing", name)
	case len(v) > most:
		return "", fmt.Errorf("%s is longer than %d characters", name, most)
	}
	return v, nil
}

// statements reads the xAPI statements that were dropped.
func (d *Dir) statements(records *[]Record) error {
	for _, name := range []string{"statements.json", "statements.jsonl"} {
		file, err := os.Open(filepath.Join(d.path, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		defer file.Close()
		if err := readStatements(&bounded{file, maxFile}, name == "statements.jsonl", func(s *statement) error {
			record, ok, err := s.record(LastSegment)
			if ok {
				*records = append(*records, record)
			}
			return err
		}); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
