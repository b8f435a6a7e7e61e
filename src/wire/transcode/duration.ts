import type { Encoding } from "./encoding.ts";
import type { Instant } from "./timestamp.ts";

// Short of 292 years in every unit.
const simple = /^(\d{1,6})(ms|s|m|h)$/;
const term = /(?=[\d.])(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;
const longestText = 100;

const nanosPerUnit: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n, // U+00B5, micro sign
  μs: 1_000n, // U+03BC, Greek mu
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const millisPerUnit: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

// Sinks hold durations as 64-bit nanoseconds, so more than these 292 years are lost on them.
const longest = 2n ** 63n - 1n;

/**
 * A duration in Go's notation (`1h30m`, `1.5s`, `-300ms`), of which proto3's own (`1.5s`) is a part: Galley 1.3.6 and istiod
 * both read it so. Parts finer than a nanosecond are an error.
 */
export function readDuration(out: Encoding, value: unknown): Instant | undefined {
  if (typeof value !== "string") {
    return out.wrongType(
      "a duration",
      value,
      typeof value === "number" ? `write it as a text with a unit, such as "${value}s"` : "",
    );
  }
  const short = simple.exec(value);
  if (short !== null) {
    const millis = Number(short[1]) * millisPerUnit[short[2]!]!;
    return { seconds: Math.floor(millis / 1000), nanos: (millis % 1000) * 1_000_000 };
  }
  const nanos = value.length <= longestText ? parse(value) : undefined;
  if (nanos === undefined) return out.badValue('must be a duration with a unit, such as "5s" or "1m30s"');
  if (nanos === "too fine") return out.badValue("must not be finer than a nanosecond");
  if (nanos > longest || nanos < -longest) return out.badValue("must be shorter than 292 years");
  return { seconds: Number(nanos / 1_000_000_000n), nanos: Number(nanos % 1_000_000_000n) };
}

function parse(text: string): bigint | "too fine" | undefined {
  const negative = text.startsWith("-");
  const start = negative || text.startsWith("+") ? 1 : 0;
  if (text.slice(start) === "0") return 0n;
  let total = 0n;
  let at = start;
  do {
    term.lastIndex = at;
    const match = term.exec(text);
    if (match === null) return undefined;
    const [whole = "", fraction = "", unit = ""] = match.slice(1);
    if (whole === "" && fraction === "") return undefined;
    const perUnit = nanosPerUnit[unit]!;
    const scale = 10n ** BigInt(fraction.length);
    const fractionNanos = BigInt(fraction || "0") * perUnit;
    if (fractionNanos % scale !== 0n) return "too fine";
    total += BigInt(whole || "0") * perUnit + fractionNanos / scale;
    at = term.lastIndex;
  } while (at < text.length);
  return negative ? -total : total;
}
