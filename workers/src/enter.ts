import { createHash } from 'node:crypto';
import { type CanonicalEvent, DomainError, describeEvent, ENTERED, eventHash, toWire } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import type { WorkerDeps } from './deps.ts';
import { ringForAll } from './doorbell.ts';
import { factId } from './fact-id.ts';
import { owe } from './owed.ts';
import { type Posted, postIn, wake } from './post-events.ts';

/** What became of an entered fact: its event, and whether it is booked or waits for another fact. */
export interface Entered {
  eventId: bigint;
  outcome: 'entered' | 'exists';
  state: string;
}

/**
 * Stores facts like `enterEvents` does and leaves posting them to the workers, in the order of time: for imports, where
 * what is refused becomes an issue instead of refusing everything. Throws SOURCE_KEY_CONFLICT.
 */
export async function importEvents(
  companyId: string,
  events: readonly CanonicalEvent[],
  deps: WorkerDeps,
): Promise<{ eventId: bigint; outcome: Entered['outcome'] }[]> {
  const now = deps.clock();
  const stored = await deps.sql.begin(async (tx) => {
    const own = await storeAll(tx, companyId, events, now);
    const fresh = own.filter((each) => typeof each === 'bigint');
    await owe(tx, 'post', companyId, fresh, now);
    return own;
  });
  if (stored.some((each) => typeof each === 'bigint')) await ringForAll(deps, 'post', companyId);
  return stored.map((each) => (typeof each === 'bigint' ? { eventId: each, outcome: 'entered' } : each));
}

/**
 * Enters facts of people, statements and imports into a company's books: stored like deliveries of a channel, byte for
 * byte, and posted at once, all in one transaction. The same fact (type, id, revision) with the same content `exists`
 * and changes nothing; a higher revision replaces what was booked (accounting.md A3). What must wait for another fact
 * is stored and posted when that arrives.
 *
 * Throws DomainError for the first fact that the books refuse, and then nothing of the call is kept:
 * SOURCE_KEY_CONFLICT (same key and revision, other content) and whatever the posting rules refuse. `within` is done in
 * the same transaction, after the facts are booked.
 */
export async function enterEvents(
  companyId: string,
  events: readonly CanonicalEvent[],
  deps: WorkerDeps,
  within: (tx: Tx) => Promise<void> = async () => undefined,
): Promise<Entered[]> {
  const { posted, entered } = await deps.sql.begin(async (tx) => {
    const done = await enterIn(tx, companyId, events, deps);
    await within(tx);
    return done;
  });
  await wake(companyId, posted, deps);
  return entered;
}

/** What `enterEvents` does, inside a transaction; whom to wake after it is answered for `wake`. */
export async function enterIn(
  tx: Tx,
  companyId: string,
  events: readonly CanonicalEvent[],
  deps: WorkerDeps,
): Promise<{ posted: Posted; entered: Entered[] }> {
  const stored = await storeAll(tx, companyId, events, deps.clock());
  const fresh = stored.filter((each) => typeof each === 'bigint');
  await owe(tx, 'post', companyId, fresh, deps.clock());
  const posted = await postIn(tx, companyId, fresh, deps, { strict: true });
  return { posted, entered: await withStates(tx, stored) };
}

async function storeAll(
  tx: Tx,
  companyId: string,
  events: readonly CanonicalEvent[],
  now: Date,
): Promise<(Entered | bigint)[]> {
  // Whoever enters the same fact at the same time waits here, and then finds it.
  await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
  const connectionId = await ownConnection(tx, companyId);
  const stored: (Entered | bigint)[] = [];
  for (const event of events) stored.push(await store(tx, { companyId, connectionId, event, now }));
  return stored;
}

/** The connection that entered facts belong to, made when the first one is entered. */
async function ownConnection(tx: Tx, companyId: string): Promise<string> {
  await tx`
    insert into connections (company_id, connector, kind, label, account)
    values (${companyId}, ${ENTERED}, 'entered', 'Entered', ${ENTERED})
    on conflict (company_id, connector, account) do nothing`;
  const [row] = await tx<{ id: string }[]>`
    select id from connections where company_id = ${companyId} and kind = 'entered'`;
  return (row as { id: string }).id;
}

interface Entry {
  companyId: string;
  connectionId: string;
  event: CanonicalEvent;
  now: Date;
}

/** Stores a fact and answers the id of its event when it has to be posted. */
async function store(tx: Tx, { companyId, connectionId, event, now }: Entry): Promise<Entered | bigint> {
  const hash = eventHash(event);
  const [known] = await tx<{ id: bigint; contentHash: string; state: string }[]>`
    select id, content_hash as "contentHash", state from events where connection_id = ${connectionId}
      and type = ${event.type} and source_id = ${factId(event)} and revision = ${event.revision}`;
  if (known?.contentHash === hash) return { eventId: known.id, outcome: 'exists', state: known.state };
  if (known) throw contradicting(event);
  const body = toWire(event);
  const [delivery] = await tx<{ id: bigint }[]>`
    insert into deliveries (company_id, connection_id, topic, event_id, body_hash, headers, body, via, received_at, state)
    values (${companyId}, ${connectionId}, ${event.type}, ${`${factId(event)}@${event.revision}`},
            ${createHash('sha256').update(body).digest()}, '{}', convert_to(${body}, 'UTF8'), 'entered', ${now}, 'normalized')
    returning id`;
  const saleId = 'sale' in event && event.sale ? event.sale.id : null;
  const [stored] = await tx<{ id: bigint }[]>`
    insert into events (company_id, connection_id, delivery_id, type, source_id, revision, content_hash, payload, sale_id,
                        occurred_at, recorded_at, state)
    values (${companyId}, ${connectionId}, ${(delivery as { id: bigint }).id}, ${event.type}, ${factId(event)},
            ${event.revision}, ${hash}, ${body}, ${saleId}, ${event.occurredAt}, ${now}, 'pending')
    returning id`;
  return (stored as { id: bigint }).id;
}

function contradicting(event: CanonicalEvent): DomainError {
  return new DomainError(
    'SOURCE_KEY_CONFLICT',
    `${describeEvent(event)} was entered before with other content. What is booked stays; to correct it, enter it again ` +
      `with a revision above "${event.revision}".`,
    `${event.type} ${event.id}`,
  );
}

async function withStates(tx: Tx, stored: readonly (Entered | bigint)[]): Promise<Entered[]> {
  const ids = stored.filter((each) => typeof each === 'bigint').map(String);
  const rows = await tx<{ id: bigint; state: string }[]>`
    select id, state from events where id = any(${ids}::bigint[])`;
  const states = new Map(rows.map((row) => [row.id, row.state]));
  return stored.map((each) =>
    typeof each === 'bigint' ? { eventId: each, outcome: 'entered', state: states.get(each) ?? 'pending' } : each,
  );
}
