package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	rpc "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/anypb"
	mcp "istio.io/api/mcp/v1alpha1"
	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pkg/config/schema/resource"
)

const gateways = "networking.istio.io/v1/Gateway"

var node = &core.Node{Id: "foreign-go"}

type schemaOf = resource.Schema

// Sotw is a stream of the state of the world.
type Sotw struct {
	discovery.AggregatedDiscoveryService_StreamAggregatedResourcesClient
	conn *grpc.ClientConn
}

func (w *World) sotw(ctx context.Context) (*Sotw, error) {
	conn, err := w.dial()
	if err != nil {
		return nil, err
	}
	stream, err := discovery.NewAggregatedDiscoveryServiceClient(conn).StreamAggregatedResources(ctx)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &Sotw{stream, conn}, nil
}

// Close leaves without a word.
func (s *Sotw) Close() { s.conn.Close() }

// Ask subscribes and takes the first answer, which is acknowledged.
func (s *Sotw) Ask(typeURL string, names ...string) (*discovery.DiscoveryResponse, error) {
	if err := s.Send(&discovery.DiscoveryRequest{Node: node, TypeUrl: typeURL, ResourceNames: names}); err != nil {
		return nil, err
	}
	return s.Next(typeURL, names...)
}

// Next takes an answer and acknowledges it.
func (s *Sotw) Next(typeURL string, names ...string) (*discovery.DiscoveryResponse, error) {
	response, err := s.Recv()
	if err != nil {
		return nil, err
	}
	if response.TypeUrl != typeURL {
		return nil, fmt.Errorf("an answer of %s came instead of %s", response.TypeUrl, typeURL)
	}
	return response, s.Send(&discovery.DiscoveryRequest{
		TypeUrl: typeURL, ResourceNames: names, VersionInfo: response.VersionInfo, ResponseNonce: response.Nonce,
	})
}

// Delta is a stream of deltas.
type Delta struct {
	discovery.AggregatedDiscoveryService_DeltaAggregatedResourcesClient
	conn *grpc.ClientConn
}

func (w *World) delta(ctx context.Context) (*Delta, error) {
	conn, err := w.dial()
	if err != nil {
		return nil, err
	}
	stream, err := discovery.NewAggregatedDiscoveryServiceClient(conn).DeltaAggregatedResources(ctx)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &Delta{stream, conn}, nil
}

// Close leaves without a word.
func (d *Delta) Close() { d.conn.Close() }

// Subscribe asks for a type, with what the client holds.
func (d *Delta) Subscribe(typeURL string, held map[string]string, names ...string) error {
	return d.Send(&discovery.DeltaDiscoveryRequest{
		Node: node, TypeUrl: typeURL, ResourceNamesSubscribe: names, InitialResourceVersions: held,
	})
}

// Next takes an answer and acknowledges it.
func (d *Delta) Next(typeURL string) (*discovery.DeltaDiscoveryResponse, error) {
	response, err := d.Recv()
	if err != nil {
		return nil, err
	}
	if response.TypeUrl != typeURL {
		return nil, fmt.Errorf("an answer of %s came instead of %s", response.TypeUrl, typeURL)
	}
	return response, d.Send(&discovery.DeltaDiscoveryRequest{TypeUrl: typeURL, ResponseNonce: response.Nonce})
}

// unwrap decodes resources, by their names.
func unwrap(wrapped []*anypb.Any) (map[string]*mcp.Resource, error) {
	resources := map[string]*mcp.Resource{}
	for _, one := range wrapped {
		resource := &mcp.Resource{}
		if err := one.UnmarshalTo(resource); err != nil {
			return nil, err
		}
		body, err := resource.Body.UnmarshalNew()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", resource.Metadata.Name, err)
		}
		if unknown := body.ProtoReflect().GetUnknown(); len(unknown) > 0 {
			return nil, fmt.Errorf("%s has %d bytes that its type doesn't know", resource.Metadata.Name, len(unknown))
		}
		resources[resource.Metadata.Name] = resource
	}
	return resources, nil
}

