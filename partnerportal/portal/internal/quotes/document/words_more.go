package document

var spanish = words{
	Day:    "%d de %s de %d",
	Months: [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
	Quote:  "Presupuesto", Number: "Presupuesto n.º", Version: "Versión", Date: "Fecha", ValidUntil: "Válido hasta",
	PreparedFor: "Preparado para", PreparedBy: "Preparado por", Also: "También participan",
	Draft: "Borrador. No es una oferta.", Superseded: "Sustituido por una versión posterior.", Expired: "Caducado.", Declined: "Rechazado.", Canceled: "Anulado.",
	Position: "N.º", Product: "Producto", Quantity: "Cant.", List: "Precio de lista", Discount: "Dto.", Unit: "Precio unitario", Amount: "Importe",
	Optional: "Opcional", NotIncluded: "Los artículos opcionales no están incluidos en el total.",
	Description: "Descripción", UOM: "Unidad", Term: "Plazo",
	Month: "1 mes", Terms: "%d meses", From: "desde el %s",
	ListTotal: "Precio de lista", Reduction: "Descuento", Net: "Neto", Freight: "Portes", Tax: "Impuestos", Total: "Total", AllIn: "Todos los importes en %s.",
	Notes: "Notas", Conditions: "Condiciones",
	Acceptance: "Aceptación", Declaration: "Aceptamos el presupuesto %s, versión %s, y pedimos los artículos que contiene.",
	Name: "Nombre", Role: "Cargo", PlaceDate: "Lugar y fecha", Signature: "Firma", Reference: "Su referencia",
	Accepted: "Aceptado el %s", Page: "Página %d de %d",
}

var italian = words{
	Day:    "%d %s %d",
	Months: [12]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
	Quote:  "Preventivo", Number: "Preventivo n.", Version: "Versione", Date: "Data", ValidUntil: "Valido fino al",
	PreparedFor: "Preparato per", PreparedBy: "Preparato da", Also: "Altre parti",
	Draft: "Bozza. Questa non è un’offerta.", Superseded: "Sostituito da una versione successiva.", Expired: "Scaduto.", Declined: "Rifiutato.", Canceled: "Annullato.",
	Position: "N.", Product: "Prodotto", Quantity: "Qtà", List: "Prezzo di listino", Discount: "Sconto", Unit: "Prezzo unitario", Amount: "Importo",
	Optional: "Opzionale", NotIncluded: "Le voci opzionali non sono comprese nel totale.",
	Description: "Descrizione", UOM: "Unità", Term: "Durata",
	Month: "1 mese", Terms: "%d mesi", From: "dal %s",
	ListTotal: "Prezzo di listino", Reduction: "Sconto", Net: "Netto", Freight: "Trasporto", Tax: "Imposte", Total: "Totale", AllIn: "Tutti gli importi in %s.",
	Notes: "Note", Conditions: "Condizioni",
	Acceptance: "Accettazione", Declaration: "Accettiamo il preventivo %s, versione %s, e ordiniamo gli articoli che contiene.",
	Name: "Nome", Role: "Funzione", PlaceDate: "Luogo, data", Signature: "Firma", Reference: "Vostro riferimento",
	Accepted: "Accettato il %s", Page: "Pagina %d di %d",
}

var dutch = words{
	Day:    "%d %s %d",
	Months: [12]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"},
	Quote:  "Offerte", Number: "Offertenr.", Version: "Versie", Date: "Datum", ValidUntil: "Geldig tot en met",
	PreparedFor: "Opgesteld voor", PreparedBy: "Opgesteld door", Also: "Ook betrokken",
	Draft: "Concept. Dit is geen aanbod.", Superseded: "Vervangen door een latere versie.", Expired: "Verlopen.", Declined: "Afgewezen.", Canceled: "Geannuleerd.",
	Position: "Nr.", Product: "Product", Quantity: "Aantal", List: "Lijstprijs", Discount: "Korting", Unit: "Stukprijs", Amount: "Bedrag",
	Optional: "Optioneel", NotIncluded: "Optionele posten zijn niet in het totaal begrepen.",
	Description: "Omschrijving", UOM: "Eenheid", Term: "Looptijd",
	Month: "1 maand", Terms: "%d maanden", From: "vanaf %s",
	ListTotal: "Lijstprijs", Reduction: "Korting", Net: "Netto", Freight: "Vracht", Tax: "Belasting", Total: "Totaal", AllIn: "Alle bedragen in %s.",
	Notes: "Opmerkingen", Conditions: "Voorwaarden",
	Acceptance: "Akkoord", Declaration: "Wij aanvaarden offerte %s, versie %s, en bestellen de artikelen daarin.",
	Name: "Naam", Role: "Functie", PlaceDate: "Plaats, datum", Signature: "Handtekening", Reference: "Uw kenmerk",
	Accepted: "Aanvaard op %s", Page: "Pagina %d van %d",
}

var portuguese = words{
	Day:    "%d de %s de %d",
	Months: [12]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"},
	Quote:  "Proposta", Number: "Proposta n.º", Version: "Versão", Date: "Data", ValidUntil: "Válida até",
	PreparedFor: "Preparada para", PreparedBy: "Preparada por", Also: "Também participam",
	Draft: "Rascunho. Não é uma oferta.", Superseded: "Substituída por uma versão posterior.", Expired: "Expirada.", Declined: "Recusada.", Canceled: "Cancelada.",
	Position: "N.º", Product: "Produto", Quantity: "Qtd.", List: "Preço de tabela", Discount: "Desc.", Unit: "Preço unitário", Amount: "Valor",
	Optional: "Opcional", NotIncluded: "Os itens opcionais não estão incluídos no total.",
	Description: "Descrição", UOM: "Unidade", Term: "Prazo",
	Month: "1 mês", Terms: "%d meses", From: "a partir de %s",
	ListTotal: "Preço de tabela", Reduction: "Desconto", Net: "Líquido", Freight: "Frete", Tax: "Impostos", Total: "Total", AllIn: "Todos os valores em %s.",
	Notes: "Notas", Conditions: "Condições",
	Acceptance: "Aceitação", Declaration: "Aceitamos a proposta %s, versão %s, e encomendamos os itens nela contidos.",
	Name: "Nome", Role: "Cargo", PlaceDate: "Local e data", Signature: "Assinatura", Reference: "Sua referência",
	Accepted: "Aceita em %s", Page: "Página %d de %d",
}
