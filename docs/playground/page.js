// The page: what is set, what is shown, and what a visitor does to it.

import {Board, GRADIENT} from "./board.js";
import {History, drawCurve} from "./curves.js";
import {gridq} from "./gridq.js";
import {commandLine, pythonLines} from "./home.js";
import {fromFragment, nameOf, parsed, toFragment} from "./link.js";
import {plain, scaleOf, written} from "./numerals.js";
import {errors, greedyActions, greedyValue, solveWorld, startValue} from "./planning.js";
import {Refusal, checkedInteger, filled} from "./refusal.js";
import {AGENTS, DEFAULT_REWARDS, HIDDEN, LAYOUTS} from "./tables.js";
import {Training, checkedSettings} from "./training.js";
import {LANGUAGES, WORDS} from "./words.js";
import {MAX_SIDE, makeWorld} from "./world.js";

const $ = (id) => document.getElementById(id);
const all = (selector) => [...document.querySelectorAll(selector)];
const SPEEDS = [1, 4, 15, 60, 600, 6000, Infinity];  // steps a second
const FRAME_BUDGET = 11;  // milliseconds of a frame for learning
const ACTIONS = ["up", "down", "left", "right"];
const TOOLS = {look: "?", start: "S", floor: ".", wall: "#", goal: "G", pit: "P", hole: "H"};
const NAMES = {
  "tabular": "Q-learning, table", "sarsa": "SARSA", "expected-sarsa": "expected SARSA", "monte-carlo": "Monte Carlo",
  "q-learning": "Q-learning, network {}-{}-4", "dqn": "DQN, network {}-{}-4",
};
const LIVE = ["discount", "epsilon", "learningRate"];  // may change while something is learned

const {highestRate: _, ...FIRST} = AGENTS.tabular;
let setup = {rows: LAYOUTS.book.rows, rewards: {}, slip: 0, stepReward: 0, randomStart: false, agent: "tabular", seed: 0, ...FIRST};
let language = "en", tool = "look", chosen = -1, cursor = -1, running = false, owed = 0, lastFrame = 0;
let world, optimum, training, history, scale, boards, sampled;

// -- words ---------------------------------------------------------------------------------------------

function say(text, ...values) {
  const known = language !== "en" && Object.hasOwn(WORDS, text);
  const template = known ? WORDS[text][language === "zh" ? 0 : 1] : text;
  return values.length ? filled(template, values.map((value) => (typeof value === "string" ? say(value) : value))) : template;
}

function speak(to) {
  language = to;
  document.documentElement.lang = LANGUAGES[to];
  document.title = `GridQ ${say("playground")}`;
  for (const element of all("[data-say]")) element.textContent = say(element.dataset.say ||= element.textContent);
  for (const element of all("[data-say-label]")) element.setAttribute("aria-label", say(element.dataset.sayLabel));
  for (const button of all("#languages button")) button.setAttribute("aria-pressed", String(button.value === to));
  for (const canvas of all("figure canvas:not([aria-hidden])")) {
    canvas.setAttribute("aria-label", canvas.closest("figure").querySelector("figcaption").textContent);
  }
  $("layout").options[0].textContent = say("own map");
  for (const button of $("tools").children) button.querySelector("span").textContent = say(button.value);
  notice("");
  showSetup();
  show();
}

function notice(text, good = false) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
  $("notice").className = good ? "good" : "";
}

/** Does something that may be refused; then the reason is shown, and everything is as it was. */
function trying(act) {
  try {
    notice("");
    act();
  } catch (error) {
    explain(error);
  }
}

function explain(error) {
  if (!(error instanceof Refusal)) throw error;
  notice(say(error.template, ...error.values));
  showSetup();
}

// -- what is set ---------------------------------------------------------------------------------------

