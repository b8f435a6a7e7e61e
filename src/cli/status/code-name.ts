import { codes } from "../../grpc/status.ts";

const codeNames: ReadonlyMap<number, string> = new Map(Object.entries(codes).map(([name, code]) => [code, name]));

/** A gRPC code as people know it: `Unavailable`; `code 99` for none that there is. */
export function codeName(code: number): string {
  return codeNames.get(code) ?? `code ${code}`;
}
