import { formatMinor } from '@daybook/domain';
import { type Organisation, shownStatus, type World } from './world.ts';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const html = (text: string) => text.replaceAll(/[&<>"]/g, (character) => ESCAPES[character]!);

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${html(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{padding:.25rem .5rem;border-bottom:1px solid #ccc;text-align:left}
td.amount{text-align:right;font-variant-numeric:tabular-nums}</style></head>
<body><h1>${html(title)}</h1>${content}</body></html>`;
}

const SHOWN = 20;

/** What arrived lately, per organisation. */
export function overviewPage(world: World): string {
  const sections = [...world.organisations.values()].map((organisation) => {
    const { count, total } = organisation.totals;
    const rows = [...organisation.documents.values()].slice(-SHOWN).reverse();
    const money = (minor: bigint) => html(`${organisation.currency} ${formatMinor(minor, organisation.currency)}`);
    return `<h2>${html(organisation.name)}</h2>
<p>${count} approved documents, invoices less credit notes ${money(total)}</p>
<table><thead><tr><th>Number</th><th>Reference</th><th>Date</th><th>Status</th><th>Total</th></tr></thead>
<tbody>${rows.map((each) => documentRow(organisation, each)).join('')}</tbody></table>`;
  });
  return page('Simulated Xero', sections.join(''));
}

function documentRow(organisation: Organisation, document: Parameters<typeof shownStatus>[1]): string {
  const sign = document.kind === 'credit_note' ? '−' : '';
  const total = `${document.currency} ${sign}${formatMinor(document.total, document.currency)}`;
  const cells = [document.number, document.reference, document.date, shownStatus(organisation, document)];
  return `<tr>${cells.map((cell) => `<td>${html(cell)}</td>`).join('')}<td class="amount">${html(total)}</td></tr>`;
}

/** Where the person chooses organisations. The form answers to the same address, query and all. */
export function consentPage(world: World, appName: string, scopes: readonly string[], action: string): string {
  const boxes = [...world.organisations.values()].map(
    (each) =>
      `<p><label><input type="checkbox" name="organisation" value="${each.tenantId}" checked>
${html(each.name)}</label></p>`,
  );
  return page(
    'Allow access',
    `<p>${html(appName)} asks for: ${html(scopes.join(', '))}</p>
<form method="post" action="${html(action)}">${boxes.join('')}
<button name="decision" value="allow">Allow access</button>
<button name="decision" value="deny">Cancel</button></form>`,
  );
}

/** What the person sees when the authorize URL is wrong in a way that cannot be sent back. */
export function problemPage(problem: string): string {
  return page('Sorry, something went wrong', `<p>${html(problem)}</p>`);
}
