"""`python -m bench`, from the checkout: measure, show, keep, and make docs/performance.md."""

import argparse
import fcntl
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import erasing, events, growth, latency, names, pages, report, script, start, store, table, web
from bench.plan import CACHE, Plan
from bench.processes import Trouble
from bench.table import Rows

_PARTS: dict[str, Callable[[Plan], Rows]] = {
    "http": web.measure,
    "events": events.measure,
    "store": store.measure,
    "names": names.measure,
    "start": start.measure,
    "latency": latency.measure,
    "growth": growth.measure,
    "pages": pages.measure,
    "erasing": erasing.measure,
    "script": script.measure,
}


def main() -> int:
    """Run what is asked for; 0 where all of it was measured."""
    wanted = _arguments()
    if wanted.report:
        newest = report.newest()
        if newest is None:
            print("Nothing is kept yet: run the bench first.", file=sys.stderr)
            return 1
        report.write(newest)
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end in order, as by Ctrl-C
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Another bench runs with this cache; two would measure each other.", file=sys.stderr)
            return 1
        try:
            return _bench(wanted)
        except KeyboardInterrupt:
            print("\nStopped; nothing is kept.", file=sys.stderr)
            return 130


def _bench(wanted: argparse.Namespace) -> int:
    for left in CACHE.glob("run-*"):  # of a run that was killed
        shutil.rmtree(left)
    began = time.perf_counter()
    rows, failed = Rows(), False
    with tempfile.TemporaryDirectory(prefix="run-", dir=CACHE) as scratch, tempfile.TemporaryDirectory() as sockets:
        plan = Plan(wanted.full, wanted.quick, Path(scratch), Path(sockets))
        for part in wanted.only:
            print(f"{part} …", flush=True)
            start_of_part = time.perf_counter()
            try:
                rows += _PARTS[part](plan)
            except Trouble as trouble:
                print(f"{part} can't be measured: {trouble}", file=sys.stderr)
                failed = True
            print(f"{part}: {time.perf_counter() - start_of_part:.0f} s", flush=True)
    seconds = time.perf_counter() - began
    print("", *table.lines(rows), "", *report.shown(rows), "", sep="\n")
    if wanted.quick or failed or set(wanted.only) != set(_PARTS):
        path = CACHE / "last.json"
        path.write_bytes(report.encoded(rows, full=wanted.full, seconds=seconds))
        print(f"{seconds:.0f} s. Not a whole run: its figures are in {path} only.")
    else:
        path = report.keep(rows, full=wanted.full, seconds=seconds)
        report.write(path)
        print(f"{seconds:.0f} s. Kept in {path.relative_to(Path.cwd())}; docs/performance.md is made of it.")
    return int(failed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure firstsight.")
    parser.add_argument("--full", action="store_true", help="up to 10 M domains and 50 M pairs")
    parser.add_argument("--quick", action="store_true", help="small sizes, to develop the bench; figures say nothing")
    parser.add_argument("--report", action="store_true", help="only make docs/performance.md, from the newest result")
    parser.add_argument("--only", type=_parts, default=list(_PARTS), help=f"parts, with commas: {','.join(_PARTS)}")
    return parser.parse_args()


def _parts(text: str) -> list[str]:
    parts = text.split(",")
    unknown = set(parts) - set(_PARTS)
    if unknown:
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(sorted(unknown))}")
    return parts


if __name__ == "__main__":
    sys.exit(main())