/** Takes up a setup, or refuses it as a whole. What was learned stays where the world and the learner do. */
function take(change) {
  const next = {...setup, ...change};
  if (change.agent !== undefined && change.agent !== setup.agent) {
    const {highestRate: ignored, ...defaults} = AGENTS[change.agent] ?? {};
    Object.assign(next, {epsilon: defaults.epsilon, learningRate: defaults.learningRate}, change);
  }
  const anew = !training || Object.keys(next).some((key) => !LIVE.includes(key) && next[key] !== setup[key]);
  const nextWorld = anew ? makeWorld(next.rows, next) : world;
  const nextOptimum = anew || next.discount !== setup.discount ? solveWorld(nextWorld, next.discount) : optimum;
  checkedSettings(next.agent, next);
  const fresh = anew ? new Training(nextWorld, next.agent, next, next.seed) : null;
  const resized = !world || nextWorld.nRows !== world.nRows || nextWorld.nColumns !== world.nColumns;
  [setup, world, optimum] = [next, nextWorld, nextOptimum];
  scale = scaleOf(optimum.q);
  if (anew) begin(fresh);
  else for (const name of LIVE) training.settings[name] = setup[name];
  if (resized) chosen = cursor = -1;
  if (anew) {
    fit();
    $("text").value = setup.rows.join("\n");
  }
  showSetup();
  show();
}

function begin(fresh) {
  training = fresh;
  history = new History(["value", "error", "return"]);
  owed = 0;
  sampled = {steps: -1, episodes: 0, returnSum: 0, mean: null};
}

function showSetup() {
  const name = nameOf(setup);
  $("layout").value = name ?? "";
  $("n-rows").value = world.nRows;
  $("n-columns").value = world.nColumns;
  $("random-start").checked = setup.randomStart;
  for (const option of $("agent").options) option.textContent = say(NAMES[option.value], world.nStates, HIDDEN);
  $("agent").value = setup.agent;
  for (const input of all("[data-field]")) input.value = setup[input.dataset.field];
  for (const input of all("[data-letter]")) input.value = world.rewards[input.dataset.letter];
  for (const slider of all("[data-of]")) {
    const field = slider.dataset.of;
    slider.value = field === "learningRate" ? placeOfRate(setup[field]) : setup[field];
    slider.setAttribute("aria-valuetext", String(setup[field]));
  }
  $("run").textContent = say(running ? "Pause" : "Run");
  const speed = SPEEDS[$("speed").value];
  $("speed-said").textContent = speed === Infinity ? say("full speed") : say("{} steps a second", speed.toLocaleString("en"));
  $("speed").setAttribute("aria-valuetext", $("speed-said").textContent);
  const steps = training.steps || 10000;
  $("python").textContent = pythonLines(setup, steps);
  $("command").textContent = commandLine(setup, steps);
  remember();
}

/** Keeps the address of the page a link to what it shows. */
function remember() {
  try {
    window.history.replaceState(null, "", `#${toFragment(setup, language)}`);
  } catch { /* a browser that lets no file change its address */ }
}

/** The slider of the step size is logarithmic, over four powers of ten. */
const placeOfRate = (rate) => 1 + Math.log10(rate / AGENTS[setup.agent].highestRate) / 4;
const rateAt = (place) => Number((AGENTS[setup.agent].highestRate * 10 ** (4 * (place - 1))).toPrecision(2));

// -- what is shown -------------------------------------------------------------------------------------

function fit() {
  const tallest = Math.max(260, Math.min(560, window.innerHeight * 0.62));
  for (const board of Object.values(boards)) board.fit(world, tallest);
}

function show() {
  const q = training.learner.qValues(), cellErrors = errors(world, q, optimum.q), maxError = largest(cellErrors);
  sample(q, maxError);
  const {value} = sampled, best = startValue(world, optimum.v);
  boards.q.drawQ(q, greedyActions(q), scale);
  boards.star.drawQ(optimum.q, optimum.best, scale);
  boards.error.drawErrors(cellErrors, scale);
  boards.q.drawTop(training, chosen, cursor);
  boards.star.drawTop(null, chosen, -1);
  boards.error.drawTop(null, chosen, -1);
  drawCurve($("curve-value"), history.steps, history.columns.value, best);
  drawCurve($("curve-error"), history.steps, history.columns.error, null);
  drawCurve($("curve-return"), history.steps, history.columns.return, null);
  $("steps").textContent = training.steps.toLocaleString("en");
  $("episodes").textContent = training.episodes.toLocaleString("en");
  $("max-error").textContent = maxError === 0 ? "0" : maxError < 1e-4 ? maxError.toExponential(1) : maxError.toFixed(4);
  $("max-error").dataset.exact = String(maxError);
  $("value").textContent = value === null ? "–" : value.toFixed(4);
  $("optimal-value").textContent = best.toFixed(4);
  $("lowest").textContent = plain(-scale);
  $("highest").textContent = plain(scale);
  showBackup(q);
  if ($("values").open && !running) showTable(q);
}

