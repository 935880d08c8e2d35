package webhook_test

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// Verify a delivery without a Receiver. Here we sign it ourselves, as a test would.
func ExampleVerifier() {
	secret := webhook.GenerateSecret()
	signer, err := webhook.NewSigner(secret)
	if err != nil {
		panic(err)
	}
	verifier, err := webhook.NewVerifier(webhook.StaticKeys(secret))
	if err != nil {
		panic(err)
	}

	header, body := http.Header{}, []byte(`{"type":"deal.approved"}`)
	if err := signer.SetHeaders(header, "evt_01", time.Now(), body); err != nil {
		panic(err)
	}
	delivery, err := verifier.Verify(header, body)
	fmt.Println(delivery.ID, delivery.Scheme, err)

	_, err = verifier.Verify(header, []byte(`{"type":"deal.rejected"}`))
	fmt.Println(errors.Is(err, webhook.ErrSignatureMismatch))

	header.Set("webhook-timestamp", "1760000000")
	_, err = verifier.Verify(header, body)
	fmt.Println(errors.Is(err, webhook.ErrTimestampTooOld))
	// Output:
	// evt_01 v1 <nil>
	// true
	// true
}

// A key shows its kind and fingerprint wherever it is printed.
func ExampleKey() {
	key, err := webhook.ParseKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	fmt.Println(key, err)

	_, err = webhook.ParseKey("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	fmt.Println(err)
	// Output:
	// whsec_…16718800 <nil>
	// webhook: invalid_key: it begins with none of whsec_, whpk_ and whsk_
}
