import { type Books, formatMinor } from '@daybook/domain';
import { drawTable } from './table.ts';
import type { WhatIf } from './what-if.ts';
import type { SummarisedDay } from './what-if-days.ts';
import type { Difference, Moved } from './what-if-effects.ts';

/** How much of the past a terminal shows; JSON has all of it. */
const MOST_DAYS = 5;
const MOST_RECEIPTS = 8;

type Show = (minor: bigint) => string;

/** A what-if for a person: of summarised days the latest, with the receipts that would move most. */
export function whatIfTable(found: WhatIf, { functionalCurrency }: Pick<Books, 'functionalCurrency'>): string {
  const show: Show = (minor) => formatMinor(minor, functionalCurrency);
  return [
    `${found.events} past events, ${found.ledger.entriesChanged} journal entries would be others.\n`,
    accountsTable('Our ledger', found.ledger.accounts, show),
    ...daysTables('our ledger', found.ledger.days, show),
    ...found.books.flatMap((side) => [
      `${side.label}: ${side.documentsChanged} documents would be others; ${side.alreadyPushed} of them are there already, ${side.inClosedPeriod} in a closed period.\n`,
      accountsTable(`Accounts in ${side.label}`, side.accounts, show),
      accountsTable(`Tax in ${side.label}`, side.taxes, show),
      ...daysTables(side.label, side.days, show),
    ]),
    ...found.ledger.refused.map((each) => `REFUSED  ${each.event}: ${each.message} [${each.code}]\n`),
  ].join('\n');
}

function accountsTable(title: string, rows: readonly Moved[], show: Show): string {
  if (rows.length === 0) return `${title}: nothing moves.\n`;
  const cells = rows.map((row) => [row.account, show(row.before), show(row.after), show(row.difference)]);
  return `${title}\n${drawTable(['Account', 'Before', 'After', 'Difference'], cells, [1, 2, 3])}`;
}

function daysTables(where: string, days: readonly SummarisedDay[], show: Show): string[] {
  const left = days.length - MOST_DAYS;
  const more = `${left} earlier summarised days in ${where} would be others too: --json has them.\n`;
  return [...days.slice(-MOST_DAYS).map((day) => dayTable(where, day, show)), ...(left > 0 ? [more] : [])];
}

/** The receipts that move most, what the others come to, and the day: the last is the sum of those before. */
function dayTable(where: string, day: SummarisedDay, show: Show): string {
  const shown = day.receipts.slice(0, MOST_RECEIPTS);
  const others = day.receipts.slice(MOST_RECEIPTS);
  const rows = [
    ...shown.flatMap((each) => rowsOf(each.receipt, amounts([each]), show)),
    ...rowsOf(`${others.length} more receipts (--json)`, amounts(others), show),
    ...rowsOf('The day', amounts([day]), show),
  ];
  const receipts = day.receiptCount === 1 ? '1 receipt' : `${day.receiptCount} receipts`;
  const title = `${day.channel} on ${day.day}, ${receipts} booked as one day, in ${where}`;
  return `${title}\n${drawTable(['Receipt', 'Account or tax', 'Difference'], rows, [2])}`;
}

function amounts(differences: readonly Difference[]): Map<string, bigint> {
  const found = new Map<string, bigint>();
  for (const { accounts, taxes } of differences) {
    for (const [kind, list] of [['', accounts] as const, ['tax ', taxes] as const])
      for (const { account, difference } of list)
        found.set(`${kind}${account}`, (found.get(`${kind}${account}`) ?? 0n) + difference);
  }
  return found;
}

function rowsOf(name: string, found: ReadonlyMap<string, bigint>, show: Show): string[][] {
  return [...found].map(([account, amount], index) => [index === 0 ? name : '', account, show(amount)]);
}