const largest = (numbers) => numbers.reduce((most, one) => Math.max(most, one), 0);

/** A point of the curves, if anything was learned since the last one. */
function sample(q, maxError) {
  const {episodes, returnSum} = training;
  if (episodes > sampled.episodes) sampled.mean = (returnSum - sampled.returnSum) / (episodes - sampled.episodes);
  if (sampled.steps === training.steps && sampled.optimum === optimum) return;
  Object.assign(sampled, {steps: training.steps, episodes, returnSum, optimum, value: greedyValue(world, q, setup.discount)});
  history.add(training.steps, {value: sampled.value, error: maxError, return: sampled.mean});
}

function showBackup(q) {
  $("backup").hidden = chosen < 0;
  if (chosen < 0) return;
  const {nColumns} = world, body = $("backup").querySelector("tbody");
  const place = [Math.floor(chosen / nColumns), chosen % nColumns];
  $("backup-title").textContent = say("Bellman backup of cell ({}, {}), state {}", ...place, chosen);
  const number = (value) => written(value, Math.max(scale, 1));
  const fixed = world.absorbing[chosen];
  const why = say(world.cells[chosen] === "#" ? "0: the cell is a wall" : "0: the cell is terminal");
  const lines = fixed ? [["", "", why, ""]] : ACTIONS.map((name, action) => {
    const outcomes = world.outcomes(chosen, action);
    let sum = 0;
    const terms = outcomes.map(([p, next, reward, ended]) => {
      const best = ended ? 0 : Math.max(...q.subarray(4 * next, 4 * next + 4));
      sum += p * (reward + setup.discount * best);
      const term = ended ? plain(reward) : `${plain(reward)} + ${plain(setup.discount)} · ${number(best)}`;
      return outcomes.length === 1 ? term : `${plain(p)} (${term})`;
    });
    const i = 4 * chosen + action;
    return [say(name), number(q[i]), `${terms.join(" + ")} = ${number(sum)}`, number(optimum.q[i])];
  });
  fill(body, lines);
}

function showTable(q) {
  const [head] = $("values").querySelectorAll("thead"), body = $("values").querySelector("tbody");
  const actions = ACTIONS.map((name) => say(name));
  fill(head, [[say("cell"), "v*", ...actions.map((a) => `Q ${a}`), ...actions.map((a) => `q* ${a}`)]], "th");
  const digits = (values, s) => Array.from(values.subarray(4 * s, 4 * s + 4), (value) => value.toFixed(6));
  fill(body, world.free.map((s) => [
    `(${Math.floor(s / world.nColumns)}, ${s % world.nColumns})`, optimum.v[s].toFixed(6), ...digits(q, s), ...digits(optimum.q, s),
  ]));
}

function fill(part, lines, kind = "td") {
  part.replaceChildren(...lines.map((line) => {
    const row = document.createElement("tr");
    row.append(...line.map((text) => Object.assign(document.createElement(kind), {textContent: text})));
    return row;
  }));
}

function describe(state) {
  const letter = world.cells[state], name = Object.keys(TOOLS).find((key) => TOOLS[key] === letter);
  $("cell-said").textContent = `(${Math.floor(state / world.nColumns)}, ${state % world.nColumns}) ${say(name)}, v* ${optimum.v[state].toFixed(4)}`;
}

// -- running -------------------------------------------------------------------------------------------

function run(on) {
  running = on;
  if (on) {
    lastFrame = performance.now();
    requestAnimationFrame(frame);
  }
  showSetup();
  if (!on) show();
}

