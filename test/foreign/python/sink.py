"""A sink made of grpcio, which knows nothing of MCP but what the server's reflection tells."""

import queue

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

GATEWAYS = "istio/networking/v1alpha3/gateways"
# Nobody has adapters here, so an answer to a request for them proves that nothing else was due before it.
FENCE = "istio/config/v1alpha2/adapters"
METHOD = "/istio.mcp.v1alpha1.ResourceSource/EstablishResourceStream"

# A check that hangs is one that fails.
PATIENCE_S = 60


class Failed(Exception):
    """A check found something that is not as it should be."""


def expect(what, got, want):
    if got != want:
        raise Failed(f"{what} is {got!r}, not {want!r}")


class Server:
    """Where the server is, how its messages look, and the folder that it reads."""

    def __init__(self, address, folder):
        self.address = address
        self.folder = folder
        self.channel = grpc.insecure_channel(address)
        self.reflection = ProtoReflectionDescriptorDatabase(self.channel)
        self._pool = DescriptorPool(self.reflection)

    def message(self, name):
        """The class of a message, by its full name."""
        return GetMessageClass(self._pool.FindMessageTypeByName(name))

    def write(self, ports):
        """Replaces the Gateways of the namespace foreign with these: {name: port}."""
        text = "".join(GATEWAY.format(name=name, port=port) for name, port in sorted(ports.items()))
        path = self.folder / "foreign.yaml"
        new = path.with_suffix(".new")
        new.write_text("# Written by a test.\n" + text, encoding="utf-8")
        new.replace(path)

    def settle(self, ports):
        """Writes Gateways and waits until exactly these are served."""
        with Sink(self) as sink:
            self.write(ports)
            sink.subscribe(GATEWAYS)
            while True:
                push = sink.next(GATEWAYS)
                if self.ports_of(push) == ports:
                    return
                sink.ack(push)

    def ports_of(self, push):
        """The Gateways of the namespace foreign in a push, and their ports."""
        gateway = self.message("istio.networking.v1alpha3.Gateway")
        ports = {}
        for resource in push.resources:
            if resource.metadata.name.startswith("foreign/"):
                body = gateway.FromString(resource.body.value)
                ports[resource.metadata.name.removeprefix("foreign/")] = body.servers[0].port.number
        return ports


class Sink:
    """One stream, on a connection of its own. Its requests are made by hand."""

    def __init__(self, server, **call_options):
        self._request = server.message("istio.mcp.v1alpha1.RequestResources")
        resources = server.message("istio.mcp.v1alpha1.Resources")
        # Channels of one address share a connection unless they differ in something.
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)]
        self._channel = grpc.insecure_channel(server.address, options=options)
        self._requests = queue.SimpleQueue()
        method = self._channel.stream_stream(METHOD, _bytes_of, resources.FromString)
        self.call = method(iter(self._requests.get, None), timeout=PATIENCE_S, **call_options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.call.cancel()
        self._requests.put(None)
        self._channel.close()

    def send(self, **fields):
        self._requests.put(self._request(**fields))

    def send_bytes(self, request):
        self._requests.put(request)

    def half_close(self):
        self._requests.put(None)

    def subscribe(self, collection, incremental=False, kept=None):
        self.send(
            sink_node={"id": "foreign-python"},
            collection=collection,
            incremental=incremental,
            initial_resource_versions=kept or {},
        )

    def ack(self, push, incremental=False):
        self.send(collection=push.collection, response_nonce=push.nonce, incremental=incremental)

    def nack(self, push):
        error = {"code": 3, "message": "refused by a test"}
        self.send(collection=push.collection, response_nonce=push.nonce, error_detail=error)

    def next(self, collection):
        """The next push, which must be of that collection."""
        push = next(self.call)
        expect("the collection of the push", push.collection, collection)
        return push

    def ask(self, collection, incremental=False, kept=None):
        """Subscribes and takes the first push."""
        self.subscribe(collection, incremental, kept)
        push = self.next(collection)
        self.ack(push, incremental)
        return push

    def silent(self):
        """Fails if anything but the answer to the fence was due."""
        self.ask(FENCE)

    def ends(self, code, mentions):
        """Waits for the end of the stream, which must be that."""
        try:
            got = next(self.call, None)
        except grpc.RpcError:
            got = None
        if got is not None:
            raise Failed(f"a push of {got.collection} came instead of the end")
        expect("the status", self.call.code(), code)
        if mentions not in self.call.details():
            raise Failed(f"{self.call.details()!r} does not mention {mentions!r}")


def versions_of(push):
    return {resource.metadata.name: resource.metadata.version for resource in push.resources}


def _bytes_of(request):
    return request if isinstance(request, bytes) else request.SerializeToString()


GATEWAY = """---
apiVersion: networking.istio.io/v1alpha3
kind: Gateway
metadata:
  name: {name}
  namespace: foreign
spec:
  selector: {{ app: edge }}
  servers:
    - port: {{ number: {port}, name: http, protocol: HTTP }}
      hosts: ["*"]
"""
