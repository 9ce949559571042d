"""The client after the advice of its verdicts: one queue at the rate of the quota, Retry-After plus jitter, errors reported."""
import asyncio
import random
import time

from runner import base_url, need_aiohttp, run

need_aiohttp()
import aiohttp  # noqa: E402

DEADLINE_S = 45
# Slightly below the quota of 5 per second, because the clocks of provider and client differ by milliseconds.
SPACING_S = 1 / 4.9
FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 2, 20


class Queue:
    """Schedules attempts one after the other, SPACING_S apart."""

    next_at = 0.0

    async def my_turn(self):
        now = time.monotonic()
        mine = self.next_at = max(self.next_at, now)
        self.next_at += SPACING_S
        await asyncio.sleep(mine - now)


# Shared by the whole process, as the quota is shared by the whole organization.
queue = Queue()


class MendedClient:
    def __init__(self, keys):
        self.key = keys[0]
        self.session = None

    async def ask(self, call):
        # Created inside the running event loop.
        self.session = self.session or aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        give_up_at = time.monotonic() + DEADLINE_S
        attempt = 0
        while True:
            await queue.my_turn()
            try:
                return await self.attempt(call)
            except aiohttp.ClientResponseError as error:
                passing = error.status in (408, 409, 429) or error.status >= 500
                wait = backoff(attempt, error.headers.get("Retry-After"))
                if not passing or time.monotonic() + wait > give_up_at:
                    raise
            except (aiohttp.ClientConnectionError, asyncio.TimeoutError):
                wait = backoff(attempt, None)
                if time.monotonic() + wait > give_up_at:
                    raise
            await asyncio.sleep(wait)
            attempt += 1

    async def attempt(self, call):
        body = {"model": call["model"], "messages": [{"role": "user", "content": call["prompt"]}]}
        headers = {**call.get("headers", {}), "Authorization": f"Bearer {self.key}"}
        async with self.session.post(f"{base_url()}/chat/completions", json=body, headers=headers) as response:
            response.raise_for_status()
            return (await response.json())["choices"][0]["message"]["content"]

    async def close(self):
        if self.session:
            await self.session.close()


def backoff(attempt, retry_after):
    """Returns Retry-After plus up to one second; without it, full jitter up to a doubling bound. Seconds."""
    if retry_after is not None and retry_after.isdecimal():
        return int(retry_after) + random.uniform(0, 1)
    return random.uniform(0, min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2**attempt))


if __name__ == "__main__":
    run(MendedClient)
