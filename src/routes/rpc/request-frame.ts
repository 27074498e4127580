/** The frames that a client sends: JSON text `{type: "req", id, method, params?}`, refused in the gateway's words. */

export interface RequestFrame {
  readonly id: string;
  readonly method: string;
  readonly params: unknown;
}

/** A message that is no such frame. */
export interface InvalidFrame {
  /** What an answer to it is called. */
  readonly id: string | number;
  readonly problem: string;
}

/** What the gateway calls its answer to a frame without a usable id. */
const NO_ID = 'invalid';

const REQUIRED = ['type', 'id', 'method'];
const MEMBERS = [...REQUIRED, 'params'];

/** Of the problems of one frame, and of the names in them: an answer is no longer than what it answers. */
const MAX_PROBLEMS = 8;
const MAX_NAME = 64;

/** Reads one message. Never throws. */
export function readFrame(message: Buffer): RequestFrame | InvalidFrame {
  let frame: unknown;
  try {
    frame = JSON.parse(message.toString());
  } catch {
    return { id: NO_ID, problem: 'must be JSON' };
  }
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) {
    return { id: NO_ID, problem: 'must be object' };
  }
  const members = frame as Readonly<Record<string, unknown>>;
  const problems = problemsOf(members);
  const { id, method, params } = members;
  if (problems.length === 0) return { id: id as string, method: method as string, params };
  // Not an id of another kind: it can be nested deeper than it could be written again.
  const name = typeof id === 'string' || typeof id === 'number' ? id : NO_ID;
  return { id: name, problem: problems.slice(0, MAX_PROBLEMS).join('; ') };
}

/** In the order in which the gateway's validation finds them. */
function problemsOf(frame: Readonly<Record<string, unknown>>): string[] {
  return [
    ...REQUIRED.filter((name) => frame[name] === undefined).map((name) => `must have required property '${name}'`),
    ...Object.keys(frame)
      .filter((name) => !MEMBERS.includes(name))
      .map((name) => `at root: unexpected property '${name.slice(0, MAX_NAME)}'`),
    ...(frame.type === undefined || frame.type === 'req' ? [] : ['at /type: must be equal to constant']),
    ...['id', 'method'].flatMap((name) => notText(`/${name}`, frame[name])),
  ];
}

function notText(path: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (typeof value !== 'string') return [`at ${path}: must be string`];
  return value === '' ? [`at ${path}: must NOT have fewer than 1 characters`] : [];
}
