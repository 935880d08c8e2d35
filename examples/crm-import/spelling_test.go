package main_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	crmimport "github.com/partnerportal/partnerportal-go/examples/crm-import"
)

func TestDays(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"3/1/2017": "2017-03-01", "12/31/2017": "2017-12-31", "02/29/2016": "2016-02-29", "2017-03-01": "2017-03-01"} {
		got, fault := crmimport.Day(s)
		assert.Nil(t, fault, s)
		assert.Equal(t, want, got)
	}
	for s, why := range map[string]string{
		"soon":           "dates are written MM/DD/YYYY, such as 3/11/2017",
		"3/1":            "dates are written MM/DD/YYYY, such as 3/11/2017",
		"1/2/3/2017":     "dates are written MM/DD/YYYY, such as 3/11/2017",
		"1/2/2017 10:00": "dates are written MM/DD/YYYY, such as 3/11/2017",
		"-1/2/2017":      "dates are written MM/DD/YYYY, such as 3/11/2017",
		"25/12/2017":     "there is no month 25",
		"31/12/2017":     "there is no month 31; dates are written MM/DD/YYYY, this one looks like DD/MM/YYYY",
		"0/12/2017":      "there is no month 0",
		"2/29/2017":      "February 2017 has no day 29",
		"3/1/17":         "the year 17 is out of range; all four digits of it are needed",
	} {
		_, fault := crmimport.Day(s)
		if assert.NotNil(t, fault, s) {
			assert.Contains(t, fault.Why, why)
			assert.Equal(t, "close_date", fault.Column)
			assert.Equal(t, s, fault.Value)
		}
	}
}

func TestCountries(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"United States": "US", "united states": "US", "Germany": "DE", "Bosnia and Herzegovina": "BA", "Côte d'Ivoire": "CI", "Niger": "NE", "FR": "FR",
		"Panama": "PA", "Vietnam": "VN", "Benin": "BJ", // of which the tables have former codes too
	} {
		code, corrected, ok := crmimport.Country(name)
		assert.True(t, ok, name)
		assert.False(t, corrected, name)
		assert.Equal(t, want, code)
	}
	for name, want := range map[string]string{"Philippyns": "PH", "Korea": "KR", "USA": "US", "Untied States": "US"} {
		code, corrected, ok := crmimport.Country(name)
		assert.True(t, ok, name)
		assert.True(t, corrected, name)
		assert.Equal(t, want, code)
	}
	for _, name := range []string{"", "Atlantis", "Slovania", "EMEA"} {
		_, _, ok := crmimport.Country(name)
		assert.False(t, ok, name)
	}
}

func TestSpelling(t *testing.T) {
	t.Parallel()
	assert.Equal(t, crmimport.Fold("GTX Pro"), crmimport.Fold("gtxpro"))
	assert.Equal(t, crmimport.Fold("Gekko & Co"), crmimport.Fold("Gekko and Co."))
	assert.NotEqual(t, crmimport.Fold("GTX Pro"), crmimport.Fold("GTX Plus Pro"))

	sectors := []string{"technology", "medical", "media"}
	best, ok := crmimport.Nearest("technollogy", slices.Values(sectors))
	assert.True(t, ok)
	assert.Equal(t, "technology", best)
	_, ok = crmimport.Nearest("medica", slices.Values([]string{"medical", "medica1"}))
	assert.False(t, ok, "two are equally near")
	_, ok = crmimport.Nearest("mining", slices.Values(sectors))
	assert.False(t, ok)
}
