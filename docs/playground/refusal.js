// What is said to somebody who asked for something that cannot be.

/** An error whose words can be said in other languages: a template, and the values for its braces. */
export class Refusal extends Error {
  constructor(template, ...values) {
    super(filled(template, values));
    this.template = template;
    this.values = values;
  }
}

/** A template with its braces filled in, in order. */
export function filled(template, values) {
  let next = 0;
  return template.replace(/\{\}/g, () => String(values[next++]));
}

/** A number between two bounds, both allowed; anything else is refused by its name. */
export function checkedNumber(value, name, low, high) {
  if (typeof value !== "number" || !(low <= value && value <= high)) {
    throw new Refusal("{} is {}; give a number from {} to {}", name, shown(value), low, high);
  }
  return value;
}

/** The same for whole numbers. */
export function checkedInteger(value, name, low, high) {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new Refusal("{} is {}; give a whole number from {} to {}", name, shown(value), low, high);
  }
  return value;
}

/** A value as a person may have typed it, not too long. */
export function shown(value) {
  const text = typeof value === "string" ? `'${value}'` : String(value);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
