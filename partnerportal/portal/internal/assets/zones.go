package assets

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/assets/brand"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// largestPDF is how large a template may be that is held in memory while it is drawn on.
const largestPDF = 32 << 20

// checkTemplate refuses a template that cannot be filled.
func (s *Service) checkTemplate(ctx context.Context, a *contract.Asset) error {
	var f problem.Fields
	file := fileOf(a.Files, a.CoBrand.FileID)
	switch {
	case file == nil:
		f.Add("/co_brand/file_id", "invalid_value", "Name one of the asset's files.")
	case file.MediaType == brand.PDF && file.Size > largestPDF:
		f.Add("/co_brand/file_id", "out_of_range", "A PDF to write on may have 32 MiB.")
	}
	if len(f) > 0 {
		return invalid(contract.ErrZone, f)
	}
	pages, err := s.pages(ctx, file)
	if errors.Is(err, brand.ErrContent) {
		f.Add("/co_brand/file_id", "invalid_value", reason(err))
		return invalid(contract.ErrZone, f)
	}
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, z := range a.CoBrand.Zones {
		at := fmt.Sprintf("/co_brand/zones/%d", i)
		if seen[z.ID] {
			f.Add(at+"/id", "duplicate", "Give each zone a name of its own.")
		}
		seen[z.ID] = true
		checkZone(&f, at, z, pages)
	}
	return invalid(contract.ErrZone, f)
}

func (s *Service) pages(ctx context.Context, file *contract.File) ([]brand.Size, error) {
	content, err := s.blobs.Open(ctx, file.FileID)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return brand.Pages(file.MediaType, content)
}

// checkZone refuses a zone that lies outside of its page, or contradicts itself.
func checkZone(f *problem.Fields, at string, z contract.Zone, pages []brand.Size) {
	page := max(1, z.Page)
	if page > len(pages) {
		f.Add(at+"/page", "out_of_range", fmt.Sprintf("The template has %d pages.", len(pages)))
		return
	}
	if size := pages[page-1]; z.X+z.Width > size.Width || z.Y+z.Height > size.Height {
		f.Add(at, "out_of_range", fmt.Sprintf("The zone is not on the page, which is %d wide and %d high.", size.Width, size.Height))
	}
	filled := z.Text != "" || z.DefaultFrom != ""
	switch {
	case forPicture(z) && filled:
		f.Add(at, "not_permitted", "A zone for a picture has no default.")
	case z.Text != "" && z.DefaultFrom != "":
		f.Add(at+"/default_from", "not_permitted", "Give a default text or where it comes from, not both.")
	case z.Locked && !filled:
		f.Add(at+"/locked", "not_permitted", "A zone that partners cannot change needs a default.")
	case !forPicture(z) && z.MinWidth > 0:
		f.Add(at+"/min_width", "not_permitted", "Only pictures have pixels.")
	case z.Text != "":
		checkText(f, at+"/text", z, z.Text)
	}
}

func forPicture(z contract.Zone) bool {
	return z.Kind == contract.ZoneKindLogo || z.Kind == contract.ZoneKindImage
}

// checkText refuses a text that its zone cannot show.
func checkText(f *problem.Fields, at string, z contract.Zone, text string) {
	text = brand.Plain(text)
	if z.MaxLength > 0 && utf8.RuneCountInString(text) > z.MaxLength {
		f.Add(at, "out_of_range", fmt.Sprintf("%s: give at most %d characters.", labelOf(z), z.MaxLength))
		return
	}
	if missing := brand.Missing(text); missing != "" {
		f.Add(at, "invalid_value", fmt.Sprintf("%s: the fonts do not have %s. They have Latin, Greek and Cyrillic.", labelOf(z), quoted(missing)))
		return
	}
	if z.Kind == contract.ZoneKindURL && !webAddress(text) {
		f.Add(at, "invalid_format", labelOf(z)+`: give an address that begins with "https://".`)
		return
	}
	if _, err := brand.Set(z, text); err != nil {
		f.Add(at, "out_of_range", labelOf(z)+": the text is too long for its place.")
	}
}

// quoted shows characters so that people can tell them, whatever their screens have.
func quoted(characters string) string {
	shown := make([]string, 0, len(characters))
	for _, r := range characters {
		shown = append(shown, fmt.Sprintf("%q (%U)", r, r))
	}
	if more := len(shown) - 5; more > 0 {
		shown = append(shown[:5], fmt.Sprintf("%d more", more))
	}
	return strings.Join(shown, ", ")
}

func webAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

// labelOf is what people call a zone.
func labelOf(z contract.Zone) string {
	if z.Label != "" {
		return z.Label
	}
	return z.ID
}

// fill puts the partner's values into the zones of a template, with defaults where there are none. Pictures are only looked for
// here; measured they are where their files are at hand.
func fill(f *problem.Fields, zones []contract.Zone, given []contract.ZoneValue, partner *policy.Partner) []contract.ZoneValue {
	byZone := map[string]int{}
	for i, v := range given {
		at := fmt.Sprintf("/values/%d", i)
		known := slices.IndexFunc(zones, func(z contract.Zone) bool { return z.ID == v.Zone })
		_, twice := byZone[v.Zone]
		switch {
		case known < 0:
			f.Add(at+"/zone", "invalid_value", "The template has no such zone.")
		case twice:
			f.Add(at+"/zone", "duplicate", "Fill each zone once.")
		case zones[known].Locked:
			f.Add(at+"/zone", "not_permitted", labelOf(zones[known])+": this is the vendor's to say.")
		case forPicture(zones[known]) && v.FileID == "":
			f.Add(at+"/file_id", "required", labelOf(zones[known])+": name a picture that you have uploaded.")
		case forPicture(zones[known]) && v.Text != "", !forPicture(zones[known]) && v.FileID != "":
			f.Add(at, "not_permitted", labelOf(zones[known])+": give a text or a picture, as the zone wants.")
		}
		byZone[v.Zone] = i
	}
	values := []contract.ZoneValue{}
	for _, z := range zones {
		at, v := "/values", contract.ZoneValue{Zone: z.ID}
		if i, ok := byZone[z.ID]; ok {
			at, v = fmt.Sprintf("/values/%d/text", i), given[i]
		} else {
			v.Text = defaultOf(z, partner)
		}
		v.Text = brand.Plain(v.Text)
		switch {
		case v.FileID == "" && v.Text == "":
			if z.Required {
				f.Add("/values", "required", labelOf(z)+" is missing.")
			}
			continue
		case v.Text != "":
			checkText(f, at, z, v.Text)
		}
		values = append(values, v)
	}
	return values
}

// defaultOf is what stands in a zone when the partner gives nothing.
func defaultOf(z contract.Zone, partner *policy.Partner) string {
	switch z.DefaultFrom {
	case contract.ZoneSourcePartnerName:
		return partner.Name
	case contract.ZoneSourcePartnerWebsite:
		return partner.Website
	case contract.ZoneSourcePartnerPhone:
		return partner.Contact.Phone
	case contract.ZoneSourcePartnerEmail:
		return partner.Contact.Email
	}
	return z.Text
}

// reason is what an error of package brand tells people.
func reason(err error) string {
	return strings.TrimPrefix(err.Error(), brand.ErrContent.Error()+": ")
}
