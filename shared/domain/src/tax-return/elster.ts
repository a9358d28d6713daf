import { DomainError } from '../domain-error.ts';
import { formatMinor } from '../money.ts';
import { dayAfter, type Span } from '../open-days.ts';
import type { Ustva } from './de.ts';

/** Who files, and for when. */
export interface ElsterHead {
  period: Span;
  /** Name of the company. */
  name: string;
  /** Thirteen digits of the federal scheme; left out where it is not known. */
  taxNumber?: string | undefined;
  /** Day the file is made, YYYY-MM-DD. */
  day: string;
  /** A corrected return of a period that was filed before (Kz 10). */
  corrected: boolean;
}

/**
 * The UStVA as XML in the structure of ELSTER's Anmeldungssteuern: year, period, one element per figure, Kz 83 always.
 * What a transmission needs besides is not in it (transfer header, the software maker's Kz 09, signature), and it was
 * not checked against ELSTER's schema of the year. Throws TAX_PERIOD_INVALID for days that are no month or quarter.
 */
export function ustvaXml({ figures, kz83 }: Ustva, { period, name, taxNumber, day, corrected }: ElsterHead): string {
  const year = period.endsOn.slice(0, 4);
  const fields = [
    ...(corrected ? [element('Kz10', '1')] : []),
    ...figures.map(({ kz, unit, amount }) => element(`Kz${kz}`, unit === 'euros' ? `${amount}` : cents(amount))),
    element('Kz83', cents(kz83)),
  ];
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<Anmeldungssteuern xmlns="http://finkonsens.de/elster/elsteranmeldung/ustva/v${year}" version="${year}">`,
    `  ${element('Erstellungsdatum', day.replaceAll('-', ''))}`,
    `  <DatenLieferant>${element('Name', name)}</DatenLieferant>`,
    '  <Steuerfall>',
    '    <Umsatzsteuervoranmeldung>',
    ...[
      element('Jahr', year),
      element('Zeitraum', zeitraum(period)),
      ...(taxNumber === undefined ? [] : [element('Steuernummer', taxNumber)]),
      ...fields,
    ].map((field) => `      ${field}`),
    '    </Umsatzsteuervoranmeldung>',
    '  </Steuerfall>',
    '</Anmeldungssteuern>',
  ];
  return `${lines.join('\n')}\n`;
}

/** First and last month of each quarter. */
const QUARTERS = ['01 03', '04 06', '07 09', '10 12'];

/** "01" to "12" for months, "41" to "44" for quarters. */
function zeitraum({ startsOn, endsOn }: Span): string {
  const [first, last] = [startsOn.slice(5, 7), endsOn.slice(5, 7)];
  const isWhole = startsOn.endsWith('-01') && dayAfter(endsOn).endsWith('-01');
  if (isWhole && startsOn.slice(0, 7) === endsOn.slice(0, 7)) return first;
  const quarter = QUARTERS.indexOf(`${first} ${last}`) + 1;
  if (isWhole && quarter > 0 && startsOn.slice(0, 4) === endsOn.slice(0, 4)) return `4${quarter}`;
  const message = `A UStVA is of a calendar month or quarter, and ${startsOn} to ${endsOn} is neither.`;
  throw new DomainError('TAX_PERIOD_INVALID', message, startsOn);
}

function element(name: string, text: string): string {
  const escaped = text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<${name}>${escaped}</${name}>`;
}

function cents(amount: bigint): string {
  return formatMinor(amount, 'EUR');
}
