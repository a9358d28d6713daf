import type { TaxCode } from '../chart.ts';
import { abs, formatMoney, sum } from '../money.ts';
import { taxInGross } from '../tax.ts';
import type { BankLine } from './statement.ts';

/** What a line is booked on, with the bank's sign; with its tax it comes to the line's amount. */
export interface BankPosting {
  account?: string | undefined;
  role?: string | undefined;
  net: bigint;
  tax: bigint;
  taxCode?: string | undefined;
  party?: string | undefined;
  document?: string | undefined;
}

/** Something in the books that a bank line may be; amounts in the account's currency with the bank's sign. */
export interface BankCandidate {
  /**
   * `entry`: a line that is booked on the bank account already, to be linked only. `clears`: money under way on
   * another account (cash in transit, a filed tax return). `item`: an open invoice, credit note or bill.
   */
  kind: 'entry' | 'clears' | 'item';
  id: string;
  account: string;
  amount: bigint;
  on: string;
  /** As `plainWords` makes them, like the references. */
  names: readonly string[];
  references: readonly string[];
  party: string | null;
  document: string | null;
  /** Days that may lie between it and the bank's booking: before, and after. */
  days: readonly [before: number, after: number];
}

/** What a person decided for lines of a kind; `role` or `account`, and the tax in the amount. */
export interface BankRule {
  id: bigint;
  contains: string;
  direction: 'in' | 'out' | 'both';
  account: string | null;
  role: string | null;
  taxCode: string | null;
}

/** What a line may be: nothing but linked to `links`, or booked as `post`; `score` up to 100. */
export interface BankChoice {
  /** "entry 12/1", "clears 15/2", "items 4+6", "rule 3": what it claims, once. */
  subject: string;
  score: number;
  why: string;
  post: BankPosting[] | null;
}

export interface BankFacts {
  candidates: readonly BankCandidate[];
  rules: readonly BankRule[];
  taxCodes: ReadonlyMap<string, TaxCode>;
  currency: string;
  /** Subjects that a person has refused for this line. */
  refused: ReadonlySet<string>;
}

/** Below this a likeness is chance. */
const LEAST_SCORE = 50;
const MOST_SUGGESTIONS = 3;

/**
 * What a bank line is: first what is certain (a booked line or open items whose reference it names, to the cent; a
 * booked line or money under way of its amount in the days around; a rule), and without that what resembles it,
 * best first.
 */
export function matchBankLine(line: BankLine, facts: BankFacts): { sure: BankChoice | null; likely: BankChoice[] } {
  const candidates = facts.candidates.filter((each) => !facts.refused.has(subjectOf([each])));
  const known = { ...facts, candidates };
  const sure =
    bookedAndNamed(line, known) ??
    itemsNamed(line, known) ??
    booked(line, known) ??
    underWay(line, known) ??
    ruled(line, known);
  return { sure, likely: sure ? [] : resembling(line, known) };
}

const CERTAIN = 100;

function bookedAndNamed(line: BankLine, { candidates, currency }: BankFacts): BankChoice | null {
  const named = inTime(line, candidates, 'entry').filter((each) => mentions(line, each));
  const best = nearest(line, named);
  return best ? choice([best], CERTAIN, `booked as ${money(line, currency)} and named`, null) : null;
}

/** All the open items that the words name, where they come to the amount; or the only one of them that does. */
function itemsNamed(line: BankLine, { candidates, currency, refused }: BankFacts): BankChoice | null {
  const named = candidates.filter((each) => each.kind === 'item' && mentions(line, each));
  const equal = named.filter(({ amount }) => amount === line.amount);
  const isAll = named.length > 0 && sum(named.map(({ amount }) => amount)) === line.amount;
  const chosen = equal.length === 1 ? equal : isAll ? named : [];
  if (chosen.length === 0 || refused.has(subjectOf(chosen))) return null;
  const documents = chosen.map(({ document }) => document ?? '').join(', ');
  return choice(chosen, CERTAIN, `names ${documents}, open with ${money(line, currency)}`, chosen.map(postingOf));
}

