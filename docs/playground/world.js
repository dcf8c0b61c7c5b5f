// The world: a text map becomes tables of what each move leads to. The rules are those of gym_gridq.dynamics.

import {Refusal, checkedNumber, shown} from "./refusal.js";
import {DEFAULT_REWARDS, LARGEST_REWARD, LETTERS, TERMINAL_LETTERS, TURNS, WALL} from "./tables.js";

export const MAX_SIDE = 50;
const N_ACTIONS = 4;

/** The rows of a map, checked. */
export function checkedRows(rows) {
  if (!Array.isArray(rows) || rows.length === 0 || !rows[0]) {
    throw new Refusal("the map is empty; give at least one row of at least one letter");
  }
  rows.forEach((row, number) => {
    if (typeof row !== "string") throw new Refusal("row {} of the map is {}; every row must be text", number, shown(row));
    if (row.length !== rows[0].length) {
      throw new Refusal(
        "row {} of the map, {}, has {} letters, but row 0 has {}; make all rows equally long",
        number, shown(row), row.length, rows[0].length,
      );
    }
    const unknown = [...row].find((letter) => !LETTERS.includes(letter));
    if (unknown !== undefined) {
      throw new Refusal(
        "unknown letter {} in row {} of the map; use S start, . floor, # wall, G goal, P pit, H hole", shown(unknown), number,
      );
    }
  });
  if (rows.length > MAX_SIDE || rows[0].length > MAX_SIDE) {
    throw new Refusal(
      "the map has {} rows and {} columns; this page takes up to {} of either (Python takes any number)",
      rows.length, rows[0].length, MAX_SIDE,
    );
  }
  if (!rows.some((row) => row.includes("S"))) throw new Refusal("the map has no start; mark at least one cell with S");
  if (!rows.some((row) => row.includes("G"))) throw new Refusal("the map has no goal; mark at least one cell with G");
  return rows;
}

/** The reward of every letter: the usual ones, and those given instead. */
export function checkedRewards(rewards = {}) {
  for (const [letter, reward] of Object.entries(rewards)) {
    if (!Object.hasOwn(DEFAULT_REWARDS, letter)) throw new Refusal("rewards name {}; only the letters S . G P H have one", shown(letter));
    checkedNumber(reward, `reward ${letter}`, -LARGEST_REWARD, LARGEST_REWARD);
  }
  return {...DEFAULT_REWARDS, ...rewards};
}

/**
 * The world as tables, all of one entry for each state and move, state by state.
 *
 * Move m is made under action a with probability moveProbability[4 a + m].
 */
export function makeWorld(rows, {slip = 0, stepReward = 0, rewards = {}, randomStart = false} = {}) {
  checkedRows(rows);
  checkedNumber(slip, "slip", 0, 1);
  checkedNumber(stepReward, "stepReward", -LARGEST_REWARD, LARGEST_REWARD);
  const rewardOf = checkedRewards(rewards);
  const nRows = rows.length, nColumns = rows[0].length, nStates = nRows * nColumns;
  const cells = rows.join("");
  const absorbing = Uint8Array.from(cells, (letter) => letter === WALL || TERMINAL_LETTERS.includes(letter));
  const nextState = new Int32Array(nStates * N_ACTIONS);
  const terminated = new Uint8Array(nStates * N_ACTIONS);
  const reward = new Float64Array(nStates * N_ACTIONS);
  for (let s = 0; s < nStates; s++) {
    const row = Math.floor(s / nColumns), column = s % nColumns;
    const there = [
      row > 0 ? s - nColumns : s,
      row < nRows - 1 ? s + nColumns : s,
      column > 0 ? s - 1 : s,
      column < nColumns - 1 ? s + 1 : s,
    ];
    for (let move = 0; move < N_ACTIONS; move++) {
      const next = absorbing[s] || cells[there[move]] === WALL ? s : there[move];
      nextState[4 * s + move] = next;
      terminated[4 * s + move] = absorbing[next];
      reward[4 * s + move] = absorbing[s] ? 0 : rewardOf[cells[next]] + stepReward;
    }
  }

  // the moves an action may become, straight on, to its left, to its right, and how likely they are
  const turns = slip > 0 ? [1 - slip, slip / 2, slip / 2] : [1];
  const moveProbability = new Float64Array(16);
  TURNS.forEach((moves, action) => turns.forEach((p, i) => { moveProbability[4 * action + moves[i]] = p; }));
  const possible = turns.map((_, i) => i).filter((i) => turns[i] > 0);
  const thresholds = possible.map((i) => turns.slice(0, i + 1).reduce((sum, p) => sum + p, 0));
  thresholds[thresholds.length - 1] = 1;  // a draw is below 1, so that one always finds its place

  const states = [...cells].map((_, s) => s);
  const free = states.filter((s) => !absorbing[s]);
  return {
    rows, nRows, nColumns, nStates, cells, absorbing, nextState, terminated, reward, moveProbability,
    slip, stepReward, rewards: rewardOf, randomStart, free,
    starts: randomStart ? free : states.filter((s) => cells[s] === "S"),

    /** A start cell; a draw is made only where there are several. */
    begin(random) {
      return this.starts[this.starts.length > 1 ? Math.floor(random() * this.starts.length) : 0];
    },

    /** The move that an action becomes; a draw is made only where there is slip. */
    move(action, random) {
      if (slip === 0) return action;
      const draw = random();
      return TURNS[action][possible[thresholds.findIndex((threshold) => draw < threshold)]];
    },

    /** What may follow an action: [probability, next state, reward, terminated], impossible ones left out. */
    outcomes(state, action) {
      return possible.map((i) => {
        const at = 4 * state + TURNS[action][i];
        return [turns[i], nextState[at], reward[at], Boolean(terminated[at])];
      });
    },
  };
}
