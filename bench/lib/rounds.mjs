// Runs variants in turn, in reversed order every other round, so that what drifts on the machine hits all of them.

/**
 * Runs each variant once a round, one after the other; gives the results by name, in the order of the rounds.
 * `variants` maps names to functions of the round's number.
 */
export async function alternate(rounds, variants) {
  const names = Object.keys(variants);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) results[name].push(await variants[name](round));
  }
  return results;
}
