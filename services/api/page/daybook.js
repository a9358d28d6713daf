// The plain page: reads /api/v1 every two seconds and shows whether all is connected, all is posted, and whether the
// money matches.

import { cell, count, element, figure, head, list, money, muted, state, sync, time, useExponents } from './view.js';

const EVERY_MS = 2_000;
const PAGE_SIZE = 30;
/** The most the API gives at once. */
const MOST = 200;
const byId = (id) => document.getElementById(id);
let shown = { sales: [], cursor: null };
/** Changes with every new search, so that a late answer to an older one is not shown. */
let search = 0;

async function call(path, body) {
  const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`/api/v1${path}`, body === undefined ? {} : options);
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  const said = answer?.error ?? { message: `The answer was ${response.status}.`, hint: '' };
  throw new Error([said.message, said.hint].filter(Boolean).join(' '));
}

const say = (text) => {
  if (byId('notice').textContent !== text) byId('notice').textContent = text;
};

function companyCard({ company, connections, proofs }) {
  const figures = [
    ['Deliveries', count(company.deliveries)],
    ['Events', count(company.events)],
    ['Entries', company.entries],
    ['Docs pushed', company.documents.pushed ?? 0],
    ['Docs waiting', count(company.documents) - (company.documents.pushed ?? 0)],
    ['Issues', company.issues],
  ];
  const title = `company-${company.slug}`;
  return element(
    'article',
    { class: 'card', 'aria-labelledby': title, 'data-company': company.slug },
    element(
      'h3',
      {},
      element('span', { id: title }, company.name),
      element('span', { class: 'muted' }, company.currency),
    ),
    element('ul', { class: 'links' }, ...connections.map(connectionItem)),
    element(
      'dl',
      { class: 'figures' },
      ...figures.map(([name, value]) =>
        element('div', {}, element('dt', {}, name), element('dd', {}, value.toLocaleString('en'))),
      ),
    ),
    ...proofs.map(proofTable),
    trialBalance(company),
  );
}

function connectionItem(connection) {
  const broken = connection.state === 'reconnect' || connection.state === 'disconnected';
  const again =
    broken && connection.reconnectUrl !== null
      ? element('a', { href: connection.reconnectUrl }, `Reconnect ${connection.label}`)
      : null;
  return element('li', {}, `${connection.connectorLabel}: ${connection.label} `, state(connection.state), ' ', again);
}

const VERDICTS = new Map([
  [true, ['good', 'The money matches to the cent']],
  [false, ['wait', 'The money does not match yet: work is under way, or needs attention below']],
  [null, ['wait', 'Nothing to compare with: no books are connected']],
]);

function proofTable(proof) {
  const [look, words] = VERDICTS.get(proof.equal);
  // What a processor owes bears no tax.
  const isSales = proof.sides[0].name !== 'processor';
  const rows = proof.sides.map((side) =>
    element(
      'tr',
      {},
      head(side.label),
      figure(money(side.total, proof.currency)),
      ...(isSales ? [figure(money(side.tax, proof.currency))] : []),
    ),
  );
  const titles = isSales ? ['Sales less refunds', 'Total', 'Tax in it'] : ['Money at the processor', 'Balance'];
  const columns = titles.map((name, index) =>
    element('th', { scope: 'col', class: index > 0 ? 'number' : null }, name),
  );
  return element(
    'div',
    { class: 'money', 'data-equal': String(proof.equal) },
    element('p', { class: `verdict ${look}` }, words),
    element(
      'table',
      { 'aria-label': isSales ? `Money in ${proof.currency}` : `${proof.sides[0].label} in ${proof.currency}` },
      element('thead', {}, element('tr', {}, ...columns)),
      element('tbody', {}, ...rows),
    ),
  );
}

function trialBalance({ trialBalanceDifference: difference, currency }) {
  const balanced = difference === '0';
  const words = balanced ? 'Trial balance: debits equal credits' : 'Trial balance is out by';
  return element(
    'p',
    { class: balanced ? 'good' : 'bad' },
    words,
    balanced ? '' : ` ${money(difference, currency)}: run “daybook verify”`,
  );
}

function showCompanies({ companies }, { connections }, { proofs }) {
  const items = companies.map((company) => ({
    company,
    connections: connections.filter((each) => each.company === company.slug),
    proofs: proofs.filter((each) => each.company === company.slug),
  }));
  if (items.length === 0) byId('company-list').replaceChildren(element('p', {}, 'There is no company yet.'));
  else sync(byId('company-list'), items, ({ company }) => company.slug, companyCard);
  const select = byId('filter').elements.company;
  for (const { slug, name } of companies) {
    if (![...select.options].some((option) => option.value === slug))
      select.append(element('option', { value: slug }, name));
  }
}

function issueItem(issue) {
  return element(
    'li',
    { 'data-issue': issue.code },
    element('p', {}, element('strong', {}, issue.message), muted(element('code', {}, issue.code), ` ${issue.company}`)),
    element(
      'button',
      {
        type: 'button',
        'aria-label': `Dealt with: ${issue.code}`,
        onclick: () => act('Done', `/issues/${issue.id}/close`, {}),
      },
      'Dealt with',
    ),
  );
}

