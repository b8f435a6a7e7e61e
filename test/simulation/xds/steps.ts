import { codes } from "../../../src/grpc/status.ts";
import type { Simulation } from "../simulation.ts";
import type { WeightedStep } from "../steps.ts";
import type { Consumer } from "./consumer.ts";
import type { XdsLine } from "./line.ts";
import type { Topic } from "./topic.ts";
import { encode } from "./wire.ts";

/** What clients over xDS and their connections do. */
export const xdsSteps: readonly WeightedStep[] = [
  { weight: 8, step: connect, vital: true },
  { weight: 20, step: online(ask), vital: true },
  { weight: 35, step: online(arrive), vital: true },
  { weight: 25, step: online(read), vital: true },
  { weight: 6, step: online(readSome) },
  { weight: 30, step: online(acknowledge), vital: true },
  { weight: 12, step: online(refuse) },
  { weight: 8, step: online(change) },
  { weight: 3, step: online(answerStale) },
  { weight: 0.1, step: online(halfClose) },
  { weight: 0.1, step: online(speakNonsense) },
  { weight: 0.5, step: online(breakOff) },
];

type OnlineStep = (world: Simulation, consumer: Consumer, line: XdsLine) => string | undefined;

/** A step of a client that has a stream. */
function online(step: OnlineStep): WeightedStep["step"] {
  return (world) => {
    const consumer = world.random.pick(world.xds!.consumers);
    const { name, line } = consumer;
    const done = line && !line.isOver ? step(world, consumer, line) : undefined;
    return done === undefined ? undefined : `${name}: ${done}`;
  };
}

function connect({ random, xds }: Simulation): string | undefined {
  const consumer = random.pick(xds!.consumers);
  if (consumer.line?.isOver === false) return undefined;
  const afresh = random.chance(0.2);
  if (afresh) consumer.restart();
  xds!.connect(consumer);
  return `${consumer.name}: connects${afresh ? ", restarted" : ""}`;
}

function ask({ random }: Simulation, consumer: Consumer, line: XdsLine): string | undefined {
  const url = consumer.urls.find((asked) => !line.topics.has(asked));
  if (url === undefined) return undefined;
  consumer.ask(url, random);
  const { all, names } = consumer.client(url).wish;
  return `asks for ${[...(all ? ["all"] : []), ...names].join(", ")} of ${url}`;
}

function arrive({ random }: Simulation, _: Consumer, line: XdsLine): string | undefined {
  const url = line.arrive(random);
  return url && `what it said of ${url} arrives`;
}

function read({ random }: Simulation, { pace }: Consumer, line: XdsLine): string | undefined {
  if (!line.call.readable || !random.chance(pace)) return undefined;
  line.call.read();
  return "reads";
}

function readSome({ random }: Simulation, { pace }: Consumer, line: XdsLine): string | undefined {
  if (!line.call.readable || !random.chance(pace)) return undefined;
  const bytes = 1 + random.below(300);
  line.call.read(bytes);
  return `reads ${bytes} bytes`;
}

function acknowledge(world: Simulation, consumer: Consumer, line: XdsLine): string | undefined {
  return answer(world, consumer, line, "ack");
}

function refuse(world: Simulation, consumer: Consumer, line: XdsLine): string | undefined {
  return consumer.isIstiod ? undefined : answer(world, consumer, line, "nack");
}

function answer({ random }: Simulation, consumer: Consumer, line: XdsLine, kind: "ack" | "nack"): string | undefined {
  const found = pickTopic(line, random.next(), ({ client }) => client.mail.length > 0);
  if (found === undefined) return undefined;
  const [url, { client }] = found;
  const edit = random.chance(0.2) ? consumer.drawEdit(url, random) : undefined;
  const nonce = client.mail[0]!.nonce;
  client.answer(kind, random.below(0x10000), edit);
  return `${kind}s push ${nonce} of ${url}${edit === undefined ? "" : ", and wants something else"}`;
}

function change({ random }: Simulation, consumer: Consumer, line: XdsLine): string | undefined {
  const found = pickTopic(line, random.next(), () => true);
  const edit = found && consumer.drawEdit(found[0], random);
  if (edit === undefined) return undefined;
  found![1].client.change(edit, random.chance(0.5));
  return `wants something else of ${found![0]}`;
}

/** With a nonce that was answered long ago, or that never was. */
function answerStale({ random, findings }: Simulation, consumer: Consumer, line: XdsLine): string | undefined {
  const found = pickTopic(line, random.next(), ({ client }) => client.spent.length > 0);
  if (found === undefined || consumer.isIstiod) return undefined;
  const [url, { client }] = found;
  // An error without a nonce of the stream refuses what is under way: it is not stale.
  const isOld = client.spent.length > 1;
  const kind = isOld ? random.pick(["ack", "nack"] as const) : "ack";
  const edit = random.chance(0.5) ? consumer.drawEdit(url, random) : undefined;
  findings.met("over xDS: a stale nonce");
  client.stale(kind, isOld, consumer.speech === "delta" ? edit : undefined);
  return `${kind}s ${url} with a stale nonce`;
}

function halfClose(_: Simulation, __: Consumer, line: XdsLine): string | undefined {
  if (line.call.isEnded) return undefined;
  line.halfClose();
  return "has nothing more to say";
}

function speakNonsense({ random }: Simulation, { speech }: Consumer, line: XdsLine): string | undefined {
  if (line.call.isEnded) return undefined;
  if (line.isIntroduced || random.chance(0.5)) {
    line.sayOdd(Uint8Array.of(0x12, 0xff, 0x01), codes.Internal);
    return "says nonsense";
  }
  const request = { kind: "subscribe", interest: { all: true, names: new Set<never>() } } as const;
  const wording = { typeUrl: "networking.istio.io/v1/Gateway", node: undefined, madeUp: "" };
  const said = { ...request, incremental: false, held: undefined };
  line.sayOdd(encode(speech, said, wording, { sent: (_, version) => version }), codes.InvalidArgument);
  return "does not say who it is";
}

function breakOff({ random }: Simulation, consumer: Consumer, line: XdsLine): string {
  const how = random.pick(["cancel", "reset", "lose"] as const);
  if (how === "reset") line.call.reset(2);
  else line.call[how]();
  consumer.line = undefined;
  return `its stream breaks off (${how})`;
}

function pickTopic(
  line: XdsLine,
  at: number,
  isMeant: (topic: Topic) => boolean,
): readonly [string, Topic] | undefined {
  const meant = [...line.topics].filter(([, topic]) => isMeant(topic));
  return meant[Math.floor(at * meant.length)];
}