function booked(line: BankLine, { candidates, currency }: BankFacts): BankChoice | null {
  const best = nearest(line, inTime(line, candidates, 'entry'));
  return best ? choice([best], CERTAIN, `booked as ${money(line, currency)} on ${best.on}`, null) : null;
}

/** Equal deposits are cleared oldest first: what is booked is the same. */
function underWay(line: BankLine, { candidates, currency }: BankFacts): BankChoice | null {
  const found = inTime(line, candidates, 'clears');
  const accounts = new Set(found.map(({ account }) => account));
  const [oldest] = found.toSorted(byDay);
  if (!oldest || accounts.size !== 1) return null;
  return choice([oldest], CERTAIN, `${money(line, currency)} under way since ${oldest.on}`, [postingOf(oldest)]);
}

function ruled(line: BankLine, { rules, taxCodes, refused }: BankFacts): BankChoice | null {
  const words = wordsOf(line);
  const direction = line.amount < 0n ? 'out' : 'in';
  const rule = rules.find(
    (each) =>
      !refused.has(`rule ${each.id}`) &&
      (each.direction === 'both' || each.direction === direction) &&
      words.includes(plainWords(each.contains)),
  );
  if (!rule) return null;
  const { id, contains, account, role, taxCode } = rule;
  const target = account === null ? { role: role ?? '' } : { account };
  const post = [postingFor(line.amount, target, taxCode, taxCodes)];
  return { subject: `rule ${id}`, score: CERTAIN, why: `rule "${contains}"`, post };
}

/** A posting of the whole amount, with the tax in it taken out at the code's rate (accounting.md A7). */
export function postingFor(
  amount: bigint,
  target: {
    account?: string | undefined;
    role?: string | undefined;
    party?: string | undefined;
    document?: string | undefined;
  },
  taxCode: string | null | undefined,
  taxCodes: ReadonlyMap<string, TaxCode>,
): BankPosting {
  const code = taxCode ? taxCodes.get(taxCode) : undefined;
  const tax = code && !code.reverseCharge ? taxInGross(amount, code.rate) : 0n;
  return { ...target, net: amount - tax, tax, ...(taxCode && { taxCode }) };
}

function resembling(line: BankLine, { candidates, currency }: BankFacts): BankChoice[] {
  const scored = candidates
    .filter(({ amount, kind }) => amount > 0n === line.amount > 0n && (kind === 'item' || amount === line.amount))
    .map((each) => ({ each, ...likeness(line, each, currency) }))
    .filter(({ score }) => score >= LEAST_SCORE)
    .sort((a, b) => b.score - a.score || byDay(a.each, b.each));
  return scored.slice(0, MOST_SUGGESTIONS).map(({ each, score, why }) => {
    const post = each.kind === 'entry' ? null : [{ ...postingOf(each), net: line.amount }];
    return choice([each], score, why, post);
  });
}

/** Points for amount (50), days (15), name (25) and reference (35), at most 100 together; and what gave them. */
function likeness(line: BankLine, candidate: BankCandidate, currency: string): { score: number; why: string } {
  const apart = abs(line.amount - candidate.amount);
  const days = daysBetween(candidate.on, line.bookedOn);
  const size = abs(days);
  const points: [number, string][] = [
    apart === 0n
      ? [50, 'same amount']
      : apart * 50n <= abs(candidate.amount)
        ? [30, `${formatMoney({ minor: apart, currency })} apart`]
        : [0, ''],
    size <= 3n ? [15, apartOf(size)] : size <= 14n ? [10, apartOf(size)] : size <= 45n ? [5, ''] : [0, ''],
    [nameLikeness(line, candidate.names), 'name'],
    mentions(line, candidate) ? [35, 'reference'] : [0, ''],
  ];
  const why = points.flatMap(([score, what]) => (score > 0 && what !== '' ? [what] : [])).join(', ');
  return {
    score: Math.min(
      99,
      points.reduce((total, [score]) => total + score, 0),
    ),
    why,
  };
}

