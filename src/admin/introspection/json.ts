/** What JSON can say. Fields that are `undefined` are left out; the others come in the order in which they were written. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [field: string]: Json | undefined;
}

/** A moment as JSON tells it: RFC 3339, in UTC. @param wallMs milliseconds since the epoch */
export function moment(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
