import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, openPage, seriousFindings } from '../support/browser.ts';
import { sendOrder } from '../support/order.ts';
import { openWorld, type World } from '../support/world.ts';

const SCRIPT = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
const SCREENSHOTS = process.env.DAYBOOK_SCREENSHOTS;

let world: World;
let browser: Browser;
let page: Page;
let troubles: string[];

beforeAll(async () => {
  world = await openWorld({ seed: 5 });
  for (let step = 0; step < 25; step += 1) {
    for (const { channel, shop } of world.pairings) await channel.simulator.trade(shop);
    world.advance(60_000);
  }
  await world.settle();
  browser = await openBrowser();
  ({ page, troubles } = await openPage(browser, world.url));
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

function firstPairing() {
  const [pairing] = world.pairings;
  if (!pairing?.books) throw new Error('The sandbox has no shop with books.');
  return { ...pairing, books: pairing.books };
}

const card = (slug: string) => page.locator(`[data-company="${slug}"]`);
const failedRows = () => page.locator('#failed-rows tr');
const saleRows = () => page.locator('#sale-rows tr');

/** What the page must show, asked of the database itself. */
async function countOf(table: 'deliveries' | 'events' | 'journal_entries', companyId: string): Promise<string> {
  const [row] = await world.database.sql<{ count: number }[]>`
    select count(*)::int as count from ${world.database.sql(table)} where company_id = ${companyId}`;
  return (row?.count ?? 0).toLocaleString('en');
}

async function search(number: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Order number' }).fill(number);
  await page.getByRole('button', { name: 'Show', exact: true }).click();
}

/** Presses Tab until the element has the focus, as somebody without a mouse would. */
async function tabTo(name: string): Promise<void> {
  for (let press = 0; press < 200; press += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate('document.activeElement?.getAttribute("aria-label")');
    if (focused === name) return;
  }
  throw new Error(`Two hundred presses of Tab never reached "${name}".`);
}

async function shoot(name: string, of: Page = page): Promise<void> {
  if (SCREENSHOTS) await of.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true });
}

describe('the page answers what an owner asks', () => {
  it('every company shows its counts and that debits equal credits', async () => {
    expect(world.pairings.length).toBeGreaterThan(1);
    for (const { slug, name, companyId } of world.pairings) {
      await card(slug).getByText(name, { exact: true }).waitFor();
      const figure = (label: string) => card(slug).locator('dl div', { hasText: label }).locator('dd').textContent();
      expect(await figure('Deliveries')).toBe(await countOf('deliveries', companyId));
      expect(await figure('Events')).toBe(await countOf('events', companyId));
      expect(await figure('Entries')).toBe(await countOf('journal_entries', companyId));
      expect(await figure('Docs waiting')).toBe('0');
      expect(await card(slug).textContent()).toContain('Trial balance: debits equal credits');
    }
    await shoot('light');
  });

  it('everything is connected, and the money of shop, ledger and books matches to the cent', async () => {
    for (const { slug, shop, channel, currency } of world.pairings) {
      const { total } = channel.simulator.totals(shop);
      const whole = total / 100n;
      const shown = `${currency} ${whole.toLocaleString('en')}.${String(total % 100n).padStart(2, '0')}`;
      const [sales, processor] = await card(slug).locator('.money').all();
      const rows = (await sales?.locator('tbody tr').allInnerTexts()) ?? [];
      expect(rows.map((row) => row.includes(shown))).toEqual([true, true, true]);
      expect(await sales?.getAttribute('data-equal')).toBe('true');
      // Nobody polled the fees yet: the page must say that the processor owes less than its clearing account has.
      const [owed, cleared] = (await processor?.locator('tbody td').allInnerTexts()) ?? [];
      expect(owed).toMatch(/^[A-Z]{3} [\d,.]+$/);
      expect(cleared).not.toBe(owed);
      expect(await processor?.getAttribute('data-equal')).toBe('false');
      expect(await card(slug).locator('.links .state').allInnerTexts()).toEqual(['active', 'active']);
    }
  });

  it('a sale is found by its number and shows its path from delivery to document', async () => {
    const [sale] = await world.database.sql<{ id: string; number: string; entry: string; document: string }[]>`
      select e.id::text as id, e.payload->'order'->>'number' as number, j.fiscal_year || '/' || j.number as entry, d.number as document
      from events e join journal_entries j on j.event_id = e.id join documents d on d.event_id = e.id and d.kind = 'invoice'
      where e.type = 'sale' and e.state = 'posted' and e.company_id = ${firstPairing().companyId} order by e.id limit 1`;
    if (!sale) throw new Error('No sale was posted.');
    await search(sale.number);
    const found = page.locator(`[data-event="${sale.id}"]`);
    await found.waitFor();
    const row = await found.textContent();
    for (const part of [`sale ${sale.number}`, 'normalized', 'posted', `SAL ${sale.entry}`, 'pushed', sale.document])
      expect(row).toContain(part);
    const heads = await saleRows().locator('th').allTextContents();
    expect(heads.filter((head) => !head.startsWith(`sale ${sale.number}`))).toEqual([]);
    await search('no-such-order');
    await page.getByText('No sale has this number.').waitFor();
    await search('');
    await page.getByRole('button', { name: 'Show older' }).waitFor();
  });

  it('older sales come on demand, each once, and new ones appear above them without being asked for', async () => {
    await expect.poll(() => saleRows().count()).toBe(30);
    await page.getByRole('button', { name: 'Show older' }).click();
    await expect.poll(() => saleRows().count()).toBeGreaterThan(30);
    const ids = () => saleRows().evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-event'))));
    const before = await ids();
    await firstPairing().channel.simulator.trade(firstPairing().shop);
    await world.settle();
    await expect.poll(async () => (await ids())[0], { timeout: 10_000 }).toBeGreaterThan(before[0] as number);
    const after = await ids();
    expect(after).toEqual([...new Set(after)].sort((a, b) => b - a));
    expect(after).toEqual(expect.arrayContaining(before));
  });
});

