import { credentialWrites, spoilCredentials, spoilList, writeList } from "./door/files.ts";
import { issuers } from "./door/papers.ts";
import type { Door } from "./door/door.ts";
import type { Simulation } from "./simulation.ts";
import type { WeightedStep } from "./steps.ts";

/** What happens to the files that secure a server, and to the certificates of sinks. */
export const doorSteps: readonly WeightedStep[] = [
  { weight: 1, step: secured(rotate) },
  { weight: 4, step: secured(goOnRotating) },
  { weight: 0.4, step: secured(spoil) },
  { weight: 1.5, step: secured(changeList) },
  { weight: 0.5, step: secured(loseList) },
  { weight: 0.5, step: secured(look) },
  { weight: 1, step: secured(renew) },
];

type DoorStep = (world: Simulation, door: Door) => string | undefined | Promise<string>;

/** A step in a world whose server is secured. */
function secured(step: DoorStep): WeightedStep["step"] {
  return (world) => (world.door === undefined ? undefined : step(world, world.door));
}

/** Other credentials: put in place as Kubernetes does, all at once, or file by file. */
function rotate({ random, files, rotation }: Simulation, door: Door): string {
  const pair = random.pick(["first", "second"] as const);
  const trusted = random.pick([["first"], ["second"], ["first", "second"]] as const);
  rotation.splice(0, rotation.length, ...credentialWrites({ pair, trusted }));
  const what = `the operator turns to the ${pair} pair, trusting ${trusted.join(" and ")}`;
  if (random.chance(0.5)) return `${what}, file by file`;
  for (const write of rotation.splice(0)) write(files);
  door.written();
  return what;
}

function goOnRotating({ files, rotation }: Simulation, door: Door): string | undefined {
  const write = rotation.shift();
  if (write === undefined) return undefined;
  write(files);
  door.written();
  return "the operator writes the next file";
}

function spoil({ random, files }: Simulation, door: Door): string {
  const what = spoilCredentials(files, random);
  door.written();
  return what;
}

function changeList({ random, files }: Simulation, door: Door): string {
  const what = writeList(files, random);
  door.written();
  return what;
}

function loseList({ random, files }: Simulation, door: Door): string {
  const what = spoilList(files, random);
  door.written();
  return what;
}

async function look({ law }: Simulation, door: Door): Promise<string> {
  law.isAsked = true;
  await door.look();
  law.isAsked = false;
  return "the server is told to look at its files";
}

function renew({ random, sinks }: Simulation): string {
  const sink = random.pick(sinks);
  sink.paper = { ...sink.paper, issuer: random.pick(issuers) };
  return `${sink.name}: has a certificate of the ${sink.paper.issuer} authority`;
}
