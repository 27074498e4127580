/** What a command writes to: a terminal, or anything else. */

export interface Screen {
  readonly isTTY?: boolean;
  /** Of a terminal. */
  readonly columns?: number;
  readonly rows?: number;
  /** Whether a terminal shows colours; heeds NO_COLOR, FORCE_COLOR and TERM. */
  hasColors?(): boolean;
  write(text: string): unknown;
}

/** Whether to write colours: on a terminal that has them, and wherever FORCE_COLOR asks for them. */
export function coloursOn(screen: Screen, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return screen.isTTY === true && screen.hasColors?.() === true;
}
