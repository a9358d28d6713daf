import { createCompany } from '@daybook/ledger/company';
import type { Sql } from '@daybook/platform/db';
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
  for (const channel of stage.channels) {
    for (const shop of channel.simulator.accounts) {
      const slug = slugOf(shop.label);
      const companyId = await ensureCompany(stage.hub, { ...shop, slug });
      const found = organisationFor(stage.books, shop.currency);
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

function organisationFor(systems: BooksSystem[], currency: string) {
  for (const books of systems) {
    const organisation = books.simulator.accounts.find((each) => each.currency === currency);
    if (organisation) return { books, organisation: organisation.account };
  }
  return undefined;
}

async function ensureCompany(
  hub: Hub,
  company: { slug: string; label: string; country: string; currency: string; timeZone: string },
): Promise<string> {
  const { sql, clock } = hub.deps;
  const [known] = await sql<{ id: string }[]>`select id from companies where slug = ${company.slug}`;
  if (known) return known.id;
  const { slug, label: name, country, currency, timeZone } = company;
  const made = await sql.begin((tx) => createCompany(tx, { slug, name, country, currency, timeZone, now: clock() }));
  return made.id;
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
  const field = connector.oauth?.fields[0]?.name ?? 'account';
  const browser = new Browser();
  const consentPage = await browser.redirectOf(
    `${stage.url}/oauth/${connector.id}/start?company=${slug}&${field}=${encodeURIComponent(shop)}`,
  );
  await browser.page(await simulator.consent(consentPage));
  stage.say(`Connected ${connector.label} shop ${shop} to ${slug}.`);
}

async function connectBooks(stage: Stage, { connector, simulator }: BooksSystem, pairings: Pairing[]): Promise<void> {
  const missing: Pairing[] = [];
  for (const pairing of pairings) {
    if ((await isConnected(stage.hub.deps.sql, pairing.companyId, connector.id, pairing.organisation ?? '')) === null)
      missing.push(pairing);
  }
  const [first] = missing;
  if (!first) return;
  const browser = new Browser();
  const consentPage = await browser.redirectOf(`${stage.url}/oauth/${connector.id}/start?company=${first.slug}`);
  const page = await browser.page(await simulator.consent(consentPage));
  const choices = new Map(pairings.map((pairing) => [pairing.organisation ?? '', pairing.slug]));
  await browser.submitChoices(`${stage.url}/oauth/${connector.id}/assign`, page, choices);
  stage.say(`Connected ${connector.label}: ${pairings.map((pairing) => pairing.slug).join(', ')}.`);
}
