"""What a sink may rely on, each a statement and what finds out whether it holds."""

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sink import FENCE, GATEWAYS, PATIENCE_S, Sink, expect, versions_of

CHECKS = []


def check(title):
    return lambda run: CHECKS.append((title, run))


@check("reflection lists the services and describes their messages and the bodies")
def _(server):
    services = set(server.reflection.get_services())
    for service in ("istio.mcp.v1alpha1.ResourceSource", "grpc.health.v1.Health"):
        expect(f"whether {service} is listed", service in services, True)
    fields = server.message("istio.mcp.v1alpha1.RequestResources").DESCRIPTOR.fields_by_name
    expect("the number of response_nonce", fields["response_nonce"].number, 4)
    for body in ("networking.v1alpha3.VirtualService", "mesh.v1alpha1.MeshConfig", "security.v1beta1.AuthorizationPolicy"):
        server.message(f"istio.{body}")


@check("response headers come at once, to a sink that has said nothing")
def _(server):
    with Sink(server) as sink:
        headers = dict(sink.call.initial_metadata())
        expect("whether the version is there", "config.source.version" in headers, True)


@check("a change of a file is pushed after the ACK, and nothing else is")
def _(server):
    server.settle({"a": 80, "b": 81})
    with Sink(server) as sink:
        first = sink.ask(GATEWAYS)
        expect("the nonce", first.nonce, "1")
        sink.silent()
        server.write({"a": 80, "b": 8081})
        second = sink.next(GATEWAYS)
        expect("the ports", server.ports_of(second), {"a": 80, "b": 8081})
        before, after = versions_of(first), versions_of(second)
        expect("what changed", {name for name in after if after[name] != before[name]}, {"foreign/b"})


@check("a refused version is not sent again, but the next one is")
def _(server):
    server.settle({"a": 80})
    with Sink(server) as sink:
        sink.subscribe(GATEWAYS)
        sink.nack(sink.next(GATEWAYS))
        sink.silent()
        server.write({"a": 82})
        expect("the ports", server.ports_of(sink.next(GATEWAYS)), {"a": 82})


@check("deltas hold changes and removals alone, and a sink that comes back is told the difference")
def _(server):
    server.settle({"a": 80, "b": 81, "c": 82})
    with Sink(server) as sink:
        first = sink.ask(GATEWAYS, incremental=True)
        expect("whether the first push is a delta", first.incremental, False)
        server.write({"a": 80, "b": 8081})
        delta = sink.next(GATEWAYS)
        expect("whether the second push is a delta", delta.incremental, True)
        expect("what changed", server.ports_of(delta), {"b": 8081})
        expect("what is gone", list(delta.removed_resources), ["foreign/c"])
    with Sink(server) as sink:
        resumed = sink.ask(GATEWAYS, incremental=True, kept=versions_of(first))
        expect("whether the first push is a delta", resumed.incremental, True)
        expect("what changed", versions_of(resumed), versions_of(delta))
        expect("what is gone", list(resumed.removed_resources), ["foreign/c"])


@check("a collection that is not served ends the stream with INVALID_ARGUMENT, and its name survives the trailers")
def _(server):
    with Sink(server) as sink:
        sink.subscribe("größe/50%/\n")
        sink.ends(grpc.StatusCode.INVALID_ARGUMENT, 'unsupported collection "größe/50%/\\n"')


@check("a request of more than 1 MiB ends the stream with RESOURCE_EXHAUSTED")
def _(server):
    with Sink(server) as sink:
        sink.send(collection=FENCE, sink_node={"id": "x" * (1 << 20)})
        sink.ends(grpc.StatusCode.RESOURCE_EXHAUSTED, "1048576")


@check("a compressed request is UNIMPLEMENTED, with a reason")
def _(server):
    with Sink(server, compression=grpc.Compression.Gzip) as sink:
        sink.send(collection=FENCE, sink_node={"id": "x" * 1000})
        sink.ends(grpc.StatusCode.UNIMPLEMENTED, "gzip")


@check("a request that is no RequestResources ends the stream with INTERNAL")
def _(server):
    with Sink(server) as sink:
        sink.send_bytes(b"\x12\xff\xff")
        sink.ends(grpc.StatusCode.INTERNAL, "RequestResources")


@check("a stream that the sink half-closes ends with OK")
def _(server):
    with Sink(server) as sink:
        sink.silent()
        sink.half_close()
        sink.ends(grpc.StatusCode.OK, "")


@check("the health service says SERVING, and NOT_FOUND of what it doesn't know")
def _(server):
    health = health_pb2_grpc.HealthStub(server.channel)
    for service in ("", "istio.mcp.v1alpha1.ResourceSource"):
        reply = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=PATIENCE_S)
        expect("the status", reply.status, health_pb2.HealthCheckResponse.SERVING)
    try:
        health.Check(health_pb2.HealthCheckRequest(service="no.Such"), timeout=PATIENCE_S)
        expect("the outcome", "OK", "NOT_FOUND")
    except grpc.RpcError as error:
        expect("the code", error.code(), grpc.StatusCode.NOT_FOUND)


@check("a server that stops ends every stream with UNAVAILABLE")
def _(server):
    with Sink(server) as idle, Sink(server) as owing:
        idle.silent()
        owing.subscribe(GATEWAYS)
        owing.next(GATEWAYS)
        print("ask stop", flush=True)
        idle.ends(grpc.StatusCode.UNAVAILABLE, "shutting down")
        owing.ends(grpc.StatusCode.UNAVAILABLE, "shutting down")