describe('failed work is mended on the page', () => {
  it('a document without a mapping shows its reason; Replay by keyboard alone sends it once the mapping is back', async () => {
    const { companyId, channel, shop } = firstPairing();
    const { sql } = world.database;
    const [mapped] = await sql<{ connection_id: string; kind: string; ours: string; theirs: string }[]>`
      delete from mappings using connections c where c.id = mappings.connection_id and c.company_id = ${companyId}
        and mappings.kind = 'account' and mappings.ours = 'sales.revenue.standard' returning mappings.*`;
    if (!mapped) throw new Error('The role was not mapped.');
    for (let step = 0; step < 60; step += 1) {
      await channel.simulator.trade(shop);
      await world.settle(1);
      const [held] = await sql`select 1 from documents where state = 'held'`;
      if (held) break;
    }
    await failedRows().first().waitFor();
    expect(await failedRows().first().textContent()).toMatch(/no mapping for account sales\.revenue\.standard/);
    expect(await page.locator('[data-issue="MAPPING_MISSING"]').textContent()).toMatch(/Choose one/);
    await shoot('failed');
    await sql`insert into mappings ${sql([mapped])}`;
    await page.reload();
    await failedRows().first().waitFor();
    const names = await failedRows()
      .getByRole('button')
      .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label') ?? ''));
    for (const name of names) {
      await tabTo(name);
      await page.keyboard.press('Enter');
      await page.getByText(`${name.replace('Replay', 'Replaying')}.`).waitFor();
    }
    await world.settle();
    await expect.poll(() => failedRows().count(), { timeout: 10_000 }).toBe(0);
    await page.getByText('Everything went through').waitFor();
    expect(await page.evaluate('document.activeElement?.id')).toBe('failed-title');
    const [left] = await sql`select 1 from documents where company_id = ${companyId} and state <> 'pushed'`;
    expect(left).toBeUndefined();
  }, 90_000);

  it('what a shop wrote is shown as text and never becomes part of the page', async () => {
    const { companyId } = firstPairing();
    await world.database.sql`update companies set name = ${SCRIPT} where id = ${companyId}`;
    await sendOrder(world, firstPairing(), { id: 660_001, name: SCRIPT, title: SCRIPT, customer: SCRIPT });
    await world.settle();
    await page.reload();
    await saleRows().filter({ hasText: '<script>alert(2)</script>' }).first().waitFor();
    expect(await card(firstPairing().slug).textContent()).toContain(SCRIPT);
    expect(await page.locator('main img, main script').count()).toBe(0);
    await world.database.sql`update companies set name = ${firstPairing().name} where id = ${companyId}`;
  });
});

describe('the page is fit for everybody', () => {
  it.each(['light', 'dark'] as const)('axe finds nothing serious in %s, with failed work on it', async (scheme) => {
    const { sql } = world.database;
    const [held] = await sql<{ id: bigint }[]>`
      update documents set state = 'rejected', reason = 'The books refuse it.', code = 'BOOKS_REFUSED'
      where id = (select max(id) from documents) returning id`;
    const opened = await openPage(browser, world.url, scheme);
    await opened.page.locator('#failed-rows tr').first().waitFor();
    await opened.page.locator('#sale-rows tr').first().waitFor();
    expect(await seriousFindings(opened.page)).toEqual([]);
    await shoot(`axe-${scheme}`, opened.page);
    await opened.page.goto(`${world.url}/api/docs`);
    await opened.page.getByText('GET /api/v1/companies', { exact: true }).waitFor();
    expect(await seriousFindings(opened.page)).toEqual([]);
    expect(opened.troubles).toEqual([]);
    await opened.page.context().close();
    await sql`update documents set state = 'pushed', reason = null, code = null where id = ${held?.id ?? 0n}`;
  });

  it('nothing went wrong on the console, and no other host was asked', () => {
    expect(troubles).toEqual([]);
  });
});
