/**
 * Stacked bars on a canvas. Steps stand side by side by their number and not by their time, so that a day of 23 or 25
 * hours is as wide as any other. Dragging over steps chooses them.
 */
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import type { Measure } from '../../src/page/route.ts';
import type { Layer } from './chart-layers.ts';
import { amount } from './figures.tsx';

export interface PlotParts {
  readonly label: string;
  readonly measure: Measure;
  /** What the axis says of each step. */
  readonly steps: readonly string[];
  readonly layers: readonly Layer[];
  /** Told which steps were dragged over, both included; without it nothing can be. */
  readonly onChoose?: ((first: number, last: number) => void) | undefined;
}

const HEIGHT = 260;
const darkness = matchMedia('(prefers-color-scheme: dark)');

export function Plot(parts: PlotParts) {
  const box = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const latest = useRef(parts);
  latest.current = parts;
  const chart = useRef<uPlot | null>(null);
  const { label, measure, layers, steps } = parts;
  const shape = JSON.stringify([measure, layers.map(({ name }) => name), steps.length]);

  // Made anew only for another shape; new figures are put in below.
  useEffect(() => {
    let gone = false;
    const element = box.current as HTMLDivElement;
    const make = async () => {
      const { default: UPlot } = await import('uplot');
      if (gone) return;
      chart.current?.destroy();
      chart.current = new UPlot(
        optionsOf(UPlot, element, tip.current as HTMLDivElement, latest),
        dataOf(latest.current),
        element,
      );
    };
    void make();
    const resized = new ResizeObserver(() => chart.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    darkness.addEventListener('change', make);
    return () => {
      gone = true;
      resized.disconnect();
      darkness.removeEventListener('change', make);
      chart.current?.destroy();
      chart.current = null;
    };
  }, [shape]);

  useEffect(() => chart.current?.setData(dataOf(parts)), [parts.layers, parts.steps]);

  return (
    <div class="plot">
      <div ref={box} role="img" aria-label={label} />
      <div ref={tip} class="tip" hidden />
    </div>
  );
}

/** Sums from the first layer up, the highest first: each is drawn over the one before. */
function dataOf({ steps, layers }: PlotParts): uPlot.AlignedData {
  const sums: number[][] = [];
  let below = steps.map(() => 0);
  for (const { values } of layers) {
    below = below.map((sum, at) => sum + (values[at] ?? 0));
    sums.push(below);
  }
  return [steps.map((_, at) => at), ...sums.reverse()];
}

function optionsOf(
  UPlot: typeof uPlot,
  element: HTMLElement,
  tip: HTMLElement,
  latest: { current: PlotParts },
): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const { measure, layers, onChoose } = latest.current;
  const axis = {
    stroke: color('--muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  };
  const bars = UPlot.paths.bars?.({ size: [0.82, 64] });
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    padding: [12, 8, 0, 0],
    cursor: { y: false, points: { show: false }, drag: { x: onChoose !== undefined, y: false, setScale: false } },
    scales: {
      x: { time: false, range: (_plot, min, max) => [min - 0.6, max + 0.6] },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.05 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 30,
        space: 64,
        incrs: [1, 2, 3, 4, 6, 7, 12, 14, 24, 28, 48, 60, 90, 180],
        values: (_plot, splits) => splits.map((at) => latest.current.steps[at] ?? ''),
      },
      { ...axis, size: 68, values: (_plot, splits) => splits.map((value) => amount(value, measure)) },
    ],
    series: [
      {},
      ...[...layers].reverse().map((layer) => {
        const fill = color(`--c${layer.color}`);
        return {
          fill,
          stroke: fill,
          width: 0,
          points: { show: false },
          ...(bars === undefined ? {} : { paths: bars }),
        };
      }),
    ],
    hooks: {
      setCursor: [(plot) => showTip(plot, tip, latest.current)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 4) return;
          const last = latest.current.steps.length - 1;
          const at = (x: number) => Math.max(0, Math.min(last, Math.round(plot.posToVal(x, 'x'))));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          latest.current.onChoose?.(at(left), at(left + width));
        },
      ],
    },
  };
}

function showTip(plot: uPlot, tip: HTMLElement, { steps, layers, measure }: PlotParts): void {
  const { idx, left = -1 } = plot.cursor;
  if (idx === null || idx === undefined || left < 0) {
    tip.hidden = true;
    return;
  }
  const rows = layers
    .map((layer) => ({ ...layer, value: layer.values[idx] ?? 0 }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value);
  const sum = rows.reduce((total, { value }) => total + value, 0);
  tip.replaceChildren(
    line('tip-head', steps[idx] ?? '', amount(sum, measure)),
    ...rows.slice(0, 8).map(({ name, color, value }) => line(`swatch s${color}`, name, amount(value, measure))),
  );
  tip.hidden = false;
  const right = left > plot.over.clientWidth / 2;
  tip.style.left = right ? '' : `${left + plot.over.offsetLeft + 14}px`;
  tip.style.right = right ? `${plot.over.clientWidth - left + 14}px` : '';
}

function line(kind: string, name: string, value: string): HTMLElement {
  const element = document.createElement('p');
  element.className = kind;
  const [left, right] = [document.createElement('span'), document.createElement('b')];
  left.textContent = name;
  right.textContent = value;
  element.append(left, right);
  return element;
}
