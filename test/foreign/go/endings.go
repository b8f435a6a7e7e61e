package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	mcp "foreign/gen/istio13/mcp/v1alpha1"
)

var endingChecks = []Check{
	{"a stream that the sink half-closes ends with OK", func(ctx context.Context, w *World) error {
		sink, err := w.Open(ctx)
		if err != nil {
			return err
		}
		defer sink.Close()
		if _, err := sink.Ask(fence, false, nil); err != nil {
			return err
		}
		if err := sink.stream.CloseSend(); err != nil {
			return err
		}
		if _, err := sink.stream.Recv(); !errors.Is(err, io.EOF) {
			return fmt.Errorf("the stream ended with %v", err)
		}
		return nil
	}},
	{"a deadline of the sink ends the stream with DEADLINE_EXCEEDED", func(ctx context.Context, w *World) error {
		short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		sink, err := w.Open(short)
		if err != nil {
			return err
		}
		defer sink.Close()
		_, err = sink.stream.Recv()
		return expectStatus(err, codes.DeadlineExceeded, "")
	}},
	{"a hundred streams on one connection are all served, whatever becomes of the others", func(ctx context.Context, w *World) error {
		conn, err := w.dial()
		if err != nil {
			return err
		}
		defer conn.Close()
		client := mcp.NewResourceSourceClient(conn)
		for i := range 100 {
			own, cancel := context.WithCancel(ctx)
			defer cancel()
			stream, err := client.EstablishResourceStream(own)
			if err != nil {
				return err
			}
			sink := &Sink{conn, stream, cancel}
			if _, err := sink.Ask(fence, false, nil); err != nil {
				return fmt.Errorf("stream %d: %w", i, err)
			}
			if i%2 == 0 {
				cancel()
			}
		}
		return nil
	}},
}

var healthChecks = []Check{
	{"the health service says SERVING of the server and of the MCP service, and NOT_FOUND of others", func(ctx context.Context, w *World) error {
		conn, err := w.dial()
		if err != nil {
			return err
		}
		defer conn.Close()
		health := grpc_health_v1.NewHealthClient(conn)
		for _, service := range []string{"", "istio.mcp.v1alpha1.ResourceSource"} {
			reply, err := health.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: service})
			if err != nil {
				return err
			}
			if err := expect("the status", reply.Status, grpc_health_v1.HealthCheckResponse_SERVING); err != nil {
				return err
			}
		}
		_, err = health.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: "no.Such"})
		return expect("the code", status.Code(err), codes.NotFound)
	}},
}

// Pings that a sink sends in the run of the check: ten seconds apart, which is as often as grpc-go does.
const pings = 3

var keepaliveCheck = Check{
	"keepalive pings of ten seconds are answered, and the stream goes on",
	func(ctx context.Context, w *World) error {
		sink, err := w.Open(ctx, grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: 10 * time.Second, Timeout: 3 * time.Second, PermitWithoutStream: true,
		}))
		if err != nil {
			return err
		}
		defer sink.Close()
		if _, err := sink.Ask(fence, false, nil); err != nil {
			return err
		}
		select {
		case <-time.After(pings*10*time.Second + 4*time.Second):
		case <-sink.stream.Context().Done():
			_, err := sink.stream.Recv()
			return fmt.Errorf("the stream ended: %w", err)
		}
		return errors.Join(expect("the connection", sink.conn.GetState(), connectivity.Ready), sink.Silent())
	},
}

var shutdownChecks = []Check{
	{"a server that stops ends every stream with UNAVAILABLE and closes the connection", func(ctx context.Context, w *World) error {
		idle, err := w.Open(ctx)
		if err != nil {
			return err
		}
		defer idle.Close()
		if _, err := idle.Ask(fence, false, nil); err != nil {
			return err
		}
		waiting, err := w.Open(ctx)
		if err != nil {
			return err
		}
		defer waiting.Close()
		if err := waiting.Subscribe(gateways, false, nil); err != nil {
			return err
		}
		if _, err := waiting.Next(gateways); err != nil { // and owes an answer
			return err
		}
		say("ask stop")
		_, ended := idle.stream.Recv()
		_, endedToo := waiting.stream.Recv()
		if err := errors.Join(expectStatus(ended, codes.Unavailable, "shutting down"), expectStatus(endedToo, codes.Unavailable, "shutting down")); err != nil {
			return err
		}
		if !idle.conn.WaitForStateChange(ctx, connectivity.Ready) {
			return errors.New("the connection stayed open")
		}
		return nil
	}},
}
