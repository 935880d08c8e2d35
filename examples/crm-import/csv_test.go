package main_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	crmimport "github.com/partnerportal/partnerportal-go/examples/crm-import"
)

const header = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"

func TestReadsWhatSpreadsheetsWrite(t *testing.T) {
	t.Parallel()
	rows, err := crmimport.Opportunities("\ufeffDeal_Stage , CLOSE_DATE,close_value,opportunity_id,product,account,engage_date,extra\r\n" +
		"Won,3/1/2017,1054, A1 ,GTX Pro,\"Gekko, \r\nSons\",10/20/2016,x\r\n" +
		"\r\n" +
		"Engaging,,,A2,GTX Pro,,,\r\n")
	require.NoError(t, err)
	require.Len(t, rows, 2)
	assert.Equal(t, "Won", rows[0].Value.Stage)
	assert.Equal(t, "A1", rows[0].Value.ID)
	assert.Equal(t, "Gekko, \nSons", rows[0].Value.Account)
	assert.Equal(t, 2, rows[0].Line)
	assert.Equal(t, "A2", rows[1].Value.ID)
	assert.Equal(t, 5, rows[1].Line, "lines are counted as an editor does")
}

func TestBrokenRowsAreAccountedFor(t *testing.T) {
	t.Parallel()
	rows, err := crmimport.Opportunities(header +
		"A1,Ann,GTX Pro,Acme,Won,10/20/2016,3/1/2017\n" +
		"A2,Ann \"the closer\" Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,1\n" +
		"A3,Ann,GTX Pro,\"Acme\" Inc,Won,10/20/2016,3/1/2017,1\n" +
		"A4,Ann,GTX Pro,Caf\xe9,Won,10/20/2016,3/1/2017,1\n" +
		"A5,Ann,GTX Pro,Acme,Won,10/20/2016,3/1/2017,1\n")
	require.NoError(t, err)
	faults := make([]string, len(rows))
	for i, r := range rows {
		assert.Equal(t, i+2, r.Line)
		faults[i] = r.Fault
	}
	assert.Equal(t, []string{
		"7 fields where the header has 8",
		`not CSV at character 8: bare " in non-quoted-field`,
		`not CSV at character 21: extraneous or missing " in quoted-field`,
		"field 4 is not UTF-8",
		"",
	}, faults)
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, want string }{
		"empty":          {"", "pipeline.csv is empty"},
		"missing column": {strings.Replace(header, "close_date", "closed", 1) + "A1,,,,,,,\n", `pipeline.csv has no column ["close_date"]`},
		"only a header":  {"opportunity_id\n", `pipeline.csv has no column ["product" "account"`},
		"column twice":   {strings.Replace(header, "sales_agent", "Account", 1), `two columns "account"`},
		"unclosed quote": {header + "A1,Ann,\"GTX Pro,Acme,Won,,,\nA2,Ann,GTX Pro,Acme,Won,,,\n", "a quote opened in line 2 is not closed properly, up to line 3"},
	} {
		_, err := crmimport.Opportunities(c.file)
		assert.ErrorContains(t, err, c.want, name)
	}
}

// However broken the file, no line of it may vanish: without quotes, there are as many rows as lines that hold something.
func FuzzReadPipeline(f *testing.F) {
	f.Add("A1,Ann,GTX Pro,Acme,Won,10/20/2016,3/1/2017,1\n")
	f.Add("A1\r\n\r\n,,,\n\xff,\x00")
	f.Add("\"a\nb\",c\n\"")
	f.Fuzz(func(t *testing.T, body string) {
		rows, err := crmimport.Opportunities(header + body)
		if strings.ContainsAny(body, "\"\r") {
			return
		}
		require.NoError(t, err)
		lines := 0
		for line := range strings.Lines(body) {
			if strings.TrimSuffix(line, "\n") != "" {
				lines++
			}
		}
		assert.Len(t, rows, lines)
	})
}
