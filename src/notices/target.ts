/** How targets are called where nobody needs to know their address. */
import { createHash } from 'node:crypto';
import type { NoticeTarget } from '../notice-options.ts';

/** In the ledger: the same for as long as the target is. */
export function targetName(target: NoticeTarget): string {
  const what = target.kind === 'webhook' ? target.url : target.command;
  return createHash('sha256').update(JSON.stringify(what)).digest('base64url').slice(0, 22);
}

/** In the log and in /v1/status: paths of webhooks often are secrets. */
export function shownTarget(target: NoticeTarget): string {
  return target.kind === 'webhook' ? new URL(target.url).origin : target.command[0];
}
