import { describe, expect, test } from 'vitest';
import { notices } from '../src/notice-options.ts';
import { Mismatch } from '../src/option-kinds.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

test('a target is a webhook, signed or not, or a program with its arguments', () => {
  expect(
    notices([
      { url: 'https://hooks.example.com/x', secret: SECRET },
      { url: 'http://[::1]:8080' },
      { command: ['/bin/a', '-b'] },
    ]),
  ).toEqual([
    { kind: 'webhook', url: 'https://hooks.example.com/x', secret: SECRET },
    { kind: 'webhook', url: 'http://[::1]:8080/', secret: null },
    { kind: 'command', command: ['/bin/a', '-b'] },
  ]);
});

describe('refused is', () => {
  test.each([
    ['no list', {}, ''],
    ['a word', ['x'], '[0]'],
    ['both', [{ url: 'http://a', command: ['/a'] }], '[0]'],
    ['neither', [{ secret: SECRET }], '[0]'],
    ['a member that is not known, by its name', [{ url: 'http://a', key: 1 }], '[0].key'],
    ['another protocol', [{ url: 'file:///etc/passwd' }], '[0].url'],
    ['an address with a password', [{ url: 'http://a:b@c/' }], '[0].url'],
    ['a secret that is none', [{ url: 'http://a', secret: 'hush' }], '[0].secret'],
    ['a secret too short', [{ url: 'http://a', secret: 'whsec_AAAA' }], '[0].secret'],
    ['a program by a name alone', [{ command: ['mail'] }], '[0].command'],
    ['a line for a shell', [{ command: '/bin/a | /bin/b' }], '[0].command'],
    ['a program with a secret', [{ command: ['/bin/a'], secret: SECRET }], '[0]'],
  ])('%s', (_, input, at) => {
    expect(() => notices(input)).toThrow(Mismatch);
    try {
      notices(input);
    } catch (error) {
      expect((error as Mismatch).at).toBe(at);
    }
  });
});