func portsOf(wrapped []*anypb.Any) (Ports, error) {
	resources, err := unwrap(wrapped)
	if err != nil {
		return nil, err
	}
	ports := Ports{}
	for name, resource := range resources {
		var short string
		if _, err := fmt.Sscanf(name, "foreign/%s", &short); err != nil {
			continue
		}
		body := &networking.Gateway{}
		if err := resource.Body.UnmarshalTo(body); err != nil {
			return nil, err
		}
		ports[short] = int(body.Servers[0].Port.Number)
	}
	return ports, nil
}

// until takes answers up to the one that has exactly these Gateways in the namespace foreign: a change may come in steps.
func (s *Sotw) until(ports Ports, first *discovery.DiscoveryResponse, names ...string) error {
	for response := first; ; {
		if response != nil {
			served, err := portsOf(response.Resources)
			if err != nil || maps.Equal(served, ports) {
				return err
			}
		}
		var err error
		if response, err = s.Next(gateways, names...); err != nil {
			return fmt.Errorf("while waiting for %v: %w", ports, err)
		}
	}
}

var sotwChecks = []Check{
	{"a client of go-control-plane follows the state of the world", func(ctx context.Context, w *World) error {
		stream, err := w.settled(ctx, Ports{"a": 80, "b": 81})
		if err != nil {
			return err
		}
		defer stream.Close()
		for _, ports := range []Ports{{"a": 80, "b": 8081}, {"b": 8081}, {"b": 8081, "c": 82}} {
			if err := errors.Join(w.Content.Write(ports), stream.until(ports, nil)); err != nil {
				return err
			}
		}
		return nil
	}},
	{"a client of go-control-plane is sent the names that it asks for, and others once it asks for others", func(ctx context.Context, w *World) error {
		settled, err := w.settled(ctx, Ports{"a": 80, "b": 81})
		if err != nil {
			return err
		}
		settled.Close()
		stream, err := w.sotw(ctx)
		if err != nil {
			return err
		}
		defer stream.Close()
		first, err := stream.Ask(gateways, "foreign/a")
		if err != nil {
			return err
		}
		if err := stream.until(Ports{"a": 80}, first, "foreign/a"); err != nil {
			return err
		}
		err = stream.Send(&discovery.DiscoveryRequest{
			TypeUrl: gateways, ResourceNames: []string{"foreign/b"}, VersionInfo: first.VersionInfo, ResponseNonce: first.Nonce,
		})
		return errors.Join(err, stream.until(Ports{"b": 81}, nil, "foreign/b"))
	}},
}

// settled writes Gateways and gives a stream that has got them.
func (w *World) settled(ctx context.Context, ports Ports) (*Sotw, error) {
	if err := w.Content.Write(ports); err != nil {
		return nil, err
	}
	stream, err := w.sotw(ctx)
	if err != nil {
		return nil, err
	}
	first, err := stream.Ask(gateways)
	if err == nil {
		err = stream.until(ports, first)
	}
	if err != nil {
		stream.Close()
		return nil, err
	}
	return stream, nil
}

// follow takes answers into what is held until it has exactly these versions, and gives the names that came and went.
func (d *Delta) follow(held map[string]string, wanted map[string]string) (came, went []string, err error) {
	for {
		response, err := d.Next(gateways)
		if err != nil {
			return nil, nil, err
		}
		for _, resource := range response.Resources {
			if _, err := unwrap([]*anypb.Any{resource.Resource}); err != nil {
				return nil, nil, err
			}
			held[resource.Name] = resource.Version
			came = append(came, resource.Name)
		}
		for _, name := range response.RemovedResources {
			delete(held, name)
			went = append(went, name)
		}
		if maps.Equal(held, wanted) {
			slices.Sort(came)
			slices.Sort(went)
			return came, went, nil
		}
	}
}

// versions gives all Gateways that are served once these are, by the versions that the state of the world says.
func (w *World) versions(ctx context.Context, ports Ports) (map[string]string, error) {
	settled, err := w.settled(ctx, ports)
	if err != nil {
		return nil, err
	}
	settled.Close()
	stream, err := w.sotw(ctx)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	response, err := stream.Ask(gateways)
	if err != nil {
		return nil, err
	}
	resources, err := unwrap(response.Resources)
	versions := map[string]string{}
	for name, resource := range resources {
		versions[name] = resource.Metadata.Version
	}
	return versions, err
}

