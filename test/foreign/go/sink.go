package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	mcp "foreign/gen/istio13/mcp/v1alpha1"
	networking "foreign/gen/istio13/networking/v1alpha3"
)

const (
	gateways        = "istio/networking/v1alpha3/gateways"
	virtualServices = "istio/networking/v1alpha3/virtualservices"
	serviceEntries  = "istio/networking/v1alpha3/serviceentries"
	// Nobody has adapters here, so an answer to a request for them proves that nothing else was due before it.
	fence = "istio/config/v1alpha2/adapters"
)

// Largest message that this sink takes; the default of grpc-go is 4 MiB.
const maxMessageBytes = 64 << 20

// Sink is one stream. Its requests are made by hand, so that a check says exactly what goes over the wire.
type Sink struct {
	conn   *grpc.ClientConn
	stream mcp.ResourceSource_EstablishResourceStreamClient
	cancel context.CancelFunc
}

// Open begins a stream on a connection of its own.
func (w *World) Open(ctx context.Context, options ...grpc.DialOption) (*Sink, error) {
	conn, err := w.dial(options...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	stream, err := mcp.NewResourceSourceClient(conn).EstablishResourceStream(ctx, grpc.MaxCallRecvMsgSize(maxMessageBytes))
	if err != nil {
		cancel()
		conn.Close()
		return nil, err
	}
	return &Sink{conn, stream, cancel}, nil
}

// Close leaves without a word, as a sink does that is stopped.
func (s *Sink) Close() {
	s.cancel()
	s.conn.Close()
}

// Subscribe asks for a collection. With kept versions the sink holds these resources already.
func (s *Sink) Subscribe(collection string, incremental bool, kept map[string]string) error {
	return s.stream.Send(&mcp.RequestResources{
		SinkNode:                &mcp.SinkNode{Id: "foreign-go"},
		Collection:              collection,
		Incremental:             incremental,
		InitialResourceVersions: kept,
	})
}

// Ack says that a push was taken, in the way in which the stream subscribed.
func (s *Sink) Ack(push *mcp.Resources, incremental bool) error {
	request := &mcp.RequestResources{Collection: push.Collection, ResponseNonce: push.Nonce, Incremental: incremental}
	return s.stream.Send(request)
}

// Nack says that a push was refused.
func (s *Sink) Nack(push *mcp.Resources) error {
	return s.stream.Send(&mcp.RequestResources{
		Collection:    push.Collection,
		ResponseNonce: push.Nonce,
		ErrorDetail:   &status.Status{Code: int32(codes.InvalidArgument), Message: "refused by a test"},
	})
}

// Next waits for a push of that collection.
func (s *Sink) Next(collection string) (*mcp.Resources, error) {
	push, err := s.stream.Recv()
	if err != nil {
		return nil, err
	}
	if push.Collection != collection {
		return nil, fmt.Errorf("a push of %s came instead of %s", push.Collection, collection)
	}
	if push.Nonce == "" {
		return nil, fmt.Errorf("a push of %s has no nonce", collection)
	}
	return push, nil
}

// Until takes pushes of a collection up to the one that is meant: a large change may come in steps.
func (s *Sink) Until(collection string, isMeant func(*mcp.Resources) bool) (*mcp.Resources, error) {
	for {
		push, err := s.Next(collection)
		if err != nil {
			return nil, err
		}
		if err := s.Ack(push, false); err != nil || isMeant(push) {
			return push, err
		}
	}
}

// Ask subscribes and takes the first push.
func (s *Sink) Ask(collection string, incremental bool, kept map[string]string) (*mcp.Resources, error) {
	if err := s.Subscribe(collection, incremental, kept); err != nil {
		return nil, err
	}
	push, err := s.Next(collection)
	if err != nil {
		return nil, err
	}
	return push, s.Ack(push, incremental)
}

// Silent fails if anything but the answer to the fence was due.
func (s *Sink) Silent() error {
	_, err := s.Ask(fence, false, nil)
	return err
}

// Settle writes Gateways and waits until exactly these are served.
func (w *World) Settle(ctx context.Context, ports Ports) error {
	sink, err := w.Open(ctx)
	if err != nil {
		return err
	}
	defer sink.Close()
	if err := w.Content.Write(ports); err != nil {
		return err
	}
	if err := sink.Subscribe(gateways, false, nil); err != nil {
		return err
	}
	for {
		push, err := sink.Next(gateways)
		if err != nil {
			return err
		}
		served, err := portsOf(push)
		if err != nil || maps.Equal(served, ports) {
			return err
		}
		if err := sink.Ack(push, false); err != nil {
			return err
		}
	}
}

// portsOf decodes the Gateways of the namespace foreign in a push.
func portsOf(push *mcp.Resources) (Ports, error) {
	ports := Ports{}
	for _, resource := range push.Resources {
		name, ours := strings.CutPrefix(resource.Metadata.Name, "foreign/")
		if !ours {
			continue
		}
		body := &networking.Gateway{}
		if err := resource.Body.UnmarshalTo(body); err != nil {
			return nil, fmt.Errorf("%s: %w", resource.Metadata.Name, err)
		}
		ports[name] = int(body.Servers[0].Port.Number)
	}
	return ports, nil
}

// decodeAll decodes every body of a push with the generated code of its type; names are by body type.
func decodeAll(push *mcp.Resources) (map[string]proto.Message, error) {
	bodies := map[string]proto.Message{}
	for _, resource := range push.Resources {
		body, err := resource.Body.UnmarshalNew()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", resource.Metadata.Name, err)
		}
		if unknown := body.ProtoReflect().GetUnknown(); len(unknown) > 0 {
			return nil, fmt.Errorf("%s has %d bytes that its type doesn't know", resource.Metadata.Name, len(unknown))
		}
		bodies[resource.Metadata.Name] = body
	}
	return bodies, nil
}

// versionsOf gives the version of each resource in a push.
func versionsOf(push *mcp.Resources) map[string]string {
	versions := map[string]string{}
	for _, resource := range push.Resources {
		versions[resource.Metadata.Name] = resource.Metadata.Version
	}
	return versions
}

// namesOf gives the names of a push in their order.
func namesOf(push *mcp.Resources) []string {
	return slices.Sorted(maps.Keys(versionsOf(push)))
}
