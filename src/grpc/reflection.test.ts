import { Client, credentials, type ClientDuplexStream } from "@grpc/grpc-js";
import {
  create,
  createFileRegistry,
  fromBinary,
  toBinary,
  type DescService,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { Health } from "../wire/gen/grpc/health/v1/health_pb.ts";
import {
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
  type ServerReflectionResponse,
} from "../wire/gen/grpc/reflection/v1/reflection_pb.ts";
import { frameMessage } from "./frame.ts";
import { reflection } from "./reflection.ts";
import { Observed } from "./testing/events.ts";
import { PlainClient, serve } from "./testing/harness.ts";

type Question = NonNullable<MessageInitShape<typeof ServerReflectionRequestSchema>["messageRequest"]>;
type Version = "v1" | "v1alpha";

const pathOf = (version: Version): string => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
const encode = (question: Question): Buffer => {
  const request = create(ServerReflectionRequestSchema, { host: "h", messageRequest: question });
  return Buffer.from(toBinary(ServerReflectionRequestSchema, request));
};

/** `zoo.proto` imports `animal.proto`, which imports `base.proto`; they hold one of everything. */
const files: FileDescriptorProto[] = [
  create(FileDescriptorProtoSchema, {
    name: "zoo/base.proto",
    package: "zoo",
    syntax: "proto2",
    messageType: [{ name: "Base", extensionRange: [{ start: 100, end: 200 }] }],
  }),
  create(FileDescriptorProtoSchema, {
    name: "zoo/animal.proto",
    package: "zoo",
    syntax: "proto2",
    dependency: ["zoo/base.proto"],
    messageType: [
      {
        name: "Animal",
        field: [{ name: "legs", number: 1, type: Type.INT32, label: Label.OPTIONAL, oneofIndex: 0 }],
        oneofDecl: [{ name: "locomotion" }],
        nestedType: [{ name: "Tail" }],
        enumType: [{ name: "Sound", value: [{ name: "PURR", number: 0 }] }],
        extension: [{ name: "weight", number: 120, extendee: ".zoo.Base", type: Type.INT32, label: Label.OPTIONAL }],
      },
    ],
    enumType: [{ name: "Diet", value: [{ name: "HERBS", number: 0 }] }],
    extension: [{ name: "age", number: 110, extendee: ".zoo.Base", type: Type.INT32, label: Label.OPTIONAL }],
  }),
  create(FileDescriptorProtoSchema, {
    name: "zoo/zoo.proto",
    package: "zoo",
    syntax: "proto2",
    dependency: ["zoo/animal.proto"],
    service: [{ name: "Keeper", method: [{ name: "Feed", inputType: ".zoo.Animal", outputType: ".zoo.Animal" }] }],
  }),
];
const keeper: DescService = createFileRegistry(create(FileDescriptorSetSchema, { file: files })).getService(
  "zoo.Keeper",
)!;

/** A conversation with the reflection service. */
class Asking extends Observed {
  readonly answers: ServerReflectionResponse[] = [];
  readonly #call: ClientDuplexStream<Question, ServerReflectionResponse>;

  constructor(client: Client, version: Version) {
    super();
    const decode = (bytes: Buffer): ServerReflectionResponse => fromBinary(ServerReflectionResponseSchema, bytes);
    this.#call = client.makeBidiStreamRequest(pathOf(version), encode, decode);
    this.#call.on("error", () => undefined);
    this.#call.on("data", (answer: ServerReflectionResponse) => {
      this.answers.push(answer);
      this.changed();
    });
  }

  async ask(question: Question): Promise<ServerReflectionResponse["messageResponse"]> {
    const before = this.answers.length;
    this.#call.write(question);
    await this.until(() => this.answers.length > before);
    return this.answers[before]!.messageResponse;
  }

  /** Names of the files in the answer. */
  async files(question: Question): Promise<string[]> {
    const answer = await this.ask(question);
    if (answer.case !== "fileDescriptorResponse") throw new Error(`no files but ${JSON.stringify(answer)}`);
    return answer.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name);
  }

  end(): void {
    this.#call.end();
  }
}

async function withReflection(
  run: (asking: Asking, port: number) => Promise<void>,
  version: Version = "v1",
): Promise<void> {
  await using test = await serve(reflection(() => Promise.resolve({ services: [keeper, Health] })));
  const client = new Client(`127.0.0.1:${test.port}`, credentials.createInsecure());
  try {
    const asking = new Asking(client, version);
    await run(asking, test.port);
    asking.end();
  } finally {
    client.close();
  }
}

describe.each(["v1", "v1alpha"] as const)("reflection %s", (version) => {
  it("lists the services, itself included, and repeats the question", async () => {
    await withReflection(async (asking) => {
      const answer = await asking.ask({ case: "listServices", value: "*" });
      expect(answer.case === "listServicesResponse" && answer.value.service.map((service) => service.name)).toEqual([
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
        "zoo.Keeper",
      ]);
      expect(asking.answers[0]).toMatchObject({
        validHost: "h",
        originalRequest: { host: "h", messageRequest: { case: "listServices", value: "*" } },
      });
    }, version);
  });
});

