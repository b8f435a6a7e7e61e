import { refusalLogLimit, type RefusalLogLimit } from "../../grpc/access/refusal-log.ts";
import { parseDuration } from "../options/duration.ts";
import type { Environment } from "../options/environment.ts";

/** How often refused sinks are logged, and what is odd about the variables that say so. */
export interface RefusalLogSetting {
  readonly limit: RefusalLogLimit;
  readonly notices: readonly string[];
}

/** Reads the two variables of Galley 1.3.6: `AUTHZ_FAILURE_LOG_BURST_SIZE` lines at once, one more each `AUTHZ_FAILURE_LOG_FREQ`. */
export function readRefusalLogLimit(env: Environment): RefusalLogSetting {
  const notices: string[] = [];

  function read(
    name: string,
    expected: string,
    parse: (text: string) => number | undefined,
    otherwise: number,
  ): number {
    const text = env[name] ?? "";
    if (text === "") return otherwise;
    const value = parse(text);
    if (value !== undefined && value > 0) return value;
    notices.push(`${name}=${text.slice(0, 100)} is left out: expected ${expected}`);
    return otherwise;
  }

  const burst = read("AUTHZ_FAILURE_LOG_BURST_SIZE", "a whole number of 1 or more", wholeNumber, refusalLogLimit.burst);
  const everyMs = read("AUTHZ_FAILURE_LOG_FREQ", "a duration such as 1m", parseDuration, refusalLogLimit.everyMs);
  return { limit: { burst, everyMs }, notices };
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/u.test(text) ? Number(text) : undefined;
}
