/** Gateway calls answered from a keeper in this thread: the very steps of the service, without threads between them. */
import { entryDetails } from '../../src/compute/entry-details.ts';
import { unpack } from '../../src/compute/envelope.ts';
import type { Redaction } from '../../src/snapshot/redaction.ts';
import { CallJobs } from '../../src/snapshot/rpc/call-jobs.ts';
import { understand } from '../../src/snapshot/rpc/params.ts';
import type { RpcQuery } from '../../src/snapshot/rpc/rpc-query.ts';
import type { KeptStore } from './kept-store.ts';

export type Payload = Readonly<Record<string, unknown>>;

/** The members of an answer, but for those that tell how fresh it is. Throws what the gateway says where it refuses. */
export function payloadOf(
  { keeper }: KeptStore,
  method: string,
  params: unknown,
  now: number,
  { redact = null }: { readonly redact?: Redaction | null } = {},
): Payload {
  const context = keeper.callContext();
  if (context === null) throw new Error('expected a keeper that has taken an inventory');
  const understood = understand(method, params, { context, gatewayZone: 'UTC', now });
  if (understood === null) throw new Error(`unknown method: ${method}`);
  if ('refusal' in understood) throw new Error(understood.refusal.ok ? '' : understood.refusal.error.message);
  const jobs = new CallJobs(keeper, redact, { monotonic: () => 0 });
  let step = jobs.begin(understood.query as RpcQuery);
  while (step.kind === 'going') step = jobs.goOn(step.job, step.details && entryDetails(step.details));
  if (step.kind !== 'rendering') throw new Error(step.kind === 'refused' ? step.message : step.kind);
  const [members] = unpack(step.rendering).parts as [Uint8Array];
  return JSON.parse(`{${Buffer.from(members).toString('utf8')}}`) as Payload;
}
