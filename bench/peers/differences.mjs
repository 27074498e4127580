// Where two answers differ, but for what tells when they were made.

/** When an answer was made, and from how many files it was read. */
const MOMENTS = /^(updatedAt|cacheStatus\.(cachedFiles|pendingFiles|staleFiles|refreshedAt))$/;
const PERCENTILE = /\.p95Ms$/;

/** A list of `{path, theirs, ours}`: whole numbers are to be equal, others up to 1e-6, percentiles up to 1 %. */
export function differences(theirs, ours, path = '') {
  if (MOMENTS.test(path)) return [];
  if (typeof theirs === 'number' && typeof ours === 'number') {
    const most = PERCENTILE.test(path) ? Math.abs(theirs) * 0.01 : Number.isInteger(theirs) ? 1e-9 : 1e-6;
    return Math.abs(theirs - ours) <= most ? [] : [{ path, theirs, ours }];
  }
  if (Array.isArray(theirs) && Array.isArray(ours) && theirs.length !== ours.length) {
    return [{ path: `${path}.length`, theirs: theirs.length, ours: ours.length }];
  }
  if (!isObject(theirs) || !isObject(ours)) return Object.is(theirs, ours) ? [] : [{ path, theirs, ours }];
  const names = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
  const inside = (name) => (path === '' ? name : `${path}.${name}`);
  return [...names].flatMap((name) => differences(theirs[name], ours[name], inside(name)));
}

function isObject(value) {
  return typeof value === 'object' && value !== null;
}
