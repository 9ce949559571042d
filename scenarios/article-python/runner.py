"""Runs a client as a worker, which reads calls from quotalab line by line, or standalone, with a small load."""
import asyncio
import collections
import importlib.util
import json
import os
import random
import sys
import time
import urllib.parse

# Debian's python3 finds Debian's packages; the first python3 on the path may be another build.
DEBIAN_PYTHON = "/usr/bin/python3"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def refuse(message):
    print(message, file=sys.stderr)
    sys.exit(2)


def need_aiohttp():
    """Restarts with Debian's python3 if aiohttp is missing. Call before importing aiohttp."""
    if importlib.util.find_spec("aiohttp"):
        return
    tried = os.environ.get("ARTICLE_PYTHON") == DEBIAN_PYTHON
    if tried or not os.access(DEBIAN_PYTHON, os.X_OK):
        refuse("aiohttp is missing: apt-get install python3-aiohttp (or pip install aiohttp)")
    os.environ["ARTICLE_PYTHON"] = DEBIAN_PYTHON
    os.execv(DEBIAN_PYTHON, [DEBIAN_PYTHON, *sys.argv])


def on_this_machine(url, what):
    """Rejects other machines: these demonstration clients never connect to a real provider or a remote proxy."""
    if urllib.parse.urlsplit(url).hostname not in LOOPBACK:
        refuse(f"{what} is {url}, but this demonstration only connects to this machine: use quotalab serve, exec or run")
    return url


def base_url():
    return on_this_machine(os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:4010/v1"), "OPENAI_BASE_URL")


def proxies():
    """Returns the proxies listed in ARTICLE_PROXIES, separated by commas; none by default."""
    pool = [proxy.strip() for proxy in os.environ.get("ARTICLE_PROXIES", "").split(",")]
    return [on_this_machine(proxy, "a proxy in ARTICLE_PROXIES") for proxy in pool if proxy]


def keys_of(load):
    """Returns one key for the load named one-key, and three keys for all others."""
    key = os.environ.get("OPENAI_API_KEY", "sk-article")
    return [f"{key}-{number}" for number in ([1] if load == "one-key" else [2, 3, 4])]


def run(make_client):
    """`make_client(keys)` returns a client with `ask(call)`, which returns the answer's text or raises, and `close()`."""
    base_url(), proxies()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    clients = {load: make_client(keys_of(load)) for load in ("one-key", "three-keys")}
    try:
        if "--worker" in sys.argv:
            loop.run_until_complete(worker(clients))
        else:
            loop.run_until_complete(alone(clients["three-keys"]))
        for client in clients.values():
            loop.run_until_complete(client.close())
    except KeyboardInterrupt:
        sys.exit(130)


async def worker(clients):
    """Reads one line of JSON per call and writes one per result, in order of completion."""
    reader = asyncio.StreamReader(limit=2**22)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    running = set()

    async def answer(call):
        try:
            outcome = {"result": await clients.get(call.get("load"), clients["three-keys"]).ask(call)}
        except Exception as error:
            outcome = {"error": {"name": type(error).__name__, "message": str(error)}}
        print(json.dumps({"id": call["id"], **outcome}), flush=True)

    while line := await reader.readline():
        task = asyncio.create_task(answer(json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)


async def need_provider():
    url = urllib.parse.urlsplit(base_url())
    try:
        _, writer = await asyncio.open_connection(url.hostname, url.port or 80)
        writer.close()
    except OSError as error:
        refuse(f"nothing listens at {base_url()} ({error.strerror}): start quotalab serve, or run this with quotalab exec")


USERS = 20
CALLS_EACH = 8


async def alone(client):
    """Runs twenty users with Locust's pauses, and prints the results of their calls."""
    await need_provider()
    ended = collections.Counter()

    async def user(number):
        for turn in range(CALLS_EACH):
            call = {"model": "gpt-4o-mini", "prompt": f"Say something kind to user {number}, for the {turn + 1}. time."}
            try:
                ended["answered" if await client.ask(call) else "empty"] += 1
            except Exception as error:
                ended[f"failed: {error}"] += 1
            await asyncio.sleep(random.uniform(0.2, 0.5))

    started = time.monotonic()
    await asyncio.gather(*map(user, range(1, USERS + 1)))
    tally = ", ".join(f"{count} {how}" for how, count in ended.most_common())
    print(f"{ended.total()} calls by {USERS} users in {time.monotonic() - started:.0f} s: {tally}")
