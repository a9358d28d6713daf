import { formatMinor } from '@daybook/domain';
import type { Business, World } from './world.ts';

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

/** What arrived lately, per business. */
export function overviewPage(world: World): string {
  return page('Simulated Sage Accounting', [...world.businesses.values()].map(section).join(''));
}

function section(business: Business): string {
  const rows = [...business.rows.values()]
    .slice(-SHOWN)
    .reverse()
    .map((row) => {
      const cells = [row.resource.replaceAll('_', ' '), row.name, row.reference, row.date, row.state];
      const total = `${row.currency} ${formatMinor(row.total, row.currency)}`;
      return `<tr>${cells.map((cell) => `<td>${html(cell)}</td>`).join('')}<td class="amount">${html(total)}</td></tr>`;
    });
  return `<h2>${html(business.name)}</h2><p>${business.rows.size} documents</p>
<table><thead><tr><th>Kind</th><th>Number</th><th>Reference</th><th>Date</th><th>State</th><th>Total</th></tr></thead>
<tbody>${rows.join('')}</tbody></table>`;
}

/** Where the user agrees. The form answers to the same address, query and all. */
export function consentPage(world: World, appName: string, action: string): string {
  const names = [...world.businesses.values()].map(({ name }) => `<li>${html(name)}</li>`);
  return page(
    'Allow access',
    `<p>${html(appName)} asks for full access to all of your businesses:</p><ul>${names.join('')}</ul>
<form method="post" action="${html(action)}">
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button></form>`,
  );
}

/** What the user sees when the authorize URL is wrong in a way that cannot be sent back. */
export function problemPage(problem: string): string {
  return page('Sorry, something went wrong', `<p>${html(problem)}</p>`);
}
