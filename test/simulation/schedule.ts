import { Findings } from "./findings.ts";
import { Random } from "./random.ts";
import { drawShape } from "./shape.ts";
import { Simulation, type WorldSeams } from "./simulation.ts";
import { drawSteps } from "./steps.ts";
import { settle } from "./settle.ts";

/** How a schedule failed. */
export interface Failure {
  readonly seed: number;
  readonly found: string;
  readonly steps: readonly string[];
}

export interface SimulateOptions {
  /** What is put between the parts of the server. */
  readonly seams?: WorldSeams;
  /** Steps after which the schedule is cut short. */
  readonly most?: number;
  /** Counts what the schedule comes across. */
  readonly met?: Map<string, number>;
}

/** Runs the schedule of a seed: its steps, then the settling, then a shutdown. Returns what was found wrong, if anything. */
export async function simulate(seed: number, options: SimulateOptions = {}): Promise<Failure | undefined> {
  const { seams = {}, most = Number.MAX_SAFE_INTEGER, met } = options;
  const random = new Random(seed);
  const shape = drawShape(random);
  const draw = drawSteps(random, shape);
  const world = await Simulation.begin(random, shape, seams, new Findings(met));
  const steps: string[] = [];
  try {
    for (let i = 0; i < Math.min(most, shape.steps) && world.findings.first === undefined; i++) {
      let said = await draw()(world);
      for (let tries = 0; said === undefined && tries < 50; tries++) said = await draw()(world);
      await world.settled();
      world.checkDoor();
      steps.push(said ?? "nothing");
      if (world.server.pacer.waiting > 0) world.findings.met("a push that waits for room");
    }
    if (world.findings.first === undefined) {
      steps.push("everything settles");
      await settle(world);
      steps.push("the server stops");
      await world.stop();
    }
  } catch (error) {
    world.findings.check(false, `thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  const found = world.findings.first;
  return found === undefined ? undefined : { seed, found, steps };
}

/** The shortest beginning of a failing schedule that still fails. */
export async function shorten(failure: Failure, seams: WorldSeams = {}): Promise<Failure> {
  for (let most = 0; most < failure.steps.length; most++) {
    const shorter = await simulate(failure.seed, { seams, most });
    if (shorter !== undefined) return shorter;
  }
  return failure;
}

/** A failure for people: what, how to see it again, and all that happened before. */
export function report({ seed, found, steps }: Failure): string {
  const list = steps.map((step, i) => `  ${i + 1}. ${step}`).join("\n");
  const again = `GALLEY_SEED=${seed} npx vitest run test/simulation/simulation.test.ts`;
  return `${found}\n\nseed ${seed}; again with: ${again}\n${list}`;
}
