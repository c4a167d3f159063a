// The part of uPlot that the page uses.

/** The values of x, and then those of each series; nothing where a series has no value. */
export type Data = (number | null)[][];

type Colour = string | (() => string);

export interface Series {
  scale?: string;
  stroke?: Colour;
  fill?: Colour;
  width?: number;
  dash?: number[];
  paths?: Paths;
  points?: { show: boolean };
}

export interface Axis {
  scale?: string;
  side?: number;
  font?: string;
  stroke?: Colour;
  grid?: { show?: boolean; stroke?: Colour; width?: number };
  ticks?: { show?: boolean; stroke?: Colour; width?: number; size?: number };
  border?: { show?: boolean; stroke?: Colour; width?: number };
  gap?: number;
  size?: number | ((chart: uPlot, values: string[] | null, index: number, cycle: number) => number);
  space?: number;
  /** The steps between two values of the axis, from which the smallest that has space is taken. */
  incrs?: number[];
  values?: (chart: uPlot, splits: number[]) => string[];
}

export interface Options {
  width: number;
  height: number;
  series: Series[];
  axes: Axis[];
  scales: Record<string, { time?: boolean; range?: (chart: uPlot, min: number, max: number) => [number, number] }>;
  padding?: [number, number, number, number];
  legend?: { show: boolean };
  cursor?: { y?: boolean; points?: { show: boolean }; drag?: { x: boolean; y: boolean } };
  hooks?: { draw?: ((chart: uPlot) => void)[]; setCursor?: ((chart: uPlot) => void)[] };
}

type Paths = (chart: uPlot, series: number, first: number, last: number) => unknown;

declare class uPlot {
  constructor(options: Options, data: Data, into: HTMLElement);
  static paths: { bars(options: { size: [number, number] }): Paths };
  readonly ctx: CanvasRenderingContext2D;
  readonly data: Data;
  readonly cursor: { idx?: number | null };
  readonly axes: { ticks: { size: number }; gap: number; _size?: number }[];
  valToPos(value: number, scale: string, canvasPixels?: boolean): number;
  setSize(size: { width: number; height: number }): void;
  destroy(): void;
}

export default uPlot;
