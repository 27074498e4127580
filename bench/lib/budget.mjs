// What figures are held to: the bar has to be met, the stretch is what to aim for. Both are of the design's table of budgets.

/** A row's budget: the value must not be above the bar. `stretch` may be null. */
export function atMost(value, { bar, stretch = null }, unit = '') {
  return judged(bar, stretch, unit, (limit) => value <= limit);
}

/** The same the other way round. */
export function atLeast(value, { bar, stretch = null }, unit = '') {
  return judged(bar, stretch, unit, (limit) => value >= limit);
}

function judged(bar, stretch, unit, holds) {
  return {
    bar: `${bar}${unit}`,
    stretch: stretch === null ? '' : `${stretch}${unit}`,
    met: holds(bar),
    stretched: stretch !== null && holds(stretch),
  };
}
