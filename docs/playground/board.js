// A board: one canvas for the cells, of which only those are drawn again that look different, and one above it
// for what moves. The look is that of the package's frames.

import {plain, written} from "./numerals.js";
import {COLOURS, STOPS} from "./tables.js";

const SMALLEST_NUMBERED = 56;  // cells smaller than this, in pixels, show colours and arrows alone
const DIRECTIONS = [[0, -1], [0, 1], [-1, 0], [1, 0]];
const SHADES = 256;  // colours on either side of zero

const rgb = ([r, g, b], alpha = 1) => `rgba(${r},${g},${b},${alpha})`;
const INK = Object.fromEntries(Object.entries(COLOURS).map(([name, colour]) => [name, rgb(colour)]));

/** Every colour of the scale, from orange over white to blue, with the ink that reads best on it. */
const SCALE = Array.from({length: 2 * SHADES + 1}, (_, i) => {
  const place = i / (2 * SHADES) * (STOPS.length - 1), below = Math.min(Math.floor(place), STOPS.length - 2);
  const colour = STOPS[below].map((c, k) => Math.round(c + (STOPS[below + 1][k] - c) * (place - below)));
  const dark = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] <= 140;
  return {colour: rgb(colour), ink: dark ? "#fff" : INK.INK};
});

const shadeOf = (value, scale) => (Math.round(Math.max(-1, Math.min(1, value / scale)) * SHADES) || 0) + SHADES;

/** The scale as a CSS gradient. */
export const GRADIENT = `linear-gradient(90deg, ${STOPS.map((stop) => rgb(stop)).join(", ")})`;

export class Board {
  #keys = [];  // what is seen of each cell

  /** `stack` is the element that holds both canvases. */
  constructor(stack) {
    [this.canvas, this.top] = stack.querySelectorAll("canvas");
    this.stack = stack;
    this.context = this.canvas.getContext("2d", {alpha: false});
    this.over = this.top.getContext("2d");
  }

