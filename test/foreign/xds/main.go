// Command xds checks what clients of MCP over xDS may rely on, with the very code by which istiod reads its configuration,
// and with the generated code of go-control-plane. It prints a line for each check.
package main

import (
	"flag"
	"fmt"
	"os"

	"istio.io/istio/pkg/log"
)

func main() {
	address := flag.String("address", "", "host:port of the xDS server")
	folder := flag.String("folder", "", "folder that the server reads, to write into")
	flag.Parse()
	if *address == "" || *folder == "" {
		fmt.Fprintln(os.Stderr, "both -address and -folder are needed")
		os.Exit(2)
	}
	// istiod's log stands where checks are printed, unless told otherwise.
	options := log.DefaultOptions()
	options.OutputPaths = []string{"stderr"}
	if err := log.Configure(options); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	world := &World{Address: *address, Content: Content{Folder: *folder}}
	failed := run(world, istiodChecks, sotwChecks, deltaChecks)
	say("ask stop")
	if failed > 0 {
		os.Exit(1)
	}
}
