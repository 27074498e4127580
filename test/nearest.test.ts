import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestName } from '../src/nearest.ts';

const names = ['memoryCap', 'refreshInterval', 'refreshDeadline', 'timeZone', 'timeZones'];

describe('the nearest known name', () => {
  it.each([
    ['memorycap', 'memoryCap'],
    ['memmoryCap', 'memoryCap'],
    ['refreshIntervall', 'refreshInterval'],
    ['timezone', 'timeZone'],
    ['timeZoness', 'timeZones'],
  ])('of %s is %s', (name, meant) => {
    expect(nearestName(name, names, 2)).toBe(meant);
  });

  it('is none where every known name is further away than allowed', () => {
    expect(nearestName('port', names, 2)).toBeNull();
    expect(nearestName('memoryCa', names, 0)).toBeNull();
    expect(nearestName('', [], 9)).toBeNull();
  });

  it('is found through one edit anywhere', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names.slice(0, 3)),
        fc.nat(),
        fc.constantFrom('add', 'drop', 'replace'),
        (name, at, edit) => {
          const position = at % name.length;
          const inserted = edit === 'drop' ? '' : '#';
          const rest = name.slice(edit === 'add' ? position : position + 1);
          expect(nearestName(name.slice(0, position) + inserted + rest, names, 1)).toBe(name);
        },
      ),
    );
  });
});
