"""A worker: one line of JSON per call and per result, several calls in flight. Three retries after 1, 2 and 4 s."""
import asyncio
import json
import os
import sys

import aiohttp

URL = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
KEY = os.environ["OPENAI_API_KEY"]


async def call_api(session, call):
    body = {"model": call["model"], "messages": [{"role": "user", "content": call["prompt"]}]}
    headers = {"authorization": f"Bearer {KEY}", **call["headers"]}
    for attempt in range(4):
        async with session.post(URL, json=body, headers=headers) as answer:
            if answer.status == 200:
                return {"id": call["id"], "result": (await answer.json())["choices"][0]["message"]["content"]}
        if attempt < 3:
            await asyncio.sleep(2**attempt)
    return {"id": call["id"], "error": "gave up"}


async def main():
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    # The clock of the run, identified by the name of its shared memory.
    print(os.environ.get("FAKETIME_SHARED", ""), file=sys.stderr, flush=True)
    async with aiohttp.ClientSession() as session:

        async def answer(line):
            print(json.dumps(await call_api(session, json.loads(line))), flush=True)

        tasks = set()
        async for line in lines:
            task = asyncio.create_task(answer(line))
            tasks.add(task)
            task.add_done_callback(tasks.discard)


asyncio.run(main())
