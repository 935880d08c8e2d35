package document

import "golang.org/x/text/language"

// words are those of a document in one language.
type words struct {
	Day    string // of a day, a month and a year
	Months [12]string

	Quote, Number, Version, Date, ValidUntil              string
	PreparedFor, PreparedBy, Also                         string
	Draft, Superseded, Expired, Declined, Canceled        string
	Position, Product, Quantity, List, Discount, Unit     string
	Amount, Optional, NotIncluded                         string
	Description, UOM, Term                                string // of workbooks
	Month, Terms, From                                    string // %d months, from %s
	ListTotal, Reduction, Net, Freight, Tax, Total, AllIn string // all amounts in %s
	Notes, Conditions                                     string
	Acceptance, Declaration                               string // of quote %s, version %s
	Name, Role, PlaceDate, Signature, Reference           string
	Accepted                                              string // on %s
	Page                                                  string // %d of %d
}

// dictionary has the languages that there are words for; the first is for all others.
var dictionary = []struct {
	tag   language.Tag
	words words
}{
	{language.English, english},
	{language.German, german},
	{language.French, french},
	{language.Spanish, spanish},
	{language.Italian, italian},
	{language.Dutch, dutch},
	{language.Portuguese, portuguese},
}

var matcher = func() language.Matcher {
	tags := make([]language.Tag, len(dictionary))
	for i, d := range dictionary {
		tags[i] = d.tag
	}
	return language.NewMatcher(tags)
}()

var english = words{
	Day:    "%d %s %d",
	Months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	Quote:  "Quote", Number: "Quote no.", Version: "Version", Date: "Date", ValidUntil: "Valid until",
	PreparedFor: "Prepared for", PreparedBy: "Prepared by", Also: "Also involved",
	Draft: "Draft. This is not an offer.", Superseded: "Superseded by a later version.", Expired: "Expired.", Declined: "Declined.", Canceled: "Canceled.",
	Position: "#", Product: "Product", Quantity: "Qty", List: "List price", Discount: "Disc.", Unit: "Unit price", Amount: "Amount",
	Optional: "Optional", NotIncluded: "Optional items are not included in the total.",
	Description: "Description", UOM: "Unit", Term: "Term",
	Month: "1 month", Terms: "%d months", From: "from %s",
	ListTotal: "List price", Reduction: "Discount", Net: "Net", Freight: "Freight", Tax: "Tax", Total: "Total", AllIn: "All amounts in %s.",
	Notes: "Notes", Conditions: "Terms and conditions",
	Acceptance: "Acceptance", Declaration: "We accept quote %s, version %s, and order the items in it.",
	Name: "Name", Role: "Position", PlaceDate: "Place, date", Signature: "Signature", Reference: "Your reference",
	Accepted: "Accepted on %s", Page: "Page %d of %d",
}

var german = words{
	Day:    "%d. %s %d",
	Months: [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
	Quote:  "Angebot", Number: "Angebot Nr.", Version: "Version", Date: "Datum", ValidUntil: "Gültig bis",
	PreparedFor: "Angebot für", PreparedBy: "Angebot von", Also: "Außerdem beteiligt",
	Draft: "Entwurf. Dies ist kein Angebot.", Superseded: "Durch eine spätere Version ersetzt.", Expired: "Abgelaufen.", Declined: "Abgelehnt.", Canceled: "Storniert.",
	Position: "Pos.", Product: "Produkt", Quantity: "Menge", List: "Listenpreis", Discount: "Rabatt", Unit: "Einzelpreis", Amount: "Betrag",
	Optional: "Optional", NotIncluded: "Optionale Positionen sind im Gesamtbetrag nicht enthalten.",
	Description: "Beschreibung", UOM: "Einheit", Term: "Laufzeit",
	Month: "1 Monat", Terms: "%d Monate", From: "ab %s",
	ListTotal: "Listenpreis", Reduction: "Rabatt", Net: "Netto", Freight: "Fracht", Tax: "Steuer", Total: "Gesamtbetrag", AllIn: "Alle Beträge in %s.",
	Notes: "Hinweise", Conditions: "Bedingungen",
	Acceptance: "Annahme", Declaration: "Wir nehmen das Angebot %s, Version %s, an und bestellen die aufgeführten Positionen.",
	Name: "Name", Role: "Funktion", PlaceDate: "Ort, Datum", Signature: "Unterschrift", Reference: "Ihr Zeichen",
	Accepted: "Angenommen am %s", Page: "Seite %d von %d",
}

var french = words{
	Day:    "%d %s %d",
	Months: [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	Quote:  "Devis", Number: "Devis n°", Version: "Version", Date: "Date", ValidUntil: "Valable jusqu’au",
	PreparedFor: "Établi pour", PreparedBy: "Établi par", Also: "Autres intervenants",
	Draft: "Brouillon. Ceci n’est pas une offre.", Superseded: "Remplacé par une version ultérieure.", Expired: "Expiré.", Declined: "Refusé.", Canceled: "Annulé.",
	Position: "N°", Product: "Produit", Quantity: "Qté", List: "Prix catalogue", Discount: "Remise", Unit: "Prix unitaire", Amount: "Montant",
	Optional: "En option", NotIncluded: "Les options ne sont pas comprises dans le total.",
	Description: "Description", UOM: "Unité", Term: "Durée",
	Month: "1 mois", Terms: "%d mois", From: "à partir du %s",
	ListTotal: "Prix catalogue", Reduction: "Remise", Net: "Net", Freight: "Transport", Tax: "Taxes", Total: "Total", AllIn: "Tous les montants sont en %s.",
	Notes: "Remarques", Conditions: "Conditions",
	Acceptance: "Acceptation", Declaration: "Nous acceptons le devis %s, version %s, et commandons les articles qu’il contient.",
	Name: "Nom", Role: "Fonction", PlaceDate: "Lieu, date", Signature: "Signature", Reference: "Votre référence",
	Accepted: "Accepté le %s", Page: "Page %d sur %d",
}
