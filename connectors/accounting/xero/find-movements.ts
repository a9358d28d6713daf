import type { Api, BooksMapping, RemoteDocument } from '../../kit/contract.ts';
import { type Element, isLive, numberIn, remoteOf } from './answer.ts';
import { anyOf, inParts } from './client.ts';
import { list, listPages, lookingUp } from './lists.ts';
import { type Movement, type MovementResource, possibleResources } from './movements.ts';

/**
 * Looks movements up: first as what they would become now, then as what they may have become while a role was mapped
 * to an account of another kind, because a second attempt under another kind would book them twice.
 */
export async function findMovements(
  movements: readonly Movement[],
  mapping: BooksMapping,
  api: Api,
): Promise<(RemoteDocument | null)[]> {
  const found = new Map<Movement, RemoteDocument>();
  for (let round = 0; round < 3; round++) {
    const missing = movements.filter((each) => !found.has(each));
    const byResource = Map.groupBy(missing, (each) => possibleResources(each, mapping)[round]);
    for (const [resource, same] of byResource) if (resource !== undefined) await collect(resource, same, found, api);
  }
  return movements.map((each) => found.get(each) ?? null);
}

async function collect(
  resource: MovementResource,
  movements: readonly Movement[],
  found: Map<Movement, RemoteDocument>,
  api: Api,
): Promise<void> {
  const elements = (await read(resource, movements, api)).filter((each) => isLive(each) && isOurs(resource, each));
  for (const movement of movements) {
    const element = elements.find((each) => numberIn(resource, each) === movement.number);
    if (element) found.set(movement, remoteOf(movement, element, lookingUp(resource)));
  }
}

/** A transfer between bank accounts shows as two bank entries of its reference too. */
function isOurs(resource: MovementResource, { Type }: Element): boolean {
  return resource !== 'BankTransactions' || Type === 'SPEND' || Type === 'RECEIVE';
}

async function read(resource: MovementResource, movements: readonly Movement[], api: Api): Promise<Element[]> {
  const elements: Element[] = [];
  if (resource === 'BankTransactions') {
    const numbers = [...new Set(movements.map(({ number }) => `Reference=="${number}"`))];
    const path = (part: string[]) => `/${resource}?where=${anyOf(part)}`;
    for (const part of inParts(numbers, path)) elements.push(...(await listPages(resource, path(part), api)));
    return elements;
  }
  // Transfers and journals are matched among all of the day; a transfer's Date may carry a time (openapi.yaml).
  for (const day of new Set(movements.map(({ date }) => date))) {
    const path = `/${resource}?where=${encodeURIComponent(`Date>=${instant(day, 0)} AND Date<${instant(day, 1)}`)}`;
    elements.push(...(await (resource === 'BankTransfers' ? list : listPages)(resource, path, api)));
  }
  return elements;
}

/** `DateTime(2026, 11, 09)` of a day, or of some days later. */
function instant(day: string, later: number): string {
  const moved = new Date(Date.parse(`${day}T00:00:00Z`) + later * 86_400_000).toISOString();
  return `DateTime(${moved.slice(0, 10).replaceAll('-', ', ')})`;
}
