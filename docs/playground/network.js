// The 12-100-4 network in 32-bit numbers, as agents.networks has it: all weights in one vector (W1, b1, W2, b2).

export const round = Math.fround;

/** Values of states by a network with one hidden layer; those of a state are computed once for each set of weights. */
export class Network {
  #known;  // the version of the weights that a state's values belong to
  #version = 1;

  constructor(nStates, nHidden, weights) {
    this.nStates = nStates;
    this.nHidden = nHidden;
    this.weights = weights;
    this.hidden = new Float32Array(nStates * nHidden);
    this.q = new Float32Array(nStates * 4);
    this.#known = new Int32Array(nStates);
  }

  static size(nStates, nHidden) {
    return (nStates + 1) * nHidden + (nHidden + 1) * 4;
  }

  /** To be called when the weights have changed. */
  changed() {
    this.#version++;
  }

  /** The values of all states known so far, up to date where those of this state begin. */
  look(state) {
    if (this.#known[state] !== this.#version) {
      this.#forward(state);
      this.#known[state] = this.#version;
    }
    return [this.q, 4 * state];
  }

  qValues() {
    for (let s = 0; s < this.nStates; s++) this.look(s);
    return Float64Array.from(this.q);
  }

  #forward(state) {
    const {weights: w, nHidden: n, nStates, hidden, q} = this;
    const row = state * n, b1 = nStates * n, w2 = b1 + n, b2 = w2 + 4 * n;
    let q0 = 0, q1 = 0, q2 = 0, q3 = 0;
    for (let h = 0; h < n; h++) {
      const x = Math.max(round(w[row + h] + w[b1 + h]), 0);
      hidden[row + h] = x;
      const i = w2 + 4 * h;
      q0 += x * w[i];
      q1 += x * w[i + 1];
      q2 += x * w[i + 2];
      q3 += x * w[i + 3];
    }
    const at = 4 * state;
    q[at] = round(q0) + w[b2];
    q[at + 1] = round(q1) + w[b2 + 1];
    q[at + 2] = round(q2) + w[b2 + 2];
    q[at + 3] = round(q3) + w[b2 + 3];
  }

  /** Adds to `gradient` what a slope `g` of the loss in q(state, action) makes of every weight. */
  backward(state, action, g, gradient) {
    this.look(state);
    const {weights: w, nHidden: n, nStates, hidden} = this;
    const row = state * n, b1 = nStates * n, w2 = b1 + n;
    gradient[w2 + 4 * n + action] += g;
    for (let h = 0; h < n; h++) {
      const x = hidden[row + h];
      if (x > 0) {
        const i = w2 + 4 * h + action, slope = g * w[i];
        gradient[i] += x * g;
        gradient[row + h] += slope;
        gradient[b1 + h] += slope;
      }
    }
  }
}

/** Initial weights: normal with variance 1 / inputs, biases zero. */
export function drawnWeights(nStates, nHidden, random) {
  const weights = new Float32Array(Network.size(nStates, nHidden));
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const w2 = (nStates + 1) * nHidden;
  for (let i = 0; i < nStates * nHidden; i++) weights[i] = normal() * Math.sqrt(1 / nStates);
  for (let i = w2; i < w2 + 4 * nHidden; i++) weights[i] = normal() * Math.sqrt(1 / nHidden);
  return weights;
}

/** One step of plain gradient descent. */
export function descend(weights, gradient, learningRate) {
  const rate = round(learningRate);
  for (let i = 0; i < weights.length; i++) weights[i] -= round(rate * round(gradient[i]));
}

/** Adam (Kingma & Ba 2015), with the same rounding in the same order as in Python. */
export class Adam {
  constructor(size, {beta1, beta2, eps}) {
    this.m = new Float32Array(size);
    this.v = new Float32Array(size);
    this.t = 0;
    Object.assign(this, {beta1, beta2, eps: round(eps), gain1: round(1 - beta1), gain2: round(1 - beta2)});
  }

  step(weights, gradient, learningRate) {
    const {m, v, eps, gain1, gain2} = this;
    this.t++;
    const rate = round(learningRate * Math.sqrt(1 - this.beta2 ** this.t) / (1 - this.beta1 ** this.t));
    for (let i = 0; i < weights.length; i++) {
      const g = round(gradient[i]);
      m[i] += round(round(g - m[i]) * gain1);
      v[i] += round(round(round(g * g) - v[i]) * gain2);
      weights[i] -= round(round(m[i] * rate) / round(round(Math.sqrt(v[i])) + eps));
    }
  }
}
