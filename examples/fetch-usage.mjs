// Prints what today cost so far, asked of a running service:
//
//   node examples/fetch-usage.mjs [URL]        the token, if there is one, in CLAWGAUGE_TOKEN
const [url = 'http://127.0.0.1:18790'] = process.argv.slice(2);
const token = process.env.CLAWGAUGE_TOKEN;

const { snapshot, window, totals } = await usage('range=today');
const incomplete = totals.missing > 0 ? `, ${totals.missing} records have no price` : '';
console.log(
  `${window.startDate}: $${totals.cost.toFixed(2)}, ${totals.totalTokens} tokens${incomplete} (${snapshot.state})`,
);

/** The answer of /v1/usage, once its figures are known. */
async function usage(query) {
  for (let attempt = 0; attempt < 60; attempt++) {
    const response = await fetch(`${url}/v1/usage?${query}`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
    const body = await response.json();
    if (response.status === 200) return body;
    if (response.status !== 202) throw new Error(`${body.code}: ${body.detail}`);
    // 202: the figures are on their way, and null for now.
    await new Promise((resolve) => setTimeout(resolve, Number(response.headers.get('retry-after')) * 1000));
  }
  throw new Error('the figures were not ready within a minute');
}
