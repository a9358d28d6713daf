/** A column of a file: its heading, and whether its values are text, which is quoted even when empty. */
export interface Column {
  heading: string;
  quoted: boolean;
}

/** Columns from lines of headings divided by semicolons; a quotation mark before a heading makes it text. */
function columnsOf(text: string): Column[] {
  return text
    .trim()
    .split(/;\s*/)
    .map((heading) => ({ heading: heading.replace(/^"/, ''), quoted: heading.startsWith('"') }));
}

function numbered(from: number, to: number, text: (n: number) => string): string {
  return Array.from({ length: to - from + 1 }, (_, index) => text(from + index)).join(';');
}

/** Category 21, version 13; version 12 lacks the last. */
export const BOOKING_COLUMNS =
  columnsOf(`Umsatz (ohne Soll/Haben-Kz);"Soll/Haben-Kennzeichen;"WKZ Umsatz;Kurs;Basis-Umsatz;
"WKZ Basis-Umsatz;Konto;Gegenkonto (ohne BU-Schlüssel);"BU-Schlüssel;Belegdatum;"Belegfeld 1;"Belegfeld 2;Skonto;
"Buchungstext;Postensperre;"Diverse Adressnummer;Geschäftspartnerbank;Sachverhalt;Zinssperre;"Beleglink;
${numbered(1, 8, (n) => `"Beleginfo - Art ${n};"Beleginfo - Inhalt ${n}`)};
"KOST1 - Kostenstelle;"KOST2 - Kostenstelle;Kost-Menge;"EU-Land u. UStID (Bestimmung);EU-Steuersatz (Bestimmung);
"Abw. Versteuerungsart;Sachverhalt L+L;Funktionsergänzung L+L;BU 49 Hauptfunktionstyp;BU 49 Hauptfunktionsnummer;
BU 49 Funktionsergänzung;${numbered(1, 20, (n) => `"Zusatzinformation - Art ${n};"Zusatzinformation- Inhalt ${n}`)};
Stück;Gewicht;Zahlweise;"Forderungsart;Veranlagungsjahr;Zugeordnete Fälligkeit;Skontotyp;"Auftragsnummer;"Buchungstyp;
USt-Schlüssel (Anzahlungen);"EU-Land (Anzahlungen);Sachverhalt L+L (Anzahlungen);EU-Steuersatz (Anzahlungen);
Erlöskonto (Anzahlungen);"Herkunft-Kz;"Buchungs GUID;KOST-Datum;"SEPA-Mandatsreferenz;Skontosperre;"Gesellschaftername;
Beteiligtennummer;"Identifikationsnummer;"Zeichnernummer;Postensperre bis;"Bezeichnung SoBil-Sachverhalt;
Kennzeichen SoBil-Buchung;Festschreibung;Leistungsdatum;Datum Zuord. Steuerperiode;Fälligkeit;"Generalumkehr (GU);
Steuersatz;"Land;"Abrechnungsreferenz;BVV-Position;"EU-Land u. UStID (Ursprung);EU-Steuersatz (Ursprung);
Abw. Skontokonto`);

function bank(n: number): string {
  return `"Bankleitzahl ${n};"Bankbezeichnung ${n};"Bank-Kontonummer ${n};"Länderkennzeichen ${n};"IBAN-Nr. ${n};"Leerfeld;
"SWIFT-Code ${n};"Abw. Kontoinhaber ${n};"Kennz. Hauptbankverb. ${n};Bankverb ${n} Gültig von;Bankverb ${n} Gültig bis`;
}

/** Category 16, version 5. */
export const PERSON_COLUMNS = columnsOf(`Konto;"Name (Adressattyp Unternehmen);"Unternehmensgegenstand;
"Name (Adressattyp natürl. Person);"Vorname (Adressattyp natürl. Person);"Name (Adressattyp keine Angabe);"Adressattyp;
"Kurzbezeichnung;"EU-Land;"EU-UStID;"Anrede;"Titel/Akad. Grad;"Adelstitel;"Namensvorsatz;"Adressart;"Straße;"Postfach;
"Postleitzahl;"Ort;"Land;"Versandzusatz;"Adresszusatz;"Abweichende Anrede;"Abw. Zustellbezeichnung 1;
"Abw. Zustellbezeichnung 2;Kennz. Korrespondenzadresse;Adresse Gültig von;Adresse Gültig bis;"Telefon;
"Bemerkung (Telefon);"Telefon GL;"Bemerkung (Telefon GL);"E-Mail;"Bemerkung (E-Mail);"Internet;"Bemerkung (Internet);
"Fax;"Bemerkung (Fax);"Sonstige;"Bemerkung (Sonstige);${numbered(1, 5, bank)};"Leerfeld;"Briefanrede;"Grußformel;
"Kunden-/Lief.-Nr.;"Steuernummer;"Sprache;"Ansprechpartner;"Vertreter;"Sachbearbeiter;Diverse-Konto;Ausgabeziel;
"Währungssteuerung;Kreditlimit (Debitor);Zahlungsbedingung;Fälligkeit in Tagen (Debitor);Skonto in Prozent (Debitor);
Kreditoren-Ziel 1 Tg.;Kreditoren-Skonto 1 %;Kreditoren-Ziel 2 Tg.;Kreditoren-Skonto 2 %;Kreditoren-Ziel 3 Brutto Tg.;
Kreditoren-Ziel 4 Tg.;Kreditoren-Skonto 4 %;Kreditoren-Ziel 5 Tg.;Kreditoren-Skonto 5 %;Mahnung;Kontoauszug;Mahntext 1;
Mahntext 2;Mahntext 3;Kontoauszugstext;Mahnlimit Betrag;Mahnlimit %;Zinsberechnung;Mahnzinssatz 1;Mahnzinssatz 2;
Mahnzinssatz 3;"Lastschrift;"Leerfeld;Mandantenbank;"Zahlungsträger;${numbered(1, 15, (n) => `"Indiv. Feld ${n}`)};
"Abweichende Anrede (Rechnungsadresse);"Adressart (Rechnungsadresse);"Straße (Rechnungsadresse);
"Postfach (Rechnungsadresse);"Postleitzahl (Rechnungsadresse);"Ort (Rechnungsadresse);"Land (Rechnungsadresse);
"Versandzusatz (Rechnungsadresse);"Adresszusatz (Rechnungsadresse);"Abw. Zustellbezeichnung 1 (Rechnungsadresse);
"Abw. Zustellbezeichnung 2 (Rechnungsadresse);Adresse Gültig von (Rechnungsadresse);
Adresse Gültig bis (Rechnungsadresse);${numbered(6, 10, bank)};"Nummer Fremdsystem;Insolvent;
${numbered(1, 10, (n) => `"SEPA-Mandatsreferenz ${n}`)};Verknüpftes OPOS-Konto;Mahnsperre bis;Lastschriftsperre bis;
Zahlungssperre bis;Gebührenberechnung;Mahngebühr 1;Mahngebühr 2;Mahngebühr 3;Pauschalenberechnung;Verzugspauschale 1;
Verzugspauschale 2;Verzugspauschale 3;"Alternativer Suchname;Status;
Anschrift manuell geändert (Korrespondenzadresse);"Anschrift individuell (Korrespondenzadresse);
Anschrift manuell geändert (Rechnungsadresse);"Anschrift individuell (Rechnungsadresse);Fristberechnung bei Debitor;
Mahnfrist 1;Mahnfrist 2;Mahnfrist 3;Letzte Frist`);

/** The headings' line. */
export function headingsLine(columns: readonly Column[]): string {
  return `${columns.map(({ heading }) => heading).join(';')}\r\n`;
}

/** One row: values by the number of their column, from 1; quotes within text are doubled, other columns are empty. */
export function rowLine(columns: readonly Column[], values: Readonly<Record<number, string | undefined>>): string {
  const fields = columns.map(({ quoted }, index) => {
    const value = values[index + 1] ?? '';
    return quoted ? `"${value.replaceAll('"', '""')}"` : value;
  });
  return `${fields.join(';')}\r\n`;
}
