import { create, toBinary, type DescFile, type DescService, type MessageInitShape } from "@bufbuild/protobuf";
import {
  ServerReflection,
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
  type ServerReflectionRequest,
} from "../wire/gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "../wire/gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { DescriptorIndex } from "./descriptors.ts";
import type { Method, ServerStream, StreamHandler } from "./method.ts";
import { codes, OK } from "./status.ts";
import { decodeRequest, pathOf } from "./typed.ts";

type Response = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]>;

/**
 * Server reflection, v1 and v1alpha, for these services and itself: what lets `grpcurl` list, describe and call them. The two
 * versions differ in their package alone, so one schema reads and writes both.
 *
 * @param bodies files of messages that travel in an `Any`, which the services' own files don't name; clients that find them
 *   show what is in it.
 */
export function reflectionMethods(services: readonly DescService[], bodies: readonly DescFile[]): readonly Method[] {
  const all = [...services, ServerReflection, ServerReflectionAlpha];
  const index = new DescriptorIndex([...all.map((service) => service.file), ...bodies]);
  const names = all.map((service) => service.typeName).sort();
  const open = (stream: ServerStream): StreamHandler => new Conversation(stream, index, names);
  return [ServerReflection, ServerReflectionAlpha].map((service) => ({
    path: pathOf(service.method.serverReflectionInfo),
    open,
  }));
}

/** One stream of questions, answered one after another. */
class Conversation implements StreamHandler {
  readonly #stream: ServerStream;
  readonly #index: DescriptorIndex;
  readonly #services: readonly string[];
  /** Files that this client was sent: as dependencies they are not sent again. */
  readonly #sent = new Set<string>();

  constructor(stream: ServerStream, index: DescriptorIndex, services: readonly string[]) {
    this.#stream = stream;
    this.#index = index;
    this.#services = services;
  }

  message(bytes: Uint8Array): void {
    const decoded = decodeRequest(ServerReflectionRequestSchema, bytes);
    if (!decoded.ok) {
      this.#stream.end(decoded.status);
      return;
    }
    this.#stream.pause();
    void this.#stream.send([this.#reply(decoded.message)]).then((taken) => {
      if (taken) this.#stream.resume();
    });
  }

  halfClose(): void {
    this.#stream.end(OK);
  }

  closed(): void {
    // Nothing is kept outside this object.
  }

  #reply(request: ServerReflectionRequest): Uint8Array {
    const response = create(ServerReflectionResponseSchema, {
      validHost: request.host,
      originalRequest: request,
      messageResponse: this.#answer(request),
    });
    return toBinary(ServerReflectionResponseSchema, response);
  }

  #answer({ messageRequest: question }: ServerReflectionRequest): Response {
    const index = this.#index;
    switch (question.case) {
      case "listServices":
        return { case: "listServicesResponse", value: { service: this.#services.map((name) => ({ name })) } };
      case "fileByFilename":
        return this.#files(index.file(question.value), `file ${quote(question.value)}`);
      case "fileContainingSymbol":
        return this.#files(index.fileOfSymbol(question.value), `symbol ${quote(question.value)}`);
      case "fileContainingExtension": {
        const { containingType, extensionNumber } = question.value;
        const file = index.fileOfExtension(containingType, extensionNumber);
        return this.#files(file, `extension ${extensionNumber} of ${quote(containingType)}`);
      }
      case "allExtensionNumbersOfType": {
        const numbers = index.extensionNumbers(question.value);
        if (numbers === undefined) return notFound(`message ${quote(question.value)}`);
        const value = { baseTypeName: question.value, extensionNumber: [...numbers] };
        return { case: "allExtensionNumbersResponse", value };
      }
      case undefined:
        return {
          case: "errorResponse",
          value: { errorCode: codes.InvalidArgument, errorMessage: "the request asks for nothing known" },
        };
    }
  }

  #files(file: ReturnType<DescriptorIndex["file"]>, what: string): Response {
    if (file === undefined) return notFound(what);
    const fileDescriptorProto = [...this.#index.withDependencies(file, this.#sent)];
    return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
  }
}

function notFound(what: string): Response {
  return { case: "errorResponse", value: { errorCode: codes.NotFound, errorMessage: `${what} not found` } };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