function failedRow(row) {
  const again = () => act(`Replaying ${row.what}`, '/replays', { [row.stage]: row.id });
  return element(
    'tr',
    { 'data-code': row.code },
    head(row.what),
    element('td', { class: 'state' }, row.company),
    figure(money(row.amount, row.currency)),
    cell(state(row.state)),
    element(
      'td',
      { class: 'reason' },
      row.reason ?? '',
      row.code === null ? null : muted(element('code', {}, row.code)),
    ),
    cell(row.nextAttemptAt === null ? 'when somebody acts' : time(row.nextAttemptAt)),
    cell(element('button', { type: 'button', 'aria-label': `Replay ${row.what}`, onclick: again }, 'Replay')),
  );
}

function showFailed({ work, more }, { issues }) {
  const none = work.length === 0 && issues.length === 0;
  byId('badge').textContent = none ? '' : `${Math.max(work.length, issues.length)}${more ? '+' : ''}`;
  byId('failed-none').hidden = !none;
  byId('failed-table').hidden = work.length === 0;
  byId('issue-list').hidden = issues.length === 0;
  const lostIssue = sync(byId('issue-list'), issues, (issue) => issue.id, issueItem);
  const lostRow = sync(byId('failed-rows'), work, (row) => `${row.stage}-${row.id}`, failedRow);
  // Who pressed a button that is gone now goes on from the heading, not from the top of the page.
  if (lostIssue || lostRow) byId('failed-title').focus();
}

async function act(what, path, body) {
  try {
    await call(path, body);
    say(`${what}.`);
    await refresh();
  } catch (error) {
    say(`That did not work: ${error.message}`);
  }
}

function saleRow(sale) {
  return element(
    'tr',
    { 'data-event': sale.id },
    head(`${sale.type.replace('_', ' ')} ${sale.order ?? sale.sourceId}`, muted(time(sale.occurredAt))),
    element('td', { class: 'state' }, sale.company),
    figure(money(sale.amount, sale.currency)),
    cell(state(sale.delivery.state), muted(`${sale.delivery.topic} · delivery ${sale.delivery.id}`)),
    cell(state(sale.state), muted(sale.reason ?? `event ${sale.id}`)),
    cell(
      list(
        sale.entries.map((entry) => [
          `${entry.type} ${entry.number}`,
          entry.reversed ? element('span', { class: 'muted' }, ' reversed') : '',
        ]),
      ),
    ),
    cell(list(sale.documents.map(documentItem))),
  );
}

function documentItem(document) {
  const name = `${document.kind.replace('_', ' ')} ${document.number}`;
  const safe = /^https?:\/\//.test(document.remoteUrl ?? '');
  return [
    state(document.state),
    ' ',
    safe ? element('a', { href: document.remoteUrl, rel: 'noreferrer' }, name) : name,
    ` ${money(document.amount, document.currency)}`,
    document.reason === null ? null : muted(document.reason),
  ];
}

function salesPath(limit, cursor) {
  const { company, search: number } = Object.fromEntries(new FormData(byId('filter')));
  const query = new URLSearchParams({ limit: String(limit) });
  if (company) query.set('company', company);
  if (number.trim()) query.set('search', number.trim());
  if (cursor) query.set('cursor', cursor);
  return `/sales?${query}`;
}

function showSales() {
  sync(byId('sale-rows'), shown.sales, (sale) => sale.id, saleRow);
  byId('more').hidden = shown.cursor === null;
  byId('sales-none').hidden = shown.sales.length > 0;
  byId('sales-none').textContent = byId('filter').elements.search.value.trim()
    ? 'No sale has this number.'
    : 'Nothing was sold yet.';
}

/** Reads what is shown anew. Who has paged further than one answer reaches keeps the older rows as they were. */
async function refreshSales() {
  const asked = search;
  const limit = Math.min(MOST, Math.max(PAGE_SIZE, shown.sales.length));
  const fresh = await call(salesPath(limit, null));
  if (asked !== search) return;
  const oldest = fresh.sales.at(-1);
  const kept = oldest === undefined ? [] : shown.sales.filter((sale) => BigInt(sale.id) < BigInt(oldest.id));
  const connected = kept.length < shown.sales.length;
  shown = kept.length > 0 && connected ? { sales: [...fresh.sales, ...kept], cursor: shown.cursor } : fresh;
  showSales();
}

async function refresh() {
  const read = ['/companies', '/connections', '/proofs', '/failed-work', '/issues'].map((path) => call(path));
  const [companies, connections, proofs, failed, issues] = await Promise.all(read);
  showCompanies(companies, connections, proofs);
  showFailed(failed, issues);
  await refreshSales();
}

byId('filter').addEventListener('submit', async (submitted) => {
  submitted.preventDefault();
  search += 1;
  shown = { sales: [], cursor: null };
  await refreshSales().catch((error) => say(`That did not work: ${error.message}`));
});
byId('more').addEventListener('click', async () => {
  const asked = search;
  try {
    const older = await call(salesPath(PAGE_SIZE, shown.cursor));
    if (asked !== search) return;
    shown = { sales: [...shown.sales, ...older.sales], cursor: older.cursor };
    showSales();
  } catch (error) {
    say(`That did not work: ${error.message}`);
  }
});

const AWAY = 'No answer just now: ';

async function keepFresh() {
  try {
    await refresh();
    if (byId('notice').textContent.startsWith(AWAY)) say('');
  } catch (error) {
    say(`${AWAY}${error.message}`);
  }
  setTimeout(keepFresh, document.hidden ? EVERY_MS * 5 : EVERY_MS);
}

async function start() {
  try {
    useExponents(await call('/currencies'));
  } catch (error) {
    say(`${AWAY}${error.message}`);
    setTimeout(start, EVERY_MS);
    return;
  }
  await keepFresh();
}
start();
