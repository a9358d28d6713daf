import { BANK_FORMATS } from '@daybook/domain';
import type { Command } from 'commander';
import { type BankAction, type BankOptions, bankActions } from '../bank-actions.ts';
import { companyNamed } from '../database.ts';
import { json, type Terminal, UsageError } from '../terminal.ts';
import { withDeps } from '../with-deps.ts';

const HELP = `
Actions:
${Object.entries(bankActions)
  .map(([name, { usage, what }]) => `  ${`${name} ${usage}`.trim().padEnd(24)} ${what}`)
  .join('\n')}

The format of a file is recognised. The column map of CSV files is kept with the account; where it cannot be recognised
give it as JSON: {"delimiter": ";", "decimal": ",", "date": "DD.MM.YYYY", "columns": {"booked": "Buchungstag",
"amount": "Betrag", "counterparty": "Name", "text": ["Verwendungszweck"], "balance": "Saldo"}}; columns by heading or
place, debit and credit instead of amount, and value, counterpartyAccount, reference, bankId, endToEndId, currency.
  daybook bank add "Main account" --company harbour --role bank.main
  daybook bank import march.xml --company harbour --account "Main account" --dry-run
  daybook bank lines --company harbour
  daybook bank confirm 17 --company harbour
  daybook bank book 18 --company harbour --to-role fees.bank
  daybook bank add-rule "Water works" --company harbour --to-account 6020 --tax-code U7
Bank and books compared: daybook report bank-reconciliation --account "Main account"`;

/** `daybook bank`: imports statements, and matches their lines with the books. */
export function registerBank(root: Command, terminal: Terminal): void {
  root
    .command('bank')
    .description('import bank statements, and match, confirm, book, ignore and undo their lines')
    .argument('<action>', `one of: ${Object.keys(bankActions).join(', ')}`)
    .argument('[values...]', 'what the action is about')
    .requiredOption('--company <slug>', 'whose books')
    .option('--account <account>', 'bank account: name, IBAN or number, role, or code in the ledger')
    .option('--format <format>', `of the file: ${BANK_FORMATS.join(', ')}; recognised without it`)
    .option('--map <file>', 'column map of CSV files, as JSON')
    .option('--dry-run', 'show what an import would store, and keep nothing')
    .option('--all', 'lines: also those that are matched or ignored')
    .option('--from <date>', 'lines: from this day')
    .option('--to <date>', 'lines: up to this day')
    .option('--suggestion <id>', 'confirm: which of several')
    .option('--role <role>', 'add: role of the account in the ledger')
    .option('--number <number>', 'add: IBAN or number; the first statement tells it without')
    .option('--currency <code>', "add: its currency; the company's without it")
    .option('--to-account <code>', 'book, add-rule: the account')
    .option('--to-role <role>', 'book, add-rule: the role, instead of an account')
    .option('--tax-code <code>', 'book, add-rule: code of the tax in the amount')
    .option('--party <party>', 'book: whose item it is')
    .option('--document <number>', 'book: which item it is')
    .option('--direction <direction>', 'add-rule: in, out or both')
    .option('--reason <text>', 'ignore, undo: why')
    .option('--by <name>', 'who does it; the user of this machine without it')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (name: string, values: string[], options: BankOptions) => {
      const action = actionNamed(name);
      const by = options.by ?? terminal.env.USER ?? 'command line';
      const done = await withDeps(terminal, async (deps) => {
        const company = await companyNamed(deps, options.company);
        const tell = (text: string) => {
          if (terminal.live) terminal.err(`${text}\n`);
        };
        return action.run(values, { company, deps, by, options, terminal, tell });
      });
      terminal.out(options.json ? json(done.answer) : done.text);
    });
}

function actionNamed(name: string): BankAction {
  const action = bankActions[name];
  if (action) return action;
  throw new UsageError(`there is no action "${name}"; there is: ${Object.keys(bankActions).join(', ')}`);
}