function apartOf(days: bigint): string {
  return days === 1n ? '1 day apart' : `${days} days apart`;
}

/** Up to 25 for the share of the name's words that the line has. */
function nameLikeness(line: BankLine, names: readonly string[]): number {
  const words = new Set(wordsOf(line).split(' '));
  const shares = names.map((name) => {
    const own = name.split(' ').filter((word) => word.length > 1 && !COMPANY_FORMS.has(word));
    return own.length === 0 ? 0 : Math.floor((25 * own.filter((word) => words.has(word)).length) / own.length);
  });
  return Math.max(0, ...shares);
}

const COMPANY_FORMS = new Set([
  'gmbh',
  'ag',
  'ltd',
  'limited',
  'inc',
  'llc',
  'co',
  'kg',
  'plc',
  'sa',
  'bv',
  'the',
  'und',
  'and',
]);

function inTime(line: BankLine, candidates: readonly BankCandidate[], kind: BankCandidate['kind']): BankCandidate[] {
  return candidates.filter((each) => {
    if (each.kind !== kind || each.amount !== line.amount) return false;
    const days = daysBetween(each.on, line.bookedOn);
    return days >= 0n ? days <= BigInt(each.days[0]) : -days <= BigInt(each.days[1]);
  });
}

/** The one that is nearest in days; of several the older, then the one recorded first. */
function nearest(line: BankLine, found: readonly BankCandidate[]): BankCandidate | undefined {
  const apart = ({ on }: BankCandidate) => abs(daysBetween(on, line.bookedOn));
  return found.toSorted((a, b) => (apart(a) < apart(b) ? -1 : apart(a) > apart(b) ? 1 : byDay(a, b)))[0];
}

function byDay(a: BankCandidate, b: BankCandidate): number {
  if (a.on !== b.on) return a.on < b.on ? -1 : 1;
  return a.id.length - b.id.length || (a.id < b.id ? -1 : 1);
}

function daysBetween(from: string, to: string): bigint {
  return BigInt(Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000));
}

/** Whether the line's words hold one of the references, whatever stands between its parts. */
function mentions(line: BankLine, { references }: BankCandidate): boolean {
  const words = ` ${wordsOf(line)} `;
  const joined = words.replaceAll(' ', '');
  return references.some((sought) => {
    // Short numbers occur by chance; longer ones may be written apart or together.
    if (sought.length < 3) return false;
    return words.includes(` ${sought} `) || (sought.length >= 8 && joined.includes(sought.replaceAll(' ', '')));
  });
}

function wordsOf({ counterparty, text, reference, endToEndId, counterpartyAccount }: BankLine): string {
  return plainWords([counterparty, text, reference, endToEndId, counterpartyAccount].filter(Boolean).join(' '));
}

/** Lower case, without accents, words and numbers apart by single blanks. */
export function plainWords(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function postingOf({ account, amount, party, document }: BankCandidate): BankPosting {
  return { account, net: amount, tax: 0n, ...(party !== null && { party }), ...(document !== null && { document }) };
}

function choice(of: readonly BankCandidate[], score: number, why: string, post: BankPosting[] | null): BankChoice {
  return { subject: subjectOf(of), score, why, post };
}

/** What candidates are called together: items may be several, everything else is one. */
function subjectOf(of: readonly BankCandidate[]): string {
  const [{ kind, id }] = of as [BankCandidate];
  return kind === 'item' ? `items ${of.map((each) => each.id).join('+')}` : `${kind} ${id}`;
}

function money({ amount }: BankLine, currency: string): string {
  return formatMoney({ minor: amount, currency });
}
