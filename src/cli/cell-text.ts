/** Text for a terminal: names are other people's, so nothing in them may steer it; and how many cells it takes. */

/** Without control characters, and without what turns or hides text. */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ').replace(/[\p{Cf}\p{Cs}\p{Co}]/gu, '');
}

/** Cells of a terminal that plain text takes. */
export function cellsOf(text: string): number {
  if (isAscii(text)) return text.length;
  let cells = 0;
  for (const sign of text) cells += cellsOfSign(sign);
  return cells;
}

/** Cut to so many cells, with an ellipsis where something is left out. */
export function cutTo(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  let kept = '';
  let used = 1;
  for (const sign of text) {
    used += cellsOfSign(sign);
    if (used > cells) break;
    kept += sign;
  }
  return `${kept}…`;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 126) return false;
  return true;
}

/** Of one code point. East Asian wide and fullwidth forms, and emoji, take two. */
function cellsOfSign(sign: string): number {
  if (/\p{M}/u.test(sign)) return 0;
  return WIDE.test(sign) ? 2 : 1;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
