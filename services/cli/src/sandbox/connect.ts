import type { SalesSimulator } from '@daybook/connectors/kit/simulator';
import { createCompany } from '@daybook/ledger/company';
import type { Sql, Tx } from '@daybook/platform/db';
import { subscribe } from '@daybook/workers/subscriptions';
import type { Hub } from '../hub.ts';
import { Browser } from './browser.ts';
import type { BooksSystem, Channel } from './sandbox.ts';

/** One shop, the company it belongs to, and the books its documents arrive in. */
export interface Pairing {
  companyId: string;
  slug: string;
  name: string;
  currency: string;
  channel: Channel;
  shop: string;
  books: BooksSystem | null;
  organisation: string | null;
}

interface Stage {
  hub: Hub;
  url: string;
  say(line: string): void;
  channels: Channel[];
  books: BooksSystem[];
}

/**
 * A company per simulated shop, the shop connected to it, and the books of the same currency. Everything goes through
 * the hub's own OAuth pages as a person's browser would, so that the sandbox proves them too.
 */
export async function connectEverything(stage: Stage): Promise<Pairing[]> {
  const pairings: Pairing[] = [];
  const taken = new Set<string>();
  for (const channel of stage.channels) {
    for (const shop of channel.simulator.accounts) {
      const slug = slugOf(shop.label);
      const companyId = await ensureCompany(stage.hub, { ...shop, slug });
      const found = organisationFor(stage.books, shop, taken);
      if (found) taken.add(`${found.books.connector.id} ${found.organisation}`);
      pairings.push({
        companyId,
        slug,
        name: shop.label,
        currency: shop.currency,
        channel,
        shop: shop.account,
        books: found?.books ?? null,
        organisation: found?.organisation ?? null,
      });
      await connectShop(stage, channel, shop.account, slug, companyId);
    }
  }
  for (const books of stage.books)
    await connectBooks(
      stage,
      books,
      pairings.filter((pairing) => pairing.books === books),
    );
  return pairings;
}

function slugOf(label: string): string {
  return label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

/**
 * Books of the company's currency that keep nobody else's yet: those that also keep the other currencies the shop takes
 * come first, then the system that keeps the fewest, so that each of them is seen.
 */
function organisationFor(systems: BooksSystem[], shop: Shop, taken: ReadonlySet<string>) {
  const uses = ({ connector }: BooksSystem) => [...taken].filter((each) => each.startsWith(`${connector.id} `)).length;
  const needed = (shop.alsoTakes ?? []).map(({ currency }) => currency);
  const free = systems.flatMap((books) =>
    books.simulator.accounts
      .filter(({ account, currency }) => currency === shop.currency && !taken.has(`${books.connector.id} ${account}`))
      .map(({ account, currencies = [] }) => ({
        books,
        organisation: account,
        lacks: needed.filter((currency) => !currencies.includes(currency)).length,
        // What one shop does not need is left for another that does.
        spare: currencies.filter((currency) => !needed.includes(currency)).length,
      })),
  );
  return free.sort((a, b) => a.lacks - b.lacks || uses(a.books) - uses(b.books) || a.spare - b.spare)[0];
}

type Shop = SalesSimulator['accounts'][number];

async function ensureCompany(hub: Hub, company: Shop & { slug: string }): Promise<string> {
  const { sql, clock } = hub.deps;
  const [known] = await sql<{ id: string }[]>`select id from companies where slug = ${company.slug}`;
  if (known) return known.id;
  const { slug, label: name, country, currency, timeZone } = company;
  const now = clock();
  return sql.begin(async (tx) => {
    const made = await createCompany(tx, { slug, name, country, currency, timeZone, now });
    for (const foreign of company.alsoTakes ?? []) await openCurrency(tx, made.id, foreign, now);
    return made.id;
  });
}

/** Another currency has a clearing account of its own, and a rate of the day. */
async function openCurrency(
  tx: Tx,
  companyId: string,
  { processor, currency, rate }: { processor: string; currency: string; rate: string },
  now: Date,
): Promise<void> {
  const role = `clearing.${processor}`;
  await tx`
    insert into accounts (company_id, code, name, type, normal_side)
    select company_id, code || '-' || ${currency}, name || ' ' || ${currency}, type, normal_side
    from accounts where company_id = ${companyId} and code = (
      select account from account_roles where company_id = ${companyId} and role = ${role}) on conflict do nothing`;
  await tx`
    insert into account_roles (company_id, role, account)
    select ${companyId}, ${`${role}.${currency}`}, account || '-' || ${currency} from account_roles
    where company_id = ${companyId} and role = ${role} on conflict do nothing`;
  const day = new Date(now.getTime() - 7 * 24 * 60 * 60_000).toISOString().slice(0, 10);
  await tx`
    insert into fx_rates (company_id, currency, day, rate, source)
    values (${companyId}, ${currency}, ${day}, ${rate}, 'sandbox') on conflict do nothing`;
}

async function isConnected(sql: Sql, companyId: string, connector: string, account: string): Promise<string | null> {
  const [row] = await sql<{ id: string }[]>`
    select id from connections where company_id = ${companyId} and connector = ${connector} and account = ${account} and state = 'active'`;
  return row?.id ?? null;
}

async function connectShop(
  stage: Stage,
  { connector, simulator }: Channel,
  shop: string,
  slug: string,
  companyId: string,
): Promise<void> {
  const known = await isConnected(stage.hub.deps.sql, companyId, connector.id, shop);
  if (known !== null) {
    // The hub may listen on another port than last time; subscriptions are brought up to date.
    await subscribe(connector, known, stage.hub.deps);
    return;
  }
  const fields = connector.oauth?.fields ?? connector.keys?.handover?.fields ?? [];
  const field = fields[0]?.name ?? 'account';
  const browser = new Browser();
  const consentPage = await browser.redirectOf(
    `${stage.url}/oauth/${connector.id}/start?company=${slug}&${field}=${encodeURIComponent(shop)}`,
  );
  await browser.page(await simulator.consent(consentPage, shop));
  stage.say(`Connected ${connector.label} shop ${shop} to ${slug}.`);
}

/** One consent may open several organisations; what is still missing after it gets a consent of its own. */
async function connectBooks(stage: Stage, books: BooksSystem, pairings: Pairing[]): Promise<void> {
  const choices = new Map(pairings.map((pairing) => [pairing.organisation ?? '', pairing.slug]));
  const { connector, simulator } = books;
  let connected = 0;
  for (const pairing of pairings) {
    const organisation = pairing.organisation ?? '';
    if ((await isConnected(stage.hub.deps.sql, pairing.companyId, connector.id, organisation)) !== null) continue;
    const browser = new Browser();
    const consentPage = await browser.redirectOf(`${stage.url}/oauth/${connector.id}/start?company=${pairing.slug}`);
    const page = await browser.page(await simulator.consent(consentPage, organisation));
    await browser.submitChoices(`${stage.url}/oauth/${connector.id}/assign`, page, choices);
    connected += 1;
  }
  if (connected > 0) stage.say(`Connected ${connector.label}: ${pairings.map(({ slug }) => slug).join(', ')}.`);
}
