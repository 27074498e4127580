/** The state directories of the options, as inventories take them. */
import type { StatePlace } from '../compute/inventory.ts';
import type { ServiceOptions } from '../config.ts';

/** The first one, whose agents are called as they are there, and then the others in their order. */
export function placesOf({
  stateDirectory,
  openclawConfigPath,
  otherStates,
}: Pick<ServiceOptions, 'stateDirectory' | 'openclawConfigPath' | 'otherStates'>): StatePlace[] {
  return [
    { stateDirectory, configPath: openclawConfigPath, place: null },
    ...otherStates.map(({ name, directory, configPath }) => ({ stateDirectory: directory, configPath, place: name })),
  ];
}
