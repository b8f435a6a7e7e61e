import { common, modern, NAMES, published, SOUND, SPOILED, spoilable, VARIANTS } from "./pool.ts";
import type { Simulation } from "./simulation.ts";
import type { WeightedStep } from "./steps.ts";

/** What happens to the sources. */
export const sourceSteps: readonly WeightedStep[] = [
  { weight: 14, step: edit, vital: true },
  { weight: 4, step: spoil },
  { weight: 1, step: touch },
  { weight: 2, step: renew },
  { weight: 30, step: list, vital: true },
  { weight: 0.2, step: fail },
  { weight: 0.5, step: degrade },
  { weight: 3, step: recover, vital: true },
  { weight: 0.3, step: chat },
];

function edit({ sources, random }: Simulation): string {
  const source = random.pick(sources);
  const collection = random.pick(random.chance(0.25) ? modern : common);
  const name = random.below(NAMES);
  const variant = random.chance(0.3) ? undefined : random.below(VARIANTS);
  source.edit(collection, name, variant);
  const place = `${short(collection)} n${name}`;
  return `${source.name}: ${place} ${variant === undefined ? "is deleted" : `becomes variant ${variant}`}`;
}

/** What is good becomes what an istiod would drop, and the other way round. */
function spoil({ sources, random }: Simulation): string {
  const source = random.pick(sources);
  const collection = random.pick(published);
  const name = random.pick(spoilable);
  const spoils = source.origin.get(collection)!.has(`ns/n${name}`) && random.chance(0.7);
  source.edit(collection, name, spoils ? SPOILED : SOUND);
  return `${source.name}: ${short(collection)} n${name} is ${spoils ? "spoiled" : "sound"}`;
}

function touch({ sources, random }: Simulation): string | undefined {
  const source = random.pick(sources);
  const collection = random.pick(published);
  return source.repeat(collection) ? `${source.name}: says all of ${short(collection)} again` : undefined;
}

/** As where a folder is gone for a moment, and is back with other content: what is the same in it is made anew. */
function renew({ sources, random }: Simulation): string | undefined {
  const source = random.pick(sources);
  const collection = random.pick(published);
  if (source.origin.get(collection)!.size === 0) return undefined;
  source.renew(collection);
  const name = random.below(NAMES);
  const variant = random.below(VARIANTS);
  source.edit(collection, name, variant);
  return `${source.name}: all of ${short(collection)} is made anew, n${name} as variant ${variant}`;
}

function list({ sources, random }: Simulation): string | undefined {
  const source = random.pick(sources);
  return source.list(random) ? `${source.name}: goes on with its list, now ${source.phase}` : undefined;
}

function fail({ sources, random }: Simulation): string | undefined {
  const source = random.pick(sources);
  const how = random.pick(["throw", "end"] as const);
  return source.fail(how) ? `${source.name}: fails (${how})` : undefined;
}

function degrade({ sources, random }: Simulation): string | undefined {
  const source = random.pick(sources);
  return source.degrade() ? `${source.name}: can't see its origin` : undefined;
}

function recover({ sources, random }: Simulation): string | undefined {
  const source = random.pick(sources);
  return source.recover() ? `${source.name}: sees its origin again` : undefined;
}

function chat({ sources, random }: Simulation): string | undefined {
  const source = random.pick(sources);
  return source.chat(random) ? `${source.name}: has problems or progress to tell` : undefined;
}

/** The last part of a collection's name: enough for people. */
export function short(collection: string): string {
  return collection.slice(collection.lastIndexOf("/") + 1);
}
