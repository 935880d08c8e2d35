package partnerportal

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// Operation describes one operation of the contract. The generated packages hold one per operation; client and [Router] share
// it. With one of your own, [Client.Do] calls what this version of the SDK does not know yet.
type Operation struct {
	// ID is the operation's name in the contract, such as deals.get. Errors and log lines carry it.
	ID string
	// Method is the HTTP method.
	Method string
	// Path is the path below /v1, with its arguments in braces: /deals/{deal_id}.
	Path string
	// Status is the status of success that a portal answers with; 0 means 200.
	Status int
	// Scopes are the scopes of which a caller needs any one.
	Scopes []string
	// Idempotent says that the operation takes an Idempotency-Key, and so can be sent again without being carried out twice.
	Idempotent bool
	// KeyRequired says that a portal refuses the operation without an Idempotency-Key. The client always sends one.
	KeyRequired bool
	// IfMatch says that the operation changes a revision that the caller must name, see [IfMatch].
	IfMatch bool
	// Conditional says that a caller who has the result already is answered 304 without it, see [IfNoneMatch].
	Conditional bool
	// MediaType is the media type of the request body; "" means application/json.
	MediaType string
	// Form names the parts of a body that is a form with a file, which comes last; nil for any other body. See [Upload].
	Form []string
}

// Request is one call of an [Operation].
type Request struct {
	// Op is the operation to call.
	Op *Operation
	// PathArgs fill the braces of Op.Path, in their order. They are escaped; an argument that is empty, ".", ".." or holds
	// control characters is refused before anything is sent.
	PathArgs []string
	// Query is nil, url.Values, or a struct whose fields carry url tags.
	Query any
	// Body is nil, a value to be encoded as JSON, a []byte that is sent as it is, or an [*Upload].
	Body any
}

// requestPath is a path in both forms that a url.URL wants.
type requestPath struct{ path, raw string }

// expandPath fills the braces of op.Path. scratch is only a place to build in; its grown form is returned for the next time.
func expandPath(prefix string, op *Operation, args []string, scratch []byte) (requestPath, []byte, error) {
	if !strings.Contains(op.Path, "{") && len(args) == 0 {
		return requestPath{path: prefix + op.Path}, scratch, nil
	}
	raw, escaped, used := append(scratch[:0], prefix...), false, 0
	for rest := op.Path; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		raw = append(raw, before...)
		if !found {
			break
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed {
			return requestPath{}, raw, fmt.Errorf("the path %q has an open brace", op.Path)
		}
		if used == len(args) {
			return requestPath{}, raw, fmt.Errorf("%s is missing", name)
		}
		arg := args[used]
		if err := checkSegment(name, arg); err != nil {
			return requestPath{}, raw, err
		}
		safe := url.PathEscape(arg)
		escaped = escaped || safe != arg
		raw = append(raw, safe...)
		rest, used = tail, used+1
	}
	if used != len(args) {
		return requestPath{}, raw, fmt.Errorf("the path %q takes %d arguments, not %d", op.Path, used, len(args))
	}
	p := requestPath{path: string(raw)}
	if !escaped {
		return p, raw, nil
	}
	p.raw = p.path
	var err error
	p.path, err = url.PathUnescape(p.raw)
	return p, raw, err
}

// checkSegment refuses an argument that would make the path mean another resource: the collection, its parent, or nothing at all.
func checkSegment(name, arg string) error {
	switch arg {
	case "":
		return fmt.Errorf("%s is empty", name)
	case ".", "..":
		return fmt.Errorf("%s is %q", name, arg)
	}
	if strings.ContainsFunc(arg, unicode.IsControl) {
		return fmt.Errorf("%s holds a control character", name)
	}
	return nil
}
