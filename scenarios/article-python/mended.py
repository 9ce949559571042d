"""The same after its verdicts: one queue at the rate of the quota, waits as told and a random part more, errors that are told."""
import asyncio
import random
import time

from runner import base_url, need_aiohttp, run

need_aiohttp()
import aiohttp  # noqa: E402

DEADLINE_S = 45
# The quota is 5 a second; a little less, since the provider's clock and this one do not agree to the millisecond.
SPACING_S = 1 / 4.9
FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 2, 20


class Queue:
    """A place for each attempt, one behind the other."""

    next_at = 0.0

    async def my_turn(self):
        now = time.monotonic()
        mine = self.next_at = max(self.next_at, now)
        self.next_at += SPACING_S
        await asyncio.sleep(mine - now)


# One for the whole process, as the quota is one for the whole organization.
queue = Queue()


class MendedClient:
    def __init__(self, keys):
        self.key = keys[0]
        self.session = None

    async def ask(self, call):
        # Made where the loop runs, once it does.
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


def backoff(attempt, told):
    """As long as was told and up to a second more; else anything up to a bound that doubles: full jitter. Seconds."""
    if told is not None and told.isdecimal():
        return int(told) + random.uniform(0, 1)
    return random.uniform(0, min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2**attempt))


if __name__ == "__main__":
    run(MendedClient)
