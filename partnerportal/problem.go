package partnerportal

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// MarshalJSON encodes the error as problem details (RFC 9457). Members that describe the call rather than the problem
// (Operation, Attempts, RetryAfter, Err) are left out, and an extension never replaces a member of the contract.
func (e *Error) MarshalJSON() ([]byte, error) {
	members := make(map[string]any, len(e.Extensions)+8)
	for name, raw := range e.Extensions {
		if json.Valid(raw) {
			members[name] = raw
		}
	}
	members["type"], members["title"] = e.Type, e.Title
	if e.Type == "" {
		members["type"] = "about:blank"
	}
	if e.Title == "" {
		members["title"] = http.StatusText(e.Status)
	}
	put := func(name string, v any, present bool) {
		delete(members, name)
		if present {
			members[name] = v
		}
	}
	put("status", e.Status, e.Status != 0)
	put("detail", e.Detail, e.Detail != "")
	put("code", e.Code, e.Code != "")
	put("request_id", e.RequestID, e.RequestID != "")
	put("errors", e.Fields, len(e.Fields) > 0)
	put("current_state", e.CurrentState, e.CurrentState != "")
	put("allowed_actions", e.AllowedActions, e.AllowedActions != nil)
	return json.Marshal(members)
}

// UnmarshalJSON decodes problem details as leniently as RFC 9457 asks: a member of the wrong type is ignored, an unknown one
// is kept in Extensions. It fails only for JSON that is not an object.
func (e *Error) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	take := func(name string, v any) {
		if raw, ok := members[name]; ok {
			delete(members, name)
			_ = json.Unmarshal(raw, v) // of the wrong type: ignored, as the RFC demands
		}
	}
	var fields json.RawMessage
	take("type", &e.Type)
	take("title", &e.Title)
	take("status", &e.Status)
	take("detail", &e.Detail)
	take("code", &e.Code)
	take("request_id", &e.RequestID)
	take("errors", &fields)
	take("current_state", &e.CurrentState)
	take("allowed_actions", &e.AllowedActions)
	e.Fields = fieldsOf(fields)
	if len(members) > 0 {
		e.Extensions = members
	}
	return nil
}

// mostFields is how many fields of an answer are read: it may have millions, which would take a hundred times its size.
const mostFields = 10_000

// fieldsOf reads a list of fields, without those of the wrong type.
func fieldsOf(list json.RawMessage) (fields []FieldError) {
	d := json.NewDecoder(bytes.NewReader(list))
	if start, err := d.Token(); err != nil || start != json.Delim('[') {
		return nil
	}
	for n := 0; n < mostFields && d.More(); n++ {
		var f FieldError
		if d.Decode(&f) == nil {
			fields = append(fields, f)
		}
	}
	return fields
}

// problemOf reads an answer that is not a success. What the body cannot tell, the status and the headers do.
func problemOf(op string, status int, header http.Header, body []byte) *Error {
	e := &Error{}
	if isJSON(header) {
		_ = json.Unmarshal(body, e)
	}
	// The body's status is advisory and may be a proxy's; the answer's own is what counts.
	e.Operation, e.Status = op, status
	if e.RequestID == "" {
		e.RequestID = header.Get("X-Request-Id")
	}
	if e.Code == "" && status >= 300 && status < 400 && status != http.StatusNotModified {
		e.Code = ErrRedirected
	}
	return e
}
