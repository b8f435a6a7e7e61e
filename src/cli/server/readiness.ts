import type { Pipeline } from "../../runtime/pipeline.ts";

/** What keeps a server from being ready: one sentence for each source that has not said all that it has. */
export function missingFrom(pipeline: Pipeline): readonly string[] {
  if (pipeline.ready) return [];
  const waiting = pipeline.sources.filter((source) => source.state !== "synced");
  return waiting.map(
    ({ name, state, reason }) => `the source ${name} is ${state}${reason ? `: ${reason.message}` : ""}`,
  );
}
