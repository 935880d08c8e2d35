// Package badge reads, writes and verifies Open Badges 3.0: achievement credentials of the W3C Verifiable Credentials data model
// 2.0, signed as VC-JWT, with revocation by Bitstring Status List, alone or baked into a PNG or SVG image. It needs no portal, no
// Client and, unless [Fetch] is called, no network: what a verifier must know beforehand stands in a [Bundle].
//
// # Verifying
//
//	bundle, err := badge.ParseBundle(file)
//	verdict := badge.Verify(data, bundle, badge.WithHolder("ada@example.com"))
//	if !verdict.OK() {
//		return verdict.Err()
//	}
//
// [Verify] never answers with a single yes or no. It reports six checks, each passed, failed, or unknown when it cannot be decided
// from what the bundle holds, and says what is missing:
//
//   - Signature: one of the issuer's keys in the bundle signed these bytes.
//   - Issuer: who signed is one of the issuers that the bundle trusts.
//   - Validity: the moment lies between validFrom and validUntil.
//   - Status: the issuer's status list, as of the time it was fetched, neither revokes nor suspends it.
//   - Holder: the person who shows it is the one it was awarded to; only [WithHolder] can tell.
//   - Schema: it is an Open Badges 3.0 credential, and the JWT's claims say the same as the credential.
//
// A badge of Open Badges 2.0 is read too, with an honest verdict: a signed one has its signature checked, a hosted one proves
// nothing without asking its host; neither is ever OK. An embedded (Data Integrity) proof is not checked here, so the signature of a badge
// that has no other is unknown.
//
// # Issuing
//
// [Sign] makes a VC-JWT of a [Credential], [SignStatusList] one of a [StatusList], and [Bake] hides it in an image. Serve [JWKS] and
// the lists under public URLs and anybody can verify, with this package or another.
//
// # Hostile input
//
// Everything that is read is foreign. Keys come from the bundle only: jwk, jku, x5u and x5c headers are never followed. The algorithm has
// to fit the key; none and symmetric algorithms are refused, and so are critical headers, names that occur twice in an object of the data
// model, JSON deeper than 32 levels or of more than 16,384 values, text over 1 MiB, status lists over 4 MiB unpacked, images over 16 MiB,
// and images with two badges. Names in another case are other names. A key that was given up as stolen proves nothing, whatever date a
// badge bears.
//
// # Sources
//
// Open Badges 3.0 (1EdTech), sections 5 (documents), 8.2 (VC-JWT) and appendix B (data model); Verifiable Credentials Data Model 2.0,
// Securing Verifiable Credentials using JOSE and COSE, and Bitstring Status List 1.0 (W3C); RFC 7515 to 7519, 7638 and 8037.
package badge
