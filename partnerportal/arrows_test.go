package partnerportal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The arrows of ARCHITECTURE.md: who may import whom. Dependencies go examples -> portal -> domains -> core and never back, so
// that a reader can leave out all that stands above, and an importer of one domain links nothing of the rest.

const (
	ourRoot     = "github.com/partnerportal/partnerportal-go"
	corePath    = ourRoot + "/partnerportal"
	eventsPath  = corePath + "/events"
	webhookPath = corePath + "/webhook"
	badgePath   = ourRoot + "/training/credentials/badge"
	portalPath  = corePath + "/portal"
	portalTests = portalPath + "/portaltest"
	roomsPath   = portalPath + "/internal"
	examples    = ourRoot + "/examples"
)

var (
	// domains are the generated packages, by import path below the root. Each has a room of the same last name in the portal.
	domains = []string{
		"deals", "deals/leads", "mdf", "mdf/assets", "quotes", "quotes/catalog", "quotes/orders", "training", "training/credentials",
		"partnerportal/account", "partnerportal/program", "partnerportal/events", "partnerportal/files", "partnerportal/sandbox",
	}
	// sharedRooms stand below the domain rooms of the portal and know none of them.
	sharedRooms = []string{"store", "feed", "call", "directory", "problem", "match", "ids", "contract", "authn", "deliver", "figures", "blob", "configure", "offer", "quoting", "pricing", "states"}
	// lean is all that an importer of the SDK may get besides Go itself. A new name here is a decision with a measured cost,
	// to be written into ARCHITECTURE.md.
	lean = []string{
		"github.com/apapsch/go-jsonmerge/v2", "github.com/google/go-querystring", "github.com/google/uuid",
		"github.com/hashicorp/go-cleanhttp", "github.com/hashicorp/go-retryablehttp", "github.com/oapi-codegen/runtime",
		"golang.org/x/oauth2",
	}
	// joseOnly is what the verifier of badges may link beside them, and nobody else in the root module.
	joseOnly = []string{"github.com/go-jose/go-jose/v4"}
	// testOnly must not reach a user's program from anywhere, portaltest included.
	testOnly = []string{"github.com/stretchr/testify", "pgregory.net/rapid"}
)

// listed is what `go list -json` tells of one package.
type listed struct {
	ImportPath                               string
	Standard                                 bool
	Module                                   *struct{ Path string }
	Imports, TestImports, XTestImports, Deps []string
}

func TestArrows(t *testing.T) {
	t.Parallel()
	pkgs := goList(t)
	require.Contains(t, pkgs, corePath, "go list does not see the core; the test would hold nothing")
	assert.Empty(t, brokenArrows(pkgs))
}

// TestArrowsAreSharp plants one breach of each rule: a check that cannot fail holds nothing.
func TestArrowsAreSharp(t *testing.T) {
	t.Parallel()
	module := func(p string) *struct{ Path string } { return &struct{ Path string }{p} }
	for name, pkg := range map[string]listed{
		"core imports a domain":         {ImportPath: corePath, Imports: []string{ourRoot + "/deals"}},
		"domain imports another":        {ImportPath: ourRoot + "/deals", Imports: []string{ourRoot + "/quotes"}},
		"domain imports its sub-domain": {ImportPath: ourRoot + "/deals", Imports: []string{ourRoot + "/deals/leads"}},
		"domain imports webhook":        {ImportPath: ourRoot + "/deals", Imports: []string{webhookPath}},
		"webhook imports the core":      {ImportPath: webhookPath, Imports: []string{corePath}},
		"webhook imports a library":     {ImportPath: webhookPath, Imports: []string{"example.com/heavy"}},
		"badge imports the core":        {ImportPath: badgePath, Imports: []string{corePath}},
		"badge depends on a new module": {ImportPath: badgePath, Deps: []string{"example.com/heavy"}, Module: module(ourRoot)},
		"a domain imports badge":        {ImportPath: ourRoot + "/training/credentials", Imports: []string{badgePath}},
		"a domain depends on JOSE":      {ImportPath: ourRoot + "/deals", Deps: []string{"example.com/jose"}, Module: module(ourRoot)},
		"root test imports the portal":  {ImportPath: ourRoot + "/deals", XTestImports: []string{portalTests}},
		"room imports the portal":       {ImportPath: roomsPath + "/deals", Imports: []string{portalPath}},
		"room imports another":          {ImportPath: roomsPath + "/deals", Imports: []string{roomsPath + "/leads"}},
		"nested room imports another":   {ImportPath: roomsPath + "/deals/leads", Imports: []string{roomsPath + "/orders"}},
		"shared room imports a room":    {ImportPath: roomsPath + "/store", Imports: []string{roomsPath + "/deals"}},
		"root depends on a new module":  {ImportPath: ourRoot + "/deals", Deps: []string{"example.com/heavy"}, Module: module(ourRoot)},
		"portaltest depends on testify": {ImportPath: portalTests, Deps: []string{"example.com/testify"}},
		"portal imports portaltest":     {ImportPath: portalPath, Imports: []string{portalTests}},
		"somebody imports an example":   {ImportPath: portalPath, Imports: []string{examples + "/quickstart"}},
		"a package of no known place":   {ImportPath: ourRoot + "/utils", Module: module(ourRoot)},
	} {
		planted := map[string]listed{
			pkg.ImportPath:        pkg,
			"example.com/heavy":   {ImportPath: "example.com/heavy", Module: module("example.com/heavy")},
			"example.com/jose":    {ImportPath: "example.com/jose", Module: module(joseOnly[0])},
			"example.com/testify": {ImportPath: "example.com/testify", Module: module(testOnly[0])},
		}
		assert.Len(t, brokenArrows(planted), 1, name)
	}
}

