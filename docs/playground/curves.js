// Curves that grow while something is learned.

import {plain} from "./numerals.js";

const MOST_POINTS = 800;

/** Points of several quantities over the steps; where they grow too many, every other one goes. */
export class History {
  steps = [];
  columns;
  #every = 1;
  #met = 0;

  constructor(names) {
    this.columns = Object.fromEntries(names.map((name) => [name, []]));
  }

  add(step, values) {
    if (this.#met++ % this.#every !== 0) return;
    this.steps.push(step);
    for (const [name, column] of Object.entries(this.columns)) column.push(values[name]);
    if (this.steps.length <= MOST_POINTS) return;
    this.#every *= 2;
    const halved = (list) => list.filter((_, i) => i % 2 === 0);
    this.steps = halved(this.steps);
    for (const name of Object.keys(this.columns)) this.columns[name] = halved(this.columns[name]);
  }
}

/** One curve; `aim` is a number drawn across, or null. A null among the values leaves a gap. */
export function drawCurve(canvas, steps, values, aim) {
  const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const c = canvas.getContext("2d"), style = getComputedStyle(canvas);
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, width, height);
  const known = values.filter((value) => value !== null).concat(aim ?? [], 0);
  const low = Math.min(...known), high = Math.max(...known) > low ? Math.max(...known) : low + 1, last = Math.max(steps.at(-1) ?? 0, 1);
  const left = 50, x = (step) => left + (width - left - 8) * step / last;
  const y = (value) => height - 18 - (height - 30) * (value - low) / (high - low);
  c.font = "11px system-ui, sans-serif";
  c.textBaseline = "middle";
  c.fillStyle = style.getPropertyValue("--faint");
  c.strokeStyle = style.getPropertyValue("--line");
  c.lineWidth = 1;
  for (const value of new Set([low, 0, high])) {
    c.textAlign = "right";
    c.fillText(plain(Number(value.toPrecision(3))), left - 5, y(value));
    c.beginPath();
    c.moveTo(left, y(value));
    c.lineTo(width - 8, y(value));
    c.stroke();
  }
  c.fillText(last.toLocaleString("en"), width - 8, height - 7);
  if (aim !== null) {
    c.strokeStyle = style.getPropertyValue("--faint");
    c.setLineDash([5, 4]);
    c.beginPath();
    c.moveTo(left, y(aim));
    c.lineTo(width - 8, y(aim));
    c.stroke();
    c.setLineDash([]);
  }
  c.strokeStyle = style.getPropertyValue("--accent");
  c.lineWidth = 2;
  c.lineJoin = "round";
  c.beginPath();
  let drawing = false;
  values.forEach((value, i) => {
    if (value === null) drawing = false;
    else if (drawing) c.lineTo(x(steps[i]), y(value));
    else {
      c.moveTo(x(steps[i]), y(value));
      drawing = true;
    }
  });
  c.stroke();
}
