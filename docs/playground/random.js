// NumPy's random numbers: SeedSequence spreads a seed over a pool of words (after O'Neill's randutils), PCG64
// (O'Neill 2014, XSL-RR 128/64) draws from it. So a seed means the same here as in Python.

const POOL_SIZE = 4;

/** The words that `numpy.random.SeedSequence(seed, spawn_key=spawnKey).generate_state` gives. */
function seedWords(seed, spawnKey, count) {
  const words = [seed >>> 0];
  if (seed >= 2 ** 32) words.push(Math.floor(seed / 2 ** 32));
  if (spawnKey.length > 0) {
    while (words.length < POOL_SIZE) words.push(0);
    words.push(...spawnKey);
  }
  let constant = 0x43b0d7e5;
  const hashed = (word) => {
    word ^= constant;
    constant = Math.imul(constant, 0x931e8875);
    word = Math.imul(word, constant);
    return word ^ (word >>> 16);
  };
  const mixed = (x, y) => {
    const word = Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y) | 0;
    return word ^ (word >>> 16);
  };
  const pool = [];
  for (let i = 0; i < POOL_SIZE; i++) pool.push(hashed(words[i] ?? 0));
  for (let from = 0; from < POOL_SIZE; from++) {
    for (let to = 0; to < POOL_SIZE; to++) if (to !== from) pool[to] = mixed(pool[to], hashed(pool[from]));
  }
  for (const word of words.slice(POOL_SIZE)) {
    for (let to = 0; to < POOL_SIZE; to++) pool[to] = mixed(pool[to], hashed(word));
  }
  constant = 0x8b51f9dd;
  return Array.from({length: count}, (_, i) => {
    let word = pool[i % POOL_SIZE] ^ constant;
    constant = Math.imul(constant, 0x58f38ded);
    word = Math.imul(word, constant);
    return (word ^ (word >>> 16)) >>> 0;
  });
}

/** A 128-bit number as eight limbs of 16 bits, the lowest first, from four words of 32, the lowest first. */
function limbs(words) {
  return Uint32Array.from(words.flatMap((word) => [word & 0xffff, word >>> 16]));
}

const MULTIPLIER = limbs([0x9fccf645, 0x4385df64, 0x1fc65da4, 0x2360ed05]);

/** `numpy.random.default_rng`: a function that returns what its `random()` does. */
export function makeRandom(seed, ...spawnKey) {
  const w = seedWords(seed, spawnKey, 8);
  const state = limbs([0, 0, 0, 0]);
  const increment = limbs([w[6], w[7], w[4], w[5]]);
  for (let i = 7; i >= 0; i--) {  // doubled, plus 1
    increment[i] = ((increment[i] << 1) | (i > 0 ? increment[i - 1] >>> 15 : 1)) & 0xffff;
  }
  const product = new Float64Array(8);

  function step() {
    product.set(increment);
    for (let i = 0; i < 8; i++) {
      for (let j = 0; j < 8 - i; j++) product[i + j] += state[i] * MULTIPLIER[j];
    }
    let carry = 0;
    for (let i = 0; i < 8; i++) {
      const sum = product[i] + carry;  // below 2^36, so that nothing is lost
      carry = Math.floor(sum / 65536);
      state[i] = sum - carry * 65536;
    }
  }

  step();
  const initial = limbs([w[2], w[3], w[0], w[1]]);
  for (let i = 0, carry = 0; i < 8; i++) {
    const sum = state[i] + initial[i] + carry;
    state[i] = sum & 0xffff;
    carry = sum >>> 16;
  }
  step();

  return () => {
    step();
    const low = (((state[5] ^ state[1]) << 16) | (state[4] ^ state[0])) >>> 0;
    const high = (((state[7] ^ state[3]) << 16) | (state[6] ^ state[2])) >>> 0;
    const turn = state[7] >>> 10;
    const [l, h] = turn < 32 ? [low, high] : [high, low];
    const by = turn & 31;
    const upper = by === 0 ? h : ((h >>> by) | (l << (32 - by))) >>> 0;
    const lower = by === 0 ? l : ((l >>> by) | (h << (32 - by))) >>> 0;
    return (upper * 2097152 + (lower >>> 11)) / 9007199254740992;  // the upper 53 bits
  };
}