// brokenArrows lists every breach as "who -> whom: the rule".
func brokenArrows(pkgs map[string]listed) []string {
	var broken []string
	breach := func(from, to, rule string) { broken = append(broken, fmt.Sprintf("%s -> %s: %s", from, to, rule)) }
	for _, p := range pkgs {
		if !ours(p.ImportPath) {
			continue
		}
		for _, imp := range p.Imports {
			if rule := forbidden(p.ImportPath, imp, pkgs[imp].Standard); rule != "" {
				breach(p.ImportPath, imp, rule)
			}
		}
		for _, imp := range slices.Concat(p.TestImports, p.XTestImports) {
			if within(imp, portalPath) && !within(p.ImportPath, portalPath) && !within(p.ImportPath, examples) {
				breach(p.ImportPath, imp, "the SDK's own tests mount fakes; suites against the portal live in its module")
			}
		}
		inRoot := p.Module != nil && p.Module.Path == ourRoot
		if inRoot && !knownPlace(p.ImportPath) {
			breach(p.ImportPath, "?", "not a room of the house in ARCHITECTURE.md")
		}
		for _, dep := range p.Deps {
			m := pkgs[dep].Module
			switch {
			case m == nil || within(m.Path, ourRoot):
			case slices.Contains(testOnly, m.Path):
				breach(p.ImportPath, dep, "a test library outside of tests")
			case p.ImportPath == badgePath && slices.Contains(joseOnly, m.Path):
			case inRoot && !slices.Contains(lean, m.Path):
				breach(p.ImportPath, dep, "the SDK stays lean")
			}
		}
	}
	slices.Sort(broken)
	return broken
}

// forbidden names the rule that an import outside of tests breaks, or "".
func forbidden(from, to string, standard bool) string {
	room, toRoom := roomOf(from), roomOf(to)
	switch {
	case from == webhookPath && !standard:
		return "webhook stands alone, on the standard library"
	case from == badgePath && ours(to):
		return "badge stands alone: who verifies a credential needs no portal"
	case from == corePath && ours(to) && to != corePath:
		return "the core imports nothing of ours"
	case isDomain(from) && ours(to) && to != corePath && (from != eventsPath || to != webhookPath):
		return "a domain imports only the core, and events webhook, whose handlers it shares; the rest is named by id"
	case within(to, examples) && !within(from, examples):
		return "nothing imports an example"
	case (to == portalPath || to == portalTests) && from != portalTests && !within(from, examples):
		return "only examples and portaltest import the portal"
	case isDomainRoom(room) && isDomainRoom(toRoom) && room != toRoom:
		return "rooms never import each other; what crosses subscribes to the feed"
	case slices.Contains(sharedRooms, room) && isDomainRoom(toRoom):
		return "shared rooms stand below the domain rooms"
	}
	return ""
}

func ours(p string) bool           { return within(p, ourRoot) }
func within(p, parent string) bool { return p == parent || strings.HasPrefix(p, parent+"/") }
func isDomain(p string) bool       { return slices.Contains(domains, strings.TrimPrefix(p, ourRoot+"/")) }
func isDomainRoom(room string) bool {
	return slices.ContainsFunc(domains, func(d string) bool { return path.Base(d) == room })
}
func knownPlace(p string) bool {
	return isDomain(p) || p == corePath || p == badgePath || within(p, webhookPath) || within(p, ourRoot+"/openapi")
}

// roomOf is the portal room that a package belongs to: the innermost element of its path below internal/ that names one, so that
// internal/deals/leads is of the room leads. It is "" outside internal/.
func roomOf(p string) string {
	below, ok := strings.CutPrefix(p, roomsPath+"/")
	if !ok {
		return ""
	}
	parts := strings.Split(below, "/")
	for _, part := range slices.Backward(parts) {
		if isDomainRoom(part) {
			return part
		}
	}
	return parts[0]
}

// goList asks the go command about every package of the workspace and all they depend on. It reads the folders itself too, for
// the test cache knows only what this process opens: a breach in another package would pass as "(cached)".
func goList(t *testing.T) map[string]listed {
	t.Helper()
	_ = filepath.WalkDir("..", func(_ string, d fs.DirEntry, _ error) error {
		if d != nil && d.Name() == ".git" {
			return filepath.SkipDir
		}
		return nil
	})
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-deps", // what does not build is the compiler's to tell
		"-json=ImportPath,Standard,Module,Imports,TestImports,XTestImports,Deps", "work")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	pkgs := map[string]listed{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := dec.Decode(&p)
		if err == io.EOF {
			return pkgs
		}
		require.NoError(t, err)
		pkgs[p.ImportPath] = p
	}
}
