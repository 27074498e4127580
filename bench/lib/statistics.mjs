// Medians and percentiles. Samples are never thrown away: what is left out of a summary stays in the raw values.

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values) {
  const sorted = ascending(values);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The smallest value that at least the share `q` of all does not exceed. */
export function percentile(values, q) {
  return ascending(values)[Math.max(0, Math.ceil(q * values.length) - 1)];
}

export function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

export function round(value, digits = 0) {
  return Number(value.toFixed(digits));
}

/** The slope of the line through [x, y] points, by least squares. */
export function slope(points) {
  const [meanX, meanY] = [0, 1].map((axis) => sum(points.map((point) => point[axis])) / points.length);
  const spread = sum(points.map(([x]) => (x - meanX) ** 2));
  return sum(points.map(([x, y]) => (x - meanX) * (y - meanY))) / spread;
}

function ascending(values) {
  if (values.length === 0) throw new RangeError('expected at least one value; got none');
  return Float64Array.from(values).sort();
}
