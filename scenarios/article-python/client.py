"""The article's client, rebuilt with all its traits. README.md shows what the verdicts say about each."""
import asyncio
import itertools
import random
import sys

from runner import base_url, need_aiohttp, proxies, run

need_aiohttp()
import aiohttp  # noqa: E402

# A random User-Agent per request hides nothing: the address is the same, and often the key.
USER_AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
]
TRIES = 3


class ArticleClient:
    def __init__(self, keys):
        self.keys = itertools.cycle(keys)
        self.proxies = proxies()
        # Created while no event loop runs: aiohttp 3.8 warns about it, 3.10 and later reject it. It keeps the current loop, so
        # it breaks if asyncio.run() creates another.
        self.session = aiohttp.ClientSession()

    async def ask(self, call):
        # The keys rotate by attempt, so a retry uses another key; a limit on the organization counts them as one.
        for attempt in range(TRIES):
            try:
                async with self.session.post(
                    f"{base_url()}/chat/completions",
                    json={"model": call["model"], "messages": [{"role": "user", "content": call["prompt"]}]},
                    headers={
                        **call.get("headers", {}),
                        "Authorization": f"Bearer {next(self.keys)}",
                        "User-Agent": random.choice(USER_AGENTS),
                    },
                    proxy=random.choice(self.proxies) if self.proxies else None,
                ) as response:
                    if response.status == 200:
                        return (await response.json())["choices"][0]["message"]["content"]
                    if response.status == 429:
                        # Every client waits equally long, whatever Retry-After says, and needlessly after the last attempt.
                        await asyncio.sleep(2**attempt)
                    else:
                        print(f"error {response.status}", file=sys.stderr)
            except Exception as error:
                print(f"error: {error}", file=sys.stderr)
            # Any other error is retried immediately.
        # After three failures the caller gets no error.
        return None

    async def close(self):
        await self.session.close()


if __name__ == "__main__":
    run(ArticleClient)
