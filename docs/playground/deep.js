// Learners with a network: the book's online updates, and DQN with replay and a target network.

import {Refusal} from "./refusal.js";
import {Adam, Network, descend, drawnWeights, round} from "./network.js";
import {ADAM, DQN, HIDDEN} from "./tables.js";

class NetworkLearner {
  constructor(nStates, settings, {random, weights}) {
    this.settings = settings;
    this.network = new Network(nStates, HIDDEN, weights ?? drawnWeights(nStates, HIDDEN, random.weights));
    this.gradient = new Float64Array(this.network.weights.length);
  }

  look(state) {
    return this.network.look(state);
  }

  qValues() {
    return this.network.qValues();
  }

  /** The gradient of the mean squared TD error over transitions with their targets. */
  slope(states, actions, targets) {
    this.gradient.fill(0);
    let loss = 0;
    states.forEach((state, i) => {
      const [q, at] = this.network.look(state);
      const tdError = round(q[at + actions[i]] - targets[i]);
      loss += tdError * tdError;
      this.network.backward(state, actions[i], round(2 / states.length * tdError), this.gradient);
    });
    if (!Number.isFinite(loss)) throw new Refusal("training has diverged; take a smaller step size and start again");
    return this.gradient;
  }
}

/** Q-learning with a network (Deep Learning from Scratch 4, section 7.4): every transition moves it once. */
export class OnlineNetwork extends NetworkLearner {
  learn(state, action, reward, nextState, terminated) {
    const [q, at] = this.network.look(nextState);
    const next = terminated ? 0 : Math.max(q[at], q[at + 1], q[at + 2], q[at + 3]);
    const target = round(round(reward) + round(round(this.settings.discount) * next));
    descend(this.network.weights, this.slope([state], [action], [target]), this.settings.learningRate);
    this.network.changed();
  }
}

/** Deep Q-learning (Mnih et al. 2015), double (van Hasselt et al. 2016), with the Python agent's other defaults. */
export class DeepQLearning extends NetworkLearner {
  constructor(nStates, settings, options) {
    super(nStates, settings, options);
    this.target = new Network(nStates, HIDDEN, this.network.weights.slice());
    this.adam = new Adam(this.network.weights.length, ADAM);
    this.random = options.random.replay;
    this.replay = [];
    this.steps = 0;
  }

  learn(state, action, reward, nextState, terminated) {
    this.replay[this.steps % DQN.replayCapacity] = {state, action, reward: round(reward), nextState, terminated};
    this.steps++;
    if (this.steps < DQN.learningStarts) return;
    const batch = Array.from({length: DQN.batchSize}, () => this.replay[Math.floor(this.random() * this.replay.length)]);
    const discount = round(this.settings.discount);
    const targets = batch.map((t) => round(t.reward + (t.terminated ? 0 : round(discount * this.#value(t.nextState)))));
    const gradient = this.slope(batch.map((t) => t.state), batch.map((t) => t.action), targets);
    const {weights} = this.network, target = this.target.weights, tau = round(DQN.targetTau);
    this.adam.step(weights, gradient, this.settings.learningRate);
    for (let i = 0; i < target.length; i++) target[i] += round(tau * round(weights[i] - target[i]));
    this.network.changed();
    this.target.changed();
  }

  /** What a state is worth to the target network, by the action that the first one chooses. */
  #value(state) {
    const [q, at] = this.network.look(state);
    let best = at;
    for (let i = at + 1; i < at + 4; i++) if (q[i] > q[best]) best = i;
    return this.target.look(state)[0][best];
  }
}
