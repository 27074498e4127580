/** Agent ids as the gateway makes them of any name: 1 to 64 of a-z, 0-9, `_` and `-`. */
export function normalizeAgentId(name: string): string {
  const id = name.trim().toLowerCase();
  if (/^[a-z0-9][a-z0-9_-]{0,63}$/.test(id)) return id;
  const cleaned = id
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^-+/, '')
    .replace(/-+$/, '')
    .slice(0, 64);
  return cleaned || 'main';
}

/**
 * The id of an agent of a state directory beside the first one, `id@place`; of the first one, whose place is null, the
 * id as it is. Ids of OpenClaw hold no `@`.
 */
export function qualifiedAgent(id: string, place: string | null): string {
  return place === null ? id : `${id}@${place}`;
}

/** The place in a qualified id; null of the first state directory. */
export function placeOf(agent: string): string | null {
  const at = agent.indexOf('@');
  return at < 0 ? null : agent.slice(at + 1);
}

/** The id inside its own state directory. */
export function plainAgent(agent: string): string {
  const at = agent.indexOf('@');
  return at < 0 ? agent : agent.slice(0, at);
}
