/** Hands a notice to a program, on its standard input. No shell, and nothing of the service's own settings. */
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { messageOf } from '../errors.ts';
import type { Command } from '../notice-options.ts';
import type { Milliseconds } from '../units.ts';
import type { Delivery, DeliveryResult } from './notice.ts';

/** How long it may take. */
const WITHIN: Milliseconds = 15_000;
/** What it says on its standard error is told so far. */
const MAX_SAID = 300;

/** Never rejects. */
export function runCommand(
  { command: [program, ...args] }: Command,
  { body }: Pick<Delivery, 'body'>,
  within = WITHIN,
): Promise<DeliveryResult> {
  return new Promise((resolve) => {
    const failed = (error: string) => resolve({ error, final: false });
    try {
      const child = spawn(program, args, {
        cwd: tmpdir(),
        env: withoutOwn(process.env),
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        failed(`no end within ${within} ms`);
      }, within);
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(0, MAX_SAID);
      });
      // A program that does not read its input is free not to.
      child.stdin.on('error', () => {});
      child.stdin.end(body);
      child.once('error', (error) => failed(messageOf(error)));
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        if (code === 0) resolve({ error: null, final: false });
        else failed(`ended with ${code ?? signal}${said === '' ? '' : `: ${said.trim()}`}`);
      });
    } catch (error) {
      failed(messageOf(error));
    }
  });
}

/** The service's own variables hold its token. */
function withoutOwn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('CLAWGAUGE_')));
}
