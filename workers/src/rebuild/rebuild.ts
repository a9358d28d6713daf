import { toWire } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import type { WorkerDeps } from '../deps.ts';
import { owe } from '../owed.ts';
import { postIn } from '../post-events.ts';
import { summariseAll } from '../summaries/post-summaries.ts';
import { factJournal, type JournalDifference, journalDifferences } from './compare.ts';
import { copyCompany } from './copy.ts';
import { bookedFacts, countFacts, type Fact, readAgain } from './facts.ts';

/** What came of rebuilding a company from its inbox. */
export interface Rebuilt {
  facts: number;
  /** Of them made of their bytes alone; the others needed what was re-read from the channel then, which is kept. */
  fromBytes: number;
  /** Facts whose bytes say something else now than they did. */
  otherwise: { fact: string; says: string }[];
  hashes: { from: string; into: string };
  differences: JournalDifference[];
  /** Entries of the first company that no fact made, and that are therefore not rebuilt: year-ends, filings … */
  notFromInbox: number;
}

/**
 * Replays the raw inbox of a company into one made for it, fact by fact in the order they were posted, and compares the
 * journals. Each fact is stored and posted in one transaction: interrupted, it goes on where it was. The company must
 * not be there, or be the beginning of this very rebuild.
 */
export async function rebuild(
  from: string,
  slug: string,
  deps: WorkerDeps,
  progress: (done: number, of: number) => void = () => undefined,
): Promise<Rebuilt> {
  const into = await deps.sql.begin((tx) => companyInto(tx, from, slug));
  const connections = await connectionsBetween(deps, from, into);
  const facts = await countFacts(deps.sql, from);
  const otherwise: Rebuilt['otherwise'] = [];
  let done = 0;
  let fromBytes = 0;
  for await (const page of bookedFacts(deps.sql, from)) {
    for (const fact of page) {
      const reading = readAgain(fact, deps);
      if ('says' in reading) otherwise.push({ fact: `${fact.type} ${fact.sourceId}`, says: reading.says });
      else {
        if (reading.source === 'bytes') fromBytes += 1;
        const connectionId = connections.get(`${fact.connector}|${fact.account}`) as string;
        await deps.sql.begin((tx) => replay(tx, { ...fact, payload: reading.event }, into, connectionId, deps));
      }
      done += 1;
      progress(done, facts);
    }
  }
  await deps.sql`update summaries set due_at = ${deps.clock()} where company_id = ${into} and state = 'open'`;
  await summariseAll(deps);
  const [one, other] = [await factJournal(deps.sql, from), await factJournal(deps.sql, into)];
  return {
    facts,
    fromBytes,
    otherwise,
    hashes: { from: one.hash, into: other.hash },
    differences: journalDifferences(one, other),
    notFromInbox: one.others,
  };
}

/** The company to rebuild into: made now, or begun before. */
async function companyInto(tx: Tx, from: string, slug: string): Promise<string> {
  const [begun] = await tx<{ id: string }[]>`select id from companies where slug = ${slug}`;
  return begun?.id ?? copyCompany(tx, from, slug);
}

async function connectionsBetween({ sql }: WorkerDeps, from: string, into: string): Promise<Map<string, string>> {
  const rows = await sql<{ key: string; id: string }[]>`
    select o.connector || '|' || o.account as key, n.id from connections o
    join connections n on n.company_id = ${into} and n.connector = o.connector and n.account = o.account
    where o.company_id = ${from}`;
  return new Map(rows.map(({ key, id }) => [key, id]));
}

/** Stores a fact as it came and posts it; what is there already is left as it is. */
async function replay(tx: Tx, fact: Fact, into: string, connectionId: string, deps: WorkerDeps): Promise<void> {
  const now = deps.clock();
  await tx`
    insert into deliveries (company_id, connection_id, topic, event_id, body_hash, headers, body, via, received_at, state)
    values (${into}, ${connectionId}, ${fact.topic}, ${fact.eventKey}, ${fact.bodyHash}, ${tx.json(fact.headers)}, ${fact.body},
            ${fact.via}, ${fact.receivedAt}, 'normalized')
    on conflict (connection_id, topic, event_id, body_hash) do nothing`;
  const event = fact.payload as { occurredAt: string };
  const [stored] = await tx<{ id: bigint }[]>`
    insert into events (company_id, connection_id, delivery_id, type, source_id, revision, content_hash, payload, sale_id,
                        occurred_at, recorded_at, state)
    select ${into}, ${connectionId}, d.id, ${fact.type}, ${fact.sourceId}, ${fact.revision}, ${fact.contentHash},
           ${toWire(event)}, ${fact.saleId}, ${event.occurredAt}, ${now}, 'pending'
    from deliveries d where d.connection_id = ${connectionId} and d.topic = ${fact.topic} and d.event_id = ${fact.eventKey}
      and d.body_hash = ${fact.bodyHash}
    on conflict (connection_id, type, source_id, revision) do nothing returning id`;
  if (!stored) return;
  await owe(tx, 'post', into, [stored.id], now);
  await postIn(tx, into, [stored.id], deps);
}
