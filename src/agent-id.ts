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