function frame(now) {
  if (!running) return;
  const speed = SPEEDS[$("speed").value], until = performance.now() + FRAME_BUDGET;
  owed = speed === Infinity ? Infinity : Math.min(owed + speed * (now - lastFrame) / 1000, speed);
  lastFrame = now;
  const before = training.steps;
  try {
    while (owed >= 1) {
      training.step();
      owed--;
      if (training.steps > 1.1 * sampled.steps + 20) {
        const q = training.learner.qValues();
        sample(q, largest(errors(world, q, optimum.q)));
      }
      if (performance.now() > until) break;
    }
  } catch (error) {
    running = false;
    explain(error);
    return;
  }
  if (owed === Infinity) owed = 0;
  if (training.steps !== before) show();
  requestAnimationFrame(frame);
}

// -- what a visitor does -------------------------------------------------------------------------------

function paint(state, letter) {
  if (world.cells[state] === letter) return;
  const rows = world.rows.map((row, r) => [...row].map((old, c) => (r * world.nColumns + c === state ? letter : old)).join(""));
  trying(() => take({rows}));
}

function use(state) {
  describe(state);
  if (tool !== "look") {
    paint(state, TOOLS[tool]);
    return;
  }
  chosen = state;
  show();
}

function listenToBoard(board) {
  let drawing = false, last = -1;
  const at = (event) => {
    const state = board.cellAt(event);
    if (state >= 0 && state !== last) use(state);
    last = state;
  };
  board.top.addEventListener("pointerdown", (event) => {
    drawing = true;
    last = cursor = -1;
    at(event);
  });
  board.top.addEventListener("pointermove", (event) => drawing && tool !== "look" && at(event));
  for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => { drawing = false; });
}

function listenToKeys(canvas) {
  const moves = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const {nColumns, nRows} = world;
    if (moves[event.key]) {
      const from = cursor < 0 ? Math.max(chosen, 0) : cursor;
      const [dr, dc] = cursor < 0 ? [0, 0] : moves[event.key];
      const row = Math.max(0, Math.min(nRows - 1, Math.floor(from / nColumns) + dr));
      const column = Math.max(0, Math.min(nColumns - 1, from % nColumns + dc));
      cursor = row * nColumns + column;
      describe(cursor);
      show();
    } else if ((event.key === "Enter" || event.key === " ") && cursor >= 0) use(cursor);
    else if ("S.#GPH".includes(event.key.toUpperCase()) && event.key.length === 1 && cursor >= 0) {
      paint(cursor, event.key.toUpperCase());
    } else return;
    event.preventDefault();
  });
}

/** A map of another size: cells that there were stay, new ones are floor. */
function resize() {
  trying(() => {
    const nRows = checkedInteger(parsed($("n-rows").value), "rows", 1, MAX_SIDE);
    const nColumns = checkedInteger(parsed($("n-columns").value), "columns", 1, MAX_SIDE);
    const rows = Array.from({length: nRows}, (_, r) => (world.rows[r] ?? "").slice(0, nColumns).padEnd(nColumns, "."));
    take({rows});
  });
}

function followLink() {
  const {setup: given, language: spoken} = fromFragment(location.hash.slice(1));
  take(given);
  if (spoken) speak(spoken);
}

async function copy(text, otherwise) {
  try {
    await navigator.clipboard.writeText(text);
    notice(say("copied"), true);
  } catch {
    notice(otherwise, true);
  }
}

function build() {
  $("layout").append(new Option("", ""), ...Object.keys(LAYOUTS).map((name) => new Option(name, name)));
  $("agent").append(...Object.keys(NAMES).map((name) => new Option(name, name)));
  for (const [name, letter] of Object.entries(TOOLS)) {
    const button = Object.assign(document.createElement("button"), {type: "button", value: name});
    button.setAttribute("role", "radio");
    button.innerHTML = `<kbd aria-hidden="true">${letter}</kbd> <span></span>`;
    button.onclick = () => pick(name);
    $("tools").append(button);
  }
  for (const letter of Object.keys(DEFAULT_REWARDS)) {
    const label = Object.assign(document.createElement("label"), {className: "line", innerHTML: "<span data-say></span>"});
    label.firstChild.textContent = Object.keys(TOOLS).find((name) => TOOLS[name] === letter);
    const input = Object.assign(document.createElement("input"), {inputMode: "decimal"});
    input.dataset.letter = letter;
    label.append(input);
    document.querySelector(".rewards").append(label);
  }
  $("gradient").style.background = GRADIENT;
  boards = {q: new Board($("board-q")), star: new Board($("board-star")), error: new Board($("board-error"))};
}

