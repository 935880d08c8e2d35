package source

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// row is one record of a file, by the names of its fields.
type row map[string]string

// put keeps a value. One in another encoding than UTF-8, such as an export of an old system's, would be garbled later on.
func (r row) put(name, value string) error {
	if !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
		return fmt.Errorf("%s is not plain text in UTF-8", name)
	}
	r[name] = value
	return nil
}

// csvRows reads lines of comma-separated values below a header.
func csvRows(file io.Reader, take func(row) error) error {
	r := csv.NewReader(file)
	r.TrimLeadingSpace = true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("there is no header line")
	}
	if err != nil {
		return err
	}
	header = slices.Clone(header)
	for i := range header {
		header[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(header[i], "\ufeff"))) // Excel writes the mark
		if header[i] == "" || slices.Contains(header[:i], header[i]) {
			return fmt.Errorf("column %d of the header is empty, or there twice", i+1)
		}
	}
	r.ReuseRecord = true
	for {
		values, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		record := make(row, len(header))
		for i, name := range header {
			err = errors.Join(err, record.put(name, strings.TrimSpace(values[i])))
		}
		if err == nil {
			err = take(record)
		}
		if err != nil {
			line, _ := r.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// jsonRows reads an array of objects whose values are texts or numbers; numbers are taken as they are written.
func jsonRows(file io.Reader, take func(row) error) error {
	d := json.NewDecoder(file)
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return errors.Join(errors.New("the file is no JSON array"), err)
	}
	for n := 1; d.More(); n++ {
		var object map[string]any
		if err := d.Decode(&object); err != nil {
			return fmt.Errorf("record %d: %w", n, err)
		}
		record := make(row, len(object))
		for name, value := range object {
			switch v := value.(type) {
			case string:
				if err := record.put(name, strings.TrimSpace(v)); err != nil {
					return fmt.Errorf("record %d: %w", n, err)
				}
			case json.Number:
				record[name] = v.String()
			case nil:
			default:
				return fmt.Errorf("record %d: %s is neither a text nor a number", n, name)
			}
		}
		if err := take(record); err != nil {
			return fmt.Errorf("record %d: %w", n, err)
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("the array does not end: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the array")
	}
	return nil
}

func parseBalance(r row) (b Balance, err error) {
	if b.PartnerID, err = r.text("partner_id"); err != nil {
		return b, err
	}
	b.Amount, err = r.money()
	return b, err
}

func parseCredit(r row) (l Credit, err error) {
	if l.PartnerID, err = r.text("partner_id"); err != nil {
		return l, err
	}
	l.Available, err = r.money()
	return l, err
}

func parseRevenue(r row) (v Revenue, err error) {
	if v.ID, err = r.text("id"); err != nil {
		return v, err
	}
	if v.PartnerID, err = r.text("partner_id"); err != nil {
		return v, err
	}
	if v.On, err = r.day("on"); err == nil && v.On.IsZero() {
		err = errors.New("on is missing")
	}
	if err != nil {
		return v, err
	}
	v.Amount, err = r.money()
	return v, err
}

func parsePayment(r row) (p Payment, err error) {
	if p.Payout, err = r.text("payout"); err != nil {
		return p, err
	}
	if p.PaidOn, err = r.day("paid_on"); err != nil {
		return p, err
	}
	p.Trace, p.Failure = clip(r["trace"], 120), clip(r["failure"], 1000)
	if p.PaidOn.IsZero() == (p.Failure == "") {
		return p, errors.New("give either paid_on or failure")
	}
	p.Amount, err = r.money()
	return p, err
}

func parseCompletion(r row) (c Completion, err error) {
	if c.PartnerID, err = r.text("partner_id"); err != nil {
		return c, err
	}
	if c.Requirement, err = r.text("requirement"); err != nil {
		return c, err
	}
	if c.Person, err = r.text("person"); err != nil {
		return c, err
	}
	c.ExpiresOn, err = r.day("expires_on")
	return c, err
}

// text is a value that must be there.
func (r row) text(name string) (string, error) {
	v := r[name]
	switch {
	case v == "":
		return "", fmt.Errorf("%s is missing", name)
	case len(v) > 64:
		return "", fmt.Errorf("%s is longer than 64 characters", name)
	}
	return v, nil
}

func (r row) money() (partnerportal.Money, error) {
	m, err := partnerportal.ParseMoney(r["amount"], r["currency"])
	if err != nil {
		return m, fmt.Errorf("amount and currency: %w", err)
	}
	return m, nil
}

// day is a day that may be left out.
func (r row) day(name string) (partnerportal.Date, error) {
	if r[name] == "" {
		return partnerportal.Date{}, nil
	}
	d, err := partnerportal.ParseDate(r[name])
	if err != nil {
		return d, fmt.Errorf("%s: %w", name, err)
	}
	return d, nil
}

// leads reads leads.json, in which the contract's own form stands.
func (d *Dir) leads(all *[]leads.NewLead) error {
	file, err := os.Open(filepath.Join(d.path, "leads.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	data, err := io.ReadAll(&bounded{file, maxFile})
	if err != nil {
		return fmt.Errorf("leads.json: %w", err)
	}
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(all); err != nil {
		return fmt.Errorf("leads.json: %w", err)
	}
	for i, lead := range *all {
		if len(lead.ExternalRefs) == 0 {
			return fmt.Errorf("leads.json: record %d has no external reference, by which it would be known again", i+1)
		}
	}
	return nil
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
