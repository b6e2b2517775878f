#!/usr/bin/env python3
"""`forger serve` under load: requests a second for one sample each of a small model (the recipe `fast` on Fashion-MNIST, hardly
trained), by one client at a time and by many at once, and the server's memory over --requests requests, a tenth of them bad.
"""
import argparse
import asyncio
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import FASHION_MNIST, FORGER, WORK, forger, report

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--clients", default="1,4,16,64")
parser.add_argument("--requests", type=int, default=10000)
options = parser.parse_args()


class Client:
    """One connection that asks again and again."""

    async def open(self, port):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        return self

    async def ask(self, path):
        self.writer.write(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(next(line.split(":")[1] for line in head.split("\r\n") if line.startswith("content-length:")))
        await self.reader.readexactly(length)
        return int(head.split()[1])


async def load(port, clients, requests, bad_every=0):
    """Requests a second, and how many answers were not as they should be."""
    numbers = iter(range(requests))
    wrong = 0

    async def work(client):
        nonlocal wrong
        for number in numbers:
            bad = bad_every and number % bad_every == 0
            status = await client.ask("/v1/sample?count=x" if bad else f"/v1/sample?seed={number}")
            wrong += status != (400 if bad else 200)

    connections = [await Client().open(port) for _ in range(clients)]
    start = time.monotonic()
    await asyncio.gather(*(work(client) for client in connections))
    seconds = time.monotonic() - start
    for client in connections:
        client.writer.close()
    return requests / seconds, wrong


def memory(process):
    return int(pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * 4096 / 2**20


model = WORK / "serve/model"
if not (model / "model.safetensors").exists():
    forger("train", FASHION_MNIST, "--recipe", "fast", "--steps", 50, "--quiet", "--out", model)
server = subprocess.Popen([FORGER, "serve", str(model), "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
port = int(server.stdout.readline().split(":")[-1].strip("/\n"))
asyncio.run(load(port, 16, 500))
rows, alone = [], None
for clients in map(int, options.clients.split(",")):
    rate, wrong = asyncio.run(load(port, clients, 200 + 50 * clients))
    alone = alone or rate
    rows.append({"clients": clients, "requests/s": f"{rate:.0f}", "times one": f"{rate / alone:.2f}", "wrong answers": wrong})
report("forger serve: a sample each", rows)
asyncio.run(load(port, 64, 2000, bad_every=10))
before = memory(server)
rate, wrong = asyncio.run(load(port, 64, options.requests, bad_every=10))
report(f"forger serve: {options.requests} requests, a tenth of them bad",
       [{"requests/s": f"{rate:.0f}", "wrong answers": wrong, "memory before": f"{before:.1f} MiB", "after": f"{memory(server):.1f} MiB"}])
server.terminate()
if server.wait() != 0:
    sys.exit("the server did not end well")
