package badge

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// maxHeader is of the header's segment; longer ones carry certificates, which are not followed anyway.
const maxHeader = 16 << 10

// refusal is why a token's signature is not even tried.
type refusal struct {
	result Outcome
	reason Reason
	detail string
}

func (r *refusal) Error() string { return r.detail }

func refuse(reason Reason, format string, args ...any) error {
	return &refusal{result: Failed, reason: reason, detail: fmt.Sprintf(format, args...)}
}

// signed is a token whose signature is still to be checked.
type signed struct {
	payload   []byte
	kid, alg  string
	input     []byte // what was signed: the token up to its last dot, as it came
	signature []byte
}

// parseJWS reads a compact JWS. Its errors are *refusal; a payload is given whenever there is one, so that the rest of a token with a
// refused header can be reported.
func parseJWS(token string) (*signed, error) {
	header, rest, _ := strings.Cut(token, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	switch {
	case header == "" || payload == "" || signature == "" || strings.Contains(signature, ".") || !strictBase64(header, payload, signature):
		return nil, refuse(ReasonUnreadable, "not a compact JWS: three parts in base64url without padding")
	case len(header) > maxHeader:
		return nil, refuse(ReasonUnreadable, "the JWS header is longer than %d bytes", maxHeader)
	}
	jws, err := jose.ParseSignedCompact(token, verifiable)
	if err != nil {
		if corrupt, ok := errors.AsType[base64.CorruptInputError](err); ok {
			return nil, refuse(ReasonUnreadable, "not a compact JWS: %v", corrupt)
		}
		content, _ := base64Strict.DecodeString(payload) // for what else can be said; nothing is empty JSON
		return &signed{payload: content}, refusedHeader(err)
	}
	protected := jws.Signatures[0].Protected
	s := &signed{
		payload: jws.UnsafePayloadWithoutVerification(), kid: protected.KeyID, alg: protected.Algorithm,
		input: []byte(token[:len(token)-len(signature)-1]), signature: jws.Signatures[0].Signature,
	}
	for name, value := range protected.ExtraHeaders {
		switch name {
		case "crit", "b64":
			return s, refuse(ReasonHeaderRefused, "the header has %s, of which none is understood here", name)
		case jose.HeaderType, jose.HeaderContentType:
			if text, _ := value.(string); !slices.Contains(mediaTypes[string(name)], mediaType(text)) {
				return s, refuse(ReasonHeaderRefused, "the header's %s %.40q is not that of a credential", name, fmt.Sprint(value))
			}
		}
	}
	return s, nil
}

// refusedHeader tells algorithms that prove nothing from those that are merely not known here.
func refusedHeader(err error) error {
	unexpected, ok := errors.AsType[*jose.ErrUnexpectedSignatureAlgorithm](err)
	switch {
	case !ok:
		return refuse(ReasonHeaderRefused, "the JWS header cannot be read: %.200s", err)
	case strings.EqualFold(string(unexpected.Got), "none"), strings.HasPrefix(string(unexpected.Got), "HS"), unexpected.Got == "":
		return refuse(ReasonAlgorithmRefused, "the algorithm %.40q proves nothing: anybody who verifies could have signed", unexpected.Got)
	default:
		return &refusal{Unknown, ReasonAlgorithmUnsupported, fmt.Sprintf("the algorithm %.40q is not verified here", unexpected.Got)}
	}
}

// mediaTypes are what typ and cty of a credential's token may be. A token of another kind that the issuer signed, such as an access
// token, is no badge, and neither is one that wraps another.
var mediaTypes = map[string][]string{
	jose.HeaderType:        {"jwt", "jws", "jose", "vc+jwt", "vc+ld+jwt", "vc+ld+json+jwt"},
	jose.HeaderContentType: {"vc", "vc+ld+json", "ld+json", "json"},
}

func mediaType(s string) string { return strings.TrimPrefix(strings.ToLower(s), "application/") }

// verify checks a token's signature against the issuer's keys: the one that kid names, or each that fits. signedAt is when the
// credential says that it begins, at the moment that is asked about. A key that was given up as stolen proves nothing about any moment:
// a thief writes the date that he likes.
func (i *Issuer) verify(s *signed, signedAt, at time.Time) Check {
	check := Check{Result: Unknown, Reason: ReasonKeyMissing, AsOf: i.AsOf}
	for _, key := range i.Keys.Keys {
		if s.kid != "" && !sameKeyID(s.kid, key.ID) || !key.fits(s.alg) {
			continue
		}
		switch {
		case !key.verify(s):
			if check.Result == Unknown {
				check = Check{Result: Failed, Reason: ReasonSignatureInvalid, AsOf: i.AsOf, Detail: "the signature does not fit the issuer's key"}
			}
		case !key.RevokedAt.IsZero():
			return Check{Result: Failed, Reason: ReasonKeyRevoked, AsOf: i.AsOf,
				Detail: "the issuer gave up the key on " + key.RevokedAt.Format(time.DateOnly)}
		case check.Result == Passed:
		case key.retired(signedAt), !key.NotBefore.IsZero() && at.Before(key.NotBefore):
			check = Check{Result: Failed, Reason: ReasonKeyExpired, AsOf: i.AsOf, Detail: "the issuer's key was not in use when the credential begins"}
		default:
			check = Check{Result: Passed, AsOf: i.AsOf}
		}
	}
	if check.Result == Unknown {
		check.Detail = fmt.Sprintf("the bundle has no key %.100q for %s of %.200q", s.kid, s.alg, i.ID)
	}
	return check
}

// retired reports whether the key was out of use then; at an unknown time it may have been.
func (k PublicKey) retired(signedAt time.Time) bool {
	return !k.NotAfter.IsZero() && (signedAt.IsZero() || signedAt.After(k.NotAfter))
}

// sameKeyID compares a kid with a key's, of which issuers write the one as a URL and the other as that URL's fragment. Both are looked
// for among one issuer's keys only.
func sameKeyID(a, b string) bool { return a == b || b != "" && (fragment(a) == b || a == fragment(b)) }

func fragment(id string) string {
	_, after, _ := strings.Cut(id, "#")
	return after
}
