// Numbers as short, well set text, as the package's frames have them.

/** The round number (1, 2 or 5 times a power of ten) at which the colours end for these values. */
export function scaleOf(values) {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest < 1e-300) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  return [1, 2, 5, 10].map((step) => step * power).find((scale) => largest <= 1.1 * scale);
}

/** A number with as many decimals as a map of this scale needs; `tight` leaves out the zero before the point. */
export function written(value, scale, tight = false) {
  if (scale > 9999) return minus(value.toExponential(1));
  const decimals = scale < 0.1 ? 2 - Math.floor(Math.log10(scale)) : 2 - (scale > 10) - (scale > 100);
  const text = (Number(value.toFixed(decimals)) + 0).toFixed(decimals);
  return minus(tight && Math.abs(value) < 1 ? text.replace("0.", ".") : text);
}

/** A number as it was given, to six figures: 1, 0, -0.5. */
export function plain(value) {
  return minus(String(Number(value.toPrecision(6))));
}

function minus(text) {
  return text.replace("-", "\u2212");
}
