// Numbers, bytes and times as text. One place, so that the same number looks the same everywhere.

/** U+2212, as wide as a plus sign. */
const MINUS = "−";

/** Made once: `toLocaleString` makes one each time, which charts call for every tick. */
const WHOLE = new Intl.NumberFormat("en-US");

const sign = (text: string): string => text.replace("-", MINUS);

/** Three significant digits for people; "–" where nothing was measured. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return sign(String(value)).replace("Infinity", "∞");
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return sign(WHOLE.format(value));
  if (size >= 1e6 || size < 1e-3) return sign(value.toExponential(2));
  if (size >= 1000) return sign(WHOLE.format(Math.round(value)));
  const digits = size >= 100 ? 1 : size >= 10 ? 2 : 3;
  return sign(value.toFixed(digits));
}

/** One decimal, for many small values side by side. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (Number.isInteger(value) || !Number.isFinite(value)) return number(value);
  return size >= 100
    ? sign(value.toFixed(0))
    : size >= 0.1
      ? sign(value.toFixed(1))
      : sign(value.toPrecision(1));
}

/** With an explicit sign: "+0.12", "−0.12". */
export function signed(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return value > 0 ? `+${number(value)}` : number(value);
}

export const count = (value: number): string => WHOLE.format(value);

/** A share of 1 as percent. */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0) return "0 %";
  if (!Number.isFinite(value)) return number(value);
  if (value < 0.001) return "< 0.001 %";
  return `${value >= 10 ? value.toFixed(1) : value.toPrecision(2)} %`;
}

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let scaled = value;
  let unit = 0;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${unit === 0 || scaled >= 100 ? scaled.toFixed(0) : scaled.toFixed(scaled >= 10 ? 1 : 2)} ${units[unit]}`;
}

export function duration(seconds: number): string {
  if (seconds < 1) return "under a second";
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
