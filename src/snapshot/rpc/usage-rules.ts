/** What the figures of an answer are added up by. */
import { QUARTER_MS } from '../../units.ts';
import { zoneOf } from '../zone.ts';
import type { RpcQuery } from './rpc-query.ts';
import type { UsageRules } from './session-usage.ts';

/** A window's limits lie on quarter hours, but for offsets that no zone has: then on those before. */
export function usageRules({ dialect, window }: RpcQuery): UsageRules {
  const start = Math.floor(window.startMs / QUARTER_MS);
  const end = Math.floor((window.endMs + 1) / QUARTER_MS);
  return { dialect, span: { start, end, undated: window.undated }, zone: zoneOf(window.dayZone) };
}
