// "Take it home": the same map, rules and agent in Python and on the command line.

import {nameOf} from "./link.js";

const text = (value) => JSON.stringify(value);
const number = (value) => (Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value));
const list = (rows) => `[${rows.map(text).join(", ")}]`;

/** The arguments of the environment that are not its defaults. */
function ruled(setup) {
  const rules = [];
  if (setup.slip) rules.push(["slip", number(setup.slip)]);
  if (setup.stepReward) rules.push(["step_reward", number(setup.stepReward)]);
  return rules;
}

function hyperparameters({agent, discount, epsilon, learningRate}) {
  const found = [["discount", discount], ["epsilon", epsilon], ["learning_rate", learningRate]];
  return agent === "dqn" ? [...found, ["epsilon_schedule", "constant"]] : found;
}

/** Python that trains the same agent on the same grid, and holds it against the optimum. */
export function pythonLines(setup, steps) {
  const name = nameOf(setup), rewards = Object.entries(setup.rewards).map(([letter, r]) => `${text(letter)}: ${number(r)}`);
  const layout = name ? text(name)
    : rewards.length ? `gym_gridq.Layout.from_rows(${list(setup.rows)}, {${rewards.join(", ")}})` : list(setup.rows);
  const rules = [["layout", layout], ...ruled(setup)];
  if (setup.randomStart) rules.push(["random_start", "True"]);
  const said = (pairs) => pairs.map(([key, value]) => `${key}=${value}`).join(", ");
  const settings = hyperparameters(setup).map(([key, value]) => [key, typeof value === "string" ? text(value) : value]);
  const states = setup.rows.length * setup.rows[0].length;
  return `import gymnasium, gym_gridq, agents

env = gymnasium.make("GridQ-v0", ${said(rules)})
agent = agents.make(${text(setup.agent)}, env, seed=${setup.seed}, ${said(settings)})
agents.train(agent, env, total_steps=${steps})
q = agent.q_values(range(${states}))
print(gym_gridq.grade(env, q, discount=${setup.discount}))
print(gym_gridq.solve(env, discount=${setup.discount}).q)
`;
}

/** The command that does the same and leaves a run folder with curves and a film. */
export function commandLine(setup, steps) {
  const name = nameOf(setup);
  const layout = name ?? (Object.keys(setup.rewards).length
    ? text({rows: setup.rows, rewards: setup.rewards, name: null}) : text(setup.rows));
  const rules = [["layout", layout], ...ruled(setup)];
  if (setup.randomStart) rules.push(["random_start", "true"]);
  const given = rules.map(([key, value]) => {
    const word = `${key}=${value}`;
    return `--env-arg ${/^[\w.=+-]+$/.test(word) ? word : `'${word}'`}`;
  });
  const settings = hyperparameters(setup).map(([key, value]) => `--${key.replace("_", "-")} ${value}`);
  return [
    `gridq train --agent ${setup.agent} --seed ${setup.seed} --num-envs 1 --total-steps ${steps}`,
    ...given, ...settings,
  ].join(" \\\n  ");
}
