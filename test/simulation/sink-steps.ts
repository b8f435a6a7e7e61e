import { create, toBinary } from "@bufbuild/protobuf";
import { codes } from "../../src/grpc/status.ts";
import { TRIGGER_COLLECTION } from "../../src/mcp/protocol.ts";
import { RequestResourcesSchema } from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import type { Line } from "./line.ts";
import type { Sink } from "./sink.ts";
import type { Simulation } from "./simulation.ts";
import { short } from "./source-steps.ts";
import type { WeightedStep } from "./steps.ts";

/** What sinks and their connections do. */
export const sinkSteps: readonly WeightedStep[] = [
  { weight: 10, step: connect, vital: true },
  { weight: 20, step: online(subscribe), vital: true },
  { weight: 3, step: online(subscribeAgain) },
  { weight: 40, step: online(arrive), vital: true },
  { weight: 30, step: online(read), vital: true },
  { weight: 8, step: online(readSome) },
  { weight: 40, step: online(acknowledge), vital: true },
  { weight: 8, step: online(refuse) },
  { weight: 3, step: online(answerStale) },
  { weight: 0.3, step: online(refuseTrigger) },
  { weight: 0.05, step: online(askUnknown) },
  { weight: 0.05, step: online(babble) },
  { weight: 0.7, step: changeWish },
  { weight: 0.15, step: online(halfClose) },
  { weight: 0.6, step: online(breakOff) },
];

type OnlineStep = (world: Simulation, sink: Sink, line: Line) => string | undefined;

/** A step of a sink that has a stream. */
function online(step: OnlineStep): WeightedStep["step"] {
  return (world) => {
    const sink = world.random.pick(world.sinks);
    const { name, line } = sink;
    const done = line && step(world, sink, line);
    return done === undefined ? undefined : `${name}: ${done}`;
  };
}

function connect(world: Simulation): string | undefined {
  const { random } = world;
  const sink = random.pick(world.sinks);
  if (sink.line !== undefined && !sink.line.isOver) return undefined;
  const afresh = random.chance(0.3);
  const keeps = random.chance(0.5);
  if (afresh) sink.restart(keeps);
  const line = world.connect(sink);
  return `${sink.name}: connects${line === undefined ? ", and is turned down" : line.isOver ? ", and is refused" : ""}${afresh ? `, restarted ${keeps ? "with what it had on disk" : "empty"}` : ""}`;
}

function subscribe({ random }: Simulation, sink: Sink, line: Line): string | undefined {
  const collection = sink.wants.find((c) => !line.asked.has(c));
  if (collection === undefined) return undefined;
  const names = random.chance(0.7);
  line.say(sink.subscribe(collection, names));
  return `subscribes to ${short(collection)}${wish(sink)}${names ? ", naming what it holds" : ""}`;
}

function subscribeAgain({ random }: Simulation, sink: Sink, line: Line): string | undefined {
  if (line.asked.size === 0) return undefined;
  const collection = random.pick([...line.asked]);
  const names = random.chance(0.7);
  line.say(sink.subscribe(collection, names));
  return `subscribes to ${short(collection)} again${wish(sink)}${names ? ", naming what it holds" : ""}`;
}

function arrive(_: Simulation, __: Sink, line: Line): string | undefined {
  const next = line.uplink[0];
  if (next === undefined) return undefined;
  line.arrive();
  return `what it said (${next.kind === "request" ? next.request.kind : next.kind}) arrives`;
}

function read({ random }: Simulation, { pace }: Sink, line: Line): string | undefined {
  if (!line.call.readable || !random.chance(pace)) return undefined;
  line.call.read();
  return "reads";
}

function readSome({ random }: Simulation, { pace }: Sink, line: Line): string | undefined {
  if (!line.call.readable || !random.chance(pace)) return undefined;
  const bytes = 1 + random.below(200);
  line.call.read(bytes);
  return `reads ${bytes} bytes`;
}

function acknowledge(world: Simulation, sink: Sink, line: Line): string | undefined {
  return answer(world, sink, line, "ack");
}

function refuse(world: Simulation, sink: Sink, line: Line): string | undefined {
  return answer(world, sink, line, "nack");
}

function answer({ random }: Simulation, sink: Sink, line: Line, kind: "ack" | "nack"): string | undefined {
  if (line.unanswered.length === 0) return undefined;
  const [message] = line.unanswered.splice(random.below(line.unanswered.length), 1);
  line.spent.push(message!.nonce);
  line.say(sink.answer(message!, kind));
  return `${kind}s push ${message!.nonce} of ${short(message!.collection)}`;
}

/** With a nonce that was answered, that never was, or that belongs to another collection. */
function answerStale({ random }: Simulation, sink: Sink, line: Line): string | undefined {
  const collection = random.pick(sink.wants);
  const foreign = line.unanswered.find((message) => message.collection !== collection)?.nonce;
  const nonce = random.pick([line.spent.at(-1), "no nonce", foreign]);
  if (nonce === undefined) return undefined;
  const kind = random.pick(["ack", "nack"] as const);
  line.say({ kind, collection, nonce, incremental: random.chance(0.5) });
  return `${kind}s ${short(collection)} with the stale nonce ${nonce}`;
}

function refuseTrigger(_: Simulation, __: Sink, line: Line): string {
  const errorDetail = { code: codes.Unimplemented, message: "unsupported collection" };
  line.sayOdd(request({ collection: TRIGGER_COLLECTION, errorDetail }), undefined);
  return "refuses a trigger";
}

function askUnknown({ random }: Simulation, _: Sink, line: Line): string {
  const collection = random.pick(["", "istio/unknown", TRIGGER_COLLECTION]);
  line.sayOdd(request({ collection }), codes.InvalidArgument);
  return `asks for ${JSON.stringify(collection)}`;
}

function babble(_: Simulation, __: Sink, line: Line): string {
  line.sayOdd(Uint8Array.of(0x12, 0xff, 0x01), codes.Internal);
  return "says nonsense";
}

function changeWish(world: Simulation): string {
  const sink = world.random.pick(world.sinks);
  sink.incremental = !sink.incremental;
  return `${sink.name}: from now on asks${sink.incremental ? "" : " no more"} for deltas`;
}

function halfClose(_: Simulation, __: Sink, line: Line): string {
  line.halfClose();
  return "has nothing more to say";
}

function breakOff({ random, findings }: Simulation, sink: Sink, line: Line): string {
  if (line.call.isSending) findings.met("a push cut short");
  const how = random.pick(["cancel", "reset", "lose"] as const);
  if (how === "cancel") line.call.cancel();
  else if (how === "reset") line.call.reset(2);
  else line.call.lose();
  sink.line = undefined;
  return `its stream breaks off (${how})`;
}

function wish({ incremental }: Sink): string {
  return incremental ? " for deltas" : "";
}

function request(init: Parameters<typeof create<typeof RequestResourcesSchema>>[1]): Uint8Array {
  return toBinary(RequestResourcesSchema, create(RequestResourcesSchema, init));
}
