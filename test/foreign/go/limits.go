package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/encoding/gzip" // makes the compressor known
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	mcp "foreign/gen/istio13/mcp/v1alpha1"
)

// Largest request that the server takes by default.
const maxRequestBytes = 1 << 20

var limitChecks = []Check{
	{"a collection that is not served ends the stream with INVALID_ARGUMENT and its name", func(ctx context.Context, w *World) error {
		return w.refused(ctx, &mcp.RequestResources{Collection: "istio/no/such"}, codes.InvalidArgument, `unsupported collection "istio/no/such"`)
	}},
	{"a request of exactly 1 MiB is taken", func(ctx context.Context, w *World) error {
		sink, err := w.Open(ctx)
		if err != nil {
			return err
		}
		defer sink.Close()
		if err := sink.stream.Send(requestOf(maxRequestBytes)); err != nil {
			return err
		}
		_, err = sink.Next(fence)
		return err
	}},
	{"a request of one byte more ends the stream with RESOURCE_EXHAUSTED", func(ctx context.Context, w *World) error {
		return w.refused(ctx, requestOf(maxRequestBytes+1), codes.ResourceExhausted, "1048577")
	}},
	{"a compressed request is UNIMPLEMENTED, with a reason", func(ctx context.Context, w *World) error {
		conn, err := w.dial()
		if err != nil {
			return err
		}
		defer conn.Close()
		stream, err := mcp.NewResourceSourceClient(conn).EstablishResourceStream(ctx, grpc.UseCompressor("gzip"))
		if err != nil {
			return err
		}
		if err := stream.Send(&mcp.RequestResources{Collection: gateways}); err != nil {
			return err
		}
		_, err = stream.Recv()
		return expectStatus(err, codes.Unimplemented, "gzip")
	}},
	{"a request that is no RequestResources ends the stream with INTERNAL", func(ctx context.Context, w *World) error {
		conn, err := w.dial()
		if err != nil {
			return err
		}
		defer conn.Close()
		stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true},
			mcp.ResourceSource_EstablishResourceStream_FullMethodName, grpc.ForceCodec(rawCodec{}))
		if err != nil {
			return err
		}
		if err := stream.SendMsg([]byte{0x12, 0xff, 0xff}); err != nil {
			return err
		}
		var reply []byte
		return expectStatus(stream.RecvMsg(&reply), codes.Internal, "RequestResources")
	}},
	{"a method that is not served is UNIMPLEMENTED", func(ctx context.Context, w *World) error {
		conn, err := w.dial()
		if err != nil {
			return err
		}
		defer conn.Close()
		stream, err := mcp.NewResourceSinkClient(conn).EstablishResourceStream(ctx)
		if err != nil {
			return err
		}
		_, err = stream.Recv()
		return expectStatus(err, codes.Unimplemented, "istio.mcp.v1alpha1.ResourceSink")
	}},
	{"a push of 8 MB comes whole, twice, and others are served beside it", func(ctx context.Context, w *World) error {
		sink, err := w.Open(ctx)
		if err != nil {
			return err
		}
		defer sink.Close()
		first, err := sink.Ask(serviceEntries, false, nil)
		if err != nil {
			return err
		}
		if err := w.Content.WriteMany(2000, 4000); err != nil {
			return err
		}
		push, err := sink.Until(serviceEntries, func(push *mcp.Resources) bool { return proto.Size(push) > 8_000_000 })
		if err != nil {
			return err
		}
		if _, err := decodeAll(push); err != nil {
			return err
		}
		again, err := w.Open(ctx)
		if err != nil {
			return err
		}
		defer again.Close()
		second, err := again.Ask(serviceEntries, false, nil)
		if err != nil {
			return err
		}
		if err := errors.Join(expect("the second push", second.SystemVersionInfo, push.SystemVersionInfo),
			again.Silent(), sink.Silent(), w.Content.Remove("bulk.yaml")); err != nil {
			return err
		}
		_, err = sink.Until(serviceEntries, func(push *mcp.Resources) bool { return push.SystemVersionInfo == first.SystemVersionInfo })
		return err
	}},
}

// refused sends a request and expects the stream to end.
func (w *World) refused(ctx context.Context, request *mcp.RequestResources, code codes.Code, mentions string) error {
	sink, err := w.Open(ctx)
	if err != nil {
		return err
	}
	defer sink.Close()
	// The server may end the stream before the last bytes of a large request are on their way.
	if err := sink.stream.Send(request); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	_, err = sink.stream.Recv()
	return expectStatus(err, code, mentions)
}

func expectStatus(err error, code codes.Code, mentions string) error {
	if got := status.Convert(err); got.Code() != code || !strings.Contains(got.Message(), mentions) {
		return fmt.Errorf("the stream ended with %v, not with %v and %q", err, code, mentions)
	}
	return nil
}

// requestOf makes a request for the fence that takes exactly so many bytes.
func requestOf(bytes int) *mcp.RequestResources {
	request := &mcp.RequestResources{Collection: fence, SinkNode: &mcp.SinkNode{Id: strings.Repeat("x", bytes/2)}}
	for {
		missing := bytes - proto.Size(request)
		if missing == 0 {
			return request
		}
		request.SinkNode.Id = strings.Repeat("x", len(request.SinkNode.Id)+missing)
	}
}

// rawCodec sends and receives bytes as they are.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(message any) ([]byte, error) { return message.([]byte), nil }

func (rawCodec) Unmarshal(bytes []byte, message any) error {
	*message.(*[]byte) = bytes
	return nil
}
