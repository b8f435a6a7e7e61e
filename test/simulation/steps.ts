import type { Random } from "./random.ts";
import type { Shape } from "./shape.ts";
import type { Simulation } from "./simulation.ts";
import { doorSteps } from "./door-steps.ts";
import { serverSteps } from "./server-steps.ts";
import { sinkSteps } from "./sink-steps.ts";
import { sourceSteps } from "./source-steps.ts";
import { xdsSteps } from "./xds/steps.ts";

/** Does one thing and says what; `undefined` when there is nothing of the kind to do now. */
export type Step = (world: Simulation) => string | undefined | Promise<string>;

/** A step and how often it is to come up beside the others. */
export interface WeightedStep {
  readonly weight: number;
  readonly step: Step;
  /** Without these nothing would ever happen. */
  readonly vital?: boolean;
}

const all: readonly WeightedStep[] = [...sourceSteps, ...sinkSteps, ...serverSteps, ...doorSteps];

/** How much more, or less, often than usual a step comes up in one schedule: what is left out makes the rest meet more. */
const moods = [0, 0.3, 1, 1, 3];

/** The steps of one schedule, each schedule with its own bias. */
export function drawSteps(random: Random, { xds }: Shape): () => Step {
  const possible = xds === undefined ? all : [...all, ...xdsSteps];
  const biased = possible.map(({ step, weight, vital }) => ({
    step,
    weight: weight * (vital ? 1 : random.pick(moods)),
  }));
  const total = biased.reduce((sum, { weight }) => sum + weight, 0);
  return () => {
    let at = random.next() * total;
    for (const { step, weight } of biased) {
      at -= weight;
      if (at < 0) return step;
    }
    return biased.at(-1)!.step;
  };
}
