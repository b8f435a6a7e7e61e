"""Checks, over the wire, what a sink may rely on, and prints a line for each check."""

import argparse
import pathlib
import sys

from checks import CHECKS
from sink import Server


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True, help="host:port of the MCP server")
    parser.add_argument("--folder", required=True, type=pathlib.Path, help="folder that the server reads, to write into")
    args = parser.parse_args()
    server = Server(args.address, args.folder)
    failed = 0
    for title, run in CHECKS:
        try:
            run(server)
            print(f"ok {title}", flush=True)
        except Exception as error:  # whatever it was, the other checks go on
            failed += 1
            print(f"FAIL {title}: {type(error).__name__}: {' '.join(str(error).split())}", flush=True)
    sys.exit(1 if failed else 0)


main()
