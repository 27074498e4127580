/** What runs inside a page that is looked at: each function goes there by itself, and knows nothing from outside of it. */

/**
 * Text that is too faint on what is behind it, from the computed styles, by the rules of WCAG 2.2 (1.4.3): a contrast of at
 * least 4.5, or 3 where letters are large. The palette's colors for text too, on each of its grounds: some come with a state alone.
 * @returns {string[]} in words
 */
export function lowContrasts() {
  const TEXTS = ['--text', '--muted', '--accent', '--fresh', '--warm', '--bad'];
  const GROUNDS = ['--page', '--card', '--tint'];
  const paint = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });

  function colorOf(css) {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = css;
    paint.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = paint.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  }

  function over([red, green, blue, alpha], ground) {
    const mix = (one, other) => one * alpha + other * (1 - alpha);
    return [mix(red, ground[0]), mix(green, ground[1]), mix(blue, ground[2]), 1];
  }

  function luminance(color) {
    const [red, green, blue] = color.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function contrast(one, other) {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  }

  function groundOf(element) {
    if (element === null) return colorOf('Canvas');
    const own = colorOf(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, groundOf(element.parentElement));
  }

  const faint = [];
  function look(what, color, ground, least) {
    const ratio = contrast(over(color, ground), ground);
    if (ratio < least) faint.push(`${what}: ${ratio.toFixed(2)} instead of ${least}`);
  }

  const palette = getComputedStyle(document.documentElement);
  const named = (name) => colorOf(palette.getPropertyValue(name));
  for (const text of TEXTS) {
    for (const ground of GROUNDS) look(`${text} on ${ground}`, named(text), named(ground), 4.5);
  }
  for (const element of document.body.querySelectorAll('*')) {
    const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    if ((!says && !element.placeholder) || !element.checkVisibility()) continue;
    if (element.closest('.hidden, :disabled, noscript') !== null) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element, says ? undefined : '::placeholder');
    const size = Number.parseFloat(fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
    look(element.outerHTML.slice(0, 120), colorOf(color), groundOf(element), isLarge ? 3 : 4.5);
  }
  return faint;
}

/**
 * Numbers everything that can be used, and goes to the top.
 * @returns {number} how many there are
 */
export function numberControls() {
  const all = document.querySelectorAll('a[href], button:enabled, input, select, summary, [tabindex="0"]');
  const shown = [...all].filter((control) => control.checkVisibility());
  for (const [at, control] of shown.entries()) control.dataset.control = String(at);
  scrollTo(0, 0);
  return shown.length;
}

/**
 * Where the focus is: the number of the control, and how many pixels of an outline show it.
 * @returns {{ at: string | undefined, outline: number, html: string }}
 */
export function focused() {
  const control = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(control);
  const outline = outlineStyle === 'none' ? 0 : Number.parseFloat(outlineWidth);
  return { at: control.dataset.control, outline, html: control.outerHTML.slice(0, 120) };
}
