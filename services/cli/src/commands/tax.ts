import { TAX_FORMS, type TaxForm } from '@daybook/ledger/tax/prepared';
import type { Command } from 'commander';
import { companyNamed } from '../database.ts';
import { taxActions } from '../tax-actions.ts';
import { json, type Terminal, UsageError } from '../terminal.ts';
import { withDeps } from '../with-deps.ts';

interface Options {
  company: string;
  form: string;
  hash?: string;
  reason?: string;
  by?: string;
  rate?: string;
  label?: string;
  boxes?: string;
  output?: string;
  input?: string;
  revenue?: string;
  reverseCharge?: boolean;
  json?: boolean;
}

const HELP = `
Actions:
${Object.entries(taxActions)
  .map(([name, { usage, what }]) => `  ${`${name} ${usage}`.trim().padEnd(20)} ${what}`)
  .join('\n')}

A period is 2026-03, 2026-Q1, 2026 or 2026-02-01..2026-04-30. The figures: daybook report tax-return, daybook report oss.
  daybook tax file 2026-03 --company harbour
  daybook tax code S15 --company harbour --rate 15 --label "old rate" --boxes net_out=6,tax_out=1`;

/** `daybook tax`: returns drafted, filed and taken back; tax codes with their boxes and accounts. */
export function registerTax(root: Command, terminal: Terminal): void {
  root
    .command('tax')
    .description('tax returns: draft, file, take back; tax codes with their boxes and accounts')
    .argument('<action>', `one of: ${Object.keys(taxActions).join(', ')}`)
    .argument('[value]', 'what the action is about')
    .requiredOption('--company <slug>', 'whose books')
    .option('--form <form>', `one of: ${TAX_FORMS.join(', ')}`, 'national')
    .option('--hash <hash>', 'file: only these figures, as the draft told them')
    .option('--reason <text>', 'why: kept with the return')
    .option('--by <name>', 'who does it; the user of this machine without it')
    .option('--rate <percent>', 'code: rate')
    .option('--label <text>', 'code: what it is')
    .option('--boxes <boxes>', 'code: net_out=6,tax_out=1,net_in=6+7, none, or default')
    .option('--output <account>', 'code: account of output tax')
    .option('--input <account>', 'code: account of input tax')
    .option('--revenue <account>', 'code: account of sales')
    .option('--reverse-charge', 'code: the customer owes the tax')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (name: string, value: string | undefined, options: Options) => {
      const action = taxActions[name];
      if (!action) {
        throw new UsageError(`there is no action "${name}"; there is: ${Object.keys(taxActions).join(', ')}`);
      }
      const { reason, hash, rate, label, boxes, output, input, revenue, reverseCharge } = options;
      const form = formOf(options.form);
      const by = options.by ?? terminal.env.USER ?? 'command line';
      const code = { rate, label, boxes, output, input, revenue, reverseCharge };
      const done = await withDeps(terminal, async (deps) => {
        const company = await companyNamed(deps, options.company);
        return action.run(value, { company, deps, by, reason, hash, form, code });
      });
      terminal.out(options.json ? json(done.answer) : done.text);
    });
}

function formOf(text: string): TaxForm {
  const form = TAX_FORMS.find((each) => each === text);
  if (form) return form;
  throw new UsageError(`there is no form "${text}"; there is: ${TAX_FORMS.join(', ')}`);
}
