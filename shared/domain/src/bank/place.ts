import type { BankLine, BankStatement } from './statement.ts';

/** A line of a statement with what tells it from others. */
export interface PlacedLine extends BankLine {
  /** Equal for the same movement in every statement that shows it; lines that look alike have it in common. */
  content: string;
  /** What statement it stands in shows of its day: balance before the line, and of the day's begin and end. */
  before: bigint | null;
  dayOpens: bigint | null;
  dayCloses: bigint | null;
}

/** A line that is stored, as one statement showed it. */
export interface SeenLine {
  content: string;
  lineId: bigint;
  bookedOn: string;
  before: bigint | null;
  dayOpens: bigint | null;
  dayCloses: bigint | null;
}

/** Lines by day, with where each stands between the balances. */
export function placedLines({ opening, closing, lines }: BankStatement): PlacedLine[] {
  const ordered = lines.toSorted((a, b) => (a.bookedOn < b.bookedOn ? -1 : a.bookedOn > b.bookedOn ? 1 : 0));
  const total = lines.reduce((sum, line) => sum + line.amount, 0n);
  let balance = opening ?? (closing === null ? null : closing - total);
  const placed = ordered.map((line): PlacedLine => {
    const before = balance;
    if (balance !== null) balance += line.amount;
    return { ...line, content: contentOf(line), before, dayOpens: null, dayCloses: null };
  });
  for (const day of Map.groupBy(placed, (line) => line.bookedOn).values()) {
    const [first, last] = [day[0] as PlacedLine, day.at(-1) as PlacedLine];
    for (const line of day) {
      line.dayOpens = first.before;
      line.dayCloses = last.before === null ? null : last.before + last.amount;
    }
  }
  return placed;
}

/** With an id of the bank's the words do not matter: banks tell more of them later. */
function contentOf({ bookedOn, amount, bankId, ...told }: BankLine): string {
  if (bankId !== null) return JSON.stringify([bookedOn, String(amount), bankId]);
  const { valueOn, counterparty, counterpartyAccount, reference, text, endToEndId } = told;
  return JSON.stringify([
    bookedOn,
    String(amount),
    valueOn,
    counterparty,
    counterpartyAccount,
    reference,
    text,
    endToEndId,
  ]);
}

/**
 * Which stored line each line of a new statement is; null for those nobody has seen. Two lines that look alike are
 * one when they stand at the same balance, or when both statements show their day from its begin or to its end:
 * then the second only lists it in another order. Otherwise the one statement goes on where the other ended, and
 * both are kept. Statements without balances are taken to show whole days.
 */
export function recognise(lines: readonly PlacedLine[], seen: readonly SeenLine[]): (bigint | null)[] {
  const known = Map.groupBy(seen, (each) => each.content);
  const found: (bigint | null)[] = lines.map(() => null);
  const taken = new Set<bigint>();
  const pass = (fits: (line: PlacedLine, other: SeenLine) => boolean) => {
    lines.forEach((line, index) => {
      if (found[index] !== null) return;
      const match = known.get(line.content)?.find((other) => !taken.has(other.lineId) && fits(line, other));
      if (match === undefined) return;
      found[index] = match.lineId;
      taken.add(match.lineId);
    });
  };
  pass((line, other) => line.before !== null && line.before === other.before);
  pass(showsSameDay);
  return found;
}

function showsSameDay(line: PlacedLine, other: SeenLine): boolean {
  if (line.before === null || other.before === null) return true;
  return line.dayOpens === other.dayOpens || line.dayCloses === other.dayCloses;
}
