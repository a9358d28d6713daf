import { program } from './program.ts';
import { wordsOf } from './terminal.ts';

let closed = false;

/** Writing to a pipe that nobody reads any more is no fault: `daybook report … | head` ends quietly. */
function quietPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  closed = true;
}

async function read(): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Settings from `.env` of the working directory, where there is one; what the environment says itself wins. */
function loadEnvironment(): boolean {
  try {
    process.loadEnvFile('.env');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    process.stderr.write(`daybook: .env in this folder cannot be read: ${wordsOf(error)}; mend it or move it away\n`);
    return false;
  }
  return true;
}

async function main(): Promise<number> {
  process.stdout.on('error', quietPipe);
  process.stderr.on('error', quietPipe);
  if (!loadEnvironment()) return 2;
  return program(process.argv.slice(2), {
    env: process.env,
    out: (text) => closed || process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    read,
    live: process.stdout.isTTY === true,
    closed: () => closed,
  });
}

process.exitCode = await main();
