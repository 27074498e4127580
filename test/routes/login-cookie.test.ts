import { describe, expect, test } from 'vitest';
import { cookieOf, LoginCookie } from '../../src/routes/login-cookie.ts';
import { ManualClock } from '../support/manual-clock.ts';

const DAY = 86_400_000;
const PORT = 18790;
const start = Date.UTC(2026, 10, 22);

/** What a browser sends back of a `Set-Cookie` header. */
const sentBack = (header: string) => header.split(';')[0] ?? '';

describe('the cookie of a login', () => {
  test('lets in who was given it, for 30 days', async () => {
    const clock = new ManualClock(start);
    const login = new LoginCookie('open-sesame', clock);
    const cookie = sentBack(login.issue(PORT, '/', false));
    expect(login.admits(`theme=dark; ${cookie}`, PORT)).toBe(true);
    await clock.advance(30 * DAY - 1);
    expect(login.admits(cookie, PORT)).toBe(true);
    await clock.advance(1);
    expect(login.admits(cookie, PORT)).toBe(false);
  });

  test('cannot be read by scripts, nor sent by other sites, nor over plain HTTP where it came by https', () => {
    const login = new LoginCookie('t', new ManualClock(start));
    expect(login.issue(PORT, '/gauge', false)).toMatch(
      /^clawgauge_login_18790=[\w.-]+; Path=\/gauge; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
    );
    expect(login.issue(PORT, '/', true)).toMatch(/; Secure$/);
  });

  test('does not hold the token', () => {
    expect(new LoginCookie('open-sesame', new ManualClock(start)).issue(PORT, '/', false)).not.toContain('sesame');
  });

  test('is void with another token, another port, another time, or any other change', () => {
    const clock = new ManualClock(start);
    const login = new LoginCookie('t', clock);
    const cookie = sentBack(login.issue(PORT, '/', false));
    expect(new LoginCookie('other', clock).admits(cookie, PORT)).toBe(false);
    expect(login.admits(cookie, PORT + 1)).toBe(false);
    const [name, value = ''] = cookie.split('=');
    const [time, signature = ''] = value.split('.');
    for (const forged of [
      `${Number(time) + 1}.${signature}`,
      `${time}.${signature.slice(1)}A`,
      `${time}.`,
      '',
      'x.y',
    ]) {
      expect(login.admits(`${name}=${forged}`, PORT), forged).toBe(false);
    }
    expect(login.admits(undefined, PORT)).toBe(false);
  });
});

test('a cookie is found by its whole name', () => {
  expect(cookieOf('ab=1; b=2=3 ; c', 'b')).toBe('2=3');
  expect(cookieOf('ab=1', 'b')).toBeNull();
  expect(cookieOf(undefined, 'b')).toBeNull();
});
