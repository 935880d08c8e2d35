package badge_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// An issuer signs a credential, bakes it into an image and revokes it; somebody else, who has only the bundle, verifies the image.
func Example() {
	key, err := badge.GenerateKey(badge.EdDSA)
	if err != nil {
		panic(err)
	}
	issued := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	token, err := badge.Sign(&badge.Credential{
		ID:        "https://academy.example/credentials/1",
		Issuer:    badge.Profile{ID: "https://academy.example", Name: "Academy"},
		ValidFrom: issued,
		CredentialSubject: badge.Subject{
			Identifier: []badge.Identity{badge.EmailIdentity("ada@example.com", "7d6b2c")},
			Achievement: badge.Achievement{
				ID: "https://academy.example/achievements/engineer", Name: "Engineer", Description: "Builds networks",
				Criteria: badge.Criteria{Narrative: "Passed the exam"},
			},
		},
		CredentialStatus: badge.Statuses{badge.Status("https://academy.example/status/1", 4711, badge.Revocation)},
	}, key)
	if err != nil {
		panic(err)
	}
	image, err := badge.Bake([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><circle r="9"/></svg>`), token)
	if err != nil {
		panic(err)
	}

	bits, err := badge.NewBitstring(badge.MinStatusEntries)
	if err != nil {
		panic(err)
	}
	verify := func() badge.Verdict {
		list, err := badge.SignStatusList(badge.StatusList{
			ID: "https://academy.example/status/1", Issuer: "https://academy.example", Purpose: badge.Revocation,
			ValidFrom: issued, Bits: bits,
		}, key)
		if err != nil {
			panic(err)
		}
		bundle, err := badge.NewBundle(badge.Contents{
			Issuers:     []badge.Issuer{{ID: "https://academy.example", Keys: badge.JWKS{Keys: []badge.PublicKey{key.Public()}}}},
			StatusLists: []badge.Snapshot{{URL: "https://academy.example/status/1", JWT: list}},
		})
		if err != nil {
			panic(err)
		}
		return badge.Verify(image, bundle, badge.At(issued.AddDate(1, 0, 0)), badge.WithHolder("ada@example.com"))
	}
	fmt.Println(verify().OK())

	if err := bits.Set(4711, true); err != nil {
		panic(err)
	}
	fmt.Println(verify().Err())
	// Output:
	// true
	// badge: not verified: status failed (credential_revoked): the issuer revoked it
}

// Every check is told by itself: a badge that expired may still be signed by the one who claims to have issued it.
func ExampleVerify() {
	bundle, err := badge.ParseBundle([]byte(`{"issuers": []}`))
	if err != nil {
		panic(err)
	}
	verdict := badge.Verify([]byte(`{
		"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "https://example.org/assertions/1",
		"recipient": {"type": "email", "hashed": false, "identity": "ada@example.com"},
		"badge": "https://example.org/badges/5", "verification": {"type": "HostedBadge"}, "issuedOn": "2019-05-01T00:00:00Z"
	}`), bundle, badge.WithHolder("ada@example.com"))
	for _, check := range verdict.Checks() {
		fmt.Printf("%-9s %-7s %s\n", check.Name, check.Result, cmp.Or(check.Detail, "-"))
	}
	// Output:
	// signature unknown only its host can say whether it is true: compare with "https://example.org/assertions/1"
	// issuer    unknown who issues "https://example.org/badges/5" stands in another document
	// validity  passed  -
	// status    unknown only its host can say whether it was revoked
	// holder    passed  -
	// schema    passed  -
}

// A program that may use the network now makes a file for one that may not later.
func ExampleFetch() {
	academy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"key-1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`)
	}))
	defer academy.Close()

	sources := []badge.Source{{ID: "https://academy.example", Name: "Academy", JWKS: academy.URL + "/jwks.json"}}
	bundle, err := badge.Fetch(context.Background(), academy.Client(), sources)
	if err != nil {
		panic(err)
	}
	file, err := json.Marshal(bundle)
	if err != nil {
		panic(err)
	}

	offline, err := badge.ParseBundle(file)
	fmt.Println(offline.Contents().Issuers[0].Name, offline.Contents().Issuers[0].Keys.Keys[0].ID, err)
	// Output: Academy key-1 <nil>
}

// What is wrong with a credential is said at once, with the place.
func ExampleCredential_Validate() {
	_, err := badge.Sign(&badge.Credential{ID: "engineer-1"}, badge.SigningKey{})
	if invalid, ok := errors.AsType[*badge.InvalidError](err); ok {
		fmt.Println(invalid.Violations[0].Pointer, invalid.Violations[0].Rule)
	}
	// Output: /id is an absolute URI
}
