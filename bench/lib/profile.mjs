// Reads a CPU profile as `node --cpu-prof` writes it.

const MOST = 15;

/** The functions with most self time: `what` is the function and its file, `share` is of the time that is not idle. */
export function selfTimes({ nodes, samples, timeDeltas }) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map();
  let busy = 0;
  samples.forEach((id, at) => {
    const what = names.get(id);
    if (what === '(idle)') return;
    busy += timeDeltas[at];
    times.set(what, (times.get(what) ?? 0) + timeDeltas[at]);
  });
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST)
    .map(([what, time]) => ({ what, share: time / busy }));
}

function nameOf({ functionName, url }) {
  const file = url.split('/').at(-1);
  return `${functionName || '(anonymous)'}${file === '' ? '' : ` ${file}`}`;
}
