/** The agents of generated stores, by name: when each is busy and which kinds of session it has. */
import type { rhythmShapes } from './rhythm.ts';

export type LiveKind = 'main' | 'direct' | 'group' | 'cron' | 'subagent';

export interface DemoAgent {
  readonly id: string;
  readonly rhythm: keyof typeof rhythmShapes;
  /** The kinds of its sessions besides the main one; a kind named twice is twice as likely. */
  readonly kinds: readonly Exclude<LiveKind, 'main'>[];
}

const NAMED: readonly DemoAgent[] = [
  { id: 'main', rhythm: 'always', kinds: ['direct', 'direct', 'group', 'cron', 'subagent'] },
  { id: 'coder', rhythm: 'office', kinds: ['direct', 'subagent', 'subagent', 'group', 'cron'] },
  { id: 'research', rhythm: 'office', kinds: ['direct', 'subagent', 'group', 'cron'] },
  { id: 'family', rhythm: 'home', kinds: ['direct', 'direct', 'group', 'group', 'cron', 'subagent'] },
  { id: 'support', rhythm: 'office', kinds: ['direct', 'direct', 'direct', 'group', 'cron', 'subagent'] },
  { id: 'finance', rhythm: 'office', kinds: ['direct', 'cron', 'group', 'subagent'] },
  { id: 'ops', rhythm: 'always', kinds: ['cron', 'cron', 'group', 'direct', 'subagent'] },
  { id: 'night-watch', rhythm: 'night', kinds: ['cron', 'cron', 'direct', 'group', 'subagent'] },
  { id: 'home-lab', rhythm: 'home', kinds: ['cron', 'direct', 'group', 'subagent'] },
];

/** The first `count` agents; `main` is always among them. */
export function demoAgents(count: number): readonly DemoAgent[] {
  return Array.from(
    { length: count },
    (_, index) => NAMED[index] ?? { ...NAMED[index % NAMED.length]!, id: `agent-${index + 1}` },
  );
}
