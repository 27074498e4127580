/** Posts a notice, signed as https://www.standardwebhooks.com says: id, time and HMAC-SHA256 in three headers. */
import { createHmac } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { messageOf } from '../errors.ts';
import type { Webhook } from '../notice-options.ts';
import type { Milliseconds } from '../units.ts';
import type { Delivery, DeliveryResult } from './notice.ts';

/** How long one attempt may take. */
const WITHIN: Milliseconds = 15_000;
const GONE = 410;

/** Never rejects. Redirects are not followed: only what is configured is asked. */
export function postNotice(
  { url, secret }: Webhook,
  { id, body, version }: Omit<Delivery, 'target'>,
  now: Milliseconds,
  within = WITHIN,
): Promise<DeliveryResult> {
  const time = String(Math.floor(now / 1000));
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    'User-Agent': `clawgauge/${version}`,
    'Webhook-Id': id,
    'Webhook-Timestamp': time,
    ...(secret === null ? {} : { 'Webhook-Signature': signature(secret, id, time, body) }),
  };
  return new Promise((resolve) => {
    const failed = (error: unknown) => resolve({ error: messageOf(error), final: false });
    try {
      const request = url.startsWith('https:') ? requestHttps : requestHttp;
      const asked = request(url, { method: 'POST', headers, agent: false, signal: AbortSignal.timeout(within) });
      asked.once('response', (response) => {
        const { statusCode = 0 } = response;
        // What else it says is of no interest, however long it is.
        response.destroy();
        const taken = statusCode >= 200 && statusCode < 300;
        resolve({ error: taken ? null : `answered ${statusCode}`, final: statusCode === GONE });
      });
      asked.on('error', (error) =>
        failed(error.name === 'AbortError' ? new Error(`no answer within ${within} ms`) : error),
      );
      asked.end(body);
    } catch (error) {
      failed(error);
    }
  });
}

function signature(secret: string, id: string, time: string, body: string): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')}`;
}
