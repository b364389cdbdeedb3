"""An RDAP server on loopback that knows every domain, or (`hang`) never answers.

`python -m bench.registry PORT [hang]`. Written for the bench alone: it reads no more of a request than its first line.
"""

import asyncio
import json
import sys

_DOMAIN = {
    "objectClassName": "domain",
    "status": ["active"],
    "rdapConformance": ["rdap_level_0"],
    "events": [
        {"eventAction": "registration", "eventDate": "2000-01-01T00:00:00Z"},
        {"eventAction": "expiration", "eventDate": "2090-01-01T00:00:00Z"},
        {"eventAction": "last changed", "eventDate": "2020-01-01T00:00:00Z"},
    ],
}


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, hang: bool) -> None:
    try:
        while request := await reader.readuntil(b"\r\n\r\n"):
            if hang:
                await asyncio.sleep(3600)
            path = request.split(b" ", 2)[1].decode("ascii", "replace")
            body = json.dumps({**_DOMAIN, "ldhName": path.rpartition("/")[2]}).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/rdap+json\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main(port: int, *, hang: bool) -> None:
    """Serve until ended."""
    server = await asyncio.start_server(lambda r, w: _serve(r, w, hang=hang), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), hang="hang" in sys.argv[2:]))
