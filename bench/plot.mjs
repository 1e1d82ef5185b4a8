// Plots, as small SVG files beside the documents.
import { mkdirSync, writeFileSync } from "node:fs";

const WIDTH = 640;
const HEIGHT = 400;
const LEFT = 70;
const RIGHT = 20;
const TOP = 40;
const BOTTOM = 50;
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#555555"];
const FOLDER = new URL("../docs/performance/", import.meta.url);

/**
 * Writes a plot with logarithmic axes, where what grows linearly is a straight line as steep as the grey ones.
 * @param series by name: points `[x, y]`
 */
export function writePlot(file, { title, x, y, series }) {
  const points = Object.values(series).flat();
  const across = axis(
    points.map(([value]) => value),
    LEFT,
    WIDTH - RIGHT,
  );
  const up = axis(
    points.map(([, value]) => value),
    HEIGHT - BOTTOM,
    TOP,
  );
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${title}: ${y} against ${x}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${WIDTH / 2}" y="20" text-anchor="middle" font-size="14">${title}</text>`,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${x}</text>`,
    `<text transform="translate(16 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">${y}</text>`,
  ];
  for (const value of across.ticks) {
    const at = across.place(value);
    parts.push(line(at, TOP, at, HEIGHT - BOTTOM, "#eeeeee"), text(at, HEIGHT - BOTTOM + 16, "middle", value));
  }
  for (const value of up.ticks) {
    const at = up.place(value);
    parts.push(line(LEFT, at, WIDTH - RIGHT, at, "#eeeeee"), text(LEFT - 6, at + 4, "end", value));
  }
  // Linear growth.
  for (let from = up.least / 1e6; from < up.most; from *= 10) {
    const ends = [across.least, across.most].map((value) => [value, (from * value) / across.least]);
    const [start, end] = ends.map(([a, b]) => [across.place(a), up.place(b)]);
    parts.push(`${line(...start, ...end, "#dddddd").replace("/>", ' stroke-dasharray="4" clip-path="url(#area)"/>')}`);
  }
  parts.push(
    `<clipPath id="area"><rect x="${LEFT}" y="${TOP}" width="${WIDTH - RIGHT - LEFT}" height="${HEIGHT - BOTTOM - TOP}"/></clipPath>`,
  );
  for (const [index, [name, values]] of Object.entries(series).entries()) {
    const colour = COLOURS[index % COLOURS.length];
    const places = values.map(([a, b]) => [across.place(a), up.place(b)].map((at) => at.toFixed(1)));
    parts.push(`<polyline points="${places.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const [a, b] of places) parts.push(`<circle cx="${a}" cy="${b}" r="3" fill="${colour}"/>`);
    parts.push(`<text x="${LEFT + 10}" y="${TOP + 16 + 16 * index}" fill="${colour}">${name}</text>`);
  }
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(new URL(file, FOLDER), `${[...parts, "</svg>"].join("\n")}\n`);
}

/** A logarithmic axis from the power of ten below the least to that above the most. */
function axis(values, from, to) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    least: 10 ** low,
    most: 10 ** high,
    ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
    place: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
  };
}

const line = (x1, y1, x2, y2, stroke) =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${stroke}"/>`;

const text = (x, y, anchor, value) =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${value.toLocaleString("en")}</text>`;