describe("files", () => {
  it("come with all that they depend on, the dependencies once a conversation", async () => {
    await withReflection(async (asking) => {
      const question = { case: "fileContainingSymbol", value: "zoo.Keeper" } as const;
      expect(await asking.files(question)).toEqual(["zoo/zoo.proto", "zoo/animal.proto", "zoo/base.proto"]);
      expect(await asking.files(question)).toEqual(["zoo/zoo.proto"]);
      expect(await asking.files({ case: "fileByFilename", value: "zoo/base.proto" })).toEqual(["zoo/base.proto"]);
    });
  });

  it("are the descriptors that the services were built from", async () => {
    await withReflection(async (asking) => {
      const answer = await asking.ask({ case: "fileByFilename", value: "zoo/base.proto" });
      const [bytes] = answer.case === "fileDescriptorResponse" ? answer.value.fileDescriptorProto : [];
      expect(fromBinary(FileDescriptorProtoSchema, bytes!)).toEqual(files[0]);
    });
  });

  it.each([
    ["zoo.Keeper", "zoo/zoo.proto"],
    ["zoo.Keeper.Feed", "zoo/zoo.proto"],
    ["zoo.Animal", "zoo/animal.proto"],
    ["zoo.Animal.legs", "zoo/animal.proto"],
    ["zoo.Animal.locomotion", "zoo/animal.proto"],
    ["zoo.Animal.Tail", "zoo/animal.proto"],
    ["zoo.Animal.Sound", "zoo/animal.proto"],
    ["zoo.Animal.PURR", "zoo/animal.proto"],
    ["zoo.Animal.weight", "zoo/animal.proto"],
    ["zoo.Diet", "zoo/animal.proto"],
    ["zoo.HERBS", "zoo/animal.proto"],
    ["zoo.age", "zoo/animal.proto"],
    ["zoo.Base", "zoo/base.proto"],
    ["grpc.health.v1.HealthCheckResponse.SERVING", "grpc/health/v1/health.proto"],
    ["grpc.reflection.v1alpha.ServerReflection", "grpc/reflection/v1alpha/reflection.proto"],
  ])("are found by the symbol %s", async (symbol, file) => {
    await withReflection(async (asking) => {
      expect((await asking.files({ case: "fileContainingSymbol", value: symbol }))[0]).toBe(file);
    });
  });

  it("are found by extension", async () => {
    await withReflection(async (asking) => {
      const value = { containingType: "zoo.Base", extensionNumber: 120 };
      expect((await asking.files({ case: "fileContainingExtension", value }))[0]).toBe("zoo/animal.proto");
    });
  });
});

describe("extension numbers", () => {
  it("are all that a message has, none included", async () => {
    await withReflection(async (asking) => {
      const base = await asking.ask({ case: "allExtensionNumbersOfType", value: "zoo.Base" });
      expect(base.value).toMatchObject({ baseTypeName: "zoo.Base", extensionNumber: [110, 120] });
      const animal = await asking.ask({ case: "allExtensionNumbersOfType", value: "zoo.Animal" });
      expect(animal.value).toMatchObject({ baseTypeName: "zoo.Animal", extensionNumber: [] });
    });
  });
});

describe("what isn't there", () => {
  it.each<[Question, string]>([
    [{ case: "fileByFilename", value: "no.proto" }, 'file "no.proto" not found'],
    [{ case: "fileContainingSymbol", value: "zoo" }, 'symbol "zoo" not found'],
    [{ case: "fileContainingSymbol", value: "" }, 'symbol "" not found'],
    [{ case: "allExtensionNumbersOfType", value: "zoo.Nothing" }, 'message "zoo.Nothing" not found'],
    [
      { case: "fileContainingExtension", value: { containingType: "zoo.Base", extensionNumber: 1 } },
      'extension 1 of "zoo.Base" not found',
    ],
  ])("is answered in the answer: %j", async (question, errorMessage) => {
    await withReflection(async (asking) => {
      expect(await asking.ask(question)).toMatchObject({
        case: "errorResponse",
        value: { errorCode: 5, errorMessage },
      });
    });
  });

  it("may be a question at all", async () => {
    await withReflection(async (asking) => {
      const answer = await asking.ask({ case: undefined });
      expect(answer).toMatchObject({ case: "errorResponse", value: { errorCode: 3 } });
    });
  });
});

describe("a conversation", () => {
  it("may ask a hundred questions at once, and ends with OK after the last answer", async () => {
    await withReflection(async (_, port) => {
      await using plain = new PlainClient(port);
      const call = plain.call(pathOf("v1"));
      const questions = Array.from({ length: 100 }, (_, i) => encode({ case: "fileByFilename", value: `${i}.proto` }));
      call.stream.end(Buffer.concat(questions.flatMap((question) => frameMessage([question]))));
      expect((await call.status()).code).toBe(0);
      const messages = call.messages.map(
        (bytes) => fromBinary(ServerReflectionResponseSchema, bytes).messageResponse.value,
      );
      expect(messages).toEqual(
        Array.from({ length: 100 }, (_, i) => expect.objectContaining({ errorMessage: `file "${i}.proto" not found` })),
      );
    });
  });

  it("ends with INTERNAL at a question that doesn't decode", async () => {
    await withReflection(async (_, port) => {
      await using plain = new PlainClient(port);
      const call = plain.call(pathOf("v1"));
      call.send(Buffer.from([0xff]));
      expect((await call.status()).code).toBe(13);
    });
  });
});
