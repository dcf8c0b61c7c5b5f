// Learners with one value for each state and action, in 64-bit numbers. Each computes what its namesake among
// the Python agents computes, in the same order, and so to the last digit.
//
// A learner's `settings` (discount, learningRate, epsilon) are read at every step: they may change meanwhile.

/** What the epsilon-greedy policy makes of a state's values. */
function valueOfPolicy(q, state, epsilon) {
  const i = 4 * state;
  const highest = Math.max(q[i], q[i + 1], q[i + 2], q[i + 3]);
  return (1 - epsilon) * highest + epsilon * ((q[i] + q[i + 1] + q[i + 2] + q[i + 3]) / 4);
}

class Table {
  constructor(nStates, settings) {
    this.q = new Float64Array(4 * nStates);
    this.settings = settings;
  }

  /** The values, four a state, where those of this state begin with `at`. */
  look(state) {
    return [this.q, 4 * state];
  }

  qValues() {
    return this.q;
  }

  moveTo(state, action, target) {
    this.q[4 * state + action] += this.settings.learningRate * (target - this.q[4 * state + action]);
  }
}

/** Q-learning (Sutton & Barto, section 6.5). */
export class QLearning extends Table {
  learn(state, action, reward, nextState, terminated) {
    const i = 4 * nextState, {q} = this;
    // only the end of the task cuts bootstrapping; a time limit does not
    const next = terminated ? 0 : Math.max(q[i], q[i + 1], q[i + 2], q[i + 3]);
    this.moveTo(state, action, reward + this.settings.discount * next);
  }
}

/** Expected SARSA (section 6.6). */
export class ExpectedSarsa extends Table {
  learn(state, action, reward, nextState, terminated) {
    const next = terminated ? 0 : valueOfPolicy(this.q, nextState, this.settings.epsilon);
    this.moveTo(state, action, reward + this.settings.discount * next);
  }
}

/** SARSA (section 6.4): a value moves when the next action is known. */
export class Sarsa extends Table {
  #last = null;

  learn(state, action, reward, nextState, terminated, truncated) {
    const {discount, epsilon} = this.settings, last = this.#last;
    const target = last && last.reward + discount * this.q[4 * state + action];
    // after the last step no action is taken; where a limit came first, the policy's mean stands for it
    const tail = terminated ? 0 : valueOfPolicy(this.q, nextState, epsilon);
    if (last) this.moveTo(last.state, last.action, target);
    this.#last = {state, action, reward};
    if (terminated || truncated) {
      this.moveTo(state, action, reward + discount * tail);
      this.#last = null;
    }
  }
}

/** First-visit Monte Carlo control (section 5.4); where a limit came first, the table says what would follow. */
export class MonteCarlo extends Table {
  #episode = [];

  learn(state, action, reward, nextState, terminated, truncated) {
    this.#episode.push({pair: 4 * state + action, reward});
    if (!terminated && !truncated) return;
    let value = terminated ? 0 : valueOfPolicy(this.q, nextState, this.settings.epsilon);
    const firstReturns = new Map();
    for (const {pair, reward: earned} of this.#episode.reverse()) {
      value = earned + this.settings.discount * value;
      firstReturns.set(pair, value);  // an earlier visit replaces a later one
    }
    for (const [pair, target] of firstReturns) this.moveTo(pair >> 2, pair & 3, target);
    this.#episode = [];
  }
}
