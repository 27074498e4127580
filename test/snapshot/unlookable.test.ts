import { expect, test } from 'vitest';
import { Folder, RowIndex } from '../../src/snapshot/store-rows.ts';
import { Unlookable } from '../../src/snapshot/unlookable.ts';

const folder = new Folder(
  new RowIndex().open('ops', '/state/agents/ops/sessions'),
  '/state/agents/Ops/sessions',
  '../../Ops/',
);

test('a transcript that cannot be looked at is a problem until a look tells otherwise', () => {
  const unlookable = new Unlookable();
  unlookable.add(folder, 'a.jsonl', 'EIO');
  unlookable.add(folder, 'b.jsonl', 'EACCES');
  unlookable.forget(folder, 'b.jsonl');
  expect(unlookable.problems()).toEqual([
    { code: 'transcript_unreadable', agent: 'ops', subject: '../../Ops/a.jsonl', detail: 'EIO' },
  ]);
  expect([...unlookable.toTry()]).toEqual([[folder, 'a.jsonl']]);
  unlookable.forget(folder, 'a.jsonl');
  expect(unlookable.problems()).toEqual([]);
});

test('more than a hundred in a directory are one problem of the store, and not all of them are tried again', () => {
  const unlookable = new Unlookable();
  for (let number = 0; number < 2_000; number++) unlookable.add(folder, `${number}.jsonl`, 'EACCES');
  expect(unlookable.problems()).toEqual([
    {
      code: 'store_unreadable',
      agent: 'ops',
      subject: 'agents/Ops/sessions',
      detail: '2000 transcripts cannot be looked at: EACCES',
    },
  ]);
  expect([...unlookable.toTry()]).toHaveLength(1_000);
  unlookable.forgetAll(folder);
  expect(unlookable.problems()).toEqual([]);
});
