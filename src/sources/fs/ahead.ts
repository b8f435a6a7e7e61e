/** Bounds on what is begun before its turn. */
export interface AheadLimits {
  /** Jobs under way at a time, at least one. */
  readonly jobs: number;
  /** What they may weigh together; one job may weigh more. */
  readonly weight: number;
}

/**
 * Does jobs side by side and gives their results in order. A job is begun when the consumer asks for a result, so nothing is
 * ever further ahead than the limits say. What is under way when the consumer leaves is left to end by itself.
 */
export async function* inOrder<Job, Result>(
  jobs: readonly Job[],
  weigh: (job: Job) => number,
  run: (job: Job) => Promise<Result>,
  limits: AheadLimits,
): AsyncGenerator<readonly [Job, Result], undefined> {
  const running: Promise<Result>[] = [];
  let weight = 0;
  let next = 0;
  for (const job of jobs) {
    while (
      next < jobs.length &&
      (running.length === 0 || isRoom(running.length, weight + weigh(jobs[next]!), limits))
    ) {
      const begun = jobs[next++]!;
      weight += weigh(begun);
      const result = run(begun);
      result.catch(() => undefined); // heard by whoever waits for it, if anybody still does
      running.push(result);
    }
    const result = await running.shift()!;
    weight -= weigh(job);
    yield [job, result];
  }
}

function isRoom(jobs: number, weight: number, limits: AheadLimits): boolean {
  return jobs < limits.jobs && weight <= limits.weight;
}
