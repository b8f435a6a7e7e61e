import type { LogLevel } from "../../lib/logger.ts";
import { type LevelRules, type LogThreshold, logThresholds } from "./levels.ts";

/** What one scope lets through; the answer follows changes made at run time. */
export interface ScopeGate {
  readonly name: string;
  admits(level: LogLevel): boolean;
}

/**
 * The threshold of every scope. A scope without one of its own follows the nearest scope that it lies in
 * (`mcp` for `mcp.stream`), and in the end `default`.
 */
export class ScopeLevels {
  readonly #rules: Map<string, LogThreshold>;
  /** Thresholds as worked out, so that asking costs one look-up; emptied by every change. */
  readonly #effective = new Map<string, number>();

  constructor(rules: LevelRules) {
    this.#rules = new Map([["default", "info"], ...rules]);
  }

  gate(name: string): ScopeGate {
    return { name, admits: (level) => logThresholds.indexOf(level) >= this.#threshold(name) };
  }

  /** Sets one scope, or with `all` every scope. */
  set(scope: string, threshold: LogThreshold): void {
    this.#effective.clear();
    if (scope === "all") this.#rules.clear();
    this.#rules.set(scope === "all" ? "default" : scope, threshold);
  }

  /** The thresholds that were set, `default` among them. */
  rules(): LevelRules {
    return new Map(this.#rules);
  }

  #threshold(name: string): number {
    const known = this.#effective.get(name);
    if (known !== undefined) return known;
    let scope = name;
    while (!this.#rules.has(scope)) {
      const dot = scope.lastIndexOf(".");
      scope = dot < 0 ? "default" : scope.slice(0, dot);
    }
    const threshold = logThresholds.indexOf(this.#rules.get(scope)!);
    this.#effective.set(name, threshold);
    return threshold;
  }
}