  /** Suits the canvases to a world and to the room there is; everything is drawn anew afterwards. */
  fit(world, tallest) {
    const room = this.stack.parentElement.clientWidth;
    this.gutter = 18;
    this.size = Math.max(6, Math.min(130, Math.floor(Math.min(
      (room - this.gutter - 2) / world.nColumns, (tallest - this.gutter) / world.nRows))));
    this.world = world;
    const width = this.size * world.nColumns + this.gutter + 2, height = this.size * world.nRows + this.gutter + 2;
    const ratio = window.devicePixelRatio || 1;
    for (const canvas of [this.canvas, this.top]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.stack.style.width = `${width}px`;
    this.stack.style.height = `${height}px`;
    this.#keys = [];
    this.#frame(width, height);
  }

  /** The cell at a place of the page, or -1. */
  cellAt(event) {
    const box = this.top.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left - this.gutter) / this.size);
    const row = Math.floor((event.clientY - box.top - this.gutter) / this.size);
    const inside = column >= 0 && row >= 0 && column < this.world.nColumns && row < this.world.nRows;
    return inside ? row * this.world.nColumns + column : -1;
  }

  /** Four triangles a cell: values q (4 S), arrows (4 S). */
  drawQ(q, arrows, scale) {
    this.#drawCells(scale, (s) => {
      const parts = [];
      for (let i = 4 * s; i < 4 * s + 4; i++) parts.push(written(q[i], scale, this.size < 76), shadeOf(q[i], scale), arrows[i]);
      return parts;
    }, (s, x, y, parts) => this.#triangles(x, y, parts));
  }

  /** One number a cell: how large an error is. */
  drawErrors(errors, scale) {
    this.#drawCells(scale, (s) => [written(errors[s], scale, this.size < 40), shadeOf(-errors[s], scale)],
      (s, x, y, [text, shade]) => {
        const {context: c, size} = this;
        c.fillStyle = SCALE[shade].colour;
        c.fillRect(x, y, size, size);
        this.#text(text, x + size / 2, y + size / 2, Math.max(9, Math.min(22, size * 0.24)), SCALE[shade].ink, size >= 26);
      });
  }

  #drawCells(scale, lookOf, draw) {
    const {world, size, gutter} = this;
    for (let s = 0; s < world.nStates; s++) {
      const letter = world.cells[s];
      const look = world.absorbing[s] ? [letter] : lookOf(s);
      const key = look.join();
      if (this.#keys[s] === key) continue;
      this.#keys[s] = key;
      const x = gutter + 1 + (s % world.nColumns) * size, y = gutter + 1 + Math.floor(s / world.nColumns) * size;
      if (world.absorbing[s]) this.#fixed(letter, x, y);
      else {
        draw(s, x, y, look);
        this.#rim(letter, x, y);
      }
    }
  }

  #frame(width, height) {
    const {context: c, world, size, gutter} = this;
    c.fillStyle = INK.PAPER;
    c.fillRect(0, 0, width, height);
    c.fillStyle = INK.WALL;
    c.fillRect(gutter, gutter, width - gutter, height - gutter);
    const every = Math.ceil(18 / size);
    for (let i = 0; i < world.nColumns; i += every) this.#text(i, gutter + 1 + (i + 0.5) * size, gutter / 2, 11, INK.FAINT_INK);
    for (let i = 0; i < world.nRows; i += every) this.#text(i, gutter / 2, gutter + 1 + (i + 0.5) * size, 11, INK.FAINT_INK);
  }

  #text(text, x, y, height, ink, legible = true) {
    if (!legible) return;
    const {context: c} = this;
    c.font = `600 ${Math.round(height)}px system-ui, sans-serif`;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.fillStyle = ink;
    c.fillText(text, x, y);
  }

  /** A wall, a goal, a hole: cells that nothing is learned of. */
  #fixed(letter, x, y) {
    const {context: c, size} = this;
    c.fillStyle = {"#": INK.WALL, "G": INK.GOOD_TINT, "H": INK.HOLE_TINT}[letter];
    c.fillRect(x, y, size, size);
    if (letter === "#") {
      if (size < 20) return;
      c.strokeStyle = INK.WALL_EDGE;
      c.lineWidth = 1;
      c.beginPath();
      for (let course = 0; course < 4; course++) {
        const top = y + Math.round(size * course / 4) + 0.5;
        c.moveTo(x, top);
        c.lineTo(x + size, top);
        for (const joint of [0, 0.5]) {
          const at = x + Math.round(size * (joint + (course % 2) / 4)) + 0.5;
          c.moveTo(at, top);
          c.lineTo(at, top + size / 4);
        }
      }
      c.stroke();
      return;
    }
    this.#outline(x, y, INK.LINE, 1);
    const at = (u, v) => [x + size * (0.22 + 0.56 * u), y + size * (0.16 + 0.56 * v)];
    if (letter === "G") {
      c.strokeStyle = INK.INK;
      c.lineWidth = Math.max(1, size * 0.03);
      this.#path([at(0.36, 0.08), at(0.36, 0.92)], false);
      c.stroke();
      c.fillStyle = INK.GOOD;
      this.#path([at(0.385, 0.1), at(0.9, 0.3), at(0.385, 0.5)], true);
      c.fill();
    } else {
      for (const [ink, rx, ry] of [["rgb(110,110,116)", 0.3, 0.18], [INK.HOLE, 0.265, 0.145]]) {
        c.fillStyle = ink;
        c.beginPath();
        c.ellipse(x + size / 2, y + size * 0.47, size * rx, size * ry, 0, 0, 7);
        c.fill();
      }
    }
    const reward = this.world.rewards[letter];
    const ink = reward > 0 ? INK.GOOD : reward < 0 ? INK.BAD : INK.FAINT_INK;
    const text = `${reward > 0 ? "+" : ""}${plain(reward)}`;
    this.#text(text, x + size / 2, y + size * 0.85, Math.min(18, size * 0.17), ink, size >= 34);
  }

  /** Cells whose picture the values cover keep a rim, so that they are still known. */
  #rim(letter, x, y) {
    const thick = Math.max(2, Math.round(this.size / 26));
    this.#outline(x, y, INK.LINE, 1);
    if (letter === "P") this.#outline(x, y, INK.BAD, thick);
    if (letter === "S") this.#outline(x, y, INK.WALL, thick);
  }

  #outline(x, y, ink, width) {
    const {context: c, size} = this;
    c.strokeStyle = ink;
    c.lineWidth = width;
    c.strokeRect(x + width / 2, y + width / 2, size - width, size - width);
  }

  #path(points, closed, c = this.context) {
    c.beginPath();
    points.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
    if (closed) c.closePath();
  }

  #triangles(x, y, parts) {
    const {context: c, size} = this;
    const corners = [[x, y], [x + size, y], [x + size, y + size], [x, y + size]], middle = [x + size / 2, y + size / 2];
    [[0, 1], [2, 3], [3, 0], [1, 2]].forEach(([i, j], action) => {
      c.fillStyle = SCALE[parts[3 * action + 1]].colour;
      this.#path([corners[i], corners[j], middle], true);
      c.fill();
    });
    if (size >= 16) {
      c.strokeStyle = INK.LINE;
      c.lineWidth = 1;
      for (const [i, j] of [[0, 2], [1, 3]]) {
        this.#path([corners[i], corners[j]], false);
        c.stroke();
      }
    }
    const numbered = size >= SMALLEST_NUMBERED;
    if (numbered) {
      const height = Math.max(9, Math.min(16, size * 0.132)), inset = height * 0.8;
      const wide = Math.max(...[0, 3, 6, 9].map((i) => String(parts[i]).length)) * height * 0.29 + 4;
      const places = [[0, inset - size / 2], [0, size / 2 - inset], [wide - size / 2, 0], [size / 2 - wide, 0]];
      places.forEach(([dx, dy], a) => {
        this.#text(parts[3 * a], middle[0] + dx, middle[1] + dy, height, SCALE[parts[3 * a + 1]].ink);
      });
    }
    DIRECTIONS.forEach((direction, action) => {
      if (parts[3 * action + 2]) this.#arrow(middle, direction, size * (numbered ? 0.34 : 0.76));
    });
  }

  /** An arrow from the middle outwards, dark with a light rim, so that it is seen on any colour. */
  #arrow([x, y], [dx, dy], side) {
    const {context: c} = this;
    const along = (distance, aside) => [x + side * (dx * distance - dy * aside), y + side * (dy * distance + dx * aside)];
    for (const [ink, rim] of [["#fff", 0.03], [INK.INK, 0]]) {
      const shaft = 0.04 + rim, wing = 0.12 + 1.6 * rim;
      c.fillStyle = ink;
      this.#path([
        along(0.05 - rim, shaft), along(0.28 - rim, shaft), along(0.28 - rim, wing), along(0.43 + 1.6 * rim, 0),
        along(0.28 - rim, -wing), along(0.28 - rim, -shaft), along(0.05 - rim, -shaft),
      ], true);
      c.fill();
    }
  }

  /** What moves: the trail and the agent (or null), the cell chosen, the cell that the keys stand on (or -1). */
  drawTop(agent, chosen, cursor) {
    const {over: c, size, world} = this;
    c.clearRect(0, 0, this.top.width, this.top.height);
    const corner = (s) => [this.gutter + 1 + (s % world.nColumns) * size, this.gutter + 1 + Math.floor(s / world.nColumns) * size];
    const marked = (s, ink, width) => {
      if (s < 0) return;
      const [x, y] = corner(s);
      c.strokeStyle = ink;
      c.lineWidth = width;
      c.strokeRect(x + width / 2, y + width / 2, size - width, size - width);
    };
    marked(chosen, INK.AGENT, 3);
    marked(cursor, "#111", 3);
    c.setLineDash([4, 4]);
    marked(cursor, "#ffe14d", 3);
    c.setLineDash([]);
    if (!agent) return;
    const centre = (s) => corner(s).map((place) => place + size / 2);
    agent.trail.slice(0, -1).forEach((s, i) => {
      const [x, y] = centre(s);
      c.fillStyle = rgb(COLOURS.TRAIL, 0.12 + 0.5 * i / agent.trail.length);
      c.beginPath();
      c.arc(x, y, size * 0.09, 0, 7);
      c.fill();
    });
    this.#agent(centre(agent.state), agent.heading === null ? null : DIRECTIONS[agent.heading], size * 0.5);
  }

  /** A drop with eyes: its tip and its look point to where it heads. */
  #agent([x, y], direction, side) {
    const {over: c} = this;
    const [dx, dy] = direction ?? [0, 0];
    const at = (along, aside) => [x + side * (dx * along - dy * aside), y + side * (dy * along + dx * aside)];
    const disc = ([cx, cy], radius, ink) => {
      c.fillStyle = ink;
      c.beginPath();
      c.arc(cx, cy, side * radius, 0, 7);
      c.fill();
    };
    for (const [ink, grow] of [[INK.AGENT_EDGE, 0.045], [INK.AGENT, 0]]) {
      disc([x, y], 0.34 + grow, ink);
      if (direction) {
        this.#path([at(0.45 + grow, 0), at(0.14, 0.28 + grow), at(0.14, -0.28 - grow)], true, c);
        c.fill();
      }
    }
    for (const hand of [-1, 1]) {
      const [ex, ey] = direction ? at(0.12, 0.13 * hand) : [x + 0.13 * hand * side, y];
      disc([ex, ey], 0.085, "#fff");
      disc([ex + side * dx * 0.035, ey + side * dy * 0.035], 0.045, INK.INK);
    }
  }
}
