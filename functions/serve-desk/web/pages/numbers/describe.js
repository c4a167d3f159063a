// What uPlot is told of each kind of chart.

import { addPoint } from "./series.js";

/**
 * @typedef {import("../../vendor/uplot.mjs").Axis} Axis
 * @typedef {import("../../vendor/uplot.mjs").Data} Data
 * @typedef {{ xText: (index: number) => string, xSteps: number[], xSpace?: number, count: number, ySteps: number[],
 *   yText: (value: number) => string, least: number }} Axes `xSpace`: the pixels that a text along x needs; `count` of
 *   places along x; `least`: the y axis reaches it
 */

/** Steps of an axis of days. */
export const DAY_STEPS = [1, 2, 5, 7, 14, 28, 56];

/** Steps of an axis of weeks. */
export const WEEK_STEPS = [1, 2, 4, 8, 13, 26];

/** The share of its place that a bar takes, and its most pixels. @type {[number, number]} */
const BAR_SIZE = [0.7, 44];

/** With more places than this, bars have no outline, and points are smaller. */
const DENSE = 45;

/**
 * @param {Axes} axes
 * @param {import("./chart.js").Colours} colours
 * @param {string} font
 */
function frame({ xText, xSteps, xSpace = 64, count, ySteps, yText, least }, colours, font) {
  const stroke = colours("--text-quiet");
  const line = { stroke: colours("--line"), width: 1 };
  /** @type {Axis[]} */
  const axes = [
    {
      font,
      stroke,
      grid: { show: false },
      ticks: { ...line, size: 5 },
      size: 30,
      border: { show: true, ...line },
      incrs: xSteps,
      space: xSpace,
      values: (_, splits) => splits.map((index) => (Number.isInteger(index) && index < count ? xText(index) : "")),
    },
    {
      font,
      stroke,
      grid: line,
      ticks: { show: false, size: 0 },
      gap: 6,
      space: 36,
      incrs: ySteps,
      values: (_, splits) => splits.map((value) => yText(value)),
      size: (chart, values, index, cycle) => {
        const axis = chart.axes[index];
        if (cycle > 1) return axis._size ?? 0;
        chart.ctx.font = font.replace("12px", `${12 * devicePixelRatio}px`);
        const widths = (values ?? []).map((value) => chart.ctx.measureText(value).width / devicePixelRatio);
        return Math.ceil(Math.max(0, ...widths) + axis.gap + 4);
      },
    },
  ];
  return {
    axes,
    scales: {
      x: { time: false, range: () => /** @type {[number, number]} */ ([-0.5, count - 0.5]) },
      y: {
        /** @type {(chart: unknown, min: number, max: number) => [number, number]} */
        range: (_, min, max) => [min < 0 ? Math.min(min * 1.08, -least) : 0, Math.max((max ?? 0) * 1.08, least)],
      },
    },
    padding: /** @type {[number, number, number, number]} */ ([10, 22, 0, 0]),
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
  };
}

/**
 * A line for each series, with its points; a day without a value breaks the line.
 * @param {import("./series.js").Series[]} series
 * @param {Axes} axes
 * @returns {import("./chart.js").Describe}
 */
export function lines(series, axes) {
  return (_, colours, font) => {
    const strokes = series.map(({ colour }) => colours(colour));
    const ground = colours("--surface");
    const [width, radius] = [2, axes.count > DENSE ? 2.5 : 3.5];
    return {
      ...frame(axes, colours, font),
      series: [
        {},
        ...series.map(({ dash }, index) => ({ stroke: strokes[index], width, dash, points: { show: false } })),
      ],
      hooks: {
        draw: [(chart) => {
          for (const [index, { shape }] of series.entries()) {
            const points = new Path2D();
            for (const [place, value] of chart.data[index + 1].entries()) {
              if (value === null) continue;
              const [x, y] = [chart.valToPos(place, "x", true), chart.valToPos(value, "y", true)];
              addPoint(points, shape, x, y, radius * devicePixelRatio);
            }
            chart.ctx.save();
            chart.ctx.fillStyle = strokes[index];
            chart.ctx.strokeStyle = ground;
            chart.ctx.lineWidth = devicePixelRatio;
            chart.ctx.fill(points);
            chart.ctx.stroke(points);
            chart.ctx.restore();
          }
        }],
      },
    };
  };
}

/**
 * Bars on top of each other, as `stacked` orders them.
 * @param {import("./series.js").Series[]} series
 * @param {Axes} axes
 * @returns {import("./chart.js").Describe}
 */
export function bars(series, axes) {
  return (library, colours, font) => {
    const [ground, paths] = [colours("--surface"), library.paths.bars({ size: BAR_SIZE })];
    const width = axes.count > DENSE ? 0 : 1;
    const drawn = series.map(({ colour }) =>
      ({ stroke: ground, fill: colours(colour), width, paths, points: { show: false } }));
    return { ...frame(axes, colours, font), series: [{}, ...drawn] };
  };
}

/**
 * The tops of bars that stand on each other, the last one's first: each is drawn over the one before. Nothing stays
 * nothing.
 * @param {(number | null)[][]} values of each series
 * @returns {Data}
 */
export function stacked(values) {
  /** @type {Data} */
  const tops = [];
  for (const [index, own] of values.entries()) {
    tops.push(own.map((value, place) => (value ?? 0) + (index > 0 ? tops[index - 1][place] ?? 0 : 0)));
  }
  return tops.map((top, index) => top.map((value, place) => (values[index][place] ? value : null))).reverse();
}
