import { DomainError } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import type { DatevBooks, PersonKind } from './books.ts';
import { PERSON_COLUMNS, rowLine } from './columns.ts';
import type { Leg } from './legs.ts';
import { textOf } from './rows.ts';

const FORMAT = 'datev';

/** First and last number with accounts of four digits (providers/datev.md 6): debtors begin with 1–6, creditors 7–9. */
const RANGES: Readonly<Record<PersonKind, [first: number, last: number]>> = {
  debtor: [10_000, 69_999],
  creditor: [70_000, 99_999],
};

/** Who a number stands for. The party '' is everybody without a name. */
export interface Person {
  kind: PersonKind;
  party: string;
  number: number;
}

/** Numbers of persons, those already given and those that a run gives. */
export interface Persons {
  /** The number on which a leg on a control account is booked. Throws EXPORT_REFUSED when none is left. */
  numberOf(kind: PersonKind, party: string | null): string;
  /** Everybody who was asked for, in order of numbers. */
  used(): Person[];
  /** Keeps the numbers that were given. */
  keep(tx: Tx): Promise<void>;
}

/** The numbers that persons of a company have. */
export async function loadPersons(tx: Tx, companyId: string, accountLength: number): Promise<Persons> {
  const rows = await tx<Person[]>`
    select kind, party, number from export_persons where company_id = ${companyId} and format = ${FORMAT}`;
  const known = new Map(rows.map((row) => [`${row.kind} ${row.party}`, row]));
  const [used, given] = [new Map<string, Person>(), [] as Person[]];
  const last = new Map([...Map.groupBy(rows, ({ kind }) => kind)].map(([kind, all]) => [kind, highest(all)]));
  const give = (kind: PersonKind, party: string): Person => {
    const [first, end] = RANGES[kind].map((each) => scaled(each, accountLength)) as [number, number];
    const number = party === '' ? first : Math.max(last.get(kind) ?? first, first) + 1;
    if (number > end + scaled(1, accountLength) - 1) throw noneLeft(kind, end);
    if (party !== '') last.set(kind, number);
    given.push({ kind, party, number });
    return { kind, party, number };
  };
  return {
    numberOf(kind, party) {
      const name = `${kind} ${party ?? ''}`;
      const person = known.get(name) ?? give(kind, party ?? '');
      known.set(name, person);
      used.set(name, person);
      return String(person.number);
    },
    used: () => [...used.values()].sort((a, b) => a.number - b.number),
    async keep(into) {
      for (const { kind, party, number } of given)
        await into`
          insert into export_persons (company_id, format, kind, party, number)
          values (${companyId}, ${FORMAT}, ${kind}, ${party}, ${number})`;
    },
  };
}

/** The number of a leg: its person's on control accounts, else its account's. */
export function legNumber(books: DatevBooks, persons: Pick<Persons, 'numberOf'>) {
  return (leg: Leg): string => {
    const kind = books.controls.get(leg.account);
    return kind ? persons.numberOf(kind, leg.party) : (books.numbers.get(leg.account) ?? '');
  };
}

/** What is known of a person: nothing but what the master data need. */
export interface PersonFacts {
  name?: string | undefined;
  country?: string | undefined;
  taxNumber?: string | undefined;
}

const EU_VAT =
  /^(AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)([A-Z0-9+*]{2,13})$/;

/** The line of a person in the master data. */
export function personLine({ kind, party, number }: Person, facts: PersonFacts): string {
  const collective = kind === 'debtor' ? 'Diverse Debitoren' : 'Diverse Kreditoren';
  const name = textOf(party === '' ? collective : (facts.name ?? party), 50);
  const [, euCountry = '', vat = ''] = EU_VAT.exec((facts.taxNumber ?? '').replaceAll(/[ .-]/g, '')) ?? [];
  const country = /^[A-Z]{2}$/.test(facts.country ?? '') ? (facts.country as string) : '';
  const ownNumber = textOf(party, 16);
  return rowLine(PERSON_COLUMNS, {
    1: String(number),
    6: name,
    7: '0',
    8: textOf(name, 15),
    9: euCountry,
    10: vat,
    20: country,
    ...(ownNumber.length <= 15 && { 99: ownNumber }),
  });
}

/** Names and tax numbers of persons, from the newest fact of each that a range of entries tells. */
export async function factsOf(
  tx: Tx,
  companyId: string,
  parties: readonly string[],
): Promise<Map<string, PersonFacts>> {
  const rows = await tx<(PersonFacts & { party: string })[]>`
    select distinct on (party) party, who->>'name' as name, who->>'country' as country, who->>'taxNumber' as "taxNumber"
    from (
      select l.party, e.sequence,
        case when v.payload->'supplier'->>'id' = l.party then v.payload->'supplier' else v.payload->'customer' end as who
      from journal_lines l join journal_entries e on e.id = l.entry_id join events v on v.id = e.event_id
      where l.company_id = ${companyId} and l.party = any(${[...parties]})
    ) told
    where who->>'id' = party and who->>'name' is not null order by party, sequence desc`;
  return new Map(rows.map(({ party, name, country, taxNumber }) => [party, { name, country, taxNumber }]));
}

function highest(persons: readonly Person[]): number {
  return Math.max(...persons.map(({ number }) => number));
}

/** Numbers have one digit more than ledger accounts. */
function scaled(number: number, accountLength: number): number {
  return number * 10 ** (accountLength - 4);
}

function noneLeft(kind: PersonKind, end: number): DomainError {
  return new DomainError(
    'EXPORT_REFUSED',
    `All ${kind} numbers up to ${end} are given. Set a longer accountLength, which has ten times as many.`,
    kind,
  );
}
