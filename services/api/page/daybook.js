// The plain page: reads /api/v1 every two seconds and shows it. Only text nodes are made from data, never HTML.

const EXPONENTS = {
  JPY: 0,
  KRW: 0,
  ISK: 0,
  CLP: 0,
  VND: 0,
  UGX: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  PYG: 0,
  RWF: 0,
  BIF: 0,
  DJF: 0,
  GNF: 0,
  KMF: 0,
  VUV: 0,
  UYI: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
  CLF: 4,
  UYW: 4,
};
const GOOD = new Set(['posted', 'pushed', 'normalized', 'unchanged', 'superseded', 'ignored']);
const BAD = new Set(['failed', 'refused', 'rejected', 'conflict', 'held']);
const byId = (id) => document.getElementById(id);
let shown = { sales: [], cursor: null };

/** The one place that formats money: minor units as text, all digits, currency visible. */
function money(minor, currency) {
  if (minor === null || currency === null) return '';
  const exponent = EXPONENTS[currency] ?? 2;
  const negative = minor.startsWith('-');
  const digits = minor.replace('-', '').padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${negative ? '−' : ''}${currency} ${whole}${exponent > 0 ? `.${digits.slice(-exponent)}` : ''}`;
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'onclick') made.addEventListener('click', value);
    else if (value !== null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}
const cell = (...children) => element('td', {}, ...children);
const figure = (text) => element('td', { class: 'number' }, text);
const state = (text) =>
  element('span', { class: `state ${GOOD.has(text) ? 'good' : BAD.has(text) ? 'bad' : 'wait'}` }, text);
const list = (items) => element('ul', { class: 'path' }, ...items.map((item) => element('li', {}, ...item)));
const time = (iso) =>
  element('time', { datetime: iso, title: new Date(iso).toString() }, iso.slice(0, 19).replace('T', ' '));
const total = (counts) => String(Object.values(counts).reduce((sum, count) => sum + count, 0));
const counted = (counts) =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || '0';

async function call(path, body) {
  const response = await fetch(
    `/api/v1${path}`,
    body === undefined
      ? {}
      : {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        },
  );
  const answer = await response.json();
  if (!response.ok) throw new Error([answer.error.message, answer.error.hint].filter(Boolean).join(' '));
  return answer;
}

function showCompanies(companies) {
  byId('company-rows').replaceChildren(
    ...companies.map((company) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, company.name),
        figure(total(company.deliveries)),
        figure(total(company.events)),
        figure(String(company.entries)),
        cell(counted(company.documents)),
        figure(String(company.issues)),
        figure(money(company.trialBalanceDifference, company.currency)),
      ),
    ),
  );
  const select = byId('filter').elements.company;
  for (const company of companies) {
    if (![...select.options].some((option) => option.value === company.slug))
      select.append(element('option', { value: company.slug }, company.name));
  }
}

function showFailed(work, issues) {
  byId('failed-count').textContent = work.length === 0 ? '– none' : `– ${work.length}`;
  byId('issue-list').replaceChildren(
    ...issues.map((issue) =>
      element('li', {}, element('strong', {}, issue.code), ` ${issue.company}: ${issue.message}`),
    ),
  );
  const rows = work.map((row) =>
    element(
      'tr',
      { 'data-code': row.code },
      element('th', { scope: 'row' }, row.what),
      cell(row.company),
      figure(money(row.amount, row.currency)),
      cell(state(row.state)),
      cell(row.code === null ? null : element('code', {}, row.code), ' ', row.reason ?? ''),
      cell(row.nextAttemptAt === null ? 'when somebody acts' : time(row.nextAttemptAt)),
      cell(
        element('button', { type: 'button', 'aria-label': `Replay ${row.what}`, onclick: () => replay(row) }, 'Replay'),
      ),
    ),
  );
  // A button that has the focus must not vanish under the finger.
  if (!byId('failed-rows').contains(document.activeElement)) byId('failed-rows').replaceChildren(...rows);
}

async function replay(row) {
  try {
    await call('/replays', { [row.stage]: row.id });
    document.activeElement?.blur();
    byId('notice').textContent = `Replaying ${row.what}.`;
    await refresh();
  } catch (error) {
    byId('notice').textContent = `Not replayed: ${error.message}`;
  }
}

function saleRow(sale) {
  return element(
    'tr',
    {},
    element(
      'th',
      { scope: 'row' },
      `${sale.type} ${sale.order ?? sale.sourceId}`,
      element('div', { class: 'muted' }, time(sale.occurredAt)),
    ),
    cell(sale.company),
    figure(money(sale.amount, sale.currency)),
    cell(state(sale.delivery.state), element('div', { class: 'muted' }, `${sale.delivery.topic} #${sale.delivery.id}`)),
    cell(state(sale.state), element('div', { class: 'muted' }, sale.reason ?? `#${sale.id}`)),
    cell(
      list(
        sale.entries.map((entry) => [
          `${entry.type} ${entry.number}`,
          entry.reversed ? element('span', { class: 'muted' }, ' reversed') : '',
        ]),
      ),
    ),
    cell(
      list(
        sale.documents.map((document) => [
          state(document.state),
          ` ${document.kind.replace('_', ' ')} ${document.number} `,
          money(document.amount, document.currency),
          document.reason === null ? null : element('div', { class: 'muted' }, document.reason),
        ]),
      ),
    ),
  );
}

function salesPath(cursor) {
  const { company, search } = Object.fromEntries(new FormData(byId('filter')));
  const query = new URLSearchParams({ limit: '30' });
  if (company) query.set('company', company);
  if (search) query.set('search', search.trim());
  if (cursor) query.set('cursor', cursor);
  return `/sales?${query}`;
}

function showSales() {
  byId('sale-rows').replaceChildren(...shown.sales.map(saleRow));
  byId('more').hidden = shown.cursor === null;
}

async function refresh() {
  const [{ companies }, { work }, { issues }] = await Promise.all([
    call('/companies'),
    call('/failed-work'),
    call('/issues'),
  ]);
  showCompanies(companies);
  showFailed(work, issues);
  // Somebody who reads older pages keeps them.
  if (shown.sales.length <= 30) {
    shown = await call(salesPath(null));
    showSales();
  }
}

byId('filter').addEventListener('submit', async (submitted) => {
  submitted.preventDefault();
  shown = await call(salesPath(null));
  showSales();
});
byId('more').addEventListener('click', async () => {
  const older = await call(salesPath(shown.cursor));
  shown = { sales: [...shown.sales, ...older.sales], cursor: older.cursor };
  showSales();
});

async function keepFresh() {
  try {
    await refresh();
    if (byId('notice').textContent.startsWith('Not reachable')) byId('notice').textContent = '';
  } catch (error) {
    byId('notice').textContent = `Not reachable just now: ${error.message}`;
  }
  setTimeout(keepFresh, 2000);
}
keepFresh();
