// The engine without the page: what `window.gridq` offers, synchronously.

import {checkedInteger} from "./refusal.js";
import {errors, greedyValue, solveWorld, startValue} from "./planning.js";
import {DISCOUNT, LAYOUTS} from "./tables.js";
import {Training} from "./training.js";
import {makeWorld} from "./world.js";

const MAX_STEPS = 1e9;

/** Four numbers a state. */
function inRows(q) {
  return Array.from({length: q.length / 4}, (_, s) => Array.from(q.subarray(4 * s, 4 * s + 4)));
}

export const gridq = {
  /** The named layouts: {rows, rewards} by name. */
  layouts: LAYOUTS,

  /**
   * v* (S numbers), q* (S arrays of 4) and the optimal policy (S arrays of 4, equal weight on tied actions).
   * Options: slip, stepReward, discount, rewards by letter.
   */
  solve(rows, {discount = DISCOUNT, ...options} = {}) {
    const {v, q, best} = solveWorld(makeWorld(rows, options), discount);
    const policy = inRows(best).map((row) => row.map((is) => (is ? is / row.reduce((n, one) => n + one) : 0)));
    return {v: Array.from(v), q: inRows(q), policy};
  },

  /**
   * Trains an agent and holds it against the optimum. Options: those of `solve`, agent, seed, steps, epsilon,
   * learningRate, randomStart.
   */
  learn(rows, {agent = "tabular", seed = 0, steps = 10000, epsilon, learningRate, discount, ...options} = {}) {
    checkedInteger(steps, "steps", 0, MAX_STEPS);
    const {random, weights, ...rules} = options;
    const world = makeWorld(rows, rules);
    const training = new Training(world, agent, {epsilon, learningRate, discount}, seed, {random, weights});
    for (let i = 0; i < steps; i++) training.step();
    const optimum = solveWorld(world, training.settings.discount);
    const q = training.learner.qValues();
    const value = greedyValue(world, q, training.settings.discount);
    return {
      q: inRows(q),
      maxError: Math.max(...errors(world, q, optimum.q)),
      regret: value === null ? null : startValue(world, optimum.v) - value,
    };
  },
};