function pick(name) {
  tool = name;
  document.body.classList.toggle("painting", name !== "look");
  for (const button of $("tools").children) {
    button.setAttribute("aria-checked", String(button.value === name));
    button.tabIndex = button.value === name ? 0 : -1;
  }
}

function listen() {
  Object.values(boards).forEach(listenToBoard);
  listenToKeys(boards.q.top);
  $("run").onclick = () => run(!running);
  $("step").onclick = () => {
    if (running) run(false);
    trying(() => training.step());
    showSetup();
    show();
  };
  $("reset").onclick = () => {
    begin(new Training(world, setup.agent, setup, setup.seed));
    notice("");
    showSetup();
    show();
  };
  $("speed").oninput = () => {
    owed = 0;
    showSetup();
  };
  $("layout").onchange = (event) => {
    const layout = LAYOUTS[event.target.value];
    if (layout) trying(() => take({rows: layout.rows, rewards: layout.rewards}));
  };
  $("agent").onchange = (event) => trying(() => take({agent: event.target.value}));
  $("n-rows").onchange = $("n-columns").onchange = resize;
  $("use-text").onclick = () => trying(() => {
    const rows = $("text").value.split(/\r?\n/).map((row) => row.trimEnd()).filter(Boolean);
    take({rows});
  });
  $("random-start").onchange = (event) => trying(() => take({randomStart: event.target.checked}));
  for (const input of all("[data-field]")) {
    input.onchange = () => trying(() => take({[input.dataset.field]: parsed(input.value)}));
  }
  for (const slider of all("[data-of]")) {
    const field = slider.dataset.of;
    slider.oninput = () => trying(() => {
      take({[field]: field === "learningRate" ? rateAt(Number(slider.value)) : Number(slider.value)});
    });
  }
  for (const input of all("[data-letter]")) {
    input.onchange = () => trying(() => {
      const {letter} = input.dataset, rewards = {...setup.rewards, [letter]: parsed(input.value)};
      if (rewards[letter] === DEFAULT_REWARDS[letter]) delete rewards[letter];
      take({rewards});
    });
  }
  $("tools").onkeydown = (event) => {
    const names = Object.keys(TOOLS);
    const by = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
    if (!by) return;
    pick(names[(names.indexOf(tool) + by + names.length) % names.length]);
    $("tools").children[names.indexOf(tool)].focus();
    event.preventDefault();
  };
  for (const button of all("#languages button")) button.onclick = () => speak(button.value);
  $("theme").onclick = () => wear(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  for (const button of all("[data-copy]")) button.onclick = () => copy($(button.dataset.copy).textContent, "");
  $("copy-link").onclick = () => {
    remember();
    copy(location.href, say("the link now stands in the address of this page"));
  };
  $("values").ontoggle = show;
  $("settings").onsubmit = (event) => event.preventDefault();
  window.addEventListener("resize", () => {
    fit();
    show();
  });
  window.addEventListener("hashchange", () => trying(followLink));
}

function wear(theme) {
  document.documentElement.dataset.theme = theme;
  if (training) show();
}

function open() {
  wear(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const link = location.hash;
  build();
  pick("look");
  take({});
  listen();
  const spoken = navigator.language.slice(0, 2);
  speak(Object.hasOwn(LANGUAGES, spoken) ? spoken : "en");
  if (link.length > 1) {
    window.history.replaceState(null, "", link);
    trying(followLink);
  }
  performance.mark("gridq-drawn");
}

if (typeof document !== "undefined") {
  window.gridq = gridq;
  open();
}
