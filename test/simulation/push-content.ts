import type { Resources } from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { type Content, nothing, textOf } from "./content.ts";
import type { Findings } from "./findings.ts";

/** What a push depends on. */
export interface PushBasis {
  /** Whether the latest valid request asked for deltas, and the server gives them. */
  readonly wish: boolean;
  /** What the sink can be known to hold. */
  readonly held: Content | undefined;
  /** What it is to see from now on. */
  readonly now: Content;
}

/** Checks that a push says what is due, all of it and nothing else, in order of name. */
export function checkPush(message: Resources, { wish, held, now }: PushBasis, findings: Findings): void {
  const { collection, nonce, incremental, resources, removedResources } = message;
  const check = (holds: boolean, otherwise: string): void =>
    findings.check(holds, otherwise.replace("#", `push ${nonce} of ${collection}`));
  check(wish || !incremental, "I10: # is a delta that was not asked for");
  check(incremental || removedResources.length === 0, "I10: # is full and removes");
  check(!incremental || held !== undefined, "I7: # is a delta from nothing that is known");
  check(incremental || !wish || held === undefined, "I7: # is not the delta that was asked for");
  const from = incremental ? (held ?? nothing) : nothing;
  const carried = new Map(resources.map((r) => [r.metadata?.name ?? "", r.metadata?.version ?? ""]));
  const due = new Map([...now].filter(([name, version]) => from.get(name) !== version));
  check(textOf(carried) === textOf(due), `I7: # carries ${textOf(carried)} instead of ${textOf(due)}`);
  for (const name of from.keys()) {
    check(now.has(name) || removedResources.includes(name), `I7: # leaves the sink with ${name}`);
  }
  for (const name of removedResources) check(!now.has(name), `I7: # removes ${name}, which is there`);
  for (const names of [resources.map((r) => r.metadata?.name ?? ""), removedResources]) {
    check(names.join() === [...new Set(names)].sort().join(), `I12: # is not in order: ${names.join()}`);
  }
}
