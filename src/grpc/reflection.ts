import type { DescFile, DescService } from "@bufbuild/protobuf";
import { deferred } from "./deferred.ts";
import type { Method } from "./method.ts";

/** What reflection tells of. */
export interface Described {
  readonly services: readonly DescService[];
  /**
   * Files of messages that travel in an `Any`, which the services' own files don't name; clients that find them show what is
   * in it.
   */
  readonly bodies?: readonly DescFile[];
}

/**
 * Server reflection, v1 and v1alpha, for services and itself: what lets `grpcurl` list, describe and call them.
 *
 * @param describe called when somebody asks for the first time: descriptors take long to load
 */
export function reflection(describe: () => Promise<Described>): readonly Method[] {
  let loading: Promise<readonly Method[]> | undefined;
  const load = async (): Promise<readonly Method[]> => {
    const [{ reflectionMethods }, { services, bodies = [] }] = await Promise.all([
      import("./reflection-methods.ts"),
      describe(),
    ]);
    return reflectionMethods(services, bodies);
  };
  return ["v1", "v1alpha"].map((version) => {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    return deferred(path, async () => (await (loading ??= load())).find((method) => method.path === path)!);
  });
}
