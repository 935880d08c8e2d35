package badge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// claims are the registered claims of a JWT, which repeat what the credential says (Open Badges 3.0, 8.2).
type claims struct {
	Iss string           `json:"iss,omitzero"`
	Jti string           `json:"jti,omitzero"`
	Sub string           `json:"sub,omitzero"`
	Nbf *float64         `json:"nbf,omitempty"` // in seconds since 1970, as is Exp
	Exp *float64         `json:"exp,omitempty"`
	VC  *json.RawMessage `json:"vc,omitempty"` // of data model 1.1; in 2.0 the payload is the credential
}

// document is the payload of a VC-JWT, or the JSON of a credential with an embedded proof.
type document struct {
	Credential
	claims
	Until end              `json:"validUntil,omitzero"` // in place of the Credential's
	Proof *json.RawMessage `json:"proof,omitempty"`
}

// end is an instant of which the zero value means never. Whoever writes one means that something ends: null and the year 1, which
// would be read as never, are refused.
type end struct{ time.Time }

// UnmarshalJSON refuses what would be the zero value.
func (e *end) UnmarshalJSON(data []byte) error {
	err := e.Time.UnmarshalJSON(data)
	if err == nil && e.IsZero() {
		err = fmt.Errorf("%.40s is no instant at which something ends", data)
	}
	return err
}

// Sign makes a VC-JWT of a credential, after it filled in the contexts and types that are empty in c. The credential has to be valid
// (the error is an [*InvalidError] otherwise), with validFrom and validUntil in whole seconds. With an Ed25519 key the same
// credential gives the same token.
func Sign(c *Credential, key SigningKey) (string, error) {
	c.complete()
	if err := c.Validate(); err != nil {
		return "", err
	}
	if err := wholeSeconds("ValidFrom", c.ValidFrom); err != nil {
		return "", err
	}
	if err := wholeSeconds("ValidUntil", c.ValidUntil); err != nil {
		return "", err
	}
	payload, err := encode(document{
		Credential: *c, Until: end{c.ValidUntil},
		claims: claimsOf(c.Issuer.ID, c.ID, c.CredentialSubject.ID, c.ValidFrom, c.ValidUntil),
	})
	if err != nil {
		return "", err
	}
	return key.sign(payload, "JWT") // "typ … MUST be JWT": Open Badges 3.0, 8.2.3
}

func wholeSeconds(name string, t time.Time) error {
	if t.Nanosecond() != 0 {
		return fmt.Errorf("badge: %s is in whole seconds, as the JWT's claims are", name)
	}
	return nil
}

// encode writes JSON without the escapes that only HTML needs.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("badge: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func claimsOf(issuer, id, subject string, from, until time.Time) claims {
	return claims{Iss: issuer, Jti: id, Sub: subject, Nbf: seconds(from), Exp: seconds(until)}
}

// agree reports the first claim that says otherwise than the credential. A verifier that reads the claims and one that reads the
// credential must come to the same end.
func (c claims) agree(issuer, id, subject string, from, until time.Time) error {
	switch {
	case c.VC != nil:
		return errors.New(`the claim vc is of data model 1.1; in 2.0 the payload is the credential itself`)
	case c.Iss != "" && c.Iss != issuer:
		return fmt.Errorf("the claim iss %.200q is not the issuer", c.Iss)
	case c.Jti != "" && c.Jti != id:
		return fmt.Errorf("the claim jti %.200q is not the id", c.Jti)
	case c.Sub != "" && c.Sub != subject:
		return fmt.Errorf("the claim sub %.200q is not the subject", c.Sub)
	case c.Nbf != nil && !sameSecond(*c.Nbf, from):
		return errors.New("the claim nbf is not validFrom")
	case c.Exp != nil && !sameSecond(*c.Exp, until):
		return errors.New("the claim exp is not validUntil")
	}
	return nil
}

// lacking reports the first claim that the standard requires and the token has not.
func (c claims) lacking(subject string, until time.Time) error {
	switch {
	case c.Iss == "":
		return errors.New("the claim iss is required")
	case c.Jti == "":
		return errors.New("the claim jti is required")
	case c.Nbf == nil:
		return errors.New("the claim nbf is required")
	case c.Sub == "" && subject != "":
		return errors.New("the claim sub is required where the subject has an id")
	case c.Exp == nil && !until.IsZero():
		return errors.New("the claim exp is required where the credential has validUntil")
	}
	return nil
}

// sameSecond compares in float64, where no claim overflows.
func sameSecond(seconds float64, t time.Time) bool {
	difference := seconds - float64(t.Unix())
	return !t.IsZero() && difference > -1 && difference < 1
}
