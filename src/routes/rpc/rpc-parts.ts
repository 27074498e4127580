/** What answers the gateway's calls, by whichever way they come: one of each for a service and its options. */
import { systemClock } from '../../clock.ts';
import type { Milliseconds } from '../../units.ts';
import type { Gate } from '../security.ts';
import type { UsageService } from '../service.ts';
import { RpcCalls } from './calls.ts';
import { rpcLimits } from './limits.ts';
import { Outgoing } from './outgoing.ts';
import { RpcSockets } from './sockets.ts';

export interface RpcParts {
  readonly calls: RpcCalls;
  readonly outgoing: Outgoing;
  readonly sockets: RpcSockets;
  /** Whether conversations may be shown to who proved the token; false where none is asked for. */
  readonly transcripts: boolean;
}

export interface RpcOptions {
  readonly token: string | null;
  readonly transcripts: boolean;
  /** Of this package. */
  readonly version: string;
}

/** @param startedAt by the system's monotonic clock */
export function rpcPartsOf(
  service: Pick<UsageService, 'call' | 'dialect' | 'now'>,
  gate: Gate,
  { token, version, ...options }: RpcOptions,
  startedAt: Milliseconds = systemClock.monotonic(),
): RpcParts {
  const transcripts = options.transcripts && token !== null;
  const shared = { calls: new RpcCalls(service), outgoing: new Outgoing(rpcLimits.outgoing), transcripts };
  return { ...shared, sockets: new RpcSockets({ ...shared, service, gate, version, startedAt }) };
}
