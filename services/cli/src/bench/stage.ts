import { accountingConnectors } from '@daybook/connectors/registry';
import { createCompany } from '@daybook/ledger/company';
import { verifyCompany } from '@daybook/ledger/verify';
import type { Sql } from '@daybook/platform/db';
import type { Bench, Check } from './bench.ts';
import { type BenchServer, type ServerShape, startServer } from './server.ts';

/** A company with the sample's shop connected to it, and books that its documents are owed to. */
export interface Stage {
  name: string;
  companyId: string;
  connectionId: string;
}

/** Makes a company for one shape, so that no shape works on rows of another. */
export async function openStage(bench: Bench, name: string): Promise<Stage> {
  const { sample, database } = bench;
  const { connector, account, country, sale, settings } = sample;
  const slug = `bench-${name.replaceAll(/[^a-z0-9]+/g, '-')}`;
  const now = new Date(Date.now() + bench.aheadMs);
  return database.sql.begin(async (tx) => {
    const company = { slug, name: slug, country, currency: sale.currency, timeZone: 'UTC', now };
    const { id: companyId } = await createCompany(tx, company);
    const [shop] = await tx<{ id: string }[]>`
      insert into connections (company_id, connector, kind, label, account, settings)
      values (${companyId}, ${connector.id}, 'sales', 'Bench', ${account}, ${settings})
      returning id`;
    for (const books of accountingConnectors.slice(0, 1)) {
      await tx`insert into connections (company_id, connector, kind, label, account)
        values (${companyId}, ${books.id}, 'accounting', 'Bench', 'bench')`;
    }
    return { name, companyId, connectionId: shop?.id as string };
  });
}

/** Starts a server of that shape for the stage. */
export function serve(bench: Bench, shape: ServerShape, stage: Stage): Promise<BenchServer> {
  const order = {
    shape,
    databaseUrl: bench.databaseUrl,
    encryptionKeys: bench.encryptionKeys,
    channel: bench.sample.connector.id,
    companyId: stage.companyId,
    connectionId: stage.connectionId,
    secret: bench.secret,
    aheadMs: bench.aheadMs,
    queuePrefix: `bench_${stage.name.replaceAll(/\W/g, '_')}`,
  };
  return startServer(order, bench.signal);
}

/** Entries in the company's journal: one row, cheap to ask again and again. */
export async function entriesOf(sql: Sql, companyId: string): Promise<number> {
  const [head] = await sql<{ entries: bigint }[]>`select entries from journal_heads where company_id = ${companyId}`;
  return Number(head?.entries ?? 0n);
}

/** Whether the ledger still keeps all its promises. */
export async function verified(bench: Bench, stage: Stage): Promise<Check> {
  const { checks } = await verifyCompany(bench.database.sql, stage.companyId);
  const bad = checks.filter((check) => !check.ok);
  const said = bad.map((check) => `${check.name}: ${check.firstBad ?? 'does not hold'}`).join('; ');
  return { what: `daybook verify of ${stage.name}${said && ` (${said})`}`, ok: bad.length === 0 };
}
