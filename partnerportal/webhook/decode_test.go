package webhook_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// everything has a field of each kind that data may have.
type everything struct {
	Text     string            `json:"text"`
	Named    webhook.Code      `json:"named"`
	Flag     bool              `json:"flag"`
	Int      int               `json:"int,omitempty"`
	Small    int8              `json:"small"`
	Unsigned uint16            `json:"unsigned"`
	Float    float64           `json:"float"`
	At       time.Time         `json:"at"`
	MaybeAt  *time.Time        `json:"maybe_at"`
	Raw      json.RawMessage   `json:"raw"`
	Number   json.Number       `json:"number"`
	Bytes    []byte            `json:"bytes"`
	List     []string          `json:"list"`
	Lists    [][]int           `json:"lists"`
	Pair     [2]int            `json:"pair"`
	Map      map[string]int    `json:"map"`
	Any      any               `json:"any"`
	Maybe    *string           `json:"maybe"`
	Self     *everything       `json:"self"`
	Selves   []everything      `json:"selves"`
	Quoted   struct{ N int64 } `json:"quoted"`
	Embeds   struct {
		webhook.Subject

		Text string
	} `json:"embeds"`
	Strings struct {
		N int64 `json:"n,string"`
	} `json:"strings"`
	Untagged string
	Skipped  string `json:"-"`
	hidden   string
}

var everythingData = []string{
	`{}`, `null`, `{"text":"a\u00e9\ud800\n","named":"x","flag":true,"int":-9007199254740993,"small":127,"unsigned":65535,"float":1.5e3}`,
	`{"at":"2026-11-22T09:30:00Z","maybe_at":"2026-11-22T09:30:00+01:00","raw":{"a":[1]},"number":1.50,"bytes":"aGk="}`,
	`{"at":null,"maybe_at":null,"raw":null,"number":null,"bytes":null,"list":null,"lists":null,"map":null,"any":null,"maybe":null,"self":null,"selves":null}`,
	`{"text":null,"flag":null,"int":null,"small":null,"unsigned":null,"float":null,"pair":null,"quoted":null,"embeds":null,"strings":null}`,
	`{"list":[],"lists":[[],[1],[1,2,3,4,5,6]] , "pair" : [1,2,3], "map":{"a":1},"any":{"b":[true]},"maybe":"m"}`,
	`{"self":{"self":{"text":"deep"},"selves":[{"int":1},{"int":2},null]},"quoted":{"N":7},"embeds":{"ID":"s","Text":"t"},"strings":{"n":"7"}}`,
	`{"Untagged":"u","untagged":"U","UNTAGGED":"v","Skipped":"no","-":"no","hidden":"no","Text":"other case","later":{"unknown":[1]}}`,
	`{"selves":[{"text":"a"}],"SELVES":[{"int":1}]}`,
	`{"small":128}`, `{"int":1.5}`, `{"int":"7"}`, `{"text":7}`, `{"flag":"true"}`, `{"list":{}}`, `{"list":[1]}`, `{"self":[]}`, `{"at":"today"}`,
	`[]`, `"x"`, `7`, `{"strings":{"n":7}}`, `{"int":9223372036854775808}`, `{"unsigned":-1}`, `{"int":-0}`, `{"int":0e0}`,
}

// sameAsStandard holds the decoder against encoding/json: the same value, or the same error.
func sameAsStandard(t *testing.T, data []byte) {
	t.Helper()
	var want everything
	wanted := json.Unmarshal(data, &want)
	got, err := webhook.Decode[everything](data)
	if wanted != nil {
		require.EqualError(t, err, wanted.Error(), "%s", data)
		return
	}
	require.NoError(t, err, "%s", data)
	assert.Equal(t, want, got, "%s", data)
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, data := range everythingData {
		sameAsStandard(t, []byte(data))
	}
	assert.Empty(t, everything{}.hidden)
	assert.True(t, webhook.DecodesItself[dealData]([]byte(`{"deal_id":"d","changed_fields":["/a"],"revision":7,"later":1}`)))
	assert.False(t, webhook.DecodesItself[dealData]([]byte(`{"Deal_ID":"d"}`)), "left to encoding/json")
	for _, data := range []string{`{"a":1}`, `[1,"x"]`, `null`, `"s"`} {
		var want any
		require.NoError(t, json.Unmarshal([]byte(data), &want))
		got, err := webhook.Decode[any]([]byte(data))
		require.NoError(t, err)
		assert.Equal(t, want, got)
		raw, err := webhook.Decode[json.RawMessage]([]byte(data))
		require.NoError(t, err)
		assert.Equal(t, data, string(raw))
	}
}

func FuzzDecode(f *testing.F) {
	for _, data := range everythingData {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, seen, err := webhook.ParseEnvelope([]byte(`{"type":"x","data":` + string(data) + `}`))
		if err != nil {
			return
		}
		sameAsStandard(t, seen)
	})
}
