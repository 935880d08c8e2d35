package partnerportal

import (
	"errors"
	"fmt"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
)

// maxFieldSize is the largest text beside a file that a [Router] reads, in bytes.
const maxFieldSize = 4 << 10

// maxFormHead is how much of a form a [Router] reads before the file, in bytes: what comes before it is read to be thrown away, or
// held in memory.
const maxFormHead = 64 << 10

// limitedBody is a body of which only a part is read.
type limitedBody struct {
	io.Reader
	io.Closer
}

// Upload returns the form of an operation that takes a file. The texts are read; the file is not, and its Reader ends with an error
// if the form does not end properly behind it. It may be called again, and what was changed in the form is seen by who comes after.
func (in *Incoming) Upload() (*Upload, error) {
	if in.upload != nil {
		return in.upload, nil
	}
	head := &io.LimitedReader{R: in.Request.Body, N: maxFormHead}
	in.Request.Body = limitedBody{head, in.Request.Body}
	form, err := in.Request.MultipartReader()
	if err != nil {
		return nil, &Error{Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type", Detail: "Send the body as multipart/form-data."}
	}
	upload, names := &Upload{Fields: map[string]string{}}, in.Op.Form
	for {
		part, err := form.NextRawPart()
		if err == io.EOF { //nolint:errorlint // that of a form which was cut off is wrapped
			return nil, badPart(names[len(names)-1], "required", "The form has no part of this name.")
		}
		if err != nil {
			return nil, brokenForm(err)
		}
		name := part.FormName()
		switch {
		case !slices.Contains(names, name):
			return nil, badPart(clip(name, 64), "not_permitted", "The form has the parts "+strings.Join(names, ", ")+".")
		case name == names[len(names)-1]:
			head.N = math.MaxInt64
			upload.File = Content{Name: baseName(part.FileName()), Reader: &filePart{part: part, form: form, body: in.Request.Body}}
			in.upload = upload
			return upload, nil
		}
		if _, again := upload.Fields[name]; again {
			return nil, badPart(name, "duplicate_key", "Give each part once.")
		}
		if upload.Fields[name], err = readField(part); err != nil {
			return nil, err
		}
	}
}

func readField(part *multipart.Part) (string, error) {
	text, err := io.ReadAll(io.LimitReader(part, maxFieldSize+1))
	switch {
	case err != nil:
		return "", brokenForm(err)
	case len(text) > maxFieldSize:
		return "", badPart(part.FormName(), "out_of_range", fmt.Sprintf("Give at most %d bytes.", maxFieldSize))
	}
	return string(text), nil
}

// filePart is the content of the last part. What follows the content decides whether it was all of it.
type filePart struct {
	part *multipart.Part
	form *multipart.Reader
	body io.Reader
	end  error // what the reading ended with
}

func (f *filePart) Read(p []byte) (int, error) {
	if f.end != nil {
		return 0, f.end
	}
	n, err := f.part.Read(p)
	switch {
	case err == io.EOF: //nolint:errorlint // readers give it as it is
		f.end = f.finish()
	case err != nil:
		f.end = brokenForm(err)
	}
	return n, f.end
}

// finish reads what follows the file: nothing, in a form that is complete.
func (f *filePart) finish() error {
	next, err := f.form.NextRawPart()
	switch {
	case err == io.EOF: // itself; that of a form which was cut off is wrapped
		_, _ = io.CopyN(io.Discard, f.body, maxFieldSize) // from the form's end to the body's
		return io.EOF
	case err != nil:
		return brokenForm(err)
	}
	return badPart(clip(next.FormName(), 64), "not_permitted", "Nothing may follow the file: send the other parts before it.")
}

// brokenForm is the answer to a form that cannot be read, most often because the caller has gone.
func brokenForm(err error) error {
	if e, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &Error{Status: http.StatusRequestEntityTooLarge, Code: "body_too_large", Detail: fmt.Sprintf("A body may have %d bytes.", e.Limit)}
	}
	return &Error{Status: http.StatusBadRequest, Code: "body_unreadable", Detail: "The form ended before it was complete, or is none."}
}

func badPart(name, code, message string) error {
	return &Error{Status: http.StatusBadRequest, Code: ErrValidation, Detail: message, Fields: []FieldError{{Pointer: "/" + name, Code: code, Message: message}}}
}
