// ccusage, the native command-line tool that cold starts are compared with: fetched from npm when first needed.
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './children.mjs';

const VERSION = '20.0.24';

export class Ccusage {
  #binary;
  #home;

  /** Throws when it cannot be had. Its launcher, a Node script, is left out: the native binary is run itself. */
  static async install(directory) {
    mkdirSync(directory, { recursive: true });
    const { platform, arch } = process;
    const binary = join(directory, `node_modules/@ccusage/ccusage-${platform}-${arch}/bin/ccusage`);
    if (!existsSync(binary)) {
      const flags = ['--prefix', directory, '--ignore-scripts', '--no-audit', '--no-fund'];
      await run('npm', ['install', ...flags, `ccusage@${VERSION}`], { deadline: 60_000 });
    }
    // The package lets its launcher set this bit.
    chmodSync(binary, 0o755);
    const ccusage = new Ccusage();
    ccusage.#binary = binary;
    ccusage.#home = join(directory, 'home');
    mkdirSync(ccusage.#home, { recursive: true });
    return ccusage;
  }

  /** `openclaw daily` over a state directory: its totals, milliseconds from spawn to end, and peak memory. */
  async daily(stateDirectory) {
    const args = ['openclaw', 'daily', '--json', '--offline', '--timezone', 'UTC', '--open-claw-path', stateDirectory];
    const env = { ...process.env, HOME: this.#home };
    const { stdout, duration, peak } = await run(this.#binary, args, { memory: true, env });
    return { totals: JSON.parse(stdout).totals, duration, peak };
  }
}
