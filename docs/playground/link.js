// What the page can be set to, as the fragment of a link.

import {Refusal, shown} from "./refusal.js";
import {LAYOUTS} from "./tables.js";

const NUMBERS = {slip: "slip", step: "stepReward", discount: "discount", epsilon: "epsilon", rate: "learningRate", seed: "seed"};

/** The name of a setup's map, if it is one of the named ones with its rewards. */
export function nameOf({rows, rewards}) {
  const same = ([, layout]) => layout.rows.join() === rows.join() &&
    JSON.stringify(Object.entries(layout.rewards).sort()) === JSON.stringify(Object.entries(rewards).sort());
  return Object.entries(LAYOUTS).find(same)?.[0] ?? null;
}

/** A number as a person may write it: 0.5, -1, 2/3; anything else stays text, which is refused later on. */
export function parsed(text) {
  const [, over, under] = /^\s*([-+.\de]+)\s*(?:\/\s*([.\de]+)\s*)?$/i.exec(text) ?? [];
  const number = over === undefined ? NaN : Number(over) / Number(under ?? 1);
  return Number.isFinite(number) ? number : text;
}

/** A setup as text for behind the # of a link. */
export function toFragment(setup, language) {
  const name = nameOf(setup);
  const parts = [`map=${name ?? setup.rows.map(encodeURIComponent).join("/")}`];
  const rewards = Object.entries(setup.rewards).map(([letter, reward]) => `${letter}:${reward}`);
  if (!name && rewards.length) parts.push(`rewards=${rewards.join()}`);
  for (const [key, field] of Object.entries(NUMBERS)) parts.push(`${key}=${setup[field]}`);
  if (setup.randomStart) parts.push("start=random");
  return [...parts, `agent=${setup.agent}`, `lang=${language}`].join("&");
}

/** What a fragment says, as far as it says something: {setup, language}. Ranges are checked by whoever uses it. */
export function fromFragment(text) {
  const setup = {};
  let language;
  for (const part of text.split("&").filter(Boolean)) {
    const [key, value = ""] = part.split(/=(.*)/s);
    let said;
    try {
      said = decodeURIComponent(value);
    } catch {
      throw new Refusal("the link is broken: {} cannot be read", shown(value));
    }
    if (key === "map") {
      const named = Object.hasOwn(LAYOUTS, said) ? LAYOUTS[said] : null;
      setup.rows = named ? named.rows : said.split("/");
      setup.rewards ??= named ? named.rewards : {};
    } else if (key === "rewards") {
      setup.rewards = Object.fromEntries(said.split(",").map((pair) => {
        const [letter, reward = ""] = pair.split(":");
        return [letter, parsed(reward)];
      }));
    } else if (Object.hasOwn(NUMBERS, key)) setup[NUMBERS[key]] = parsed(said);
    else if (key === "start" && said === "random") setup.randomStart = true;
    else if (key === "agent") setup.agent = said;
    else if (key === "lang" && ["en", "zh", "ja"].includes(said)) language = said;
    else throw new Refusal("the link is broken: {} is not known", shown(part));
  }
  return {setup, language};
}
