// Preloaded into a service (`node --import`): its parent can have it refresh at once, as often as it likes, and look at
// what it holds open. Nothing else of the service is changed; its timers, watchers and threads go on as ever.
import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const LOOK_EVERY = 2;

if (isMainThread) {
  const cli = pathToFileURL(realpathSync(process.argv[1]));
  const { SnapshotService } = await import(new URL('./snapshot/usage-service.js', cli));
  const start = SnapshotService.prototype.start;
  SnapshotService.prototype.start = function () {
    process.on('message', (question) => answers[question](this).then((answer) => process.send(answer)));
    process.channel.unref();
    return start.call(this);
  };
}

const answers = {
  /** Refreshes, and gives the record of the refresh once it ended. */
  async refresh(service) {
    const [before] = service.status().refreshes;
    service.refresh();
    for (;;) {
      // One that was running may have looked too early: the refresh that was asked for is the next one.
      const [latest] = service.status().refreshes;
      if (latest !== before && latest.ended !== null) return latest;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    }
  },

  /** What keeps the event loop of the main thread busy, by kind. */
  async resources() {
    const counts = {};
    for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  },
};
