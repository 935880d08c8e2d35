package document_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes/document"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes/document/typeset"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// Names of products as partners have them; those of the last two lines want fonts of the host's.
var (
	european = []string{
		"GTX 9000 Gateway", "Straßenverkehrsüberwachung Größe M", "Łódź Edge Router – 48 ports", "Διακομιστής αποθήκευσης δεδομένων", "Сервер хранения данных",
		"Commutateur d’accès à 24 ports", "Ćevapčići-proof outdoor enclosure", "Точка доступа Wi-Fi 7", "Πύλη ασφαλείας «Ασπίδα»", "Office Suite, affine fi-ligature edition",
	}
	asian = []string{"株式会社日本テクノロジー製ルーター", "北京科技有限公司 交换机", "서울 네트워크 스위치 한국어판"}
	rtl   = []string{"جهاز توجيه للشركات GTX-200 بسرعة عالية", "نظام التخزين السحابي الآمن"}
)

// sample is a quote of so many lines, named in turn.
func sample(tb testing.TB, lines int, names ...string) *contract.Quote {
	tb.Helper()
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	q := &contract.Quote{
		ID: "quo_1", Number: "Q-000042", Version: 2, Status: contract.StatusPresented, PartnerID: "par_acme", Currency: "USD",
		Title:    "Network renewal 2027, three sites",
		Customer: partnerportal.Organization{Name: "Müller & Söhne Logistik", LegalName: "Müller & Söhne Logistik GmbH & Co. KG", Country: "DE"},
		Contacts: []partnerportal.Contact{{GivenName: "Zoë", FamilyName: "Krüger", Title: "Head of IT", Email: "zoe@mueller.example", Phone: "+4930123456", Primary: true}},
		Pricing:  contract.Pricing{PricedAt: at}, PresentedAt: at, ValidUntilOn: partnerportal.Date{Year: 2026, Month: time.December, Day: 22},
		Notes: "Delivery within four weeks of the order. Installation is offered separately.",
		Terms: "Prices are in US dollars and exclude installation.\nPayment is due 30 days after the date of the invoice. Goods remain the property of the supplier until they are paid. " +
			"Subscriptions begin on the day they are provisioned and renew only when they are ordered again.",
	}
	q.Customer.Address = partnerportal.Address{Line1: "Am Hafen 12", PostalCode: "20457", City: "Hamburg"}
	parent := ""
	for i := range lines {
		l := line(tb, i, names[i%len(names)])
		switch {
		case i%10 == 3:
			parent = l.ID
		case i%10 == 4, i%10 == 5:
			l.ParentLineID = parent
		case i%10 == 7:
			l.TermMonths, l.StartsOn = 36, partnerportal.Date{Year: 2027, Month: time.January, Day: 1}
		case i%20 == 9:
			l.Optional = true
		case i%20 == 1:
			l.Description = "Rack mounted, redundant power supplies, with rails and cables for two racks. The first year of hardware replacement on the next business day is included."
		}
		q.Lines = append(q.Lines, l)
	}
	total(tb, q)
	return q
}

// line costs a list price less 12 % for the partner's tier and 8 % of the rest for the registered deal.
func line(tb testing.TB, i int, name string) contract.Line {
	tb.Helper()
	l := contract.Line{
		ID: fmt.Sprintf("qln_%d", i+1), SKU: fmt.Sprintf("GTX-%04d", 9000+i), Name: name, Quantity: 1 + i*7%40, ListUnit: usd(tb, int64(55_000_000/(i+3))/100*100),
	}
	l.List = must(l.ListUnit.MulRat(int64(l.Quantity), 1))
	tier := must(must(l.List.MulRat(-12, 100)).Round())
	deal := must(must(must(l.List.Add(tier)).MulRat(-8, 100)).Round())
	l.Components = []contract.Component{
		{Kind: contract.ComponentKindList, Amount: l.List}, {Kind: contract.ComponentKindTier, Percent: "12", Amount: tier},
		{Kind: contract.ComponentKindDealRegistration, Percent: "8", Amount: deal},
	}
	l.Net = must(must(l.List.Add(tier)).Add(deal))
	l.NetUnit = must(must(l.Net.MulRat(1, int64(l.Quantity))).Round())
	l.Freight, l.Tax, l.Total = usd(tb, 0), must(must(l.Net.MulRat(19, 100)).Round()), l.Net
	l.Total = must(l.Net.Add(l.Tax))
	return l
}

