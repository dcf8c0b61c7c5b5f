// Exact solutions by policy iteration (Sutton & Barto, section 4.3), step for step as gym_gridq.exact does it.

import {Refusal, checkedNumber} from "./refusal.js";
import {TIE_TOLERANCE, TOLERANCE} from "./tables.js";

const STOP = 4;  // the choice to idle for ever, worth 0, where that is possible and nothing is discounted

/**
 * v (S), q (4 S) and the best actions (4 S) of a world.
 *
 * Refuses discount 1 where a return has no finite value.
 */
export function solveWorld(world, discount) {
  checkedNumber(discount, "discount", 0, 1);
  const {nStates, absorbing, moveProbability} = world;
  const idle = discount === 1 ? idlingStates(world) : new Uint8Array(nStates);
  const toEnd = distances(world, absorbing, null);
  const stopping = idle.map((can, s) => can && toEnd.distance[s] < 0);
  const {distance, move} = distances(world, absorbing.map((ends, s) => ends || stopping[s]), null);
  if (discount === 1) {
    refuse(world, (s) => !absorbing[s] && distance[s] < 0, "no policy ever ends the episode from there");
  }

  // The first policy goes the shortest way to an end by the action likeliest to make each move of it.
  const likeliest = [0, 1, 2, 3].map((m) => argmax([0, 1, 2, 3].map((a) => moveProbability[4 * a + m])));
  let choice = move.map((m, s) => (stopping[s] ? STOP : likeliest[m < 0 ? 3 : m]));
  const better = discount === 1 ? TOLERANCE : TOLERANCE / 100;
  const seen = new Set();
  let v, q;
  while (!seen.has(choice.join())) {  // comes again only where rounding goes round in circles
    seen.add(choice.join());
    v = policyValues(world, choice, discount, "a policy earns without end from there");
    q = backup(world, v, discount);
    let gained = false;
    const next = choice.slice();
    for (let s = 0; s < nStates; s++) {
      let best = 0;
      for (let a = 1; a < 4; a++) if (q[4 * s + a] > q[4 * s + best]) best = a;
      let highest = q[4 * s + best];
      if (idle[s] && highest < 0) [best, highest] = [STOP, 0];
      const current = choice[s] === STOP ? 0 : q[4 * s + choice[s]];
      const gain = (highest - current) / Math.max(1, Math.abs(current));
      if (gain > TOLERANCE) gained = true;
      if (gain > better) next[s] = best;
    }
    if (!gained) break;
    choice = next;
  }
  const best = greedyActions(q);
  for (let s = 0; s < nStates; s++) if (absorbing[s]) best.fill(0, 4 * s, 4 * s + 4);
  return {v, q, best};
}

/** Which actions are best in each state (4 S): all of them where several are tied. */
export function greedyActions(q) {
  const best = new Uint8Array(q.length);
  for (let i = 0; i < q.length; i += 4) {
    const highest = Math.max(q[i], q[i + 1], q[i + 2], q[i + 3]);
    const lowest = Math.min(q[i], q[i + 1], q[i + 2], q[i + 3]);
    const slack = TIE_TOLERANCE * Math.max(1, Math.abs(highest), Math.abs(lowest));
    for (let a = 0; a < 4; a++) best[i + a] = q[i + a] >= highest - slack ? 1 : 0;
  }
  return best;
}

/** The Bellman equation: q (4 S) of acting once and earning v from then on. */
export function backup(world, v, discount) {
  const {nStates, nextState, reward, terminated, moveProbability} = world;
  const q = new Float64Array(4 * nStates);
  for (let i = 0; i < 4 * nStates; i += 4) {
    for (let m = i; m < i + 4; m++) {
      const value = reward[m] + (terminated[m] ? 0 : discount * v[nextState[m]]);
      for (let a = 0; a < 4; a++) q[i + a] += moveProbability[4 * a + m - i] * value;
    }
  }
  return q;
}

