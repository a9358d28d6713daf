import { formatMinor } from '@daybook/domain';
import type { Sql } from '@daybook/platform/db';
import { companyStatus } from './company-status.ts';
import { describeProof, prove } from './sandbox/proof.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import type { Terminal } from './terminal.ts';

interface SummaryOptions {
  sql: Sql;
  sandbox: Sandbox;
  terminal: Terminal;
  url: string;
}

const REDRAW_MS = 1_000;
/** On a terminal nobody watches, a block of lines this often is enough. */
const REPRINT_MS = 10_000;

/** Shows how the sandbox is doing until stopped: redrawn in place for a person, printed now and then for a file. */
export function liveSummary(options: SummaryOptions): { stop(): Promise<void> } {
  const { terminal } = options;
  let drawn = 0;
  let firstPushed = false;
  let lastPrinted = Number.NEGATIVE_INFINITY;
  let drawing: Promise<void> = Promise.resolve();
  const started = performance.now();

  const draw = async (): Promise<void> => {
    const { lines, pushed } = await describe(options);
    if (pushed > 0 && !firstPushed) {
      firstPushed = true;
      lines.unshift(
        `First document is in the books, ${((performance.now() - started) / 1000).toFixed(1)} s after trading began.`,
      );
    } else if (!terminal.live && performance.now() - lastPrinted < REPRINT_MS) {
      return;
    }
    lastPrinted = performance.now();
    const clear = terminal.live && drawn > 0 ? `\u001b[${drawn}A\u001b[J` : '';
    terminal.out(`${clear}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const timer = setInterval(() => {
    drawing = drawing.then(draw).catch(() => undefined);
  }, REDRAW_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await drawing;
    },
  };
}

async function describe({ sql, sandbox, url }: SummaryOptions): Promise<{ lines: string[]; pushed: number }> {
  const lines = [`── ${new Date().toISOString().slice(11, 19)} UTC ── follow it at ${url}/ ── Ctrl-C stops ──`];
  let pushed = 0;
  for (const pairing of sandbox.pairings) {
    const { companyId: id, slug, name, currency } = pairing;
    const status = await companyStatus(sql, { id, slug, name, currency, country: '', timeZone: '' });
    pushed += status.documents.pushed ?? 0;
    lines.push(
      `${name}: ${total(status.deliveries)} deliveries · ${total(status.events)} events · ${status.entries} entries · ` +
        `documents ${counts(status.documents)} · ${status.issues} issues`,
      `  trial balance difference ${formatMinor(status.trialBalanceDifference, currency)} · ${describeProof(await prove(sql, pairing))}`,
    );
  }
  return { lines, pushed };
}

function total(states: Record<string, number>): number {
  return Object.values(states).reduce((all, count) => all + count, 0);
}

function counts(states: Record<string, number>): string {
  return (
    Object.entries(states)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ') || '0'
  );
}
