import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A script of this folder running in a process of its own. */
export interface Child {
  pid: number;
  /** Waits for the first line that begins with the word and answers it. Throws when the process ends before. */
  says(word: string): Promise<string>;
  isAlive(): boolean;
  /** Sends SIGKILL and waits for the end. */
  kill(): Promise<void>;
}

/** Starts a script of this folder; `detached` gives it a process group of its own, as a terminal would. */
export function startChild(script: string, args: readonly string[], options: { detached?: boolean } = {}): Child {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], { stdio: 'pipe', ...options });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  const ended = new Promise<void>((settle) => child.once('close', () => settle()));
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? 0,
    isAlive,
    async says(word) {
      for (;;) {
        const line = output
          .split('\n')
          .slice(0, -1)
          .find((each) => each.startsWith(word));
        if (line !== undefined) return line;
        if (!isAlive()) throw new Error(`${script} ended before it said "${word}": ${output}`);
        await Promise.race([ended, pause(20)]);
      }
    },
    async kill() {
      if (isAlive()) child.kill('SIGKILL');
      await ended;
    },
  };
}