/** Expected return from the start of the first-best actions of q; null with discount 1 if they never end. */
export function greedyValue(world, q, discount) {
  const choice = new Int32Array(world.nStates).fill(STOP);
  const frontier = [...world.starts];
  while (frontier.length > 0) {  // only the cells that an episode can come to count
    const s = frontier.pop();
    if (world.absorbing[s] || choice[s] !== STOP) continue;
    choice[s] = firstBest(q, s);
    for (let m = 0; m < 4; m++) {
      if (world.moveProbability[4 * choice[s] + m] > 0) frontier.push(world.nextState[4 * s + m]);
    }
  }
  let v;
  try {
    v = policyValues(world, choice, discount, "");
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
  return startValue(world, v);
}

/** The mean of v over the start cells. */
export function startValue(world, v) {
  return world.starts.reduce((sum, s) => sum + v[s], 0) / world.starts.length;
}

/** The first of the best actions of a state. */
export function firstBest(q, state) {
  let best = 0;
  for (let a = 1; a < 4; a++) if (q[4 * state + a] > q[4 * state + best]) best = a;
  return best;
}

/** max abs(Q - q*) of every cell that is neither wall nor terminal, 0 elsewhere (S). */
export function errors(world, q, qStar) {
  return Float64Array.from(world.absorbing, (absorbed, s) => {
    let largest = 0;
    for (let i = 4 * s; i < 4 * s + 4; i++) largest = Math.max(largest, Math.abs(q[i] - qStar[i]));
    return absorbed ? 0 : largest;
  });
}

/** Values (S) of choosing an action, or STOP, in every state. */
function policyValues(world, choice, discount, endless) {
  const {nStates, absorbing, nextState, moveProbability} = world;
  const weight = (s, m) => (choice[s] === STOP ? 0 : moveProbability[4 * choice[s] + m]);
  if (discount === 1) {
    const ended = absorbing.map((ends, s) => ends || choice[s] === STOP);
    const {distance} = distances(world, ended, weight);
    refuse(world, (s) => distance[s] < 0, endless);
  }
  // The states along the shorter side of the map, one row of them after another, make the equations
  // x = right + discount * P x a band; its middle is strong enough to need no exchange of rows.
  const {nRows, nColumns, reward, terminated} = world;
  const tall = nRows >= nColumns;
  const width = Math.min(nRows, nColumns), span = 2 * width + 1;
  const place = (s) => (tall ? s : (s % nColumns) * nRows + Math.floor(s / nColumns));
  const band = new Float64Array(nStates * span);
  const x = new Float64Array(nStates);
  for (let s = 0; s < nStates; s++) {
    const row = place(s);
    band[row * span + width] = 1;
    if (absorbing[s]) continue;
    for (let m = 0; m < 4; m++) {
      const p = weight(s, m);
      if (p === 0) continue;
      x[row] += p * reward[4 * s + m];
      if (!terminated[4 * s + m]) band[row * span + width + place(nextState[4 * s + m]) - row] -= discount * p;
    }
  }
  for (let k = 0; k < nStates; k++) {
    const end = Math.min(k + width, nStates - 1);
    for (let row = k + 1; row <= end; row++) {
      const at = row * span + width + k - row;
      if (band[at] === 0) continue;
      const factor = band[at] / band[k * span + width];
      for (let j = 1; j <= end - k; j++) band[at + j] -= factor * band[k * span + width + j];
      x[row] -= factor * x[k];
    }
  }
  for (let k = nStates - 1; k >= 0; k--) {
    for (let j = 1; j <= Math.min(width, nStates - 1 - k); j++) x[k] -= band[k * span + width + j] * x[k + j];
    x[k] /= band[k * span + width];
  }
  if (!x.every(Number.isFinite)) {
    throw new Refusal("a policy ends its episodes so seldom that its values cannot be told; take a smaller discount");
  }
  return Float64Array.from(x, (_, s) => x[place(s)]);
}

/** Moves from each state to the nearest target (-1: none), and the first of them; by the moves of a weight above 0. */
function distances(world, targets, weight) {
  const {nStates, nColumns, nextState} = world;
  const distance = Int32Array.from(targets, (is) => (is ? 0 : -1));
  const move = new Int32Array(nStates).fill(-1);
  let frontier = [...distance.keys()].filter((s) => targets[s]);
  for (let steps = 0; frontier.length > 0; steps++) {
    const found = [];
    for (const target of frontier) {
      for (const s of [target - nColumns, target + nColumns, target - 1, target + 1]) {
        if (s < 0 || s >= nStates || distance[s] >= 0) continue;
        for (let m = 0; m < 4; m++) {
          if ((weight === null || weight(s, m) > 0) && distance[nextState[4 * s + m]] === steps) {
            distance[s] = steps + 1;
            move[s] = m;
            found.push(s);
            break;
          }
        }
      }
    }
    frontier = found;
  }
  return {distance, move};
}

/** States (S) where one can stay for ever, surely, without ever earning or losing anything. */
function idlingStates(world) {
  const idle = world.absorbing.map((absorbed) => (absorbed ? 0 : 1));
  const actions = [0, 1, 2, 3];
  for (let lost = true; lost;) {
    lost = false;
    for (const s of world.free) {
      const harmless = actions.map((m) => world.reward[4 * s + m] === 0 && idle[world.nextState[4 * s + m]]);
      const safe = (a) => actions.every((m) => harmless[m] || world.moveProbability[4 * a + m] === 0);
      if (idle[s] && !actions.some(safe)) {
        idle[s] = 0;
        lost = true;
      }
    }
  }
  return idle;
}

/** Throws if there is such a state; names the first. */
function refuse(world, isSuch, why) {
  for (let s = 0; s < world.nStates; s++) {
    if (isSuch(s)) {
      const cell = `(${Math.floor(s / world.nColumns)}, ${s % world.nColumns})`;
      throw new Refusal(`with discount 1 the return from cell {} has no value: ${why}; take a discount below 1`, cell);
    }
  }
}

function argmax(values) {
  return values.indexOf(Math.max(...values));
}