func total(tb testing.TB, q *contract.Quote) {
	tb.Helper()
	t := &q.Totals
	t.List, t.Net, t.Tax, t.Total, t.Freight = usd(tb, 0), usd(tb, 0), usd(tb, 0), usd(tb, 0), usd(tb, 0)
	tier, deal := usd(tb, 0), usd(tb, 0)
	for _, l := range q.Lines {
		if l.Optional {
			continue
		}
		t.List, t.Net, t.Tax, t.Total = must(t.List.Add(l.List)), must(t.Net.Add(l.Net)), must(t.Tax.Add(l.Tax)), must(t.Total.Add(l.Total))
		tier, deal = must(tier.Add(l.Components[1].Amount)), must(deal.Add(l.Components[2].Amount))
	}
	t.Discounts = []contract.Discount{{Kind: contract.ComponentKindTier, Amount: tier}, {Kind: contract.ComponentKindDealRegistration, Amount: deal}}
	t.Taxes = []contract.Tax{{Name: "USt.", Percent: "19", Amount: t.Tax}}
	t.DiscountPercent = "19.04"
}

func usd(tb testing.TB, tenThousandths int64) partnerportal.Money {
	tb.Helper()
	m, err := partnerportal.NewMoney(tenThousandths, "USD")
	require.NoError(tb, err)
	return m
}

func must(m partnerportal.Money, err error) partnerportal.Money {
	if err != nil {
		panic(err)
	}
	return m
}

// logo is a picture of two colours, with nothing around a disc.
func logo(w, h int, c color.Color) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, image.Rect(h+h/4, h/3, w, h-h/3), image.NewUniform(c), image.Point{}, draw.Src)
	for y := range h {
		for x := range h {
			if dx, dy := x-h/2, y-h/2; dx*dx+dy*dy < h*h/4 {
				m.Set(x, y, c)
			}
		}
	}
	return m
}

func vendor() document.Company {
	return document.Company{
		Name: "Globex Networks", Address: []string{"1 Harbour Road, Dublin", "globex.example"}, Logo: logo(480, 120, color.NRGBA{0x0B, 0x6E, 0x4F, 0xFF}),
		Color: typeset.Color{0x0B, 0x4F, 0x3C},
	}
}

func partner() document.Company {
	return document.Company{Name: "Acme Partners", Address: []string{"25 Market Street", "London"}, Logo: logo(300, 100, color.NRGBA{0xB4, 0x23, 0x18, 0xFF})}
}

// noto are Debian's fonts for Chinese, Japanese, Korean and Arabic; a test that needs them is skipped where they are not installed.
func noto(tb testing.TB) [][]byte {
	tb.Helper()
	var files [][]byte
	for _, name := range []string{
		"opentype/noto/NotoSansCJK-Regular.ttc", "opentype/noto/NotoSansCJK-Bold.ttc", "truetype/noto/NotoSansArabic-Regular.ttf", "truetype/noto/NotoSansArabic-Bold.ttf",
	} {
		data, err := os.ReadFile("/usr/share/fonts/" + name)
		if err != nil {
			tb.Skip("needs Debian's fonts-noto-cjk and fonts-noto-core: ", err)
		}
		files = append(files, data)
	}
	return files
}

// press is the vendor's press with no fonts, or with all that [noto] gives. Reading fonts takes longer than most of what is printed with
// them, so the tests share it.
func press(tb testing.TB, fonts ...[]byte) *document.Press {
	tb.Helper()
	made.mu.Lock()
	defer made.mu.Unlock()
	p := made.presses[len(fonts)]
	if p == nil {
		var err error
		p, err = document.New(fonts, vendor())
		require.NoError(tb, err)
		made.presses[len(fonts)] = p
	}
	return p
}

var made = struct {
	mu      sync.Mutex
	presses map[int]*document.Press // by how many fonts
}{presses: map[int]*document.Press{}}

func render(tb testing.TB, p *document.Press, kind contract.DocumentKind, q *contract.Quote, locale string) *document.Output {
	tb.Helper()
	out, err := p.Render(document.Input{Kind: kind, Quote: q, Partner: partner(), Locale: locale})
	require.NoError(tb, err)
	if dir := os.Getenv("PARTNERPORTAL_TEST_DOCUMENTS"); dir != "" { // to look at them
		name := strings.NewReplacer("/", "_", "#", "_").Replace(tb.Name())
		require.NoError(tb, os.WriteFile(dir+"/"+name+"-"+out.Locale+"."+string(kind), out.Content, 0o600))
	}
	return out
}
