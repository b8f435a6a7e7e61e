import { codes } from "../../src/grpc/status.ts";
import type { Simulation } from "./simulation.ts";
import type { WeightedStep } from "./steps.ts";

/** What happens to the server, time included. */
export const serverSteps: readonly WeightedStep[] = [
  { weight: 30, step: turn, vital: true },
  { weight: 8, step: wait, vital: true },
  { weight: 0.1, step: cancelWatches },
  { weight: 0.1, step: endUnanswered },
  { weight: 0.2, step: restart },
];

/** No time passes, but what is due now is done. Then nobody may be kept waiting whose stream is free. */
async function turn(world: Simulation): Promise<string> {
  const { server, sinks, findings } = world;
  do {
    server.clock.advance(0);
    await world.settled();
  } while (server.turns.waiting > 0);
  const isPaced = server.pacer.waiting > 0;
  findings.check(!isPaced || server.pacer.underWayBytes > 0, "a push waits for room that nobody takes");
  for (const { line } of sinks) if (line?.call.isEnded === false && !line.call.isSending && !isPaced) line.rests();
  if (!isPaced) world.xds?.rests();
  return "what is due now is done";
}

function wait({ server, random }: Simulation): string {
  const ms = random.pick([1, 5, 10, 30, 100, 500, 1000, 6000]);
  server.clock.advance(ms);
  return `${ms} ms pass`;
}

function cancelWatches({ server, sinks, xds }: Simulation): string {
  for (const { line } of sinks) line?.mayEndWith(codes.Unavailable);
  server.service.cancelWatches();
  xds?.cancelWatches();
  return "the server cancels all watches";
}

function endUnanswered({ server, sinks, xds, random, findings }: Simulation): string {
  const ms = random.pick([0, 100, 1000]);
  const before = server.clock.now() - ms;
  const owing = sinks.filter(({ line }) => line?.oracle.isOwedSince(before));
  for (const { line } of owing) line!.mayEndWith(codes.DeadlineExceeded);
  server.service.endUnanswered(before);
  xds?.endUnanswered(before);
  for (const { line } of owing) findings.check(line!.call.isEnded, "a stream that owes an answer for too long goes on");
  return `the server ends streams that have owed an answer for more than ${ms} ms`;
}

async function restart(world: Simulation): Promise<string> {
  const graceful = world.random.chance(0.5);
  await world.restart(graceful);
  return graceful ? "the server is restarted" : "the server crashes and starts again";
}