var deltaChecks = []Check{
	{"a client of go-control-plane follows deltas, whose versions are those of the state of the world", func(ctx context.Context, w *World) error {
		wanted, err := w.versions(ctx, Ports{"a": 80, "b": 81})
		if err != nil {
			return err
		}
		stream, err := w.delta(ctx)
		if err != nil {
			return err
		}
		defer stream.Close()
		held := map[string]string{}
		if err := stream.Subscribe(gateways, nil); err != nil {
			return err
		}
		came, _, err := stream.follow(held, wanted)
		if err != nil {
			return err
		}
		if err := expect("what came first", came, slices.Sorted(maps.Keys(wanted))); err != nil {
			return err
		}
		for _, step := range []struct {
			ports      Ports
			came, went []string
		}{
			{Ports{"a": 80, "b": 8081}, []string{"foreign/b"}, nil},
			{Ports{"b": 8081}, nil, []string{"foreign/a"}},
			{Ports{"b": 8081, "c": 82}, []string{"foreign/c"}, nil},
		} {
			wanted, err := w.versions(ctx, step.ports)
			if err != nil {
				return err
			}
			came, went, err := stream.follow(held, wanted)
			if err := errors.Join(err, expect("what came", came, step.came), expect("what went", went, step.went)); err != nil {
				return err
			}
		}
		return nil
	}},
	{"a client of go-control-plane that comes back is sent only what differs", func(ctx context.Context, w *World) error {
		held, err := w.versions(ctx, Ports{"a": 80, "b": 81, "c": 82})
		if err != nil {
			return err
		}
		wanted, err := w.versions(ctx, Ports{"a": 80, "b": 8081})
		if err != nil {
			return err
		}
		stream, err := w.delta(ctx)
		if err != nil {
			return err
		}
		defer stream.Close()
		if err := stream.Subscribe(gateways, held); err != nil {
			return err
		}
		came, went, err := stream.follow(maps.Clone(held), wanted)
		return errors.Join(err, expect("what came", came, []string{"foreign/b"}), expect("what went", went, []string{"foreign/c"}))
	}},
	{"a client of go-control-plane is told that what it names does not exist, and is sent it once it does", func(ctx context.Context, w *World) error {
		if _, err := w.versions(ctx, Ports{"a": 80}); err != nil {
			return err
		}
		stream, err := w.delta(ctx)
		if err != nil {
			return err
		}
		defer stream.Close()
		if err := stream.Subscribe(gateways, nil, "foreign/later"); err != nil {
			return err
		}
		first, err := stream.Next(gateways)
		if err != nil {
			return err
		}
		err = errors.Join(
			expect("the number of resources", len(first.Resources), 0),
			expect("what is not there", first.RemovedResources, []string{"foreign/later"}),
			w.Content.Write(Ports{"a": 80, "later": 83}),
		)
		if err != nil {
			return err
		}
		second, err := stream.Next(gateways)
		if err != nil {
			return err
		}
		return errors.Join(
			expect("the number of resources", len(second.Resources), 1),
			expect("what came", second.GetResources()[0].GetName(), "foreign/later"),
		)
	}},
	{"a client of go-control-plane that refuses an answer is sent the next one", func(ctx context.Context, w *World) error {
		if _, err := w.versions(ctx, Ports{"a": 80}); err != nil {
			return err
		}
		stream, err := w.delta(ctx)
		if err != nil {
			return err
		}
		defer stream.Close()
		if err := stream.Subscribe(gateways, nil, "foreign/a"); err != nil {
			return err
		}
		first, err := stream.Recv()
		if err != nil {
			return err
		}
		err = errors.Join(
			stream.Send(&discovery.DeltaDiscoveryRequest{
				TypeUrl: gateways, ResponseNonce: first.Nonce, ErrorDetail: &rpc.Status{Code: 3, Message: "refused by a test"},
			}),
			w.Content.Write(Ports{"a": 8080}),
		)
		if err != nil {
			return err
		}
		second, err := stream.Next(gateways)
		if err != nil {
			return err
		}
		return expect("what came", second.GetResources()[0].GetName(), "foreign/a")
	}},
}
