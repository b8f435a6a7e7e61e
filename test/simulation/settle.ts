import { type Content, seen, textOf } from "./content.ts";
import type { Line } from "./line.ts";
import { LOOK_MS } from "./door/door.ts";
import { NAMES, published } from "./pool.ts";
import { short } from "./source-steps.ts";
import type { Simulation } from "./simulation.ts";
import { advanceClients, askAll, checkClients } from "./xds/settle.ts";

/** More rounds than any schedule needs; a server that is not at rest by then never is. */
const MAX_ROUNDS = 200;

/**
 * Lets a world come to rest: sources mend and say everything, sinks that are connected answer all that comes. Then every one of
 * them holds exactly what was published last, which is what the sources' origins hold (I9).
 */
export async function settle(world: Simulation): Promise<void> {
  await mendSources(world);
  await standStill(world);
  for (const sink of world.sinks) {
    if (sink.line === undefined || sink.line.isOver) {
      if (world.random.chance(0.5)) continue;
      if (world.connect(sink) === undefined) continue;
    }
    for (const collection of sink.wants) {
      if (!sink.line!.asked.has(collection)) sink.line!.say(sink.subscribe(collection, true));
    }
  }
  askAll(world);
  await rest(world);
  for (const { line } of world.sinks) if (isOnline(line)) line.rests();
  world.xds?.rests();
  checkClients(world);
  // A version that was refused needs new content to be sent again.
  for (const collection of published) world.sources[0]!.edit(collection, NAMES, world.random.below(2) + 1);
  await world.settled();
  await rest(world);
  checkSinks(world);
  checkClients(world);
}

async function rest(world: Simulation): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) if (!(await advance(world))) return;
  world.findings.check(false, "the server does not come to rest");
}

async function mendSources(world: Simulation): Promise<void> {
  for (const source of world.sources) {
    for (let round = 0; source.phase !== "live" && round < MAX_ROUNDS; round++) {
      if (!source.recover() && !source.list(world.random)) world.server.clock.advance(1000);
      await world.settled();
    }
    world.findings.check(source.phase === "live", `${source.name} was not started again`);
  }
}

/** Time in which the server has looked at its files often enough to know that nobody is writing them. */
async function standStill(world: Simulation): Promise<void> {
  const { server, door, law } = world;
  if (door === undefined) return;
  for (let round = 0; round < 20; round++) {
    server.clock.advance(LOOK_MS / 5);
    await world.settled();
  }
  law.rests();
}

/** Gives everyone their turn; `false` when nothing happened and nothing is due any more. */
async function advance(world: Simulation): Promise<boolean> {
  const { clock } = world.server;
  let moved = world.pending > 0;
  clock.advance(100);
  await world.settled();
  for (const sink of world.sinks) {
    const { line } = sink;
    if (line === undefined || line.isOver) continue;
    moved ||= line.uplink.length > 0 || line.unanswered.length > 0 || line.call.readable;
    while (line.uplink.length > 0) line.arrive();
    line.call.read();
    for (const message of line.unanswered.splice(0)) line.say(sink.answer(message, "ack"));
  }
  moved = advanceClients(world) || moved;
  await world.settled();
  return moved || world.pending > 0;
}

function checkSinks({ sources, sinks, findings, versions, server }: Simulation): void {
  for (const collection of published) {
    const latest = server.hub.latest(collection)?.version ?? "";
    const origins = new Map<string, string>();
    for (const { origin } of [...sources].reverse()) {
      for (const { name, version } of origin.get(collection)!.values()) origins.set(name, version);
    }
    const content: Content | undefined = versions.of(latest);
    const same = textOf(content) === textOf(origins);
    findings.check(same, `I9: published is ${textOf(content)} of ${short(collection)}; there is ${textOf(origins)}`);
    for (const sink of sinks) {
      if (!isOnline(sink.line) || !sink.wants.includes(collection)) continue;
      const [holds, due] = [textOf(sink.content(collection)), textOf(seen(collection, content))];
      findings.check(holds === due, `I9: ${sink.name} ends with ${holds} of ${short(collection)} instead of ${due}`);
    }
  }
}

/** Whether a sink has a stream that goes on. One that the server has ended owes it nothing, whether the sink has read so or not. */
function isOnline(line: Line | undefined): line is Line {
  return line !== undefined && !line.isOver && !line.call.isEnded;
}
