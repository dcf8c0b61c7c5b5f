// Training: the loop of agents.training on one environment, as far as a page or a test wants to go.

import {Refusal, checkedInteger, checkedNumber, shown} from "./refusal.js";
import {makeRandom} from "./random.js";
import {DeepQLearning, OnlineNetwork} from "./deep.js";
import {ExpectedSarsa, MonteCarlo, QLearning, Sarsa} from "./tabular.js";
import {AGENTS, MAX_EPISODE_STEPS} from "./tables.js";

const LEARNERS = {
  "tabular": QLearning,
  "sarsa": Sarsa,
  "expected-sarsa": ExpectedSarsa,
  "monte-carlo": MonteCarlo,
  "q-learning": OnlineNetwork,
  "dqn": DeepQLearning,
};
const TRAIL = 13;  // cells remembered, the present one included

/** Settings of an agent: its defaults, and those given instead, each within its range. */
export function checkedSettings(agent, given) {
  if (!Object.hasOwn(AGENTS, agent)) throw new Refusal("agent is {}; give one of {}", shown(agent), Object.keys(AGENTS).join(", "));
  const {highestRate, ...settings} = AGENTS[agent];
  for (const name of ["discount", "epsilon", "learningRate"]) {
    if (given[name] !== undefined) settings[name] = given[name];
  }
  checkedNumber(settings.discount, "discount", 0, 1);
  checkedNumber(settings.epsilon, "epsilon", 0, 1);
  checkedNumber(settings.learningRate, "learningRate", 1e-6, highestRate);
  return settings;
}

/**
 * A learner in a world. `settings` (discount, epsilon, learningRate) may be changed while it learns.
 *
 * Everything random comes from the seed, as in Python: the world's draws, and a stream for each of the agent's.
 * `options` may bring a `random` of the caller's own for each, or the network's first `weights`.
 */
export class Training {
  constructor(world, agent, given, seed, options = {}) {
    checkedInteger(seed, "seed", 0, Number.MAX_SAFE_INTEGER);
    this.world = world;
    this.settings = checkedSettings(agent, given);
    this.random = {
      world: makeRandom(seed),
      exploration: makeRandom(seed, 0),
      weights: makeRandom(seed, 1),
      replay: makeRandom(seed, 2),
      ...options.random,
    };
    this.learner = new LEARNERS[agent](world.nStates, this.settings, {random: this.random, weights: options.weights});
    this.steps = 0;
    this.episodes = 0;
    this.returnSum = 0;  // of all episodes that have ended
    this.#begin();
  }

  #begin() {
    this.state = this.world.begin(this.random.world);
    this.episodeReturn = 0;
    this.episodeSteps = 0;
    this.trail = [this.state];
    this.heading = null;
  }

  /** One move, and what is learned from it. Where an episode ends, the next one begins. */
  step() {
    const {world, learner, state} = this;
    const action = this.#choose(state);
    const move = world.move(action, this.random.world);
    const at = 4 * state + move;
    const reward = world.reward[at], terminated = world.terminated[at] === 1;
    this.state = world.nextState[at];
    this.heading = action;
    this.trail.push(this.state);
    if (this.trail.length > TRAIL) this.trail.shift();
    this.steps++;
    this.episodeSteps++;
    this.episodeReturn += reward;
    const truncated = this.episodeSteps >= MAX_EPISODE_STEPS;
    learner.learn(state, action, reward, this.state, terminated, truncated);
    if (terminated || truncated) {
      this.episodes++;
      this.returnSum += this.episodeReturn;
      this.#begin();
    }
  }

  /** Epsilon-greedy, ties broken uniformly at random. */
  #choose(state) {
    const random = this.random.exploration;
    if (random() < this.settings.epsilon) return Math.floor(random() * 4);
    const [q, at] = this.learner.look(state);
    const highest = Math.max(q[at], q[at + 1], q[at + 2], q[at + 3]);
    let ties = 0;
    for (let a = 0; a < 4; a++) if (q[at + a] === highest) ties++;
    let which = ties > 1 ? Math.floor(random() * ties) : 0;
    for (let a = 0; a < 4; a++) if (q[at + a] === highest && which-- === 0) return a;
    throw new Refusal("training has diverged; take a smaller step size and start again");
  }
}
