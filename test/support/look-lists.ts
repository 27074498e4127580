/** Lists of names to be looked at, with the stamps that are known of them. */
import { LookList } from '../../src/compute/look-list.ts';
import { NO_NUMBERS, NUMBERS, stampNumbers, writeStampNumbers } from '../../src/compute/stamp-numbers.ts';

/** @param known by name, stamps */
export function listOf(names: readonly string[], known: Readonly<Record<string, string>> = {}): Uint8Array {
  const list = new LookList();
  for (const name of names) {
    const stamp = known[name];
    if (stamp === undefined) {
      list.addName(name);
      continue;
    }
    const numbers = stampNumbers(stamp);
    list.add({
      writeLook: (writer) => {
        writer.text(name);
        writer.byte(numbers === null ? NO_NUMBERS : NUMBERS);
        if (numbers !== null) writeStampNumbers(writer, numbers);
      },
    });
  }
  return list.finish();
}
