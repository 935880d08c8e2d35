package badge_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// The hostile inputs. Each begins with a badge that verifies and changes one thing; tokens are forged here with crypto/ed25519 and
// encoding/json, not with Sign, so that both cannot be wrong in the same way.
type hostile struct {
	name    string
	arrange func(*forgery)
	want    string // the checks that did not pass, as summary writes them; "" for what must be let through
}

// forgery is a badge in the making, and what its verifier knows.
type forgery struct {
	*world
	tb       testing.TB
	header   map[string]any
	payload  []byte
	contents badge.Contents
	options  []badge.Option
	data     []byte // as shown; made of header and payload unless given
}

func newForgery(tb testing.TB) *forgery {
	tb.Helper()
	w := newWorld(tb)
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(w.sign(tb, w.credential()), ".")[1])
	require.NoError(tb, err)
	return &forgery{
		world: w, tb: tb, payload: payload, contents: w.contents(tb),
		header:  map[string]any{"alg": "EdDSA", "kid": keyID, "typ": "JWT"},
		options: []badge.Option{badge.At(now), badge.WithHolder(holder)},
	}
}

// edit changes the payload as a JSON object.
func (f *forgery) edit(change func(m map[string]any)) {
	var m map[string]any
	require.NoError(f.tb, json.Unmarshal(f.payload, &m))
	change(m)
	f.payload = marshal(f.tb, m)
}

// swap changes the payload as text.
func (f *forgery) swap(old, replacement string) {
	require.Contains(f.tb, string(f.payload), old)
	f.payload = []byte(strings.Replace(string(f.payload), old, replacement, 1))
}

// status changes the entry that says in which list the badge stands.
func (f *forgery) status(change func(entry map[string]any)) {
	f.edit(func(m map[string]any) { change(m["credentialStatus"].(map[string]any)) })
}

// list replaces the status list by another that the issuer signed.
func (f *forgery) list(change func(*badge.StatusList)) {
	l := f.world.list()
	change(&l)
	token, err := badge.SignStatusList(l, f.key)
	require.NoError(f.tb, err)
	f.contents.StatusLists[0].JWT = token
}

// listJSON replaces the status list by any JSON that the issuer signed.
func (f *forgery) listJSON(change func(m map[string]any)) {
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(f.contents.StatusLists[0].JWT, ".")[1])
	require.NoError(f.tb, err)
	var m map[string]any
	require.NoError(f.tb, json.Unmarshal(raw, &m))
	change(m)
	f.contents.StatusLists[0].JWT = string(f.token(marshal(f.tb, f.header), marshal(f.tb, m), f.sign25519))
}

func (f *forgery) sign25519(input []byte) []byte {
	return ed25519.Sign(f.key.Signer.(ed25519.PrivateKey), input)
}

func (f *forgery) token(header, payload []byte, sign func([]byte) []byte) []byte {
	input := []byte(segment(header) + "." + segment(payload))
	return append(append(input, '.'), segment(sign(input))...)
}

// valid is the token of header and payload, signed by the issuer.
func (f *forgery) valid() []byte { return f.token(marshal(f.tb, f.header), f.payload, f.sign25519) }

func (f *forgery) verify() badge.Verdict {
	if f.data == nil {
		f.data = f.valid()
	}
	bundle, err := badge.NewBundle(f.contents)
	require.NoError(f.tb, err)
	return badge.Verify(f.data, bundle, f.options...)
}

func segment(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func marshal(tb testing.TB, v any) []byte {
	tb.Helper()
	data, err := json.Marshal(v)
	require.NoError(tb, err)
	return data
}

// summary names the checks that did not pass: "signature failed signature_invalid, issuer unknown signature_unproven".
func summary(v badge.Verdict) string {
	var lines []string
	for _, c := range v.Checks() {
		if c.Result != badge.Passed {
			lines = append(lines, fmt.Sprintf("%s %s %s", c.Name, c.Result, c.Reason))
		}
	}
	return strings.Join(lines, ", ")
}

// What most forgeries come to.
const (
	forged     = "signature failed signature_invalid, issuer unknown signature_unproven"
	refused    = "signature failed algorithm_refused, issuer unknown signature_unproven"
	header     = "signature failed header_refused, issuer unknown signature_unproven"
	keyless    = "signature unknown key_missing, issuer unknown signature_unproven"
	unreadable = "signature unknown unreadable, issuer unknown unreadable, validity unknown unreadable, status unknown unreadable, " +
		"holder unknown unreadable, schema failed unreadable"
)

func hostiles() []hostile {
	var all []hostile
	for _, table := range [][]hostile{hostileHeaders(), hostileSignatures(), hostileDocuments(), hostileClaims(), hostileStatuses(), hostileImages(), hostileOthers()} {
		all = append(all, table...)
	}
	return all
}

func TestHostile(t *testing.T) {
	t.Parallel()
	for i, h := range hostiles() {
		t.Run(fmt.Sprintf("%03d %s", i+1, h.name), func(t *testing.T) {
			t.Parallel()
			f := newForgery(t)
			h.arrange(f)
			v := f.verify()
			assert.Equal(t, h.want, summary(v))
			assert.Equal(t, h.want == "", v.OK())
			for _, c := range v.Checks() {
				assert.Equal(t, c.Result == badge.Passed, c.Reason == "", "%s: a reason is given when and only when it did not pass", c.Name)
				if c.Result != badge.Passed {
					assert.NotEmpty(t, c.Detail, "%s says what is wrong", c.Name)
					assert.Less(t, len(c.Detail), 2000, "%s does not repeat all of a hostile input", c.Name)
				}
			}
		})
	}
}

// A badge that nobody touched: otherwise every row above would prove nothing.
func TestHostileBeginsWithAGoodBadge(t *testing.T) {
	t.Parallel()
	f := newForgery(t)
	v := f.verify()
	require.NoError(t, v.Err())
	assert.Equal(t, badge.FormatJWT, v.Format)
	assert.Equal(t, "Certified Engineer, Level 2", v.Credential.CredentialSubject.Achievement.Name)
	assert.Equal(t, f.payload, v.Payload)
	names := map[string]bool{}
	for _, h := range hostiles() {
		assert.False(t, names[h.name], "two rows are called %q", h.name)
		names[h.name] = true
	}
	assert.GreaterOrEqual(t, len(names), 60)
}

func repeat(s string, n int) []byte { return bytes.Repeat([]byte(s), n) }
