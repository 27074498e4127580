/**
 * Entry of the thread that sends notices. It is started when there is one and ends afterwards, so that nothing that
 * sending takes (TLS, child processes) is loaded by the threads that serve.
 */
import { systemClock } from '../clock.ts';
import { runCommand } from './command.ts';
import type { Delivery, DeliveryResult } from './notice.ts';
import { postNotice } from './webhook.ts';

/** Makes one attempt at each of them, all at the same time. */
export function send({ deliveries }: { readonly deliveries: readonly Delivery[] }): Promise<DeliveryResult[]> {
  return Promise.all(
    deliveries.map(({ target, ...delivery }) =>
      target.kind === 'webhook' ? postNotice(target, delivery, systemClock.now()) : runCommand(target, delivery),
    ),
  );
}
